"""Accounts, who may see them, and the credentials that open them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone

from common.fields import EncryptedTextField
from common.models import Team
from common.states import Transitions


class Account(models.Model):
    """A Boomi account, sub-accounts included."""

    account_id = models.CharField("account id", max_length=120, unique=True)
    name = models.CharField(max_length=200, blank=True)
    status = models.CharField(
        max_length=20, blank=True, help_text="As the platform says: active, trial, suspended …"
    )
    support_level = models.CharField(max_length=20, blank=True)
    platform_created_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    licensing = models.JSONField(
        default=dict, encoder=DjangoJSONEncoder, help_text="{kind: {purchased, used}}"
    )
    facts_seen_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("name", "account_id")

    def __str__(self) -> str:
        return self.name or self.account_id


class AccountGrant(models.Model):
    """Lets a team see an account that it has no connection of its own for."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="grants")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="account_grants")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "team"], name="accountgrant_once"),
        ]

    def __str__(self) -> str:
        return f"{self.team} sees {self.account}"


class ConnectionState(models.TextChoices):
    UNVERIFIED = "unverified", "Unverified"
    OK = "ok", "Connected"
    FAILING = "failing", "Failing"


class Connection(models.Model):
    """A credential: user name and token of an authenticating account."""

    class Purpose(models.TextChoices):
        MONITORING = "monitoring", "Monitoring"
        PROMOTION = "promotion", "Promotion"

    class EnvironmentClass(models.TextChoices):
        PRODUCTION = "production", "Production"
        TEST = "test", "Test"
        DEVELOPMENT = "development", "Development"

    TRANSITIONS: ClassVar[Transitions] = {
        ConnectionState.UNVERIFIED: frozenset({ConnectionState.OK, ConnectionState.FAILING}),
        ConnectionState.OK: frozenset({ConnectionState.FAILING, ConnectionState.UNVERIFIED}),
        ConnectionState.FAILING: frozenset({ConnectionState.OK, ConnectionState.UNVERIFIED}),
    }

    name = models.CharField(max_length=120)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="connections")
    base_url = models.CharField("platform address", max_length=200)
    username = models.CharField(
        "user name", max_length=200, help_text="The e-mail address the token belongs to."
    )
    token = EncryptedTextField("API token", label="boomi.connection.token")
    token_set_at = models.DateTimeField(default=timezone.now, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="connections"
    )
    team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="connections",
        help_text="Members of this team see the account too.",
    )  # fmt: skip
    purpose = models.CharField(max_length=12, choices=Purpose.choices, default=Purpose.MONITORING)
    environment_class = models.CharField(
        max_length=12, choices=EnvironmentClass.choices, default=EnvironmentClass.PRODUCTION
    )
    enabled = models.BooleanField(default=True, help_text="A disabled connection is not synced.")
    status = models.CharField(
        max_length=12,
        choices=ConnectionState.choices,
        default=ConnectionState.UNVERIFIED,
        editable=False,
    )
    status_since = models.DateTimeField(default=timezone.now, editable=False)
    status_code = models.CharField(max_length=60, blank=True, editable=False)
    status_reason = models.CharField(max_length=500, blank=True, editable=False)
    rights = models.JSONField(default=list, editable=False)
    checked_at = models.DateTimeField(null=True, editable=False)
    proved_at = models.DateTimeField(
        null=True,
        editable=False,
        help_text="First successful test of this user at this address; opens the account.",
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "account"],
                name="connection_one_per_owner_and_account",
                violation_error_message="You already have a connection to this account.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AccountGroup(models.Model):
    """A group of accounts that a parent account manages together."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="groups")
    group_id = models.CharField(max_length=80)
    name = models.CharField(max_length=200)
    is_default = models.BooleanField(default=False)
    alert_level = models.CharField(max_length=20, blank=True)
    resources = models.JSONField(
        default=list, encoder=DjangoJSONEncoder, help_text="[{id, name, type}]"
    )
    gone_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(fields=["account", "group_id"], name="accountgroup_natural_key")
        ]

    def __str__(self) -> str:
        return self.name
