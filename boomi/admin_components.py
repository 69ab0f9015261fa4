"""Admin of mirrored components: to look at, never to edit."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from boomi.models import (
    Component,
    ComponentDocument,
    ComponentReference,
    ComponentVersion,
    Folder,
    PackagedComponent,
)
from common.model_admin import ReadOnlyAdmin, pretty_json


@admin.register(Folder)
class FolderAdmin(ReadOnlyAdmin):
    list_display = ("name", "full_path", "account", "deleted", "seen_at", "gone_at")
    list_filter = ("deleted", "account")
    search_fields = ("full_path", "=folder_id")
    list_select_related = ("account",)


@admin.register(Component)
class ComponentAdmin(ReadOnlyAdmin):
    portal_page = "component"
    list_display = (
        "name", "type", "version", "account", "folder_name", "deleted", "modified_at",
        "modified_by",
    )  # fmt: skip
    list_filter = ("type", "deleted", "account", ("modified_at", admin.DateFieldListFilter))
    search_fields = ("name", "=component_id", "folder_name")
    list_select_related = ("account",)
    ordering = ("name", "pk")


@admin.register(ComponentVersion)
class ComponentVersionAdmin(ReadOnlyAdmin):
    list_display = (
        "component", "version", "branch_name", "current", "deleted", "modified_at", "modified_by",
        "document_at",
    )  # fmt: skip
    list_filter = ("current", "deleted", ("modified_at", admin.DateFieldListFilter))
    search_fields = ("name", "=component__component_id")
    list_select_related = ("component",)
    ordering = ("-pk",)


@admin.register(ComponentDocument)
class ComponentDocumentAdmin(ReadOnlyAdmin):
    """Without the document itself, which its component's page shows."""

    list_display = ("sha256", "size", "blanked", "created_at")
    list_filter = (("created_at", admin.DateFieldListFilter),)
    search_fields = ("=sha256",)
    ordering = ("-pk",)
    fields = ("sha256", "size", "blanked", "created_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ComponentDocument]:
        documents: QuerySet[ComponentDocument] = super().get_queryset(request)
        return documents.defer("packed")


@admin.register(ComponentReference)
class ComponentReferenceAdmin(ReadOnlyAdmin):
    list_display = (
        "parent_component_id", "parent_version", "component_id", "type", "current", "account",
    )  # fmt: skip
    list_filter = ("current", "type", "account")
    search_fields = ("=parent_component_id", "=component_id")
    list_select_related = ("account",)
    ordering = ("-pk",)


@admin.register(PackagedComponent)
class PackagedComponentAdmin(ReadOnlyAdmin):
    list_display = (
        "component_id", "package_version", "component_type", "account", "created_at",
        "created_by", "deleted",
    )  # fmt: skip
    list_filter = ("deleted", "component_type", "account",
                   ("created_at", admin.DateFieldListFilter))  # fmt: skip
    search_fields = ("package_version", "=component_id", "=package_id")
    list_select_related = ("account",)
    ordering = ("-created_at", "-pk")
    fields = (
        "account", "package_id", "package_version", "component_id", "component_version",
        "component_type", "created_at", "created_by", "notes", "shareable", "deleted",
        "branch_name", "content", "seen_at",
    )  # fmt: skip

    @admin.display(description="manifest")
    def content(self, package: PackagedComponent) -> str:
        return pretty_json(package.manifest)
