"""Addresses of the mirror's pages."""

from django.urls import URLPattern, path

from boomi.views import connections

urlpatterns: list[URLPattern] = [
    path("connections/", connections.connection_list, name="connections"),
    path("connections/new/", connections.connection_new, name="connection-new"),
    path("connections/<int:pk>/", connections.connection_detail, name="connection"),
    path("connections/<int:pk>/edit/", connections.connection_edit, name="connection-edit"),
    path("connections/<int:pk>/delete/", connections.connection_delete, name="connection-delete"),
    path("connections/<int:pk>/test/", connections.connection_test, name="connection-test"),
    path("connections/<int:pk>/sync/", connections.connection_sync, name="connection-sync"),
]
