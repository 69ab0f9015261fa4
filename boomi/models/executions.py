"""Runs of processes and what is known of each."""

from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone

from boomi.models.accounts import Account


class ExecutionOutcome(models.TextChoices):
    """What the nine platform statuses mean for people; the raw one is kept beside it."""

    RUNNING = "running", "Running"
    SUCCESS = "success", "Success"
    ERROR = "error", "Error"
    CANCELLED = "cancelled", "Cancelled"


class LogState(models.TextChoices):
    """What is known of an execution's process log."""

    UNKNOWN = "unknown", "Not fetched"
    REQUESTED = "requested", "Requested"
    WAITING_RUNTIME = "waiting_runtime", "Waiting for the runtime"
    READY = "ready", "Stored"
    NONE_BY_DESIGN = "none", "No log by design"
    PURGED = "purged", "Purged"
    FAILED = "failed", "Could not be fetched"


class Execution(models.Model):
    """One run of a Boomi process, as ExecutionRecord tells it. Read-only for people."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="executions")
    execution_id = models.CharField(max_length=120)
    original_execution_id = models.CharField(max_length=120, blank=True)
    process_id = models.CharField(max_length=80, blank=True)
    process_name = models.CharField(max_length=300, blank=True)
    runtime_id = models.CharField(max_length=80, blank=True)
    runtime_name = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=30, help_text="Exactly as the platform says.")
    outcome = models.CharField(max_length=10, choices=ExecutionOutcome.choices)
    execution_type = models.CharField(max_length=40, blank=True)
    started_at = models.DateTimeField()
    recorded_at = models.DateTimeField(null=True, blank=True)
    duration_ms = models.BigIntegerField(null=True, blank=True)
    inbound_documents = models.IntegerField(null=True, blank=True)
    outbound_documents = models.IntegerField(null=True, blank=True)
    error_documents = models.IntegerField(null=True, blank=True)
    inbound_bytes = models.BigIntegerField(null=True, blank=True)
    outbound_bytes = models.BigIntegerField(null=True, blank=True)
    message = models.TextField(blank=True)
    parent_execution_id = models.CharField(max_length=120, blank=True)
    top_level_execution_id = models.CharField(max_length=120, blank=True)
    launcher_id = models.CharField(max_length=80, blank=True)
    node_id = models.CharField(max_length=200, blank=True)
    triggered_by = models.CharField(
        max_length=254, blank=True, help_text="Who started it by hand, as the audit log tells."
    )
    connectors_at = models.DateTimeField(
        null=True, blank=True, help_text="When its connectors were read; empty while they were not."
    )
    extra = models.JSONField(
        default=dict, encoder=DjangoJSONEncoder, help_text="Fields the portal does not know."
    )
    log_state = models.CharField(max_length=20, choices=LogState.choices, default=LogState.UNKNOWN)
    log_reason = models.CharField(max_length=500, blank=True)
    log_retry_at = models.DateTimeField(null=True, blank=True)
    log_file = models.ForeignKey(
        "boomi.LogFile", null=True, blank=True, on_delete=models.SET_NULL, related_name="executions"
    )
    first_seen_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-started_at", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "execution_id"], name="execution_natural_key"
            ),
        ]
        indexes = [
            # The list page: newest first, all accounts or one, with the filters people use.
            models.Index(fields=["-started_at", "-id"], name="execution_newest"),
            models.Index(fields=["account", "-started_at", "-id"], name="execution_account"),
            models.Index(fields=["outcome", "-started_at", "-id"], name="execution_outcome"),
            models.Index(fields=["process_id", "-started_at"], name="execution_process"),
            models.Index(fields=["status", "-started_at"], name="execution_status"),
            models.Index(fields=["execution_id"], name="execution_remote_id"),
            # The counts above the list are read from this index alone.
            models.Index(fields=["account", "status", "outcome"], name="execution_counts"),
            # Sync asks again for what was not final; the portal asks what waits for a runtime.
            models.Index(
                fields=["account", "started_at"], name="execution_unfinished",
                condition=models.Q(outcome="running"),
            ),
            models.Index(
                fields=["log_retry_at"], name="execution_log_waiting",
                # A condition that SQLite can prove although the state is a parameter.
                condition=models.Q(log_retry_at__isnull=False),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.process_name or 'Execution'} {self.started_at:%Y-%m-%d %H:%M:%S}"


class ExecutionConnector(models.Model):
    """What one connector of an execution did; read for failed runs."""

    execution = models.ForeignKey(Execution, on_delete=models.CASCADE, related_name="connectors")
    connector_id = models.CharField(max_length=500, help_text="Opaque; long base64.")
    name = models.CharField(max_length=300, blank=True)
    connector_type = models.CharField(max_length=100, blank=True)
    action_type = models.CharField(max_length=60, blank=True)
    record_type = models.CharField(
        max_length=30, blank=True, help_text="tradingpartner, connector, nodata or return."
    )
    success_count = models.IntegerField(null=True, blank=True)
    error_count = models.IntegerField(null=True, blank=True)
    bytes = models.BigIntegerField(null=True, blank=True)
    is_start = models.BooleanField(default=False)

    class Meta:
        ordering = ("-is_start", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["execution", "connector_id"], name="executionconnector_natural_key"
            )
        ]

    def __str__(self) -> str:
        return self.name or self.connector_type


class ExecutionSummary(models.Model):
    """A block of runs of a low-latency process, which leave no executions of their own.

    Times in ms, sizes in bytes; one row per (process, runtime, block, status, key, launcher).
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="summaries")
    process_id = models.CharField(max_length=80)
    process_name = models.CharField(max_length=300, blank=True)
    runtime_id = models.CharField(max_length=80, blank=True)
    runtime_name = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=30, blank=True)
    report_key = models.CharField(max_length=200, blank=True)
    launcher_id = models.CharField(max_length=80, blank=True)
    time_block = models.DateTimeField()
    executions = models.IntegerField(default=0)
    elapsed_ms = models.BigIntegerField(null=True, blank=True)
    max_elapsed_ms = models.BigIntegerField(null=True, blank=True)
    inbound_documents = models.IntegerField(null=True, blank=True)
    outbound_documents = models.IntegerField(null=True, blank=True)
    returned_documents = models.IntegerField(null=True, blank=True)
    inbound_bytes = models.BigIntegerField(null=True, blank=True)
    outbound_bytes = models.BigIntegerField(null=True, blank=True)
    returned_bytes = models.BigIntegerField(null=True, blank=True)
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ("-time_block",)
        verbose_name_plural = "execution summaries"
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "account", "process_id", "runtime_id", "time_block", "status",
                    "report_key", "launcher_id",
                ],
                name="executionsummary_natural_key",
            )
        ]  # fmt: skip
        indexes = [models.Index(fields=["account", "-time_block"], name="summary_newest")]

    def __str__(self) -> str:
        return f"{self.process_name} {self.time_block:%Y-%m-%d %H:%M}"

    @property
    def mean_ms(self) -> int | None:
        """The mean duration of a run of the block, rounded half up."""
        if self.elapsed_ms is None or not self.executions:
            return None
        return (2 * self.elapsed_ms + self.executions) // (2 * self.executions)


class ExecutionTally(models.Model):
    """How many executions a UTC day holds of one sort. The database keeps it, by triggers.

    Whoever writes executions, in whatever way, need not know of it; see `boomi.tally_sql`. Rows
    whose number fell to nothing may remain.
    """

    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, related_name="tallies", db_index=False
    )
    day = models.DateField()
    process_id = models.CharField(max_length=80)
    process_name = models.CharField(max_length=300)
    runtime_id = models.CharField(max_length=80)
    execution_type = models.CharField(max_length=40)
    status = models.CharField(max_length=30)
    outcome = models.CharField(max_length=10)
    runs = models.IntegerField()

    class Meta:
        verbose_name_plural = "execution tallies"
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "account", "day", "process_id", "process_name", "runtime_id",
                    "execution_type", "status", "outcome",
                ],
                name="executiontally_once",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.day} {self.process_name} {self.status}: {self.runs}"
