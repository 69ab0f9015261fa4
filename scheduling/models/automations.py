"""Work that starts by itself: automations, their schedules, and every time one was due."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone

from scheduling.models.jobs import JobRun


class Automation(models.Model):
    """What is to be done, with which parameters and for whom; how it starts stands elsewhere.

    `kind` names an entry of `scheduling.kinds`. Started by its schedules, by hand, by webhook
    or by an event of the portal.
    """

    name = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=60)
    parameters = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="automations"
    )
    audience = models.CharField(
        max_length=60, blank=True, help_text='Who sees it beside its owner, such as "account:7".'
    )
    notes = models.CharField(max_length=500, blank=True)
    enabled = models.BooleanField(default=True)
    on_event = models.CharField(
        max_length=60, blank=True, help_text="The event of the portal that starts it."
    )
    channel = models.ForeignKey(
        "scheduling.NotificationChannel",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="automations",
        help_text="Who is told when a run finds failures or fails itself.",
    )
    webhook_hash = models.CharField(max_length=64, blank=True, editable=False)
    webhook_prefix = models.CharField(max_length=16, blank=True, editable=False)
    webhook_set_at = models.DateTimeField(null=True, blank=True, editable=False)
    memory = models.JSONField(
        default=dict,
        encoder=DjangoJSONEncoder,
        editable=False,
        help_text="What its job remembers from run to run.",
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("name",)
        indexes = [models.Index(fields=["on_event"], name="automation_event")]

    def __str__(self) -> str:
        return self.name


class Schedule(models.Model):
    """When an automation starts: a cron expression of five fields in a time zone.

    `next_due_at` is empty while the schedule or its automation is switched off. The field is
    moved on by a conditional update together with the Occurrence it stood for.
    """

    class Overlap(models.TextChoices):
        SKIP = "skip", "Skip the new start"
        WAIT = "wait", "Start once the running one has ended"
        ALLOW = "allow", "Start beside the running one"

    class CatchUp(models.TextChoices):
        SKIP = "skip", "Forget missed starts"
        ONCE = "once", "Start once for all missed ones"
        EACH = "each", "Make up for each, at most 24"

    automation = models.ForeignKey(Automation, on_delete=models.CASCADE, related_name="schedules")
    cron = models.CharField(max_length=120)
    zone = models.CharField("time zone", max_length=60, default="UTC")
    enabled = models.BooleanField(default=True)
    overlap = models.CharField(max_length=10, choices=Overlap.choices, default=Overlap.SKIP)
    catch_up = models.CharField(max_length=10, choices=CatchUp.choices, default=CatchUp.ONCE)
    paused_until = models.DateTimeField(null=True, blank=True)
    pause_reason = models.CharField(max_length=300, blank=True)
    paused_by = models.CharField(max_length=254, blank=True)
    next_due_at = models.DateTimeField(null=True, blank=True)
    last_due_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("automation", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["automation", "cron", "zone"],
                name="schedule_once_per_automation",
                violation_error_message="The automation has this schedule already.",
            )
        ]
        indexes = [models.Index(fields=["next_due_at"], name="schedule_due")]

    def __str__(self) -> str:
        return f"{self.automation}: {self.cron} {self.zone}"

    def is_paused_at(self, moment: datetime) -> bool:
        """Whether a start due then would be left out; a pause without an end has no date."""
        if not self.paused_by:
            return False
        return self.paused_until is None or moment < self.paused_until


class Occurrence(models.Model):
    """One due time of a schedule and what became of it; there is never a second for one time.

    Starts left out one after the other for one and the same reason share a row: `times` counts
    them and `due_at` is the latest, so that a pause of a month is not a row per minute.
    """

    class Outcome(models.TextChoices):
        STARTED = "started", "Started"
        WAITING = "waiting", "Waits for the running one"
        OVERLAPPED = "overlapped", "Skipped: the one before still ran"
        PAUSED = "paused", "Skipped: paused"
        MISSED = "missed", "Missed: the portal was down"
        MERGED = "merged", "Missed: made up for by a later one"
        REFUSED = "refused", "Refused"

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="occurrences")
    due_at = models.DateTimeField()
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    note = models.CharField(max_length=300, blank=True)
    times = models.PositiveIntegerField(default=1, help_text="Due times this row stands for.")
    run = models.ForeignKey(
        JobRun, null=True, blank=True, on_delete=models.SET_NULL, related_name="occurrences"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-due_at",)
        constraints = [
            models.UniqueConstraint(fields=["schedule", "due_at"], name="occurrence_once")
        ]
        indexes = [
            models.Index(
                fields=["schedule"], name="occurrence_waiting",
                condition=models.Q(outcome="waiting"),
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.schedule} at {self.due_at:%Y-%m-%d %H:%M}"
