"""What the platform noticed and what people did there: events and its own audit log."""

from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from boomi.models.accounts import Account


class PlatformEvent(models.Model):
    """An Event; the platform forgets it after seven days."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="events")
    event_id = models.CharField(max_length=120)
    level = models.CharField(max_length=10, blank=True, help_text="INFO, WARNING or ERROR.")
    type = models.CharField(
        max_length=40,
        blank=True,
        help_text="atom.status, process.execution, process.missedSchedule or user.notification.",
    )
    at = models.DateTimeField()
    status = models.CharField(max_length=200, blank=True)
    title = models.CharField(max_length=500, blank=True)
    error = models.TextField(blank=True)
    error_type = models.CharField(max_length=20, blank=True, help_text="DOCUMENT or PROCESS.")
    step_label = models.CharField(max_length=200, blank=True)
    step_type = models.CharField(max_length=60, blank=True)
    execution_id = models.CharField(max_length=120, blank=True)
    process_name = models.CharField(max_length=300, blank=True)
    runtime_id = models.CharField(max_length=80, blank=True)
    runtime_name = models.CharField(max_length=200, blank=True)
    environment_name = models.CharField(max_length=200, blank=True)
    classification = models.CharField(max_length=10, blank=True)
    inbound_documents = models.IntegerField(null=True, blank=True)
    outbound_documents = models.IntegerField(null=True, blank=True)
    error_documents = models.IntegerField(null=True, blank=True)
    recorded_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ("-at", "-id")
        verbose_name = "event"
        constraints = [
            models.UniqueConstraint(fields=["account", "event_id"], name="event_natural_key")
        ]
        indexes = [
            models.Index(fields=["account", "-at"], name="event_newest"),
            models.Index(fields=["execution_id"], name="event_execution"),
        ]

    def __str__(self) -> str:
        return self.title or f"{self.type} {self.status}"


class PlatformAuditEntry(models.Model):
    """An AuditLog entry; values that may hold secrets are blanked before it is stored."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="audit_entries")
    document_id = models.CharField(max_length=80)
    at = models.DateTimeField()
    user = models.CharField(max_length=254, blank=True)
    message = models.TextField(blank=True)
    type = models.CharField(max_length=60, blank=True)
    action = models.CharField(max_length=40, blank=True)
    modifier = models.CharField(max_length=40, blank=True)
    level = models.CharField(max_length=10, blank=True)
    source = models.CharField(max_length=20, blank=True)
    container_id = models.CharField(max_length=120, blank=True)
    properties = models.JSONField(
        default=list, encoder=DjangoJSONEncoder, help_text="[{name, value, previous}]"
    )
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ("-at", "-id")
        verbose_name = "platform audit entry"
        verbose_name_plural = "platform audit entries"
        constraints = [
            models.UniqueConstraint(
                fields=["account", "document_id"], name="auditentry_natural_key"
            )
        ]
        indexes = [
            models.Index(fields=["account", "-at"], name="auditentry_newest"),
            models.Index(fields=["account", "type", "-at"], name="auditentry_type"),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.type} {self.action}"
