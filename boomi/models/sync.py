"""How far the mirror has come, and whether it is complete."""

from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone

from boomi.models.accounts import Account


class SyncMark(models.Model):
    """How far the mirror of one kind of fact has come for one account.

    `cursor` is the page token and window of an unfinished pass, committed with each page, so
    that a kill costs one page. `watermark` moves only when a pass is complete.
    """

    class Kind(models.TextChoices):
        ACCOUNT = "account", "Account"
        ENVIRONMENTS = "environments", "Environments"
        RUNTIMES = "runtimes", "Runtimes"
        EXECUTIONS = "executions", "Executions"
        CONNECTORS = "connectors", "Connectors of failed runs"
        SUMMARIES = "summaries", "Low-latency summaries"
        EVENTS = "events", "Events"
        DEPLOYMENTS = "deployments", "Deployments"
        PACKAGES = "packages", "Packages"
        FOLDERS = "folders", "Folders"
        COMPONENTS = "components", "Components"
        REFERENCES = "references", "References"
        SCHEDULES = "schedules", "Schedules"
        AUDIT_LOG = "audit_log", "Audit log"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="sync_marks")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    watermark = models.DateTimeField(null=True, blank=True)
    cursor = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    rows = models.BigIntegerField(default=0)
    completed_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True)
    due_at = models.DateTimeField(
        null=True, blank=True, help_text="When the next pass is due; empty means now."
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "kind"], name="syncmark_once")]

    def __str__(self) -> str:
        return f"{self.account} {self.kind}"


class CompletenessCheck(models.Model):
    """The platform's own count of one kind on one day against the mirror's.

    `day` is a UTC day as yyyy-MM-dd, "" where the count is of the whole. `mirrored` may be
    larger: the platform forgets, the mirror does not.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="completeness")
    kind = models.CharField(max_length=20, choices=SyncMark.Kind.choices)
    day = models.CharField(max_length=10, blank=True)
    on_platform = models.BigIntegerField()
    mirrored = models.BigIntegerField()
    repairs = models.PositiveSmallIntegerField(
        default=0, help_text="How often the gap was read again."
    )
    checked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("kind", "-day")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "kind", "day"],
                name="completeness_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.day}: {self.mirrored} of {self.on_platform}"

    @property
    def missing(self) -> int:
        return max(0, self.on_platform - self.mirrored)
