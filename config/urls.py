"""Every address of the portal; apps own their own lists."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from config import health, metrics, views
from config.operations import operation_list

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("", include("config.auth_urls")),
    path("", include("common.urls")),
    path("", include("scheduling.urls")),
    path("", include("boomi.urls")),
    path("", include("boomi.account_urls")),
    path("", include("boomi.execution_urls")),
    path("", include("boomi.call_urls")),
    path("", include("boomi.component_urls")),
    path("", include("analysis.urls")),
    path("styleguide/", views.styleguide, name="styleguide"),
    path("operations/", operation_list, name="operations"),
    path("admin/", admin.site.urls),
    path("api/v1/", include("config.api_urls")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
]
handler400 = "config.errors.bad_request"
handler403 = "config.errors.not_allowed"
handler404 = "config.errors.not_found"
handler500 = "config.errors.server_error"
