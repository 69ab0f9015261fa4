"""Where processes run, what is deployed there and when it is due."""

from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from boomi.models.accounts import Account


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
    branch_name = models.CharField(max_length=200, blank=True)
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
            models.Index(fields=["component_id", "-deployed_at"], name="deployment_component"),
            models.Index(fields=["account", "-deployed_at"], name="deployment_newest"),
            models.Index(fields=["package_id"], name="deployment_package"),
        ]

    def __str__(self) -> str:
        return f"{self.component_id} {self.package_version}"


class ProcessSchedule(models.Model):
    """When the platform runs a process on a runtime: ProcessSchedules and its status.

    `entries` are the platform's own parts: {minutes, hours, daysOfWeek, daysOfMonth, months,
    years}, each a text in cron style with 1 for Sunday. The platform names no time zone.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="schedules")
    schedule_id = models.CharField(max_length=200, help_text="Opaque id made of the next two.")
    process_id = models.CharField(max_length=80)
    runtime_id = models.CharField(max_length=80)
    entries = models.JSONField(default=list, encoder=DjangoJSONEncoder)
    retry_entries = models.JSONField(default=list, encoder=DjangoJSONEncoder)
    max_retry = models.PositiveSmallIntegerField(null=True, blank=True)
    enabled = models.BooleanField(null=True, help_text="Empty when the platform did not tell.")
    changed_at = models.DateTimeField(
        null=True, blank=True, help_text="When the mirror saw entries or status change."
    )
    gone_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ("process_id",)
        constraints = [
            models.UniqueConstraint(fields=["account", "schedule_id"], name="schedule_natural_key")
        ]
        indexes = [models.Index(fields=["process_id", "runtime_id"], name="schedule_process")]

    def __str__(self) -> str:
        return f"{self.process_id} on {self.runtime_id}"
