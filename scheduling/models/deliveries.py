"""Notifications: who is told over which channel, and every message as a row of the outbox."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone

from common.models import Team
from common.states import Transitions


class NotificationChannel(models.Model):
    """A way to reach people: so far mail to a list of addresses."""

    class Kind(models.TextChoices):
        MAIL = "mail", "E-mail"

    name = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.MAIL)
    recipients = models.JSONField(default=list, encoder=DjangoJSONEncoder, help_text="Addresses.")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="channels"
    )
    team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="channels"
    )
    enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class OptOut(models.Model):
    """An address that wants no more mail of a channel, or of the whole portal."""

    address = models.CharField(max_length=254)
    channel = models.ForeignKey(
        NotificationChannel, null=True, blank=True, on_delete=models.CASCADE, related_name="optouts"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["address", "channel"],
                name="optout_once_per_channel",
                condition=models.Q(channel__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["address"],
                name="optout_once",
                condition=models.Q(channel__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.address


class Delivery(models.Model):
    """One message to one address: written in the transaction that caused it, sent afterwards.

    queued → sending → sent; back to queued after a failure that may pass, failed after the
    last try; cancelled by a person. `key` keeps one cause from being told twice.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", "Queued"
        SENDING = "sending", "Being sent"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    TRANSITIONS: ClassVar[Transitions] = {
        Status.QUEUED: frozenset({Status.SENDING, Status.CANCELLED}),
        Status.SENDING: frozenset({Status.SENT, Status.QUEUED, Status.FAILED}),
        Status.SENT: frozenset(),
        Status.FAILED: frozenset({Status.QUEUED}),
        Status.CANCELLED: frozenset(),
    }

    channel = models.ForeignKey(
        NotificationChannel,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="deliveries",
    )
    address = models.CharField(max_length=254)
    subject = models.CharField(max_length=250)
    text = models.TextField()
    html = models.TextField(blank=True)
    key = models.CharField(max_length=200, blank=True)
    audience = models.CharField(max_length=60, blank=True)
    subject_url = models.CharField(max_length=300, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.QUEUED)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(default=timezone.now)
    claimed_until = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("-id",)
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["key", "address"], name="delivery_once_per_key", condition=~models.Q(key="")
            )
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"], name="delivery_due",
                condition=models.Q(status__in=["queued", "sending"]),
            ),
            models.Index(fields=["channel", "-id"], name="delivery_channel"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.subject} to {self.address}"
