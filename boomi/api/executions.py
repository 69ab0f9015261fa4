"""Executions in the REST API, and the log that is stored of one."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, StreamingHttpResponse
from django.utils import timezone
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from boomi import execution_exports
from boomi.api.landscape import AttachedSerializer
from boomi.execution_queries import Counts
from boomi.filters import ExecutionFilter
from boomi.models import Environment, Execution, ExecutionTally, LogState
from boomi.services.log_downloads import download_log
from common.access import may, visible
from common.api.views import PortalReadViewSet


class ExecutionSerializer(serializers.ModelSerializer[Execution]):
    account_id = serializers.CharField(source="account.account_id", read_only=True)

    class Meta:
        model = Execution
        fields: tuple[str, ...] = execution_exports.COLUMNS


class ExecutionLogSerializer(serializers.Serializer[Any]):
    """What is known of the process log; the lower half is null until it is stored."""

    state = serializers.ChoiceField(LogState.choices)
    reason = serializers.CharField(help_text="Why it cannot be had; may be empty.")
    retry_at = serializers.DateTimeField(
        allow_null=True, help_text="When it is asked for again while its runtime is offline."
    )
    may_download = serializers.BooleanField()
    name = serializers.CharField(allow_null=True)
    size = serializers.IntegerField(allow_null=True, help_text="Bytes of the log itself.")
    lines = serializers.IntegerField(allow_null=True)
    encoding = serializers.CharField(allow_null=True)
    sha256 = serializers.CharField(allow_null=True)


class ExecutionDetailSerializer(ExecutionSerializer):
    environments = serializers.SerializerMethodField(
        help_text="Those its runtime is attached to now."
    )
    extra = serializers.DictField(
        read_only=True, help_text="Fields of the record that have no name here."
    )

    class Meta(ExecutionSerializer.Meta):
        fields = (
            *ExecutionSerializer.Meta.fields, "original_execution_id", "parent_execution_id",
            "top_level_execution_id", "launcher_id", "node_id", "log_reason", "log_retry_at",
            "first_seen_at", "seen_at", "environments", "extra",
        )  # fmt: skip

    @extend_schema_field(AttachedSerializer(many=True))
    def get_environments(self, execution: Execution) -> list[dict[str, Any]]:
        attached = Environment.objects.filter(
            account=execution.account_id,
            runtimes__account=execution.account_id,
            runtimes__runtime_id=execution.runtime_id,
        ).order_by("name")
        return list(AttachedSerializer(attached, many=True).data)


class ExecutionViewSet(PortalReadViewSet):
    """Runs of processes, as the platform recorded them, of the accounts you see."""

    queryset = Execution.objects.select_related("account").defer("extra")
    serializer_class = ExecutionSerializer
    filterset_class = ExecutionFilter
    ordering = "-started_at"
    ordering_fields = {
        "started_at": "started_at", "duration_ms": "duration_ms",
        "process_name": "process_name", "status": "status",
    }  # fmt: skip

    def get_serializer_class(self) -> type[ExecutionSerializer]:
        return ExecutionSerializer if self.action == "list" else ExecutionDetailSerializer

    def exact_total(self) -> int:
        """How many rows the address selects; see `boomi.execution_counts`."""
        chosen = DjangoFilterBackend().get_filterset(self.request, self.get_queryset(), self)
        chosen.form.is_valid()  # the filters of the same request were checked already
        tallies = visible(self.actor, ExecutionTally.objects.order_by())
        values = chosen.form.cleaned_data
        counted: Counts = chosen.counts(tallies, timezone.now())
        return counted.of(values["status"], values["outcome"])

    def export(self, kind: str) -> StreamingHttpResponse:
        return execution_exports.respond(kind, self.selected())

    @extend_schema(responses=ExecutionLogSerializer)
    @action(detail=True, url_path="log")
    def log(self, request: Request, pk: str) -> Response:
        """What is known of the log. POST to the same address downloads it."""
        execution = self.get_object()
        stored = execution.log_file
        names = ("name", "size", "lines", "encoding", "sha256")
        return Response(
            {
                "state": execution.log_state,
                "reason": execution.log_reason,
                "retry_at": execution.log_retry_at,
                "may_download": bool(
                    stored is not None and may(self.actor, "boomi.log.download", execution)
                ),
                **{name: getattr(stored, name, None) for name in names},
            }
        )

    @extend_schema(request=None, responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @log.mapping.post
    def download(self, request: Request, pk: str) -> FileResponse:
        """The stored log, whole. It may hold customer data, so that each download is audited;
        that is why it takes a POST."""
        name, stream = download_log(self.get_object(), actor=self.actor)
        return FileResponse(
            stream, as_attachment=True, filename=name, content_type="application/octet-stream",
            headers={"Cache-Control": "no-store"},
        )  # fmt: skip
