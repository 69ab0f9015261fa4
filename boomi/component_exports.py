"""Components and packages as rows of a CSV or JSON download."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import StreamingHttpResponse

from boomi.models import Component, PackagedComponent
from common import exports

COLUMNS = (
    "id", "account_id", "component_id", "name", "type", "sub_type", "version", "deleted",
    "folder_id", "folder_name", "branch_name", "copied_from_id", "copied_from_version",
    "created_at", "created_by", "modified_at", "modified_by", "seen_at",
)  # fmt: skip
PACKAGE_COLUMNS = (
    "id", "account_id", "package_id", "package_version", "component_id", "component_version",
    "component_type", "created_at", "created_by", "notes", "shareable", "deleted", "branch_name",
    "seen_at",
)  # fmt: skip
FIELDS = {"account_id": "account__account_id"}


def respond(kind: str, components: QuerySet[Component]) -> StreamingHttpResponse:
    """Everything `components` selects; times are UTC in ISO 8601."""
    fields = {name: FIELDS.get(name, name) for name in COLUMNS}
    return exports.respond_plain(kind, "components", fields, components)


def respond_packages(kind: str, packages: QuerySet[PackagedComponent]) -> StreamingHttpResponse:
    fields = {name: FIELDS.get(name, name) for name in PACKAGE_COLUMNS}
    return exports.respond_plain(kind, "packages", fields, packages)
