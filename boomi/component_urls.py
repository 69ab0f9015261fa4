"""Addresses of the pages about components."""

from django.urls import URLPattern, path

from boomi.views import components

urlpatterns: list[URLPattern] = [
    path("components/", components.component_list, name="components"),
    path("components/types/", components.component_types, name="component-types"),
    path("components/by-id/<str:component_id>/", components.by_remote_id, name="component-by-id"),
    path("components/<int:pk>/", components.component_detail, name="component"),
    path("components/<int:pk>/xml/", components.component_xml, name="component-xml"),
    path("components/<int:pk>/refresh/", components.component_refresh, name="component-refresh"),
]
