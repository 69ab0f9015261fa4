"""Calls to the platform: what was asked, how often it may be asked, and whether it is up."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class ApiCall(models.Model):
    """One HTTP attempt against the platform. Never holds a header, a body or a token."""

    at = models.DateTimeField()
    account_id = models.CharField(max_length=120)
    override_account = models.CharField(max_length=120, blank=True)
    connection_id = models.BigIntegerField(null=True)
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=300)
    status = models.PositiveSmallIntegerField(null=True)
    duration_ms = models.PositiveIntegerField()
    attempt = models.PositiveSmallIntegerField(default=1)
    request_bytes = models.PositiveIntegerField(default=0)
    response_bytes = models.PositiveBigIntegerField(default=0)
    purpose = models.CharField(max_length=20, blank=True)
    service = models.CharField(
        max_length=20, default="boomi", help_text="Which remote system was called."
    )
    feature = models.CharField(
        max_length=40, blank=True, help_text='What it was for: "sync.executions", "log.fetch" …'
    )
    error = models.CharField(max_length=300, blank=True)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("-id",)
        verbose_name = "API call"
        indexes = [
            models.Index(fields=["at"], name="apicall_at"),
            models.Index(fields=["account_id", "at"], name="apicall_account"),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.status or self.error}"


class CallCount(models.Model):
    """How many calls of one sort an hour saw, added up as they happen; survives their rows.

    `outcome` is 2xx, 3xx, 4xx, 429, 503, 5xx, "broken" for an answer that could not be read and
    "none" for no answer. What is older than the charts reach back is added to the row of the
    year 1970, so that the sums only ever grow.
    """

    hour = models.DateTimeField()
    service = models.CharField(max_length=20)
    account_id = models.CharField(max_length=120)
    feature = models.CharField(max_length=40, blank=True)
    purpose = models.CharField(max_length=20, blank=True)
    outcome = models.CharField(max_length=10)
    final = models.BooleanField(help_text="No further attempt of the same call followed.")
    calls = models.BigIntegerField(default=0)
    duration_ms = models.BigIntegerField(default=0)
    response_bytes = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "hour", "account_id", "service", "feature", "purpose", "outcome", "final",
                ],
                name="callcount_once",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H} {self.account_id} {self.feature} {self.outcome}"


class LimiterState(models.Model):
    """The shared call limiter of one charged account: two sliding windows and the leases.

    Times are Unix seconds of the database clock. See `boomi.limiter`.
    """

    account_id = models.CharField(max_length=120, primary_key=True)
    hits = models.JSONField(default=list)
    background_hits = models.JSONField(default=list)
    leases = models.JSONField(default=dict)
    not_before = models.FloatField(default=0)

    def __str__(self) -> str:
        return self.account_id


class Circuit(models.Model):
    """Whether the platform answers for one charged account; while open, nobody calls it.

    closed → open after several failures in a row → half open once `retry_at` has come, for one
    trial call → closed or open again. See `boomi.breaker`.
    """

    class State(models.TextChoices):
        CLOSED = "closed", "Answering"
        OPEN = "open", "Not called"
        HALF_OPEN = "half_open", "Being tried"

    account_id = models.CharField(max_length=120, primary_key=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.CLOSED)
    state_since = models.DateTimeField(default=timezone.now)
    failures = models.PositiveIntegerField(default=0, help_text="In a row, since the last answer.")
    openings = models.PositiveIntegerField(default=0, help_text="In a row, without a good trial.")
    retry_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return f"{self.account_id} {self.state}"
