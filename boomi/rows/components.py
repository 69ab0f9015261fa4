"""Components, their versions, references, folders and packages as rows.

Every function writes one batch inside the caller's transaction, writes only what changed, and
is safe to repeat.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db.models import QuerySet

from boomi.client import (
    ComponentMetadataRecord,
    FolderRecord,
    ManifestRecord,
    PackageRecord,
    ReferenceRecord,
)
from boomi.models import (
    Component,
    ComponentReference,
    ComponentVersion,
    Folder,
    PackagedComponent,
)
from boomi.rows.columns import SMALL, clean, clean_json, fitting
from boomi.rows.upserts import Stored, upsert

# What else is known of a component is not the platform's list to change.
_KEPT = ("references_version", "document_due_at", "document_error")
_REFERENCE_KEY = ("account", "parent_version", "component_id", "parent_component_id")

Rank = tuple[bool, int]


def store_folders(account_pk: int, records: Sequence[FolderRecord], now: datetime) -> Stored:
    """Folders, deleted ones included."""
    rows = [
        Folder(
            account_id=account_pk,
            folder_id=clean(record.folder_id, 80),
            name=clean(record.name, 200),
            full_path=clean(record.full_path, 1000),
            parent_id=clean(record.parent_id, 80),
            deleted=bool(record.deleted),
            seen_at=now,
        )
        for record in records
    ]
    return upsert(Folder, rows, ("account", "folder_id"))


def store_components(
    account_pk: int, records: Iterable[ComponentMetadataRecord], now: datetime
) -> Stored:
    """Versions in any order: each is a ComponentVersion, the current one makes the Component.

    Until the current version of a component was seen, its newest known one stands for it. A
    stored document counts as old from when the component's version changed. `added` are the ids
    of new components; `seen`, `new` and `changed` count versions.
    """
    versions = {
        (clean(record.component_id, 80), record.version): record
        for record in records
        if record.version is not None
    }
    newest: dict[str, ComponentMetadataRecord] = {}
    for (name, _), record in versions.items():
        if name not in newest or _rank(record) > _rank(newest[name]):
            newest[name] = record
    known = _known(account_pk, newest)
    leading = {
        name: record
        for name, record in newest.items()
        if name not in known or _rank(record) >= known[name]
    }
    rows = [_component(account_pk, record, now) for record in leading.values()]
    components = upsert(Component, rows, ("account", "component_id"), kept=_KEPT)
    moved = [
        name for name, record in leading.items() if known.get(name, (True, 0))[1] < _rank(record)[1]
    ]
    _of(account_pk, moved).exclude(document_due_at=None).update(document_due_at=now)
    keys = dict(_of(account_pk, list(newest)).values_list("component_id", "pk"))
    current = {name: _rank(record)[1] for name, record in leading.items() if record.current}
    _dethrone(keys, current)
    stored = upsert(
        ComponentVersion,
        [
            _version(keys[name], record, known.get(name, (False, 0)), current.get(name))
            for (name, _), record in versions.items()
        ],
        ("version", "component"),
        kept=("document", "document_at"),
    )
    return Stored(stored.seen, stored.new, stored.changed, added=components.added)


def _rank(record: ComponentMetadataRecord) -> Rank:
    return record.current is True, record.version or 0


def _of(account_pk: int, names: Sequence[str]) -> QuerySet[Component]:
    return Component.objects.filter(account_id=account_pk, component_id__in=names).order_by()


def _known(account_pk: int, names: Iterable[str]) -> dict[str, Rank]:
    """Whether the component's row shows a current version, and which version it shows."""
    rows = _of(account_pk, list(names))
    shown = dict(rows.values_list("component_id", "version"))
    current = ComponentVersion.objects.filter(component__in=rows, current=True).order_by()
    reigning = dict(current.values_list("component__component_id", "version"))
    return {name: (name in reigning, version) for name, version in shown.items()}


def _component(account_pk: int, record: ComponentMetadataRecord, now: datetime) -> Component:
    return Component(
        account_id=account_pk,
        component_id=clean(record.component_id, 80),
        name=clean(record.name, 300),
        type=clean(record.component_type, 40),
        sub_type=clean(record.sub_type, 100),
        version=record.version or 0,
        deleted=bool(record.deleted),
        folder_id=clean(record.folder_id, 80),
        folder_name=clean(record.folder_name, 200),
        copied_from_id=clean(record.copied_from_component_id, 80),
        copied_from_version=fitting(record.copied_from_version, SMALL),
        branch_name=clean(record.branch_name, 200),
        created_at=record.created_at,
        created_by=clean(record.created_by, 254),
        modified_at=record.modified_at,
        modified_by=clean(record.modified_by, 254),
        seen_at=now,
    )


def _dethrone(keys: Mapping[str, int], current: Mapping[str, int]) -> None:
    """Earlier versions are not current any more; the platform does not list them again."""
    reigning = {keys[name]: version for name, version in current.items()}
    rows = ComponentVersion.objects.filter(component_id__in=list(reigning), current=True)
    stale = [
        pk
        for pk, component_pk, version in rows.order_by().values_list(
            "pk", "component_id", "version"
        )
        if version < reigning[component_pk]
    ]
    if stale:
        ComponentVersion.objects.filter(pk__in=stale).update(current=False)


def _version(
    component_pk: int, record: ComponentMetadataRecord, known: Rank, leader: int | None
) -> ComponentVersion:
    """An older answer that comes late calls a version current that is so no longer."""
    version = record.version or 0
    reigns, shown = known
    newest = leader if leader is not None else shown if reigns else version
    return ComponentVersion(
        component_id=component_pk,
        version=version,
        name=clean(record.name, 300),
        branch_id=clean(record.branch_id, 80),
        branch_name=clean(record.branch_name, 200),
        current=record.current is True and version >= newest,
        deleted=bool(record.deleted),
        modified_at=record.modified_at,
        modified_by=clean(record.modified_by, 254),
    )


def store_references_of(
    account_pk: int, parent_id: str, version: int, records: Iterable[ReferenceRecord]
) -> Stored:
    """All that the current version of one parent uses; what older ones used is history."""
    rows = [_reference(account_pk, parent_id, version, record) for record in records]
    stored = upsert(ComponentReference, rows, _REFERENCE_KEY)
    used = {row.component_id for row in rows}
    current = _current(account_pk).filter(parent_component_id=parent_id)
    _expire(current, {(parent_id, version, name) for name in used})
    return stored


def store_users_of(account_pk: int, users: Mapping[str, Sequence[ReferenceRecord]]) -> Stored:
    """All that use these components, each in its current version."""
    rows = [
        _reference(account_pk, record.parent_id, record.parent_version or 0, record)
        for records in users.values()
        for record in records
    ]
    stored = upsert(ComponentReference, rows, _REFERENCE_KEY)
    current = _current(account_pk).filter(component_id__in=list(users))
    _expire(
        current, {(row.parent_component_id, row.parent_version, row.component_id) for row in rows}
    )
    return stored


def _current(account_pk: int) -> QuerySet[ComponentReference]:
    return ComponentReference.objects.filter(account_id=account_pk, current=True).order_by()


def _reference(
    account_pk: int, parent_id: str, version: int, record: ReferenceRecord
) -> ComponentReference:
    return ComponentReference(
        account_id=account_pk,
        parent_component_id=clean(parent_id, 80),
        parent_version=version,
        component_id=clean(record.component_id, 80),
        type=clean(record.type, 20),
        current=True,
    )


def _expire(rows: QuerySet[ComponentReference], told: set[tuple[str, int, str]]) -> None:
    listed = rows.values_list("pk", "parent_component_id", "parent_version", "component_id")
    stale = [pk for pk, *key in listed if tuple(key) not in told]
    if stale:
        ComponentReference.objects.filter(pk__in=stale).update(current=False)


def store_packages(account_pk: int, records: Iterable[PackageRecord], now: datetime) -> Stored:
    """Packages, deleted ones included; what is inside each is read apart."""
    rows = [
        PackagedComponent(
            account_id=account_pk,
            package_id=clean(record.package_id, 80),
            package_version=clean(record.package_version, 120),
            component_id=clean(record.component_id, 80),
            component_version=fitting(record.component_version, SMALL),
            component_type=clean(record.component_type, 40),
            created_at=record.created_at,
            created_by=clean(record.created_by, 254),
            notes=clean(record.notes, None),
            shareable=record.shareable,
            deleted=bool(record.deleted),
            branch_name=clean(record.branch_name, 200),
            seen_at=now,
        )
        for record in records
    ]
    return upsert(PackagedComponent, rows, ("account", "package_id"), kept=("manifest",))


def store_manifests(
    account_pk: int, asked: Sequence[str], manifests: Mapping[str, ManifestRecord]
) -> int:
    """What is inside the packages that were asked for; returns how many were told.

    One the platform does not tell gets an empty list, which no package has, so that it is not
    asked again and again.
    """
    rows = list(
        PackagedComponent.objects.filter(account_id=account_pk, package_id__in=asked).order_by("pk")
    )
    for row in rows:
        told = manifests.get(row.package_id)
        items = told.items if told else ()
        row.manifest = [
            clean_json({"id": item.component_id, "version": item.version}) for item in items
        ]
    PackagedComponent.objects.bulk_update(rows, ["manifest"])
    return sum(bool(row.manifest) for row in rows)
