"""Analyses in the REST API: those of executions, and logs that people upload."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import BaseRouter

from analysis import services
from analysis.models import Analysis, AnalysisStatus
from analysis.receiving import CappedUploadHandler
from boomi.models import Execution
from common.access import require
from common.api.parsers import PortalJSONParser
from common.api.schema import ACCEPTED, AcceptedSerializer
from common.api.views import PortalReadViewSet, PortalViewSet, accepted
from common.filters import AnyOfFilter, MomentFilter
from scheduling.models import JobRun


class LogUploadParser(MultiPartParser):
    """A form with a log; the API takes files at no other address."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        request = parser_context["request"]._request
        request.upload_handlers = [CappedUploadHandler(request)]
        return super().parse(stream, media_type, parser_context)


class AnalysisSerializer(serializers.ModelSerializer[Analysis]):
    owner = serializers.EmailField(source="owner.email", default=None, read_only=True)
    team = serializers.CharField(source="team.name", default=None, read_only=True)
    log_size = serializers.IntegerField(
        source="log_file.size", default=None, read_only=True, help_text="Bytes; null: not stored."
    )
    log_lines = serializers.IntegerField(source="log_file.lines", default=None, read_only=True)

    class Meta:
        model = Analysis
        fields: tuple[str, ...] = (
            "id", "name", "execution", "owner", "team", "status", "verdict", "outcome",
            "first_fault_line", "first_fault_step", "first_fault_text", "severe_count",
            "warning_count", "log_size", "log_lines", "engine_version", "error_code",
            "error_message", "error_hint", "created_at", "finished_at",
        )  # fmt: skip


class AnalysisDetailSerializer(AnalysisSerializer):
    result = serializers.DictField(
        read_only=True, help_text="What `analyze --json` prints; empty until it is done."
    )

    class Meta(AnalysisSerializer.Meta):
        fields = (*AnalysisSerializer.Meta.fields, "result")


class UploadSerializer(serializers.Serializer[Any]):
    file = serializers.FileField(
        # An empty file gets the sentence of the service, the same as at every other door.
        allow_empty_file=True,
        max_length=4000,
        help_text="A process log, or a zip with one.",
    )


class AcceptedUploadSerializer(AcceptedSerializer):
    analysis = serializers.IntegerField(help_text="The analysis that the job will complete.")


class AnalysisFilter(django_filters.FilterSet):  # type: ignore[misc]
    q = django_filters.CharFilter("name", "icontains", label="Part of the name")
    status = AnyOfFilter(choices=AnalysisStatus.choices, label="Status")
    execution = django_filters.NumberFilter(
        "execution_id", "exact", label="Id of the execution here", min_value=1, decimal_places=0
    )
    execution_id = django_filters.CharFilter(
        "execution__execution_id", "exact", label="Boomi's execution id"
    )
    uploaded = django_filters.BooleanFilter(
        "execution", "isnull", label="Uploaded by somebody, not of an execution"
    )
    mine = django_filters.BooleanFilter(method="begun_by_me", label="Begun by me")
    created_after = MomentFilter("created_at", "gte", label="Begun at or after")
    created_before = MomentFilter("created_at", "lt", label="Begun before")

    class Meta:
        model = Analysis
        fields = ("outcome",)

    def begun_by_me(
        self, analyses: QuerySet[Analysis], name: str, value: bool
    ) -> QuerySet[Analysis]:
        me = self.request.user.pk
        return analyses.filter(owner=me) if value else analyses.exclude(owner=me)


class AnalysisViewSet(PortalReadViewSet):
    """Analyses of the executions you see, and uploads of yours and of your teams."""

    queryset = Analysis.objects.select_related("owner", "team", "log_file").defer("log_file__index")
    serializer_class = AnalysisSerializer
    filterset_class = AnalysisFilter
    parser_classes = (LogUploadParser, PortalJSONParser)
    ordering_fields = {
        "created_at": "created_at", "finished_at": "finished_at",
        "severe_count": "severe_count", "name": "name",
    }  # fmt: skip

    def get_queryset(self) -> QuerySet[Analysis]:
        analyses: QuerySet[Analysis] = super().get_queryset()
        return analyses.defer("log_file__index", "result") if self.action == "list" else analyses

    def get_serializer_class(self) -> type[AnalysisSerializer]:
        return AnalysisSerializer if self.action == "list" else AnalysisDetailSerializer

    @extend_schema(
        request={"multipart/form-data": UploadSerializer},
        responses={
            201: AnalysisDetailSerializer,
            202: OpenApiResponse(AcceptedUploadSerializer, description="A job reads it."),
        },
    )
    def create(self, request: Request) -> Response:
        """Analyse a log: a small one at once (201), a large one by a job (202)."""
        require(self.actor, "analysis.upload")  # before a byte of the file is taken
        form = UploadSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        file = form.validated_data["file"]
        analysis, run = services.analyse_upload(file, name=file.name, actor=self.actor)
        if run is not None:
            response = accepted(run)
            response.data["analysis"] = analysis.pk
            return response
        location = {"Location": f"/api/v1/analyses/{analysis.pk}/"}
        return Response(self.get_serializer(analysis).data, status=201, headers=location)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Delete an upload of yours, and its log."""
        services.delete_upload(self.get_object(), actor=self.actor)
        return Response(status=204)

    @extend_schema(request=None, responses={202: ACCEPTED})
    @action(detail=True, methods=["post"])
    def restart(self, request: Request, pk: str) -> Response:
        """Read an upload again whose analysis failed or was cancelled."""
        return accepted(services.restart(self.get_object(), actor=self.actor))

    @extend_schema(request=None, responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["post"], url_path="log")
    def log(self, request: Request, pk: str) -> FileResponse:
        """The stored log, whole. Each download is audited; that is why it takes a POST."""
        name, stream = services.download_log(self.get_object(), actor=self.actor)
        return FileResponse(
            stream, as_attachment=True, filename=name, content_type="application/octet-stream",
            headers={"Cache-Control": "no-store"},
        )  # fmt: skip


class ExecutionAnalysisViewSet(PortalViewSet):
    """Adds `analyze/` to the executions of the floor below."""

    queryset = Execution.objects.select_related("account")
    serializer_class = AnalysisDetailSerializer

    @extend_schema(
        request=None,
        operation_id="executions_analyze",
        responses={200: AnalysisDetailSerializer, 202: ACCEPTED},
    )
    @action(detail=True, methods=["post"])
    def analyze(self, request: Request, pk: str) -> Response:
        """Fetch the log and analyse it (202), or the analysis if there is one already (200).

        Asking again while it is under way makes no second job and no second call.
        """
        found = services.request_execution_analysis(self.get_object(), actor=self.actor)
        if isinstance(found, JobRun):
            return accepted(found)
        return Response(AnalysisDetailSerializer(found).data)


def register(router: BaseRouter) -> None:
    router.register("analyses", AnalysisViewSet, basename="analyses")
    router.register("executions", ExecutionAnalysisViewSet, basename="executions-analysis")
