"""Components and packages in the REST API: lists, documents, what uses what."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from boomi import component_exports, component_queries
from boomi.component_filters import ComponentFilter, PackageFilter
from boomi.component_queries import Related
from boomi.models import Component, ComponentVersion, PackagedComponent
from boomi.services import documents
from common.api.views import PortalReadViewSet, accepted
from common.errors import InputError, NotFound
from scheduling.models import JobRun

VERSION = OpenApiParameter("version", int, description="A version; the current one without it.")


class ComponentSerializer(serializers.ModelSerializer[Component]):
    account_id = serializers.CharField(source="account.account_id", read_only=True)

    class Meta:
        model = Component
        fields: tuple[str, ...] = component_exports.COLUMNS


class VersionSerializer(serializers.ModelSerializer[ComponentVersion]):
    is_stored = serializers.SerializerMethodField(help_text="Whether its document is stored.")

    class Meta:
        model = ComponentVersion
        fields = (
            "version", "name", "branch_id", "branch_name", "current", "deleted", "modified_at",
            "modified_by", "document_at", "is_stored",
        )  # fmt: skip

    def get_is_stored(self, row: ComponentVersion) -> bool:
        return row.document_id is not None


class ComponentDetailSerializer(ComponentSerializer):
    versions = VersionSerializer(many=True, read_only=True)

    class Meta(ComponentSerializer.Meta):
        fields = (
            *ComponentSerializer.Meta.fields, "references_version", "document_due_at",
            "document_error", "versions",
        )  # fmt: skip


class RelatedSerializer(serializers.Serializer[Any]):
    """One end of a reference; `id`, `name` and `type` are null where the mirror lacks it."""

    component_id = serializers.CharField()
    id = serializers.IntegerField(allow_null=True)
    name = serializers.CharField(allow_null=True)
    type = serializers.CharField(allow_null=True)
    deleted = serializers.BooleanField(allow_null=True)
    reference = serializers.CharField(help_text="DEPENDENT or INDEPENDENT, as the platform says.")
    version = serializers.IntegerField(
        allow_null=True, help_text="The version that uses it, where that is asked."
    )


class PackageSerializer(serializers.ModelSerializer[PackagedComponent]):
    account_id = serializers.CharField(source="account.account_id", read_only=True)

    class Meta:
        model = PackagedComponent
        fields: tuple[str, ...] = component_exports.PACKAGE_COLUMNS


class PackageDetailSerializer(PackageSerializer):
    class Meta(PackageSerializer.Meta):
        fields = (*PackageSerializer.Meta.fields, "manifest")


class ComponentViewSet(PortalReadViewSet):
    """The components of the accounts you see, deleted ones too unless you filter."""

    queryset = Component.objects.select_related("account")
    serializer_class = ComponentSerializer
    filterset_class = ComponentFilter
    ordering = "name"
    ordering_fields = {"name": "name", "type": "type", "modified_at": "modified_at"}

    def get_serializer_class(self) -> type[ComponentSerializer]:
        return ComponentSerializer if self.action == "list" else ComponentDetailSerializer

    def export(self, kind: str) -> StreamingHttpResponse:
        return component_exports.respond(kind, self.selected())

    @extend_schema(parameters=[VERSION], responses={(200, "application/xml"): OpenApiTypes.STR})
    @action(detail=True, url_path="xml")
    def xml(self, request: Request, pk: str) -> HttpResponse:
        """The stored document, secrets blanked. POST to the same address fetches it."""
        component = self.get_object()
        row = self._version(component, request.query_params.get("version", ""))
        if row is None or row.document is None:
            raise NotFound(
                "The document of this version is not stored.",
                hint="POST to the same address fetches it.",
            )
        return HttpResponse(
            row.document.text,
            content_type="application/xml; charset=utf-8",
            headers={"Cache-Control": "no-store"},
        )

    @extend_schema(parameters=[VERSION], request=None,
                   responses={200: VersionSerializer, 202: OpenApiTypes.OBJECT})  # fmt: skip
    @xml.mapping.post
    def fetch(self, request: Request, pk: str) -> Response:
        """Have the document fetched. 202 with the job; 200 while it is fresh, without a call."""
        component = self.get_object()
        given = request.query_params.get("version", "")
        row = self._version(component, given)
        answer = documents.request(
            component, actor=self.actor, version=row.version if row and given else None
        )
        if isinstance(answer, JobRun):
            return accepted(answer)
        return Response(VersionSerializer(row).data)

    def _version(self, component: Component, given: str) -> ComponentVersion | None:
        number = component.version
        if given:
            if not (given.isascii() and given.isdigit() and len(given) < 10):
                raise InputError("A version is a number.", fields={"version": ["Give a number."]})
            number = int(given)
        rows = component.versions.select_related("document")
        row = rows.filter(version=number).first()
        if row is None and given:
            raise NotFound(
                f"Version {number} of this component does not exist.",
                hint="Its versions are listed with the component.",
            )
        return row

    @extend_schema(parameters=[VERSION], responses=RelatedSerializer(many=True))
    @action(detail=True, url_path="references", pagination_class=None, filterset_class=None)
    def references(self, request: Request, pk: str) -> Response:
        """What a version uses, one level, at most 500."""
        component = self.get_object()
        row = self._version(component, request.query_params.get("version", ""))
        number = row.version if row else component.version
        return _related(component_queries.children(component, number))

    @extend_schema(responses=RelatedSerializer(many=True))
    @action(detail=True, url_path="where-used", pagination_class=None, filterset_class=None)
    def where_used(self, request: Request, pk: str) -> Response:
        """Components whose current version uses it, one level, at most 500."""
        return _related(component_queries.parents(self.get_object()))


def _related(rows: list[Related]) -> Response:
    found = [
        {
            "component_id": row.component_id,
            "id": row.component.pk if row.component else None,
            "name": row.component.name if row.component else None,
            "type": row.component.type if row.component else None,
            "deleted": row.component.deleted if row.component else None,
            "reference": row.kind,
            "version": row.version,
        }
        for row in rows
    ]
    return Response(RelatedSerializer(found, many=True).data)


class PackageViewSet(PortalReadViewSet):
    """The packages of the accounts you see, deleted ones too unless you filter."""

    queryset = PackagedComponent.objects.select_related("account").defer("manifest")
    serializer_class = PackageSerializer
    filterset_class = PackageFilter
    ordering = "-created_at"
    ordering_fields = {"created_at": "created_at", "package_version": "package_version"}

    def get_serializer_class(self) -> type[PackageSerializer]:
        return PackageSerializer if self.action == "list" else PackageDetailSerializer

    def export(self, kind: str) -> StreamingHttpResponse:
        return component_exports.respond_packages(kind, self.selected())
