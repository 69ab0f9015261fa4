"""Notification channels and the outbox in the REST API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import django_filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import BaseRouter

from common.access import require
from common.api.views import PortalReadViewSet
from common.filters import AnyOfFilter
from common.models import Team
from scheduling.models import Delivery, NotificationChannel
from scheduling.services import channels, deliveries


class ChannelSerializer(serializers.ModelSerializer[NotificationChannel]):
    owner = serializers.EmailField(source="owner.email", read_only=True)
    team = serializers.CharField(source="team.name", default=None, read_only=True)
    recipients = serializers.ListField(child=serializers.EmailField(), read_only=True)

    class Meta:
        model = NotificationChannel
        fields = ("id", "name", "kind", "recipients", "owner", "team", "enabled", "created_at")


class ChannelChangeSerializer(serializers.Serializer[Any]):
    """Shapes only; what makes a good value is decided by the service."""

    name = serializers.CharField()
    recipients = serializers.ListField(
        child=serializers.CharField(), help_text="E-mail addresses, at most 50."
    )
    team = serializers.SlugRelatedField(
        "name", queryset=Team.objects.all(), required=False, allow_null=True,
        help_text="Name of a team of yours that shares the channel.",
    )  # fmt: skip
    enabled = serializers.BooleanField(required=False)

    def to_internal_value(self, data: Any) -> Any:
        """Refuses names it does not know: a misspelt one would silently change nothing."""
        values = super().to_internal_value(data)
        unknown = sorted(set(data) - set(self.fields)) if isinstance(data, Mapping) else []
        if unknown:
            raise serializers.ValidationError({name: ["Not known."] for name in unknown})
        return values


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    channel = serializers.CharField(source="channel.name", default=None, read_only=True)

    class Meta:
        model = Delivery
        fields: tuple[str, ...] = (
            "id", "channel", "address", "subject", "status", "tries", "next_try_at", "error",
            "subject_url", "created_at", "sent_at",
        )  # fmt: skip


class DeliveryDetailSerializer(DeliverySerializer):
    class Meta(DeliverySerializer.Meta):
        fields = (*DeliverySerializer.Meta.fields, "text")


class ChannelFilter(django_filters.FilterSet):  # type: ignore[misc]
    q = django_filters.CharFilter("name", "icontains", label="Part of the name")

    class Meta:
        model = NotificationChannel
        fields = ("enabled",)


class DeliveryFilter(django_filters.FilterSet):  # type: ignore[misc]
    q = django_filters.CharFilter("subject", "icontains", label="Part of the subject")
    status = AnyOfFilter(choices=Delivery.Status.choices, label="Status")
    address = django_filters.CharFilter("address", "iexact", label="Address")
    channel = django_filters.CharFilter("channel__name", "exact", label="Name of the channel")

    class Meta:
        model = Delivery
        fields: tuple[str, ...] = ()


class NotificationChannelViewSet(PortalReadViewSet):
    """Who is told over which addresses: your channels and your teams'."""

    queryset = NotificationChannel.objects.select_related("owner", "team")
    serializer_class = ChannelSerializer
    filterset_class = ChannelFilter
    verb = "scheduling.channel.view"
    ordering = "name"
    ordering_fields = {"name": "name", "created_at": "created_at"}

    @extend_schema(request=ChannelChangeSerializer, responses={201: ChannelSerializer})
    def create(self, request: Request) -> Response:
        # First of all: the sentences of the form tell which teams exist.
        require(self.actor, "scheduling.channel.create")
        form = ChannelChangeSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        channel = channels.create(actor=self.actor, **form.validated_data)
        location = {"Location": f"/api/v1/notification-channels/{channel.pk}/"}
        return Response(self.get_serializer(channel).data, status=201, headers=location)

    @extend_schema(request=ChannelChangeSerializer, responses=ChannelSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        channel = self.get_object()
        require(self.actor, "scheduling.channel.edit", channel)
        form = ChannelChangeSerializer(data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        channels.update(channel, actor=self.actor, **form.validated_data)
        return Response(self.get_serializer(channel).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Delete it and cancel what waits; 409 while an automation tells it something."""
        channels.delete(self.get_object(), actor=self.actor)
        return Response(status=204)

    @extend_schema(request=None, responses={202: DeliverySerializer(many=True)}, filters=False)
    @action(detail=True, methods=["post"], pagination_class=None)
    def test(self, request: Request, pk: str) -> Response:
        """Write to every address of it; the answer is the deliveries, look there how they fare."""
        made = channels.test(self.get_object(), actor=self.actor)
        return Response(DeliverySerializer(made, many=True).data, status=202)


class DeliveryViewSet(PortalReadViewSet):
    """Every message of the portal to somebody, and what became of it."""

    queryset = Delivery.objects.select_related("channel").defer("html")
    serializer_class = DeliverySerializer
    filterset_class = DeliveryFilter
    verb = "scheduling.delivery.view"
    ordering_fields = {
        "created_at": "created_at", "next_try_at": "next_try_at", "sent_at": "sent_at",
        "status": "status",
    }  # fmt: skip

    def get_serializer_class(self) -> type[serializers.ModelSerializer[Delivery]]:
        return DeliverySerializer if self.action == "list" else DeliveryDetailSerializer

    @extend_schema(request=None, responses=DeliveryDetailSerializer)
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str) -> Response:
        """Send a failed one again, with all its tries before it."""
        delivery = deliveries.retry(self.get_object(), actor=self.actor)
        return Response(self.get_serializer(delivery).data)

    @extend_schema(request=None, responses=DeliveryDetailSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Keep a waiting one back."""
        delivery = deliveries.cancel(self.get_object(), actor=self.actor)
        return Response(self.get_serializer(delivery).data)


def register(router: BaseRouter) -> None:
    router.register(
        "notification-channels", NotificationChannelViewSet, basename="notification-channels"
    )
    router.register("deliveries", DeliveryViewSet, basename="deliveries")
