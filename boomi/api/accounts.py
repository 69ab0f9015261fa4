"""Accounts in the REST API: facts, how current the mirror is, whether it is complete."""

from __future__ import annotations

from typing import Any

import django_filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from boomi import mirror_state
from boomi.models import Account, CompletenessCheck, SyncMark
from common.api.views import PortalReadViewSet


class AccountSerializer(serializers.ModelSerializer[Account]):
    class Meta:
        model = Account
        fields = (
            "id", "account_id", "name", "status", "support_level", "platform_created_at",
            "expires_at", "licensing", "facts_seen_at",
        )  # fmt: skip


class KindStateSerializer(serializers.Serializer[Any]):
    """How current one kind of fact is."""

    kind = serializers.ChoiceField(SyncMark.Kind.choices)
    state = serializers.ChoiceField(sorted(mirror_state.BADNESS))
    sentence = serializers.CharField(help_text="What is wrong; empty when all is current.")
    rows = serializers.IntegerField(source="mark.rows")
    watermark = serializers.DateTimeField(source="mark.watermark", allow_null=True)
    completed_at = serializers.DateTimeField(source="mark.completed_at", allow_null=True)
    due_at = serializers.DateTimeField(source="mark.due_at", allow_null=True)


class CompletenessSerializer(serializers.ModelSerializer[CompletenessCheck]):
    missing = serializers.IntegerField(read_only=True)

    class Meta:
        model = CompletenessCheck
        fields = ("kind", "day", "on_platform", "mirrored", "missing", "repairs", "checked_at")


class AccountFilter(django_filters.FilterSet):  # type: ignore[misc]
    q = django_filters.CharFilter("name", "icontains", label="Part of the name")

    class Meta:
        model = Account
        fields = ("account_id", "status")


class AccountViewSet(PortalReadViewSet):
    """The Boomi accounts you see."""

    queryset = Account.objects.all()
    serializer_class = AccountSerializer
    filterset_class = AccountFilter
    ordering = "name"
    ordering_fields = {"name": "name", "account_id": "account_id"}

    @extend_schema(responses=KindStateSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def mirror(self, request: Request, pk: str | None = None) -> Response:
        """How current each kind of fact is."""
        account = self.get_object()
        kinds = mirror_state.states([account.pk]).get(account.pk, [])
        return Response(KindStateSerializer(kinds, many=True).data)

    @extend_schema(responses=CompletenessSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def completeness(self, request: Request, pk: str | None = None) -> Response:
        """The platform's own counts against the mirror's."""
        rows: Any = self.get_object().completeness.order_by("kind", "-day")
        return Response(CompletenessSerializer(rows, many=True).data)
