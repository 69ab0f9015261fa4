"""The JobRun row is the truth about background work; the queue only carries its id."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone

from common.states import Transitions


class JobStatus(models.TextChoices):
    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    WAITING = "waiting", "Waiting"
    SUCCEEDED = "succeeded", "Succeeded"
    FAILED = "failed", "Failed"
    ERRORED = "errored", "Errored"
    CANCELLED = "cancelled", "Cancelled"
    LOST = "lost", "Lost"


class Trigger(models.TextChoices):
    """What started a run. What the portal starts for its own upkeep is "system"."""

    MANUAL = "manual", "By hand"
    SCHEDULE = "schedule", "By schedule"
    WEBHOOK = "webhook", "By webhook"
    EVENT = "event", "By an event"
    SYSTEM = "system", "By the portal"


LIVE = frozenset({JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.WAITING})
FINAL = frozenset(JobStatus) - LIVE


class JobRun(models.Model):
    """One run of a registered job.

    queued → running → (waiting → queued →)* succeeded | failed | errored | cancelled | lost.
    *failed* is told by the job (a sentence for people); *errored* is a bug (a traceback for
    us); *lost* means its worker died more often than the job allows.
    """

    class Queue(models.TextChoices):
        NOW = "now", "Now"
        LATER = "later", "Later"

    TRANSITIONS: ClassVar[Transitions] = {
        JobStatus.QUEUED: frozenset({JobStatus.RUNNING, JobStatus.CANCELLED, JobStatus.LOST}),
        JobStatus.RUNNING: frozenset(set(JobStatus) - {JobStatus.RUNNING}),
        JobStatus.WAITING: frozenset({JobStatus.QUEUED, JobStatus.CANCELLED}),
        **{status: frozenset() for status in FINAL},
    }

    job = models.CharField(max_length=80)
    title = models.CharField(max_length=200)
    queue = models.CharField(max_length=10, choices=Queue.choices, default=Queue.LATER)
    params = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    key = models.CharField(max_length=200, blank=True, help_text="At most one live run per key.")
    status = models.CharField(max_length=10, choices=JobStatus.choices, default=JobStatus.QUEUED)

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="job_runs",
    )
    actor_text = models.CharField(max_length=254)
    request_id = models.CharField(max_length=64, blank=True)
    audience = models.CharField(
        max_length=60, blank=True, help_text='Who may see it beside its owner, such as "account:7".'
    )
    subject_url = models.CharField(max_length=300, blank=True)
    automation = models.ForeignKey(
        "scheduling.Automation",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="runs",
    )
    trigger = models.CharField(max_length=10, choices=Trigger.choices, default=Trigger.MANUAL)
    dry_run = models.BooleanField(default=False)

    created_at = models.DateTimeField(default=timezone.now)
    run_at = models.DateTimeField(default=timezone.now)
    dispatched_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    fence = models.PositiveIntegerField(default=0)
    worker = models.CharField(max_length=120, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(
        default=0, help_text="Slices begun since the last step forward."
    )
    tries = models.PositiveIntegerField(default=0, help_text="Repeats after a passing fault.")
    slices = models.PositiveIntegerField(default=0)
    cancel_asked_at = models.DateTimeField(null=True, blank=True)

    cursor = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    phase = models.CharField(max_length=80, blank=True)
    percent = models.PositiveSmallIntegerField(null=True, blank=True)
    detail = models.CharField(max_length=300, blank=True)
    summary = models.CharField(max_length=500, blank=True)
    result = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    error_code = models.CharField(max_length=60, blank=True)
    error_message = models.CharField(max_length=1000, blank=True)
    error_hint = models.CharField(max_length=500, blank=True)
    traceback = models.TextField(blank=True)
    records_done = models.PositiveBigIntegerField(default=0)
    records_failed = models.PositiveBigIntegerField(default=0)
    retry_of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="retries"
    )
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("-id",)
        verbose_name = "job"
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                condition=~models.Q(key="") & models.Q(status__in=["queued", "running", "waiting"]),
                name="jobrun_one_live_per_key",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "run_at"], name="jobrun_due"),
            models.Index(fields=["job", "-id"], name="jobrun_job"),
            models.Index(fields=["owner", "-id"], name="jobrun_owner"),
            models.Index(fields=["audience", "-id"], name="jobrun_audience"),
            models.Index(fields=["automation", "-id"], name="jobrun_automation"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_final(self) -> bool:
        return self.status in FINAL

    @property
    def took_ms(self) -> int | None:
        """From its first slice to its end or, while it is live, until now; pauses included."""
        if self.started_at is None:
            return None
        end = self.finished_at or timezone.now()
        return max(0, int((end - self.started_at).total_seconds() * 1000))


class JobLogLine(models.Model):
    """What a job says while it works; the newest few hundred are kept per run."""

    run = models.ForeignKey(JobRun, on_delete=models.CASCADE, related_name="log_lines")
    at = models.DateTimeField(default=timezone.now)
    level = models.CharField(max_length=10, default="info")
    text = models.CharField(max_length=1000)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.text


class JobRecordError(models.Model):
    """Why one record of a run could not be handled; the first hundred are kept per run."""

    run = models.ForeignKey(JobRun, on_delete=models.CASCADE, related_name="record_errors")
    record = models.CharField(max_length=300, help_text="What it was about, for people.")
    url = models.CharField(max_length=300, blank=True)
    message = models.CharField(max_length=1000)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.record}: {self.message}"


class Heartbeat(models.Model):
    """Sign of life of a part of the portal: "clock", "queue:now", "queue:later"."""

    name = models.CharField(max_length=60, unique=True)
    at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)
    detail = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return self.name
