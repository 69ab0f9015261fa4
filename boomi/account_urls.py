"""Addresses of accounts and of what stands and happens in them."""

from django.urls import URLPattern, path

from boomi.views import accounts, landscape

urlpatterns: list[URLPattern] = [
    path("accounts/", accounts.account_list, name="accounts"),
    path("accounts/<int:pk>/", accounts.account_detail, name="account"),
    path("accounts/<int:pk>/sync/", accounts.account_sync, name="account-sync"),
    path("runtimes/", landscape.runtime_list, name="runtimes"),
    path("runtimes/<int:pk>/", landscape.runtime_detail, name="runtime"),
    path("deployments/", landscape.deployment_list, name="deployments"),
    path("deployments/<int:pk>/", landscape.deployment_detail, name="deployment"),
]
