"""Endpoints of the ground floor: who am I, my tokens, the audit trail."""

from __future__ import annotations

import json
from typing import Any, cast

import django_filters
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import BaseRouter
from rest_framework.views import APIView

from common import sealing, tokens
from common.access import require
from common.actors import Actor
from common.api.views import PortalReadViewSet
from common.crypto import CannotDecrypt
from common.models import ApiToken, AuditEvent, User
from common.roles import Role


class MeSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    email = serializers.EmailField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(User.Kind.choices)
    role = serializers.ChoiceField(Role.choices, allow_null=True, help_text="The highest one.")
    teams = serializers.ListField(child=serializers.CharField())
    time_zone = serializers.CharField()
    scopes = serializers.ListField(
        child=serializers.CharField(), help_text="What this sign-in may do: read, write."
    )


class MeView(APIView):
    """The person or service this request is signed in as."""

    @extend_schema(responses=MeSerializer, operation_id="me")
    def get(self, request: Request) -> Response:
        actor = Actor.of(request, "api")
        user = cast(User, request.user)
        body = {
            "id": user.pk,
            "email": user.email,
            "name": user.name,
            "kind": user.kind,
            "role": list(Role)[actor.rank].value if actor.rank >= 0 else None,
            "teams": [team.name for team in user.teams.all()],
            "time_zone": user.time_zone,
            "scopes": sorted(actor.scopes if actor.scopes is not None else {"read", "write"}),
        }
        return Response(body)


class ApiTokenSerializer(serializers.ModelSerializer[ApiToken]):
    user = serializers.EmailField(source="user.email", read_only=True)
    live = serializers.BooleanField(source="is_live", read_only=True)

    class Meta:
        model = ApiToken
        fields = (
            "id", "name", "user", "prefix", "scope", "live",
            "created_at", "expires_at", "last_used_at", "revoked_at",
        )  # fmt: skip


class NewTokenSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=80)
    scope = serializers.ChoiceField(ApiToken.Scope.choices, default=ApiToken.Scope.READ)
    expires_at = serializers.DateTimeField(required=False, allow_null=True, default=None)


class IssuedTokenSerializer(ApiTokenSerializer):
    token = serializers.CharField(read_only=True, help_text="Shown this once, never again.")

    class Meta:
        model = ApiToken
        fields = (*ApiTokenSerializer.Meta.fields, "token")


@extend_schema_view(
    create=extend_schema(request=NewTokenSerializer, responses={201: IssuedTokenSerializer}),
    destroy=extend_schema(responses={204: None}),
)
class ApiTokenViewSet(PortalReadViewSet):
    """Your access tokens. DELETE revokes one; the row stays for the record."""

    queryset = ApiToken.objects.select_related("user")
    serializer_class = ApiTokenSerializer
    ordering_fields = {"created_at": "created_at", "last_used_at": "last_used_at"}
    filterset_fields = ("scope",)

    def create(self, request: Request) -> Response:
        form = NewTokenSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        token, plain = tokens.issue(self.actor_user(), actor=self.actor, **form.validated_data)
        token.token = plain  # type: ignore[attr-defined]
        return Response(
            IssuedTokenSerializer(token).data, status=201, headers={"Cache-Control": "no-store"}
        )

    def destroy(self, request: Request, pk: str) -> Response:
        tokens.revoke(self.get_object(), actor=self.actor)
        return Response(status=204)

    def actor_user(self) -> User:
        user = self.actor.user
        if user is None:
            raise AssertionError("permission classes let nobody unknown through")
        return user


class AuditEventSerializer(serializers.ModelSerializer[AuditEvent]):
    before = serializers.SerializerMethodField()
    after = serializers.SerializerMethodField()
    sealed = serializers.SerializerMethodField()

    class Meta:
        model = AuditEvent
        fields = (
            "id", "uid", "at", "actor_id", "actor_text", "via", "request_id", "action",
            "object_type", "object_id", "object_text", "before", "after", "note", "outcome",
            "sealed", "seq", "seal",
        )  # fmt: skip

    def get_before(self, event: AuditEvent) -> dict[str, Any] | None:
        return _values(event, "before")

    def get_after(self, event: AuditEvent) -> dict[str, Any] | None:
        return _values(event, "after")

    def get_sealed(self, event: AuditEvent) -> bool:
        return event.seq is not None


def _values(event: AuditEvent, name: str) -> dict[str, Any] | None:
    """One damaged event must not keep the others from being read."""
    try:
        text: str | None = getattr(event, name)
    except CannotDecrypt as error:
        return {"unreadable": error.message}
    return json.loads(text) if text else None


class AuditEventFilter(django_filters.FilterSet):  # type: ignore[misc]
    actor = django_filters.CharFilter("actor_text", "icontains", label="Part of the person's name")
    action = django_filters.CharFilter("action", "startswith", label="Beginning of the action")
    after = django_filters.IsoDateTimeFilter("at", "gte", label="Not before")
    before = django_filters.IsoDateTimeFilter("at", "lt", label="Before")

    class Meta:
        model = AuditEvent
        fields = ("via", "request_id", "object_type", "object_id", "outcome")


class ProblemSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    event_id = serializers.IntegerField(allow_null=True)
    seq = serializers.IntegerField(allow_null=True)
    sentence = serializers.CharField()


class AuditReportSerializer(serializers.Serializer[Any]):
    ok = serializers.BooleanField()
    sealed = serializers.IntegerField()
    unsealed = serializers.IntegerField()
    first_seq = serializers.IntegerField(allow_null=True)
    last_seq = serializers.IntegerField(allow_null=True)
    checkpoints = serializers.IntegerField()
    problems = ProblemSerializer(many=True)
    problems_omitted = serializers.IntegerField()


class AuditEventViewSet(PortalReadViewSet):
    """The audit trail, newest first. For admins."""

    queryset = AuditEvent.objects.all()
    serializer_class = AuditEventSerializer
    verb = "common.audit.view"
    ordering_fields = {"at": "at"}
    filterset_class = AuditEventFilter

    @extend_schema(responses=AuditReportSerializer, filters=False)
    @action(detail=False, pagination_class=None)
    def verify(self, request: Request) -> Response:
        """Check the whole chain and every content; reads every row, so it may take a while."""
        require(self.actor, "common.audit.verify")
        return Response(AuditReportSerializer(sealing.verify()).data)


def register(router: BaseRouter) -> None:
    router.register("tokens", ApiTokenViewSet, basename="tokens")
    router.register("audit-events", AuditEventViewSet, basename="audit-events")
