"""Admin of what is mirrored: to look at, never to edit. The platform is the truth."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from boomi.models import (
    ApiCall,
    Deployment,
    Environment,
    Execution,
    LimiterState,
    LogFile,
    Runtime,
    SyncMark,
)
from common.model_admin import ReadOnlyAdmin, pretty_json


class GoneFilter(admin.SimpleListFilter):
    title = "on the platform"
    parameter_name = "gone"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", "Still there"), ("yes", "Gone")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in {"yes", "no"}:
            return queryset
        return queryset.filter(gone_at__isnull=self.value() == "no")


@admin.register(Environment)
class EnvironmentAdmin(ReadOnlyAdmin):
    list_display = ("name", "account", "classification", "seen_at", "gone_at")
    list_filter = (GoneFilter, "account")
    search_fields = ("name", "=environment_id")
    list_select_related = ("account",)
    fields = ("account", "environment_id", "name", "classification", "seen_at", "gone_at")


@admin.register(Runtime)
class RuntimeAdmin(ReadOnlyAdmin):
    list_display = ("name", "account", "status", "type", "version", "seen_at", "gone_at")
    list_filter = (GoneFilter, "account")
    search_fields = ("name", "host_name", "=runtime_id")
    list_select_related = ("account",)
    fields = (
        "account", "runtime_id", "name", "status", "status_since", "type", "host_name", "version",
        "purge_days", "environments", "seen_at", "gone_at",
    )  # fmt: skip


@admin.register(Execution)
class ExecutionAdmin(ReadOnlyAdmin):
    portal_page = "execution"
    list_display = (
        "process_name", "account", "runtime_name", "status", "outcome", "execution_type",
        "started_at", "duration_ms", "log_state",
    )  # fmt: skip
    list_filter = ("outcome", "log_state", "account", ("started_at", admin.DateFieldListFilter))
    search_fields = ("process_name", "=execution_id", "=process_id")
    list_select_related = ("account",)
    ordering = ("-started_at", "-id")
    fieldsets = (
        (None, {"fields": (
            "account", "execution_id", "process_name", "process_id", "status", "outcome",
            "message", "execution_type", "started_at", "duration_ms", "recorded_at",
        )}),
        ("Where", {"fields": ("runtime_name", "runtime_id", "node_id", "launcher_id")}),
        ("Documents", {"fields": (
            "inbound_documents", "outbound_documents", "error_documents", "inbound_bytes",
            "outbound_bytes",
        )}),
        ("Log", {"fields": ("log_state", "log_reason", "log_retry_at", "log_file")}),
        ("Relations", {"fields": (
            "original_execution_id", "parent_execution_id", "top_level_execution_id",
        )}),
        ("Mirror", {"fields": ("first_seen_at", "seen_at", "other_fields")}),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Execution]:
        executions: QuerySet[Execution] = super().get_queryset(request)
        match = request.resolver_match
        is_list = match is not None and str(match.url_name).endswith("_changelist")
        return executions.defer("extra", "message") if is_list else executions

    @admin.display(description="fields without a name here")
    def other_fields(self, execution: Execution) -> str:
        return pretty_json(execution.extra)


@admin.register(Deployment)
class DeploymentAdmin(ReadOnlyAdmin):
    list_display = (
        "component_id", "package_version", "account", "environment_id", "active", "deployed_at",
        "deployed_by",
    )  # fmt: skip
    list_filter = ("active", "account", ("deployed_at", admin.DateFieldListFilter))
    search_fields = ("=component_id", "=deployment_id", "=package_id", "package_version")
    list_select_related = ("account",)
    ordering = ("-deployed_at", "-id")
    exclude = ("promotion_number", "promotion_person", "promotion_url")


@admin.register(SyncMark)
class SyncMarkAdmin(ReadOnlyAdmin):
    list_display = ("account", "kind", "rows", "watermark", "completed_at", "error")
    list_display_links = ("account", "kind")
    list_filter = ("kind", "account")
    list_select_related = ("account",)
    ordering = ("account", "kind")
    fields = ("account", "kind", "rows", "watermark", "completed_at", "error", "position")

    @admin.display(description="cursor")
    def position(self, mark: SyncMark) -> str:
        return pretty_json(mark.cursor)


@admin.register(LogFile)
class LogFileAdmin(ReadOnlyAdmin):
    list_display = ("name", "size", "stored_size", "lines", "encoding", "retention", "created_at")
    list_filter = ("retention", ("created_at", admin.DateFieldListFilter))
    search_fields = ("name", "=sha256")
    fields = (
        "name", "sha256", "storage_key", "size", "stored_size", "lines", "encoding", "retention",
        "created_at",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[LogFile]:
        # The index of a large log has thousands of entries and nobody reads it here.
        files: QuerySet[LogFile] = super().get_queryset(request)
        return files.defer("index")


class AnswerFilter(admin.SimpleListFilter):
    title = "answer"
    parameter_name = "answer"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("ok", "Succeeded"), ("refused", "Refused (4xx, 5xx)"), ("none", "No answer")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        conditions = {"ok": Q(status__lt=400), "refused": Q(status__gte=400)}
        conditions["none"] = Q(status=None)
        wanted = conditions.get(str(self.value()))
        return queryset if wanted is None else queryset.filter(wanted)


@admin.register(ApiCall)
class ApiCallAdmin(ReadOnlyAdmin):
    list_display = (
        "at", "account_id", "method", "path", "status", "duration_ms", "attempt", "purpose",
        "error",
    )  # fmt: skip
    list_display_links = ("at", "path")
    list_filter = (AnswerFilter, ("at", admin.DateFieldListFilter))
    search_fields = ("path", "=account_id", "=request_id")
    ordering = ("-id",)


@admin.register(LimiterState)
class LimiterStateAdmin(ReadOnlyAdmin):
    list_display = ("account_id", "not_before")
    fields = ("account_id", "not_before", "calls_in_window", "calls_under_way")

    @admin.display(description="calls in the window")
    def calls_in_window(self, state: LimiterState) -> int:
        return len(state.hits)

    @admin.display(description="calls under way")
    def calls_under_way(self, state: LimiterState) -> int:
        return len(state.leases)
