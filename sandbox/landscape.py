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
from sandbox.component_rows import (
    NEVER,
    component_rows,
    connector_rows,
    dates_of,
    folder_rows,
    other_folders,
    row,
)
from sandbox.components import COMPONENTS, PRIMARY_TREE, RELEASED, released
from sandbox.planting import CAUSE_BACK_AT, CAUSE_FIXED_AT, NEW_CAUSE_SINCE, SLOWER_SINCE
from sandbox.store import ObjectRow
from sandbox.wire import Json

_FIRST_RELEASES = (timedelta(days=-150), timedelta(days=-70))
RELEASES: dict[str, tuple[timedelta, ...]] = {
    boomi.STOCK_LEVELS.key: (*_FIRST_RELEASES, SLOWER_SINCE),
    boomi.CUSTOMER_SYNC.key: (*_FIRST_RELEASES, NEW_CAUSE_SINCE),
    boomi.INVOICE_EXPORT.key: (*_FIRST_RELEASES, CAUSE_FIXED_AT, CAUSE_BACK_AT),
    boomi.ORDER_INTAKE.key: (*_FIRST_RELEASES, timedelta(days=-17), timedelta(days=9)),
    boomi.RETURNS.key: (*_FIRST_RELEASES, timedelta(days=21)),
}


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
        dates = dates_of(component.component_id, component.versions, epoch)
        yield from component_rows(component, dates)
    for process in RELEASED:
        yield from _releases(process, epoch)
    yield from _other_packages(epoch)
    yield from folder_rows((*COMPONENTS, released(boomi.ORDER_INTAKE, 1)))
    yield from other_folders(ACCOUNTS)
    for account in ACCOUNTS:
        mine = [c.sub_type for c in COMPONENTS if c.account_id == account.account_id]
        yield from connector_rows(account.account_id, mine)


def _accounts(epoch: datetime) -> Iterator[ObjectRow]:
    """An account sees itself and those created beneath it."""
    for viewer in ACCOUNTS:
        for account in ACCOUNTS:
            if account is viewer or account.parent == viewer.account_id:
                values = _account_values(account, epoch)
                yield row("Account", viewer.account_id, account.account_id, values)


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
    return row("Environment", environment.account_id, environment.environment_id, values)


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
    if runtime.kind == "MOLECULE":
        values["cluster"] = {"@type": "Nodes", "node": _nodes(runtime)}
    if runtime.kind == "CLOUD":
        values |= {
            "cloudId": stable_id("cloud", runtime.name),
            "cloudName": "EU Test Cloud",
            "isCloudAttachment": True,
        }
    account = runtime.account_id
    if runtime.offline_since_days is None:
        yield row("Atom", account, runtime.atom_id, values)
        return
    gone = stamp(epoch - timedelta(days=runtime.offline_since_days))
    yield row("Atom", account, runtime.atom_id, values, until=gone)
    offline: dict[str, Json] = {"status": "OFFLINE", "statusDetail": "OFFLINE"}
    yield row("Atom", account, runtime.atom_id, values | offline, since=gone)


def _nodes(runtime: Runtime) -> list[Json]:
    """Two nodes; only a GET of the runtime tells of them."""
    hosts = (runtime.host, f"{runtime.host[:-1]}2")
    return [
        {
            "@type": "NodeDetails",
            "nodeId": host.replace("-", "_"),
            "hostName": host,
            "status": "RUNNING",
            "clusterProblem": "",
        }
        for host in hosts
    ]


def _attachment(runtime: Runtime) -> ObjectRow:
    environment_id = runtime.environment.environment_id
    joined = f"EnvAtomAttachment:{environment_id}:{runtime.atom_id}"
    id_ = base64.b64encode(joined.encode()).decode().rstrip("=")
    values: dict[str, Json] = {
        "id": id_,
        "atomId": runtime.atom_id,
        "environmentId": environment_id,
    }
    return row("EnvironmentAtomAttachment", runtime.account_id, id_, values)


def _releases(process: boomi.BoomiProcess, epoch: datetime) -> Iterator[ObjectRow]:
    releases = releases_of(process, epoch)
    component = released(process, len(releases))
    yield from component_rows(component, [release.at - timedelta(days=2) for release in releases])
    for release in releases:
        yield _package(release)
    for environment, lead in ((TEST, timedelta(days=1)), (PRODUCTION, timedelta(0))):
        for release, after in zip(releases, [*releases[1:], None], strict=True):
            end = None if after is None else after.at - lead
            yield from _deployment(release, environment, release.at - lead, end)


def _package(release: Release) -> ObjectRow:
    created = release.at - timedelta(days=1, hours=3)
    return _package_row(
        release.package_id,
        release.process.process_id,
        "process",
        (release.package_version, release.number),
        created,
        f"Release {release.package_version}",
    )


def _package_row(
    id_: str,
    component_id: str,
    type_: str,
    version: tuple[str, int],
    created: datetime,
    notes: str,
    *,
    shareable: bool = True,
    deleted: bool = False,
) -> ObjectRow:
    """`version` is the version of the package and that of the component in it."""
    values: dict[str, Json] = {
        "packageId": id_,
        "packageVersion": version[0],
        "componentId": component_id,
        "componentVersion": version[1],
        "componentType": type_,
        "createdDate": stamp(created),
        "createdBy": CREDENTIALS[0].user,
        "notes": notes,
        "shareable": shareable,
        "deleted": deleted,
        "branchName": "main",
        "fullyPubliclyConsumable": False,
    }
    return row("PackagedComponent", PRIMARY.account_id, id_, values, since=stamp(created))


def _other_packages(epoch: datetime) -> Iterator[ObjectRow]:
    """Packages that were never deployed: of a service, of a route, and one that was deleted."""
    created = epoch - timedelta(days=35, hours=2)
    for type_, name, shareable in (
        ("webservice", "Order API", True),
        ("processroute", "Order Type Router", False),
    ):
        component_id = PRIMARY_TREE.identify(type_, name)
        id_ = stable_id("package", name)
        yield _package_row(
            id_, component_id, type_, ("1.0", 1), created, "First", shareable=shareable
        )
    first = releases_of(boomi.ORDER_INTAKE, epoch)[0]
    yield _package_row(
        stable_id("package", "order-intake/withdrawn"),
        first.process.process_id,
        "process",
        ("0.9", 1),
        first.at - timedelta(days=1, hours=12),
        "Withdrawn",
        deleted=True,
    )


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
    yield row(kind, account, id_, values, since=stamp(at), until=until, extra=extra)
    if end is not None:
        yield row(kind, account, id_, {**values, "active": False}, since=until, extra=extra)
