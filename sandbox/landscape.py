"""Everything but executions: accounts, environments, runtimes, components, deployments.

Rows have a span of time in which they look as they do: a deployment that is
replaced is two rows of the same id, first active, then not.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox import processes as boomi
from sandbox.clock import stamp
from sandbox.company import (
    ACCOUNTS,
    CREDENTIALS,
    ENVIRONMENTS,
    PRIMARY,
    PRODUCTION,
    RUNTIMES,
    TEST,
    Account,
    Environment,
    Runtime,
    stable_id,
)
from sandbox.components import COMPONENTS, RELEASED, Component
from sandbox.planting import CAUSE_BACK_AT, CAUSE_FIXED_AT, NEW_CAUSE_SINCE, SLOWER_SINCE
from sandbox.store import ObjectRow
from sandbox.wire import Json, dump

ALWAYS, NEVER = "0000", "9999"
_FIRST_RELEASES = (timedelta(days=-150), timedelta(days=-70))
RELEASES: dict[str, tuple[timedelta, ...]] = {
    boomi.STOCK_LEVELS.key: (*_FIRST_RELEASES, SLOWER_SINCE),
    boomi.CUSTOMER_SYNC.key: (*_FIRST_RELEASES, NEW_CAUSE_SINCE),
    boomi.INVOICE_EXPORT.key: (*_FIRST_RELEASES, CAUSE_FIXED_AT, CAUSE_BACK_AT),
    boomi.ORDER_INTAKE.key: (*_FIRST_RELEASES, timedelta(days=-17), timedelta(days=9)),
    boomi.RETURNS.key: (*_FIRST_RELEASES, timedelta(days=21)),
}
_BRANCH = {PRIMARY.account_id: "QjoxMDAwMQ", **{a.account_id: "QjoxMjM0NTY" for a in ACCOUNTS[1:]}}


@dataclass(frozen=True, slots=True)
class Release:
    """One package of a process and its arrival in production."""

    process: boomi.BoomiProcess
    number: int
    at: datetime

    @property
    def package_id(self) -> str:
        return stable_id("package", f"{self.process.key}/{self.number}")

    @property
    def package_version(self) -> str:
        return f"{self.number}.0"

    def deployment_id(self, environment: Environment) -> str:
        return stable_id("deployment", f"{self.process.key}/{self.number}/{environment.name}")


def releases_of(process: boomi.BoomiProcess, epoch: datetime) -> list[Release]:
    offsets = RELEASES.get(process.key, _FIRST_RELEASES)
    return [Release(process, n, epoch + offset) for n, offset in enumerate(offsets, start=1)]


def landscape(epoch: datetime) -> Iterator[ObjectRow]:
    """Every row of the objects table."""
    yield from _accounts(epoch)
    for environment in ENVIRONMENTS:
        yield _environment(environment)
    for runtime in RUNTIMES:
        yield from _atom(runtime, epoch)
        yield _attachment(runtime)
    for component in COMPONENTS:
        dates = _dates(component.component_id, component.versions, epoch)
        yield from _component(component, dates)
    for process in RELEASED:
        yield from _releases(process, epoch)


def _row(
    kind: str,
    account: str,
    id_: str,
    values: dict[str, Json],
    *,
    since: str = ALWAYS,
    until: str = NEVER,
    extra: dict[str, Json] | None = None,
) -> ObjectRow:
    body = dump({"@type": kind, **{k: v for k, v in values.items() if v is not None}})
    return kind, account, id_, since, until, body, dump(extra or {})


def _accounts(epoch: datetime) -> Iterator[ObjectRow]:
    """An account sees itself and those created beneath it."""
    for viewer in ACCOUNTS:
        for account in ACCOUNTS:
            if account is viewer or account.parent == viewer.account_id:
                values = _account_values(account, epoch)
                yield _row("Account", viewer.account_id, account.account_id, values)


def _account_values(account: Account, epoch: datetime) -> dict[str, Json]:
    licence: Json = {"@type": "License", "purchased": 20, "used": 7}
    return {
        "accountId": account.account_id,
        "name": account.name,
        "status": "active",
        "dateCreated": stamp(epoch - timedelta(days=900)),
        "expirationDate": stamp(epoch + timedelta(days=400)),
        "widgetAccount": False,
        "supportAccess": True,
        "supportLevel": "standard",
        "overDeployed": False,
        "suggestionsEnabled": False,
        "licensing": {"@type": "Licensing", "standard": licence, "enterprise": licence},
        "molecule": {"@type": "Molecule", "purchased": 2, "used": 1},
    }


def _environment(environment: Environment) -> ObjectRow:
    values: dict[str, Json] = {
        "id": environment.environment_id,
        "name": environment.name,
        "classification": environment.classification,
    }
    return _row("Environment", environment.account_id, environment.environment_id, values)


def _atom(runtime: Runtime, epoch: datetime) -> Iterator[ObjectRow]:
    values: dict[str, Json] = {
        "id": runtime.atom_id,
        "name": runtime.name,
        "status": "ONLINE",
        "statusDetail": "ONLINE_RUNNING",
        "type": runtime.kind,
        "hostName": runtime.host,
        "dateInstalled": stamp(epoch - timedelta(days=610)),
        "currentVersion": "25.10.0.2",
        "purgeHistoryDays": 30,
        "purgeImmediate": False,
        "forceRestartTime": 0,
        "capabilities": [],
        "instanceId": f"{runtime.account_id}.{runtime.atom_id[:6].upper()}",
    }
    if runtime.kind == "CLOUD":
        values |= {
            "cloudId": stable_id("cloud", runtime.name),
            "cloudName": "EU Test Cloud",
            "isCloudAttachment": True,
        }
    account = runtime.account_id
    if runtime.offline_since_days is None:
        yield _row("Atom", account, runtime.atom_id, values)
        return
    gone = stamp(epoch - timedelta(days=runtime.offline_since_days))
    yield _row("Atom", account, runtime.atom_id, values, until=gone)
    offline: dict[str, Json] = {"status": "OFFLINE", "statusDetail": "OFFLINE"}
    yield _row("Atom", account, runtime.atom_id, values | offline, since=gone)


def _attachment(runtime: Runtime) -> ObjectRow:
    environment_id = runtime.environment.environment_id
    joined = f"EnvAtomAttachment:{environment_id}:{runtime.atom_id}"
    id_ = base64.b64encode(joined.encode()).decode().rstrip("=")
    values: dict[str, Json] = {
        "id": id_,
        "atomId": runtime.atom_id,
        "environmentId": environment_id,
    }
    return _row("EnvironmentAtomAttachment", runtime.account_id, id_, values)


def _dates(component_id: str, versions: int, epoch: datetime) -> list[datetime]:
    """Dates of the revisions, oldest first; the id spreads them."""
    spread = int(component_id[:4], 16) % 97
    return [
        epoch - timedelta(days=240 + spread - (200 * n) // versions, hours=spread % 9 + n)
        for n in range(versions)
    ]


def _component(component: Component, dates: list[datetime]) -> Iterator[ObjectRow]:
    account = component.account_id
    authors = [found.user for found in CREDENTIALS if found.account_id == account]
    folder = base64.b64encode(f"F:{sum(component.folder.encode()) + 8_000_000}".encode())
    copied: dict[str, Json] = {}
    if component.copied_from is not None:
        copied = {
            "copiedFromComponentId": component.copied_from[0],
            "copiedFromComponentVersion": component.copied_from[1],
        }
    for version, date in enumerate(dates, start=1):
        values: dict[str, Json] = {
            "componentId": component.component_id,
            "version": version,
            "name": component.name,
            "type": component.type,
            "subType": component.sub_type or None,
            "createdDate": stamp(dates[0]),
            "createdBy": authors[0],
            "modifiedDate": stamp(date),
            "modifiedBy": authors[0],
            "deleted": component.deleted and version == len(dates),
            "currentVersion": True,
            "folderName": component.folder,
            "folderId": folder.decode().rstrip("="),
            **copied,
            "branchName": "main",
            "branchId": _BRANCH[account],
        }
        extra: dict[str, Json] = {"accountId": account}
        until = stamp(dates[version]) if version < len(dates) else NEVER
        yield _row(
            "ComponentMetadata",
            account,
            component.component_id,
            values,
            since=stamp(date),
            until=until,
            extra=extra,
        )
        if until != NEVER:
            values["currentVersion"] = False
            yield _row(
                "ComponentMetadata",
                account,
                component.component_id,
                values,
                since=until,
                extra=extra,
            )


def _releases(process: boomi.BoomiProcess, epoch: datetime) -> Iterator[ObjectRow]:
    releases = releases_of(process, epoch)
    component = Component(
        process.process_id, PRIMARY.account_id, len(releases), process.name, "process", "Released"
    )
    yield from _component(component, [release.at - timedelta(days=2) for release in releases])
    for release in releases:
        yield _package(release)
    for environment, lead in ((TEST, timedelta(days=1)), (PRODUCTION, timedelta(0))):
        for release, after in zip(releases, [*releases[1:], None], strict=True):
            end = None if after is None else after.at - lead
            yield from _deployment(release, environment, release.at - lead, end)


def _package(release: Release) -> ObjectRow:
    values: dict[str, Json] = {
        "packageId": release.package_id,
        "packageVersion": release.package_version,
        "componentId": release.process.process_id,
        "componentVersion": release.number,
        "componentType": "process",
        "createdDate": stamp(release.at - timedelta(days=1, hours=3)),
        "createdBy": CREDENTIALS[0].user,
        "notes": f"Release {release.package_version}",
        "shareable": True,
        "deleted": False,
        "branchName": "main",
        "fullyPubliclyConsumable": False,
    }
    since = stamp(release.at - timedelta(days=1, hours=3))
    return _row("PackagedComponent", PRIMARY.account_id, release.package_id, values, since=since)


def _deployment(
    release: Release, environment: Environment, at: datetime, end: datetime | None
) -> Iterator[ObjectRow]:
    account, id_ = PRIMARY.account_id, release.deployment_id(environment)
    listener = release.process.execution_type == "exec_listener"
    values: dict[str, Json] = {
        "deploymentId": id_,
        "version": release.number,
        "packageId": release.package_id,
        "packageVersion": release.package_version,
        "environmentId": environment.environment_id,
        "componentId": release.process.process_id,
        "componentVersion": release.number,
        "componentType": "process",
        "deployedDate": stamp(at),
        "deployedBy": CREDENTIALS[0].user,
        "notes": f"Change NW-{release.number * 37 + len(release.process.key)}",
        "active": True,
        "branchName": "main",
        "listenerStatus": "RUNNING" if listener else None,
    }
    extra: dict[str, Json] = {
        "componentName": release.process.name,
        "environmentName": environment.name,
        "packageNotes": f"Release {release.package_version}",
        "accountId": account,
    }
    until = NEVER if end is None else stamp(end)
    kind = "DeployedPackage"
    yield _row(kind, account, id_, values, since=stamp(at), until=until, extra=extra)
    if end is not None:
        yield _row(kind, account, id_, {**values, "active": False}, since=until, extra=extra)
