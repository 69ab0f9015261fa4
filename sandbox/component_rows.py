"""Rows of components: their versions, what they use, their folders, processes and connectors."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache

from sandbox.clock import stamp
from sandbox.company import CRM_DEV, PRIMARY, Account, stable_id
from sandbox.components import DRAWINGS, Component, account_named
from sandbox.people import PEOPLE
from sandbox.process_form import Content
from sandbox.references import Reference, references_in
from sandbox.revisions import aged
from sandbox.store import ObjectRow
from sandbox.wire import Json, dump

ALWAYS, NEVER = "0000", "9999"
_MAIN = {PRIMARY.account_id: "QjoxMDAwMQ"}
_DEV_MAIN = "QjoxMjM0NTY"
_CONNECTORS = {
    "http": "HTTP Client",
    "database": "Database (Legacy)",
    "sftp": "SFTP",
    "wss": "Web Services Server",
    "officialboomi-X3979C-rest-prod": "REST Client",
}
_DELETED_FOLDERS = ((PRIMARY, "Old releases"), (CRM_DEV, "CRM/Lead trial"))


def row(
    kind: str,
    account: str,
    id_: str,
    values: dict[str, Json],
    *,
    since: str = ALWAYS,
    until: str = NEVER,
    extra: dict[str, Json] | None = None,
) -> ObjectRow:
    """A row of the objects table; values that are None are left out."""
    body = dump({"@type": kind, **{k: v for k, v in values.items() if v is not None}})
    return kind, account, id_, since, until, body, dump(extra or {})


def main_branch(account_id: str) -> str:
    return _MAIN.get(account_id, _DEV_MAIN)


def dates_of(component_id: str, versions: int, epoch: datetime) -> list[datetime]:
    """Dates of the revisions, oldest first; the id spreads them."""
    spread = int(component_id[:4], 16) % 97
    return [
        epoch - timedelta(days=240 + spread - (200 * n) // versions, hours=spread % 9 + n)
        for n in range(versions)
    ]


# --- folders ------------------------------------------------------------------


def folder_id(account_id: str, path: str) -> str:
    """Unpadded base64 of `F:` and a number, as the platform writes it."""
    number = 8_000_000 + zlib.crc32(f"{account_id}/{path}".encode()) % 1_000_000
    return base64.b64encode(f"F:{number}".encode()).decode().rstrip("=")


def full_path(account: Account, path: str) -> str:
    return f"{account.name}/{path}" if path else account.name


def folder_rows(components: Iterable[Component]) -> Iterator[ObjectRow]:
    """Every folder on the way to a component, below the account's own."""
    paths: dict[str, set[str]] = {}
    for component in components:
        parts = component.folder.split("/")
        known = paths.setdefault(component.account_id, set())
        known |= {"/".join(parts[: depth + 1]) for depth in range(len(parts))}
    for account_id, found in paths.items():
        for path in sorted(found):
            yield _folder(account_named(account_id), path, deleted=False)


def other_folders(accounts: Iterable[Account]) -> Iterator[ObjectRow]:
    """The accounts' own folders, and two that were deleted."""
    for account in accounts:
        yield _folder(account, "", deleted=False)
    for account, path in _DELETED_FOLDERS:
        yield _folder(account, path, deleted=True)


def _folder(account: Account, path: str, *, deleted: bool) -> ObjectRow:
    above, _, name = path.rpartition("/")
    role: Json = {
        "@type": "RoleReference",
        "id": stable_id("role", f"{account.account_id}/Administrator"),
        "name": "Administrator",
    }
    values: dict[str, Json] = {
        "id": folder_id(account.account_id, path),
        "name": name or account.name,
        "fullPath": full_path(account, path),
        "deleted": deleted,
    }
    if path:
        values["parentId"] = folder_id(account.account_id, above)
        values["parentName"] = above.rpartition("/")[2] or account.name
    values["PermittedRoles"] = {"@type": "PermittedRoles", "RoleReference": [role]}
    extra: dict[str, Json] = {"accountId": account.account_id, "permittedRoles": "Administrator"}
    return row("Folder", account.account_id, str(values["id"]), values, extra=extra)


# --- versions -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Version:
    """One revision: its number, how many versions it lies behind the newest, its span."""

    number: int
    age: int
    since: str
    until: str
    deleted: bool


def versions_of(component: Component, dates: list[datetime]) -> list[Version]:
    last = len(dates)
    return [
        Version(
            number,
            last - number,
            stamp(date),
            stamp(dates[number]) if number < last else NEVER,
            component.deleted and number == last,
        )
        for number, date in enumerate(dates, start=1)
    ]


def component_rows(component: Component, dates: list[datetime]) -> Iterator[ObjectRow]:
    """Metadata and references of every version, and the Process if it is one."""
    for version in versions_of(component, dates):
        yield from metadata_rows(component, dates[0], version)
        used = _uses(component.component_id, version.age)
        yield from reference_rows(component.account_id, component.component_id, version, used)
    if component.type == "process" and not component.deleted:
        yield _process(component, dates[0])


@cache
def builders_of(account_id: str) -> tuple[str, ...]:
    """The users of an account who change components; whoever there is, where nobody builds."""
    roles = ("Administrator", "Developer")
    able = [p.user for p in PEOPLE if p.account_id == account_id and p.role in roles]
    return tuple(able) or tuple(p.user for p in PEOPLE if p.account_id == account_id)


def metadata_rows(
    component: Component, created: datetime, version: Version, *, drawing: int | None = None
) -> Iterator[ObjectRow]:
    """One version while it is current, and afterwards.

    `drawing` numbers a component that is drawn from its number (`bulk`).
    """
    account = component.account_id
    builders, first = builders_of(account), int(component.component_id[:2], 16)
    copied = component.copied_from
    values: dict[str, Json] = {
        "componentId": component.component_id,
        "version": version.number,
        "name": component.name,
        "type": component.type,
        "subType": component.sub_type or None,
        "createdDate": stamp(created),
        "createdBy": builders[first % len(builders)],
        "modifiedDate": version.since,
        "modifiedBy": builders[(first + version.number - 1) % len(builders)],
        "deleted": version.deleted,
        "currentVersion": True,
        "folderName": component.folder.rpartition("/")[2],
        "folderId": folder_id(account, component.folder),
        "copiedFromComponentId": copied[0] if copied else None,
        "copiedFromComponentVersion": copied[1] if copied else None,
        "branchName": "main",
        "branchId": main_branch(account),
    }
    extra: dict[str, Json] = {
        "accountId": account,
        "age": version.age,
        "path": full_path(account_named(account), component.folder),
    }
    if drawing is not None:
        extra["drawing"] = drawing
    kind, id_ = "ComponentMetadata", component.component_id
    yield row(kind, account, id_, values, since=version.since, until=version.until, extra=extra)
    if version.until != NEVER:
        values["currentVersion"] = False
        yield row(kind, account, id_, values, since=version.until, extra=extra)


def content_at(component_id: str, age: int) -> Content:
    """The content of a listed component, `age` versions back. Raises KeyError."""
    type_, draw = DRAWINGS[component_id]
    return aged(type_, draw(), age)


@lru_cache(maxsize=4_096)
def _uses(component_id: str, age: int) -> tuple[Reference, ...]:
    content = content_at(component_id, age)
    parts = (part for part in (content.object_xml, content.overrides) if part)
    return references_in(component_id, *parts)


def reference_rows(
    account: str, parent_id: str, version: Version, used: Iterable[Reference]
) -> Iterator[ObjectRow]:
    """What one version uses. `id` of the row is the used component.

    `currentUntil` ends the time in which users of that component include this one.
    """
    for reference in used:
        values: dict[str, Json] = {
            "@type": "references",
            "parentComponentId": parent_id,
            "parentVersion": version.number,
            "componentId": reference.component_id,
            "type": reference.type,
            "branchId": main_branch(account),
        }
        extra: dict[str, Json] = {
            "parentComponentId": parent_id,
            "parentVersion": version.number,
            "type": reference.type,
            "currentUntil": ALWAYS if version.deleted else version.until,
        }
        yield row(
            "ComponentReference",
            account,
            reference.component_id,
            {"references": [values]},
            since=version.since,
            extra=extra,
        )


def _process(component: Component, created: datetime) -> ObjectRow:
    _, draw = DRAWINGS[component.component_id]
    values: dict[str, Json] = {
        "id": component.component_id,
        "name": component.name,
        "Description": draw().description,
        "IntegrationPack": [],
    }
    account = component.account_id
    return row("Process", account, component.component_id, values, since=stamp(created))


def connector_rows(account_id: str, types: Iterable[str]) -> Iterator[ObjectRow]:
    """The connectors an account's connections and operations are made of."""
    for type_ in sorted(set(types) - {""}):
        values: dict[str, Json] = {"type": type_, "name": _CONNECTORS[type_]}
        yield row("Connector", account_id, type_, values)
