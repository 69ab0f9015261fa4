"""Admin of the rest of the mirror: groups, schedules, events, audit entries, completeness."""

from __future__ import annotations

from django.contrib import admin

from boomi.models import (
    AccountGroup,
    Circuit,
    CompletenessCheck,
    ExecutionConnector,
    ExecutionSummary,
    PlatformAuditEntry,
    PlatformEvent,
    ProcessSchedule,
)
from common.model_admin import ReadOnlyAdmin


@admin.register(AccountGroup)
class AccountGroupAdmin(ReadOnlyAdmin):
    list_display = ("name", "account", "is_default", "alert_level", "seen_at", "gone_at")
    list_filter = ("account",)
    search_fields = ("name", "=group_id")
    list_select_related = ("account",)


@admin.register(ProcessSchedule)
class ProcessScheduleAdmin(ReadOnlyAdmin):
    list_display = ("process_id", "runtime_id", "account", "enabled", "changed_at", "gone_at")
    list_filter = ("account", "enabled")
    search_fields = ("=process_id", "=runtime_id")
    list_select_related = ("account",)


@admin.register(PlatformEvent)
class PlatformEventAdmin(ReadOnlyAdmin):
    list_display = ("at", "account", "level", "type", "status", "process_name", "title")
    list_filter = ("level", "type", "account", ("at", admin.DateFieldListFilter))
    search_fields = ("title", "process_name", "=event_id", "=execution_id")
    list_select_related = ("account",)


@admin.register(PlatformAuditEntry)
class PlatformAuditEntryAdmin(ReadOnlyAdmin):
    list_display = ("at", "account", "user", "type", "action", "source", "message")
    list_filter = ("type", "action", "account", ("at", admin.DateFieldListFilter))
    search_fields = ("message", "user", "=document_id")
    list_select_related = ("account",)


@admin.register(ExecutionSummary)
class ExecutionSummaryAdmin(ReadOnlyAdmin):
    list_display = ("time_block", "account", "process_name", "status", "executions")
    list_filter = ("status", "account", ("time_block", admin.DateFieldListFilter))
    search_fields = ("process_name", "=process_id")
    list_select_related = ("account",)


@admin.register(ExecutionConnector)
class ExecutionConnectorAdmin(ReadOnlyAdmin):
    list_display = ("name", "connector_type", "action_type", "success_count", "error_count")
    search_fields = ("name", "=execution__execution_id")
    raw_id_fields = ("execution",)


@admin.register(CompletenessCheck)
class CompletenessCheckAdmin(ReadOnlyAdmin):
    list_display = ("account", "kind", "day", "on_platform", "mirrored", "repairs", "checked_at")
    list_filter = ("kind", "account")
    list_select_related = ("account",)


@admin.register(Circuit)
class CircuitAdmin(ReadOnlyAdmin):
    list_display = ("account_id", "state", "state_since", "failures", "retry_at", "reason")
    list_filter = ("state",)
