"""Automations and their kinds in the REST API: everything their pages do, and the webhook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from common.access import may, require
from common.actors import Actor
from common.api.schema import ACCEPTED
from common.api.views import PortalReadViewSet, accepted
from common.errors import NotFound
from common.models import User
from scheduling import automation_rows, forms_described, kinds, queries
from scheduling.filters import AutomationFilter
from scheduling.models import Automation, JobStatus, NotificationChannel
from scheduling.services import automations

NO_STORE = {"Cache-Control": "no-store"}


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses names it does not know: a misspelt one would silently change nothing."""

    def to_internal_value(self, data: Any) -> Any:
        values = super().to_internal_value(data)
        unknown = sorted(set(data) - set(self.fields)) if isinstance(data, Mapping) else []
        if unknown:
            raise serializers.ValidationError({name: ["Not known."] for name in unknown})
        return values


class AutomationSerializer(serializers.ModelSerializer[Automation]):
    """`next_due_at` is the earliest of its schedules; `last_run_…` tell of its newest run."""

    owner = serializers.EmailField(source="owner.email", read_only=True)
    channel = serializers.CharField(source="channel.name", default=None, read_only=True)
    parameters = serializers.SerializerMethodField(
        help_text="Without what only those who may change it read, such as values of properties."
    )
    next_due_at = serializers.DateTimeField(read_only=True, allow_null=True, default=None)
    schedule_count = serializers.SerializerMethodField()
    last_run_id = serializers.IntegerField(read_only=True, allow_null=True, default=None)
    last_run_status = serializers.ChoiceField(
        JobStatus.choices, read_only=True, allow_null=True, default=None
    )
    last_run_at = serializers.DateTimeField(read_only=True, allow_null=True, default=None)
    last_run_summary = serializers.CharField(read_only=True, allow_null=True, default=None)

    class Meta:
        model = Automation
        fields: tuple[str, ...] = (
            "id", "name", "kind", "parameters", "owner", "audience", "notes", "enabled",
            "on_event", "channel", "webhook_prefix", "webhook_set_at", "schedule_count",
            "next_due_at", "last_run_id", "last_run_status", "last_run_at", "last_run_summary",
            "created_at", "changed_at",
        )  # fmt: skip

    def get_parameters(self, automation: Automation) -> dict[str, Any]:
        return kinds.public(automation.kind, automation.parameters)

    def get_schedule_count(self, automation: Automation) -> int:
        return getattr(automation, "schedule_count", None) or 0


class AutomationDetailSerializer(AutomationSerializer):
    """`parameters` are whole for those who may change it."""

    # Kinds look up names for it, which a list could not afford.
    does = serializers.SerializerMethodField(help_text="Its parameters in words.")

    class Meta(AutomationSerializer.Meta):
        fields = (*AutomationSerializer.Meta.fields, "does")

    def get_parameters(self, automation: Automation) -> dict[str, Any]:
        actor: Actor = self.context["view"].actor
        if may(actor, "scheduling.automation.edit", automation):
            return dict(automation.parameters)
        return super().get_parameters(automation)

    def get_does(self, automation: Automation) -> str:
        return automation_rows.describe(automation)


class AutomationChangeSerializer(StrictSerializer):
    """Shapes only; what makes a good value is decided by the service."""

    name = serializers.CharField()
    parameters = serializers.DictField(required=False, help_text="See automation-kinds.")
    notes = serializers.CharField(required=False, allow_blank=True)
    enabled = serializers.BooleanField(required=False)
    on_event = serializers.CharField(
        required=False, allow_blank=True, help_text="Name of the event that starts it."
    )
    channel = serializers.SlugRelatedField(
        "name", queryset=NotificationChannel.objects.all(), required=False, allow_null=True,
        help_text="Name of the channel that is told of failures.",
    )  # fmt: skip


class NewAutomationSerializer(AutomationChangeSerializer):
    kind = serializers.CharField(help_text="Name of one of automation-kinds.")


class EditAutomationSerializer(AutomationChangeSerializer):
    owner = serializers.SlugRelatedField(
        "email", queryset=User.objects.filter(is_active=True), required=False,
        help_text="E-mail address; changed by an Admin only.",
    )  # fmt: skip


class FindingSerializer(serializers.Serializer[Any]):
    label = serializers.CharField()  # type: ignore[assignment]
    url = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True)


class PreviewSerializer(serializers.Serializer[Any]):
    found = serializers.IntegerField(help_text="Records it would work on.")
    calls = serializers.IntegerField(help_text="Estimate of calls to the platform.")
    sentence = serializers.CharField()
    seconds = serializers.FloatField(allow_null=True)
    findings = FindingSerializer(many=True)


class DryRunSerializer(serializers.Serializer[Any]):
    preview = PreviewSerializer()
    seconds = serializers.FloatField(
        allow_null=True, help_text="Median of its last runs, or the kind's own estimate."
    )
    runs = serializers.IntegerField(help_text="Runs the median is of; 0: none yet.")


class AskedSerializer(StrictSerializer):
    kind = serializers.CharField()
    parameters = serializers.DictField(default=dict)


class WebhookSerializer(serializers.Serializer[Any]):
    token = serializers.CharField(help_text="Shown this once, never again.")
    url = serializers.CharField(help_text="POST here with the header X-Webhook-Token.")


WEBHOOK_HEADER = OpenApiParameter(
    "X-Webhook-Token", str, OpenApiParameter.HEADER, required=True, description="Its token."
)


class AutomationViewSet(PortalReadViewSet):
    """Work that starts by itself: yours, and that of the accounts you see."""

    queryset = Automation.objects.select_related("owner", "channel")
    serializer_class = AutomationSerializer
    filterset_class = AutomationFilter
    verb = "scheduling.automation.view"
    ordering = "name"
    ordering_fields = {
        "name": "name", "kind": "kind", "created_at": "created_at", "changed_at": "changed_at",
        "next_due_at": "next_due_at", "last_run_at": "last_run_at",
    }  # fmt: skip

    def get_serializer_class(self) -> type[serializers.ModelSerializer[Automation]]:
        return AutomationSerializer if self.action == "list" else AutomationDetailSerializer

    def get_queryset(self) -> Any:
        return queries.with_starts(super().get_queryset())

    def check_permissions(self, request: Request) -> None:
        """A webhook is called by systems that are nobody here; its token is their right."""
        if self.action != "webhook":
            super().check_permissions(request)

    @extend_schema(
        request=NewAutomationSerializer,
        responses={201: AutomationDetailSerializer},
        examples=[
            OpenApiExample(
                "Analyse failed executions",
                {
                    "name": "Explain failures",
                    "kind": "analysis.analyse_executions",
                    "parameters": {"only_errors": True},
                },
                request_only=True,
            )
        ],
    )
    def create(self, request: Request) -> Response:
        """Make an automation of yours; schedules are added to it afterwards."""
        # First of all: the sentences of the form tell which channels exist.
        require(self.actor, "scheduling.automation.create")
        values = self._read(NewAutomationSerializer(data=request.data))
        values.setdefault("parameters", {})
        made = automations.create(actor=self.actor, **values)
        location = {"Location": f"/api/v1/automations/{made.pk}/"}
        return Response(self._told(made), status=201, headers=location)

    @extend_schema(request=EditAutomationSerializer, responses=AutomationDetailSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change what is given."""
        automation = self.get_object()
        require(self.actor, "scheduling.automation.edit", automation)
        values = self._read(EditAutomationSerializer(data=request.data, partial=True))
        automations.update(automation, actor=self.actor, **values)
        return Response(self._told(automation))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Delete it with its schedules; 409 while one of its runs is live."""
        automations.delete(self.get_object(), actor=self.actor)
        return Response(status=204)

    @extend_schema(request=None, responses={202: ACCEPTED})
    @action(detail=True, methods=["post"])
    def run(self, request: Request, pk: str) -> Response:
        """Start it now; a run that is live already is the answer then."""
        return accepted(automations.run_now(self.get_object(), actor=self.actor))

    @extend_schema(request=None, responses=DryRunSerializer)
    @action(detail=True, methods=["post"], url_path="dry-run")
    def dry_run(self, request: Request, pk: str) -> Response:
        """What a run would find, cost and take; changes nothing and calls nobody."""
        answer = automations.dry_run(self.get_object(), actor=self.actor)
        return Response(DryRunSerializer(answer).data)

    @extend_schema(request=AskedSerializer, responses=PreviewSerializer)
    @action(detail=False, methods=["post"], url_path="last-week")
    def last_week(self, request: Request) -> Response:
        """What an automation with these parameters would have found in the last seven days."""
        values = self._read(AskedSerializer(data=request.data))
        answer = automations.last_week(values["kind"], values["parameters"], actor=self.actor)
        return Response(PreviewSerializer(answer).data)

    @extend_schema(request=None, responses={201: WebhookSerializer})
    @action(detail=True, methods=["post"], url_path="new-webhook")
    def new_webhook(self, request: Request, pk: str) -> Response:
        """Make the token that starts it, in place of a former one."""
        automation = self.get_object()
        token = automations.new_webhook(automation, actor=self.actor)
        url = request.build_absolute_uri(f"/api/v1/automations/{automation.pk}/webhook/")
        return Response({"token": token, "url": url}, status=201, headers=NO_STORE)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"], url_path="revoke-webhook")
    def revoke_webhook(self, request: Request, pk: str) -> Response:
        """End the token; 409 when there is none."""
        automations.revoke_webhook(self.get_object(), actor=self.actor)
        return Response(status=204)

    @extend_schema(request=None, responses={202: ACCEPTED}, parameters=[WEBHOOK_HEADER], auth=[])
    @action(detail=True, methods=["post"], authentication_classes=[], permission_classes=[])
    def webhook(self, request: Request, pk: str) -> Response:
        """Start it from another system, with the header X-Webhook-Token and nothing else.

        The body is not read. A run that is live already is the answer then.
        """
        token = request.headers.get("X-Webhook-Token", "")
        return accepted(automations.start_by_webhook(int(pk), token))

    def _read(self, form: serializers.Serializer[Any]) -> dict[str, Any]:
        form.is_valid(raise_exception=True)
        return dict(form.validated_data)

    def _told(self, automation: Automation) -> Any:
        fresh = self.get_queryset().filter(pk=automation.pk).first()
        if fresh is None:
            raise NotFound("This automation was deleted.", hint="Go back to the list.")
        return self.get_serializer(fresh).data


class FormFieldSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    type = serializers.CharField(help_text="text, integer, number, boolean, choice, list, moment.")
    required = serializers.BooleanField()  # type: ignore[assignment]
    default = serializers.JSONField(allow_null=True)
    help = serializers.CharField()
    choices = serializers.ListField(
        child=serializers.DictField(), allow_null=True,
        help_text="What may be given, as value and label; null where there is no list.",
    )  # fmt: skip


class KindSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField()
    events = serializers.ListField(
        child=serializers.CharField(), help_text="Events that may start it; empty: any."
    )
    parameters = FormFieldSerializer(many=True)


class KindViewSet(viewsets.ViewSet):
    """What automations can do, and the parameters of each kind."""

    @extend_schema(responses=KindSerializer(many=True))
    def list(self, request: Request) -> Response:
        actor = Actor.of(request, "api")
        require(actor, "scheduling.automation.view")
        return Response(
            [
                {
                    "name": kind.name,
                    "title": kind.title,
                    "summary": kind.summary,
                    "events": list(kind.events),
                    "parameters": forms_described.fields_of(kind.form(actor=actor)),
                }
                for kind in kinds.all_kinds()
            ]
        )
