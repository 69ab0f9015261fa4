"""Jobs in the REST API: look, cancel, retry."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import BaseRouter

from common.access import visible
from common.actors import Actor
from common.api.schema import ACCEPTED
from common.api.views import PortalReadViewSet, accepted
from scheduling import api_notifications, services
from scheduling.filters import JobRunFilter
from scheduling.models import JobLogLine, JobRun

LOG_LINES = 200


class JobRunSerializer(serializers.ModelSerializer[JobRun]):
    owner = serializers.EmailField(source="owner.email", default=None, read_only=True)
    live = serializers.SerializerMethodField(help_text="False once it has ended.")

    class Meta:
        model = JobRun
        fields: tuple[str, ...] = (
            "id", "job", "title", "queue", "status", "live", "phase", "percent", "detail",
            "summary", "error_code", "error_message", "error_hint", "owner", "actor_text",
            "request_id", "subject_url", "retry_of", "created_at", "run_at", "started_at",
            "finished_at", "changed_at",
        )  # fmt: skip

    def get_live(self, run: JobRun) -> bool:
        return not run.is_final


class JobLogLineSerializer(serializers.ModelSerializer[JobLogLine]):
    class Meta:
        model = JobLogLine
        fields = ("at", "level", "text")


class JobRunDetailSerializer(JobRunSerializer):
    """The newest 200 log lines, oldest first, and what the job left for programs."""

    result = serializers.DictField(read_only=True)
    retries = serializers.SerializerMethodField(help_text="Jobs that repeat this one.")
    log_lines = serializers.SerializerMethodField()

    class Meta(JobRunSerializer.Meta):
        fields = (*JobRunSerializer.Meta.fields, "result", "retries", "log_lines")

    def get_retries(self, run: JobRun) -> list[int]:
        """Only those the asking person may look at."""
        actor: Actor = self.context["view"].actor
        return list(visible(actor, run.retries.order_by("pk")).values_list("pk", flat=True))

    @extend_schema_field(JobLogLineSerializer(many=True))
    def get_log_lines(self, run: JobRun) -> list[dict[str, Any]]:
        newest = list(run.log_lines.order_by("-pk")[:LOG_LINES])
        return list(JobLogLineSerializer(newest[::-1], many=True).data)


class JobRunViewSet(PortalReadViewSet):
    """Background work you asked for or that concerns an account you see."""

    queryset = JobRun.objects.select_related("owner").defer("cursor", "traceback")
    serializer_class = JobRunSerializer
    filterset_class = JobRunFilter
    verb = "scheduling.job.view"
    ordering_fields = {
        "created_at": "created_at", "run_at": "run_at", "finished_at": "finished_at",
        "job": "job", "status": "status",
    }  # fmt: skip

    def get_serializer_class(self) -> type[serializers.ModelSerializer[JobRun]]:
        return JobRunSerializer if self.action == "list" else JobRunDetailSerializer

    @extend_schema(request=None, responses=JobRunDetailSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Cancel: at once while it waits, at its next step while it runs."""
        run = services.cancel(self.get_object(), actor=self.actor)
        return Response(self.get_serializer(run).data)

    @extend_schema(request=None, responses={202: ACCEPTED})
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str) -> Response:
        """Start the same work again, as a new job of yours."""
        return accepted(services.retry(self.get_object(), actor=self.actor))


def register(router: BaseRouter) -> None:
    router.register("jobs", JobRunViewSet, basename="jobs")
    api_notifications.register(router)
