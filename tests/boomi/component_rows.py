"""Mirrored components for tests, and the hand-written documents of tests/data/components."""

from __future__ import annotations

import hashlib
import zlib
from datetime import timedelta
from pathlib import Path

from boomi.models import (
    Account,
    Component,
    ComponentDocument,
    ComponentReference,
    ComponentVersion,
    Folder,
    PackagedComponent,
)
from tests.boomi.rows import START

DOCUMENTS = Path(__file__).resolve().parents[1] / "data" / "components"


def component_document(name: str) -> str:
    """The text of one of the sample documents, such as "crossref-01-country-region"."""
    return (DOCUMENTS / f"{name}.xml").read_text(encoding="utf-8")


def envelope(kind: str, content: str, *, extra: str = "", secrets: str = "") -> str:
    """A component of one line around `content`, as the platform sends it."""
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><bns:Component '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xmlns:bns="http://api.platform.boomi.com/" componentId="c-1" version="3" name="Made" '
        f'type="{kind}" deleted="false" currentVersion="true"><bns:encryptedValues>{secrets}'
        f"</bns:encryptedValues><bns:description/><bns:object>{content}</bns:object>{extra}"
        "</bns:Component>"
    )


def make_folder(account: Account, number: int = 1, **fields: object) -> Folder:
    values = {
        "folder_id": f"folder-{number}",
        "name": f"Folder {number}",
        "full_path": f"Northwind/Folder {number}",
        "seen_at": START,
        **fields,
    }
    return Folder.objects.create(account=account, **values)


def component(account: Account, number: int = 1, **fields: object) -> Component:
    values: dict[str, object] = {
        "component_id": f"component-{number}",
        "name": f"Component {number}",
        "type": "process",
        "version": 3,
        "modified_at": START - timedelta(minutes=number),
        "modified_by": "dev@northwind.example",
        "seen_at": START,
        **fields,
    }
    return Component(account=account, **values)


def make_component(account: Account, number: int = 1, **fields: object) -> Component:
    row = component(account, number, **fields)
    row.save(force_insert=True)
    return row


def make_version(
    component: Component, number: int | None = None, **fields: object
) -> ComponentVersion:
    version = component.version if number is None else number
    values = {
        "name": component.name, "current": version == component.version, "modified_at": START,
        "branch_name": "main", **fields,
    }  # fmt: skip
    return ComponentVersion.objects.create(component=component, version=version, **values)


def make_document(text: str) -> ComponentDocument:
    raw = text.encode()
    return ComponentDocument.objects.create(
        sha256=hashlib.sha256(raw).hexdigest(), packed=zlib.compress(raw), size=len(raw)
    )


def make_reference(
    account: Account, parent: str, child: str, version: int = 3, **fields: object
) -> ComponentReference:
    return ComponentReference.objects.create(
        account=account, parent_component_id=parent, parent_version=version, component_id=child,
        **{"type": "DEPENDENT", **fields},
    )  # fmt: skip


def make_package(account: Account, number: int = 1, **fields: object) -> PackagedComponent:
    values = {
        "package_id": f"package-{number}", "package_version": f"1.{number}",
        "component_id": "component-1", "component_type": "process", "created_at": START,
        "seen_at": START, **fields,
    }  # fmt: skip
    return PackagedComponent.objects.create(account=account, **values)
