"""Components, their versions and documents, what uses what, and packages of them."""

from __future__ import annotations

import zlib

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone

from boomi.models.accounts import Account


class Folder(models.Model):
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="folders")
    folder_id = models.CharField(max_length=80)
    name = models.CharField(max_length=200)
    full_path = models.CharField(max_length=1000, blank=True)
    parent_id = models.CharField(max_length=80, blank=True)
    deleted = models.BooleanField(default=False)
    gone_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ("full_path",)
        constraints = [
            models.UniqueConstraint(fields=["account", "folder_id"], name="folder_natural_key")
        ]

    def __str__(self) -> str:
        return self.full_path or self.name


class Component(models.Model):
    """A component as its current version on the main branch shows it."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="components")
    component_id = models.CharField(max_length=80)
    name = models.CharField(max_length=300)
    type = models.CharField(max_length=40, help_text="The platform's name, such as transform.map.")
    sub_type = models.CharField(max_length=100, blank=True)
    version = models.IntegerField(default=0)
    deleted = models.BooleanField(default=False)
    folder_id = models.CharField(max_length=80, blank=True)
    folder_name = models.CharField(max_length=200, blank=True)
    copied_from_id = models.CharField(max_length=80, blank=True)
    copied_from_version = models.IntegerField(null=True, blank=True)
    branch_name = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(null=True, blank=True)
    created_by = models.CharField(max_length=254, blank=True)
    modified_at = models.DateTimeField(null=True, blank=True)
    modified_by = models.CharField(max_length=254, blank=True)
    references_version = models.IntegerField(
        null=True, blank=True, help_text="The version whose references are mirrored."
    )
    document_due_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When the stored document counts as old; empty while there is none.",
    )
    document_error = models.CharField(max_length=500, blank=True)
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ("name", "component_id")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "component_id"], name="component_natural_key"
            )
        ]
        indexes = [
            models.Index(fields=["account", "type", "name"], name="component_type"),
            models.Index(fields=["account", "-modified_at"], name="component_modified"),
            models.Index(fields=["component_id"], name="component_remote_id"),
            models.Index(fields=["name"], name="component_name"),
        ]

    def __str__(self) -> str:
        return self.name


class ComponentDocument(models.Model):
    """The XML of a component version, secrets blanked before it is stored; equal ones once."""

    sha256 = models.CharField(max_length=64, unique=True)
    packed = models.BinaryField(help_text="zlib of the UTF-8 text.")
    size = models.PositiveIntegerField(help_text="Bytes of the text.")
    blanked = models.PositiveIntegerField(default=0, help_text="Secrets that were blanked.")
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.sha256[:12]

    @property
    def text(self) -> str:
        return zlib.decompress(bytes(self.packed)).decode()


class ComponentVersion(models.Model):
    """One revision; the number counts over all branches of the component."""

    component = models.ForeignKey(Component, on_delete=models.CASCADE, related_name="versions")
    version = models.IntegerField()
    name = models.CharField(max_length=300, blank=True)
    branch_id = models.CharField(max_length=80, blank=True)
    branch_name = models.CharField(max_length=200, blank=True)
    current = models.BooleanField(default=False)
    deleted = models.BooleanField(default=False)
    modified_at = models.DateTimeField(null=True, blank=True)
    modified_by = models.CharField(max_length=254, blank=True)
    document = models.ForeignKey(
        ComponentDocument, null=True, blank=True, on_delete=models.SET_NULL, related_name="versions"
    )
    document_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-version",)
        constraints = [
            models.UniqueConstraint(
                fields=["component", "version"], name="componentversion_natural_key"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


class ComponentReference(models.Model):
    """Version `parent_version` of the parent uses `component_id`; ids of the platform."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="references")
    parent_component_id = models.CharField(max_length=80)
    parent_version = models.IntegerField()
    component_id = models.CharField(max_length=80)
    type = models.CharField(max_length=20, blank=True, help_text="DEPENDENT or INDEPENDENT.")
    current = models.BooleanField(
        default=True, help_text="Whether this is the parent's current version."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "parent_component_id", "parent_version", "component_id"],
                name="componentreference_natural_key",
            )
        ]
        indexes = [
            models.Index(fields=["account", "component_id"], name="reference_used"),
        ]

    def __str__(self) -> str:
        return f"{self.parent_component_id} v{self.parent_version} uses {self.component_id}"


class PackagedComponent(models.Model):
    """A package: one component version and everything it depends on, pinned."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="packages")
    package_id = models.CharField(max_length=80)
    package_version = models.CharField(max_length=120, blank=True)
    component_id = models.CharField(max_length=80)
    component_version = models.IntegerField(null=True, blank=True)
    component_type = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(null=True, blank=True)
    created_by = models.CharField(max_length=254, blank=True)
    notes = models.TextField(blank=True)
    shareable = models.BooleanField(null=True)
    deleted = models.BooleanField(default=False)
    branch_name = models.CharField(max_length=200, blank=True)
    manifest = models.JSONField(
        null=True,
        blank=True,
        encoder=DjangoJSONEncoder,
        help_text="[{id, version}] of everything inside; empty while it was not read.",
    )
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "package_id"], name="packagedcomponent_natural_key"
            )
        ]
        indexes = [
            models.Index(fields=["component_id", "-created_at"], name="package_component"),
            models.Index(fields=["account", "-created_at"], name="package_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.component_id} {self.package_version}"
