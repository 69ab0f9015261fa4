"""Accounts and what the portal mirrors of them.

A mirrored fact belongs to an Account and is found by (account, remote id), however many
connections reach the account. A Connection is a credential with an owner.
"""

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


class Environment(models.Model):
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="environments")
    environment_id = models.CharField(max_length=80)
    name = models.CharField(max_length=200)
    classification = models.CharField(
        max_length=10, blank=True, help_text="PROD or TEST, as the platform says."
    )
    gone_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(
                fields=["account", "environment_id"], name="environment_natural_key"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Runtime(models.Model):
    """What the API calls an Atom: where processes run."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="runtimes")
    runtime_id = models.CharField(max_length=80)
    name = models.CharField(max_length=200)
    status = models.CharField(
        max_length=20, blank=True, help_text="UNKNOWN, ONLINE, WARNING or OFFLINE."
    )
    status_since = models.DateTimeField(null=True, blank=True)
    type = models.CharField(max_length=20, blank=True)
    host_name = models.CharField(max_length=200, blank=True)
    version = models.CharField(max_length=60, blank=True)
    purge_days = models.PositiveSmallIntegerField(null=True, blank=True)
    environments = models.ManyToManyField(Environment, related_name="runtimes", blank=True)
    gone_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(fields=["account", "runtime_id"], name="runtime_natural_key"),
        ]

    def __str__(self) -> str:
        return self.name


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
    extra = models.JSONField(
        default=dict, encoder=DjangoJSONEncoder, help_text="Fields the portal does not know."
    )
    log_state = models.CharField(max_length=20, choices=LogState.choices, default=LogState.UNKNOWN)
    log_reason = models.CharField(max_length=500, blank=True)
    log_retry_at = models.DateTimeField(null=True, blank=True)
    log_file = models.ForeignKey(
        "LogFile", null=True, blank=True, on_delete=models.SET_NULL, related_name="executions"
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
                condition=models.Q(log_state="waiting_runtime"),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.process_name or 'Execution'} {self.started_at:%Y-%m-%d %H:%M:%S}"


class Deployment(models.Model):
    """One row of DeployedPackage: the deployment history of an environment."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="deployments")
    deployment_id = models.CharField(max_length=80)
    environment_id = models.CharField(max_length=80)
    component_id = models.CharField(max_length=80)
    component_type = models.CharField(max_length=40, blank=True)
    component_version = models.IntegerField(null=True, blank=True)
    package_id = models.CharField(max_length=80, blank=True)
    package_version = models.CharField(max_length=120, blank=True)
    version = models.IntegerField(null=True, blank=True)
    active = models.BooleanField(default=False)
    deployed_at = models.DateTimeField()
    deployed_by = models.CharField(max_length=254, blank=True)
    notes = models.TextField(blank=True)
    listener_status = models.CharField(max_length=20, blank=True)
    # How analysis says "since promotion #41" without knowing the promotion app.
    promotion_number = models.CharField(max_length=40, blank=True)
    promotion_person = models.CharField(max_length=254, blank=True)
    promotion_url = models.CharField(max_length=300, blank=True)
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ("-deployed_at",)
        constraints = [
            models.UniqueConstraint(
                fields=["account", "deployment_id"], name="deployment_natural_key"
            ),
        ]
        indexes = [
            models.Index(fields=["component_id", "-deployed_at"], name="deployment_component")
        ]

    def __str__(self) -> str:
        return f"{self.component_id} {self.package_version}"


class SyncMark(models.Model):
    """How far the mirror of one kind of fact has come for one account.

    `cursor` is the page token and window of an unfinished pass, committed with each page, so
    that a kill costs one page. `watermark` moves only when a pass is complete.
    """

    class Kind(models.TextChoices):
        ENVIRONMENTS = "environments", "Environments"
        RUNTIMES = "runtimes", "Runtimes"
        EXECUTIONS = "executions", "Executions"
        DEPLOYMENTS = "deployments", "Deployments"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="sync_marks")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    watermark = models.DateTimeField(null=True, blank=True)
    cursor = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    rows = models.BigIntegerField(default=0)
    completed_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "kind"], name="syncmark_once")]

    def __str__(self) -> str:
        return f"{self.account} {self.kind}"


class LogFile(models.Model):
    """A stored log: independent gzip members of about 1 MiB and where each begins.

    Content-addressed: equal logs are stored once. `index` is a list of
    [first line (1-based), offset, length] per member; `created_at` is about when equal bytes
    were stored last.
    """

    sha256 = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    storage_key = models.CharField(max_length=200)
    size = models.BigIntegerField(help_text="Bytes of the log itself.")
    stored_size = models.BigIntegerField()
    lines = models.BigIntegerField()
    encoding = models.CharField(max_length=20, default="utf-8")
    index = models.JSONField(default=list)
    retention = models.CharField(max_length=20, default="normal")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.name


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
