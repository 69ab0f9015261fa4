"""Addresses of the outbox and its channels."""

from django.urls import URLPattern, path

from scheduling.views import channels, deliveries

urlpatterns: list[URLPattern] = [
    path("deliveries/", deliveries.delivery_list, name="deliveries"),
    path("deliveries/<int:pk>/", deliveries.delivery_detail, name="delivery"),
    path("deliveries/<int:pk>/retry/", deliveries.delivery_retry, name="delivery-retry"),
    path("deliveries/<int:pk>/cancel/", deliveries.delivery_cancel, name="delivery-cancel"),
    path("channels/", channels.channel_list, name="channels"),
    path("channels/new/", channels.channel_new, name="channel-new"),
    path("channels/<int:pk>/edit/", channels.channel_edit, name="channel-edit"),
    path("channels/<int:pk>/delete/", channels.channel_delete, name="channel-delete"),
    path("channels/<int:pk>/test/", channels.channel_test, name="channel-test"),
]
