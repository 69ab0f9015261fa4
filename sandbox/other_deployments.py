"""Packages and deployments outside production: the developers' and the client's accounts.

What runs must be deployed somewhere; `sandbox.landscape` has the releases of Northwind
itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sandbox import processes as boomi
from sandbox.clock import stamp
from sandbox.company import PRIMARY, stable_id
from sandbox.landscape import RELEASES, Release, releases_of
from sandbox.people import PEOPLE
from sandbox.processes import BoomiProcess
from sandbox.store import ObjectRow
from sandbox.wire import Json, dump

_PACKAGED_DAYS_BEFORE = 55


def other_deployments(epoch: datetime) -> Iterator[ObjectRow]:
    """One package and one deployment for each process outside production."""
    yield _deployment(boomi.DEV_RETURNS, _release_in_use(epoch), epoch)
    for process in (boomi.CLIENT_ORDERS, *boomi.IN_DEVELOPMENT):
        if not process.execution_type.startswith("test_"):
            package = _package_id(process), "1.0", 1
            yield _package(process, epoch)
            yield _deployment(process, package, epoch)


def _release_in_use(epoch: datetime) -> tuple[str, str, int]:
    """The package of the returns process that the Dev Atom has had from its start."""
    release: Release = releases_of(boomi.RETURNS, epoch)[len(RELEASES[boomi.RETURNS.key]) - 2]
    return release.package_id, release.package_version, release.number


def _package_id(process: BoomiProcess) -> str:
    return stable_id("package", f"{process.runtime.account_id}/{process.key}/1")


def _developer(account: str) -> str:
    return next(person.user for person in PEOPLE if person.account_id == account)


def _package(process: BoomiProcess, epoch: datetime) -> ObjectRow:
    account, at = process.runtime.account_id, epoch - timedelta(days=_PACKAGED_DAYS_BEFORE)
    id_ = _package_id(process)
    body = dump({
        "@type": "PackagedComponent",
        "packageId": id_,
        "packageVersion": "1.0",
        "componentId": process.process_id,
        "componentVersion": 1,
        "componentType": "process",
        "createdDate": stamp(at),
        "createdBy": _developer(account),
        "notes": "For the development runtime",
        "shareable": False,
        "deleted": False,
        "branchName": "main",
        "fullyPubliclyConsumable": False,
    })  # fmt: skip
    return "PackagedComponent", account, id_, stamp(at), "9999", body, "{}"


def _deployment(
    process: BoomiProcess, package: tuple[str, str, int], epoch: datetime
) -> ObjectRow:  # fmt: skip
    account, environment = process.runtime.account_id, process.runtime.environment
    package_id, package_version, component_version = package
    at = stamp(epoch - timedelta(days=_PACKAGED_DAYS_BEFORE - 1))
    id_ = stable_id("deployment", f"{account}/{process.key}/1/{environment.name}")
    user = _developer(account) if account != PRIMARY.account_id else PEOPLE[2].user
    values: dict[str, Json] = {
        "@type": "DeployedPackage",
        "deploymentId": id_,
        "version": 1,
        "packageId": package_id,
        "packageVersion": package_version,
        "environmentId": environment.environment_id,
        "componentId": process.process_id,
        "componentVersion": component_version,
        "componentType": "process",
        "deployedDate": at,
        "deployedBy": user,
        "notes": "",
        "active": True,
        "branchName": "main",
    }
    if process.execution_type == "exec_listener":
        values["listenerStatus"] = "RUNNING"
    extra = dump({
        "componentName": process.name,
        "environmentName": environment.name,
        "packageNotes": "",
        "accountId": account,
    })  # fmt: skip
    return "DeployedPackage", account, id_, at, "9999", dump(values), extra
