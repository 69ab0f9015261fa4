"""What happened in an account: platform events, its audit log, schedules, low-latency runs."""

from __future__ import annotations

import django_filters
from rest_framework import serializers

from boomi.api.landscape import OfAccountFilter
from boomi.models import ExecutionSummary, PlatformAuditEntry, PlatformEvent, ProcessSchedule
from boomi.platform_schedules import all_words
from common.api.views import PortalReadViewSet
from common.filters import MomentFilter


class EventSerializer(serializers.ModelSerializer[PlatformEvent]):
    account_id = serializers.CharField(source="account.account_id", read_only=True)

    class Meta:
        model = PlatformEvent
        fields = (
            "id", "account_id", "event_id", "level", "type", "at", "status", "title", "error",
            "error_type", "step_label", "step_type", "execution_id", "process_name",
            "runtime_id", "runtime_name", "environment_name", "classification",
            "inbound_documents", "outbound_documents", "error_documents", "recorded_at",
        )  # fmt: skip


class EventFilter(OfAccountFilter):
    q = django_filters.CharFilter("title", "icontains", label="Part of the title")
    after = MomentFilter("at", "gte", label="At or after")
    before = MomentFilter("at", "lt", label="Before")

    class Meta:
        model = PlatformEvent
        fields = ("level", "type", "status", "execution_id", "runtime_id", "process_name")


class EventViewSet(PortalReadViewSet):
    """Events of the platform; it forgets them after seven days, the mirror does not."""

    queryset = PlatformEvent.objects.select_related("account")
    serializer_class = EventSerializer
    filterset_class = EventFilter
    ordering = "-at"
    ordering_fields = {"at": "at"}


class AuditEntrySerializer(serializers.ModelSerializer[PlatformAuditEntry]):
    account_id = serializers.CharField(source="account.account_id", read_only=True)

    class Meta:
        model = PlatformAuditEntry
        fields = (
            "id", "account_id", "document_id", "at", "user", "message", "type", "action",
            "modifier", "level", "source", "container_id", "properties",
        )  # fmt: skip


class AuditEntryFilter(OfAccountFilter):
    q = django_filters.CharFilter("message", "icontains", label="Part of the message")
    after = MomentFilter("at", "gte", label="At or after")
    before = MomentFilter("at", "lt", label="Before")

    class Meta:
        model = PlatformAuditEntry
        fields = ("user", "type", "action", "modifier", "level", "source", "container_id")


class AuditEntryViewSet(PortalReadViewSet):
    """The platform's own audit log; values that may be secrets were blanked."""

    queryset = PlatformAuditEntry.objects.select_related("account")
    serializer_class = AuditEntrySerializer
    filterset_class = AuditEntryFilter
    ordering = "-at"
    ordering_fields = {"at": "at"}


class ProcessScheduleSerializer(serializers.ModelSerializer[ProcessSchedule]):
    account_id = serializers.CharField(source="account.account_id", read_only=True)
    words = serializers.SerializerMethodField(help_text="Each entry in plain words.")

    class Meta:
        model = ProcessSchedule
        fields = (
            "id", "account_id", "schedule_id", "process_id", "runtime_id", "entries", "words",
            "retry_entries", "max_retry", "enabled", "changed_at", "gone_at", "seen_at",
        )  # fmt: skip

    def get_words(self, schedule: ProcessSchedule) -> list[str]:
        return all_words(schedule.entries)


class ProcessScheduleFilter(OfAccountFilter):
    gone = django_filters.BooleanFilter(
        "gone_at", "isnull", exclude=True, label="No longer on the platform"
    )

    class Meta:
        model = ProcessSchedule
        fields = ("process_id", "runtime_id", "enabled")


class ProcessScheduleViewSet(PortalReadViewSet):
    """When the platform runs processes; it names no time zone."""

    queryset = ProcessSchedule.objects.select_related("account")
    serializer_class = ProcessScheduleSerializer
    filterset_class = ProcessScheduleFilter
    ordering = "process_id"
    ordering_fields = {"process_id": "process_id", "changed_at": "changed_at"}


class SummarySerializer(serializers.ModelSerializer[ExecutionSummary]):
    account_id = serializers.CharField(source="account.account_id", read_only=True)

    class Meta:
        model = ExecutionSummary
        fields = (
            "id", "account_id", "process_id", "process_name", "runtime_id", "runtime_name",
            "status", "report_key", "launcher_id", "time_block", "executions", "elapsed_ms",
            "max_elapsed_ms", "inbound_documents", "outbound_documents", "returned_documents",
            "inbound_bytes", "outbound_bytes", "returned_bytes",
        )  # fmt: skip


class SummaryFilter(OfAccountFilter):
    after = MomentFilter("time_block", "gte", label="Block at or after")
    before = MomentFilter("time_block", "lt", label="Block before")

    class Meta:
        model = ExecutionSummary
        fields = ("process_id", "process_name", "runtime_id", "status")


class SummaryViewSet(PortalReadViewSet):
    """Blocks of runs of low-latency processes, which leave no executions of their own."""

    queryset = ExecutionSummary.objects.select_related("account")
    serializer_class = SummarySerializer
    filterset_class = SummaryFilter
    ordering = "-time_block"
    ordering_fields = {"time_block": "time_block"}
