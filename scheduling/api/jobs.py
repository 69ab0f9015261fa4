"""Jobs in the REST API: look, cancel, retry."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from common.access import visible
from common.actors import Actor
from common.api.schema import ACCEPTED
from common.api.views import PortalReadViewSet, accepted
from scheduling import services
from scheduling.filters import JobRunFilter
from scheduling.models import JobLogLine, JobRecordError, JobRun

LOG_LINES = 200


class JobRunSerializer(serializers.ModelSerializer[JobRun]):
    owner = serializers.EmailField(source="owner.email", default=None, read_only=True)
    live = serializers.SerializerMethodField(help_text="False once it has ended.")
    automation_name = serializers.CharField(source="automation.name", default="", read_only=True)
    took_ms = serializers.IntegerField(
        read_only=True, allow_null=True, help_text="From its first slice to its end or until now."
    )

    class Meta:
        model = JobRun
        fields: tuple[str, ...] = (
            "id", "job", "title", "queue", "status", "live", "phase", "percent", "detail",
            "summary", "error_code", "error_message", "error_hint", "owner", "actor_text",
            "automation", "automation_name", "trigger", "dry_run", "records_done",
            "records_failed", "request_id", "subject_url", "retry_of", "created_at", "run_at",
            "started_at", "finished_at", "took_ms", "changed_at",
        )  # fmt: skip

    def get_live(self, run: JobRun) -> bool:
        return not run.is_final


class JobLogLineSerializer(serializers.ModelSerializer[JobLogLine]):
    class Meta:
        model = JobLogLine
        fields = ("at", "level", "text")


class JobRecordErrorSerializer(serializers.ModelSerializer[JobRecordError]):
    class Meta:
        model = JobRecordError
        fields = ("record", "url", "message")


class JobRunDetailSerializer(JobRunSerializer):
    """The newest 200 log lines, oldest first, the first 100 records that failed, and what the
    job left for programs."""

    result = serializers.DictField(read_only=True)
    retries = serializers.SerializerMethodField(help_text="Jobs that repeat this one.")
    log_lines = serializers.SerializerMethodField()
    record_errors = JobRecordErrorSerializer(
        many=True, read_only=True, help_text="At most 100; `records_failed` counts them all."
    )

    class Meta(JobRunSerializer.Meta):
        fields = (
            *JobRunSerializer.Meta.fields, "result", "retries", "log_lines", "record_errors",
        )  # fmt: skip

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

    queryset = JobRun.objects.select_related("owner", "automation").defer("cursor", "traceback")
    serializer_class = JobRunSerializer
    filterset_class = JobRunFilter
    verb = "scheduling.job.view"
    ordering_fields = {
        "created_at": "created_at", "run_at": "run_at", "finished_at": "finished_at",
        "job": "job", "status": "status", "records_failed": "records_failed",
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
