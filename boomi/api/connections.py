"""Connections in the REST API. The token goes in and never comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import django_filters
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from boomi.models import Account, Connection, ConnectionState, SyncMark
from boomi.services import connections, sync
from common.access import require
from common.api.schema import ACCEPTED
from common.api.views import PortalReadViewSet, accepted
from common.filters import RemoteIdFilter, choosable
from common.models import Team, User

NO_STORE = {"Cache-Control": "no-store"}


class RightSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    needed_for = serializers.CharField()
    granted = serializers.BooleanField(allow_null=True, help_text="null: not found out.")
    detail = serializers.CharField()


class ConnectionSerializer(serializers.ModelSerializer[Connection]):
    """What is told of a connection: everything but its token."""

    account_id = serializers.CharField(source="account.account_id", read_only=True)
    account_name = serializers.CharField(source="account.name", read_only=True)
    owner = serializers.EmailField(source="owner.email", read_only=True)
    team = serializers.CharField(source="team.name", default=None, read_only=True)
    rights = serializers.SerializerMethodField(help_text="As the last test found them.")

    class Meta:
        model = Connection
        fields = (
            "id", "name", "account_id", "account_name", "base_url", "username", "token_set_at",
            "owner", "team", "purpose", "environment_class", "enabled", "status",
            "status_since", "status_code", "status_reason", "rights", "checked_at", "created_at",
        )  # fmt: skip

    @extend_schema_field(RightSerializer(many=True))
    def get_rights(self, connection: Connection) -> list[dict[str, Any]]:
        return list(connection.rights)


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses names it does not know: a misspelt one would silently change nothing."""

    def to_internal_value(self, data: Any) -> Any:
        values = super().to_internal_value(data)
        unknown = sorted(set(data) - set(self.fields)) if isinstance(data, Mapping) else []
        if unknown:
            raise serializers.ValidationError({name: ["Not known."] for name in unknown})
        return values


class ConnectionChangeSerializer(StrictSerializer):
    """Shapes only; what makes a good value is decided by the service."""

    name = serializers.CharField()
    base_url = serializers.CharField(
        required=False, allow_blank=True, help_text="Blank: the address of the settings."
    )
    username = serializers.CharField(help_text="The e-mail address the token belongs to.")
    token = serializers.CharField(write_only=True, help_text="Never shown again.")
    team = serializers.SlugRelatedField(
        "name", queryset=Team.objects.all(), required=False, allow_null=True,
        help_text="Name of a team of yours that shares the connection.",
    )  # fmt: skip
    purpose = serializers.ChoiceField(Connection.Purpose.choices, required=False)
    environment_class = serializers.ChoiceField(Connection.EnvironmentClass.choices, required=False)
    owner = serializers.SlugRelatedField(
        "email", queryset=User.objects.filter(is_active=True), required=False,
        help_text="E-mail address; somebody else's only as Admin.",
    )  # fmt: skip


class NewConnectionSerializer(ConnectionChangeSerializer):
    account_id = serializers.CharField(help_text="Boomi's account id.")


class EditConnectionSerializer(ConnectionChangeSerializer):
    enabled = serializers.BooleanField(required=False)

    token = serializers.CharField(
        write_only=True, allow_blank=True, help_text="Never shown again. Blank keeps it."
    )


class ConnectionTestSerializer(serializers.Serializer[Any]):
    """`ok` false is an answer, not an error of this call: `code` and `hint` say why."""

    ok = serializers.BooleanField()
    account_name = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()
    hint = serializers.CharField()
    rights = RightSerializer(many=True)
    duration_ms = serializers.IntegerField()
    status = serializers.ChoiceField(ConnectionState.choices, help_text="Of the connection now.")


class SyncSerializer(StrictSerializer):
    kinds = serializers.ListField(
        child=serializers.ChoiceField(SyncMark.Kind.choices), required=False, allow_empty=False,
        help_text="All kinds when left out.",
    )  # fmt: skip
    since = serializers.DateTimeField(
        required=False, help_text="Read the executions again from then on."
    )


class DeletionSerializer(StrictSerializer):
    force = serializers.BooleanField(
        default=False, help_text="Delete what was mirrored of the account too. Admin only."
    )
    reason = serializers.CharField(
        default="", allow_blank=True, max_length=1000, help_text="Needed with force."
    )


class ConnectionFilter(django_filters.FilterSet):  # type: ignore[misc]
    q = django_filters.CharFilter("name", "icontains", label="Part of the name")
    account = RemoteIdFilter(
        "account", queryset=choosable(Account), to_field_name="account_id", label="Account"
    )
    owner = django_filters.CharFilter("owner__email", "iexact", label="E-mail of the owner")

    class Meta:
        model = Connection
        fields = ("status", "enabled", "purpose", "environment_class")


class ConnectionViewSet(PortalReadViewSet):
    """Credentials for Boomi accounts: yours, your teams', and all of them for an Admin."""

    queryset = Connection.objects.select_related("account", "owner", "team")
    serializer_class = ConnectionSerializer
    filterset_class = ConnectionFilter
    ordering = "name"
    ordering_fields = {
        "name": "name", "status": "status", "status_since": "status_since",
        "created_at": "created_at",
    }  # fmt: skip

    @extend_schema(
        request=NewConnectionSerializer,
        responses={201: ConnectionSerializer},
        examples=[
            OpenApiExample(
                "An account",
                {
                    "name": "Northwind",
                    "account_id": "northwind-7Q2K9D",
                    "username": "integration@northwind.example",
                    "token": "the API token",
                },
                request_only=True,
            )
        ],
    )
    def create(self, request: Request) -> Response:
        """Store a connection and test it at once.

        The answer is 201 even when the test failed: then `status` is failing, and
        `status_reason` says why. Takes up to five seconds.
        """
        # First of all: the sentences of the form tell which people and teams exist.
        require(self.actor, "boomi.connection.create")
        form = NewConnectionSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        connection = connections.create(actor=self.actor, **form.validated_data)
        location = {"Location": f"/api/v1/connections/{connection.pk}/"}
        body = self.get_serializer(self._fresh(connection)).data
        return Response(body, status=201, headers={**location, **NO_STORE})

    @extend_schema(request=EditConnectionSerializer, responses=ConnectionSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change what is given; a new address, user name or token is tested at once."""
        connection = self.get_object()
        require(self.actor, "boomi.connection.edit", connection)
        form = EditConnectionSerializer(data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        connections.update(connection, actor=self.actor, **form.validated_data)
        body = self.get_serializer(self._fresh(connection)).data
        return Response(body, headers=NO_STORE)

    @extend_schema(parameters=[DeletionSerializer], responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Delete it. The last connection of an account takes its history along: 409 without
        `force`, and the fields of the error count what hangs on it."""
        connection = self.get_object()
        asked = DeletionSerializer(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        connections.delete(connection, actor=self.actor, **asked.validated_data)
        return Response(status=204)

    @extend_schema(request=None, responses=ConnectionTestSerializer)
    @action(detail=True, methods=["post"])
    def test(self, request: Request, pk: str) -> Response:
        """Try the credentials and rights now; takes up to five seconds."""
        connection = self.get_object()
        result = connections.test(connection, actor=self.actor)
        return Response({**asdict(result), "status": self._fresh(connection).status})

    @extend_schema(request=SyncSerializer, responses={202: ACCEPTED})
    @action(detail=True, methods=["post"])
    def sync(self, request: Request, pk: str) -> Response:
        """Mirror what changed; a sync that is under way already is the answer then."""
        connection = self.get_object()
        form = SyncSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        return accepted(sync.request(connection, actor=self.actor, **form.validated_data))

    def _fresh(self, connection: Connection) -> Connection:
        fresh: Connection = self.get_queryset().get(pk=connection.pk)
        return fresh
