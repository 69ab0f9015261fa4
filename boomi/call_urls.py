"""Addresses of the call log and of what calls cost."""

from django.urls import URLPattern, path

from boomi.views import calls

urlpatterns: list[URLPattern] = [
    path("calls/", calls.call_list, name="calls"),
    path("usage/", calls.usage_view, name="usage"),
]
