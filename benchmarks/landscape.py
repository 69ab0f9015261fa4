"""Rows for the lists beside executions: components, deployments, calls, automations, runtimes.

Made for the accounts and the reader of `benchmarks.pages`. `fill` brings each kind to a size; asked
again it adds what is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Model
from django.utils import timezone

from boomi.models import (
    ApiCall,
    CallCount,
    Component,
    ComponentReference,
    ComponentVersion,
    Connection,
    Deployment,
    Environment,
    Folder,
    Runtime,
    SyncMark,
)
from scheduling.models import Automation, JobRun, JobStatus, Schedule

BATCH = 2_000
ADDRESSES = (
    "/components/",
    "/components/?type=process&sort=-modified",
    "/components/?q=order",
    "/components/types/",
    "/deployments/",
    "/runtimes/",
    "/accounts/",
    "/calls/",
    "/calls/?errors=true",
    "/calls/?status=503",
    "/calls/?page=100",
    "/usage/",
    "/usage/?span=7d",
    "/automations/",
    "/schedules/",
    "/jobs/",
    "/api/v1/components/",
    "/api/v1/deployments/",
    "/api/v1/calls/",
    "/api/v1/usage/",
    "/api/v1/automations/",
)
TYPES = ("process", "transform.map", "profile.xml", "connector-settings", "connector-action")
FEATURES = ("executions", "events", "audit_log", "runtimes", "components", "count")
HOURS = 24 * 35


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many rows there are to be; versions, references and the like follow from them."""

    components: int = 100
    deployments: int = 100
    calls: int = 100
    automations: int = 20


def fill(accounts: Sequence[Any], person: Any, sizes: Sizes) -> None:
    """Bring the lists to these sizes."""
    if not Runtime.objects.exists():
        _surroundings(accounts)
    _add(Component, sizes.components, lambda n: _component(accounts, n))
    _add(ComponentVersion, 3 * sizes.components, _versions())
    _add(ComponentReference, 2 * sizes.components, lambda n: _reference(accounts, n))
    _add(Deployment, sizes.deployments, lambda n: _deployment(accounts, n))
    connections = list(Connection.objects.order_by("pk"))
    _add(ApiCall, sizes.calls, lambda n: _call(connections, n))
    _add(CallCount, min(HOURS * 12, sizes.calls), lambda n: _count(accounts, n))
    _add(Automation, sizes.automations, lambda n: _automation(accounts, person, n))
    keys = list(Automation.objects.order_by("pk").values_list("pk", flat=True))
    _add(Schedule, sizes.automations, lambda n: _schedule(keys[n]))
    _add(JobRun, 40 * sizes.automations, lambda n: _run(accounts, keys[n % len(keys)], n))


def _add(model: type[Model], size: int, make: Callable[[int], Model]) -> None:
    rows = model._default_manager
    for start in range(rows.count(), size, BATCH):
        rows.bulk_create([make(number) for number in range(start, min(start + BATCH, size))])


def _surroundings(accounts: Sequence[Any]) -> None:
    now = timezone.now()
    for account in accounts:
        for number in range(10):
            environment = Environment.objects.create(
                account=account, environment_id=f"environment-{number}", name=f"E{number}",
                classification="PROD", seen_at=now,
            )  # fmt: skip
            runtime = Runtime.objects.create(
                account=account, runtime_id=f"runtime-{number}", name=f"R{number}",
                status="ONLINE", status_since=now, type="ATOM", seen_at=now,
            )  # fmt: skip
            runtime.environments.add(environment)
            Folder.objects.create(
                account=account, folder_id=f"folder-{number}", name=f"F{number}",
                full_path=f"Root/F{number}", seen_at=now,
            )  # fmt: skip
        for kind in SyncMark.Kind.values:
            SyncMark.objects.create(
                account=account, kind=kind, watermark=now, completed_at=now, due_at=now
            )


def _component(accounts: Sequence[Any], number: int) -> Component:
    now = timezone.now()
    return Component(
        account=accounts[number % 2], component_id=f"component-{number:06d}",
        name=f"{('Order', 'Invoice', 'Stock')[number % 3]} {number}", type=TYPES[number % 5],
        version=3, folder_id=f"folder-{number % 10}", folder_name="F", seen_at=now,
        modified_at=now - timedelta(minutes=7 * number), modified_by="dan@northwind.example",
    )  # fmt: skip


def _versions() -> Callable[[int], ComponentVersion]:
    keys: list[int] = []

    def make(number: int) -> ComponentVersion:
        if number // 3 >= len(keys):
            keys[:] = Component.objects.order_by("pk").values_list("pk", flat=True)
        version = number % 3 + 1
        return ComponentVersion(
            component_id=keys[number // 3], version=version, name="Order", current=version == 3,
            branch_name="main", modified_at=timezone.now(),
        )  # fmt: skip

    return make


def _reference(accounts: Sequence[Any], number: int) -> ComponentReference:
    parent = number // 2
    return ComponentReference(
        account=accounts[parent % 2], parent_component_id=f"component-{parent:06d}",
        parent_version=3, component_id=f"component-{(parent * 7 + number) % 997:06d}-{number % 2}",
        type="DEPENDENT",
    )  # fmt: skip


def _deployment(accounts: Sequence[Any], number: int) -> Deployment:
    now = timezone.now()
    return Deployment(
        account=accounts[number % 2], deployment_id=f"deployment-{number:06d}",
        environment_id=f"environment-{number % 10}", component_id=f"component-{number % 997:06d}",
        component_type="process", package_id=f"package-{number}", package_version=f"1.{number}",
        active=number < 500, deployed_at=now - timedelta(minutes=30 * number),
        deployed_by="dan@northwind.example", seen_at=now,
    )  # fmt: skip


def _call(connections: Sequence[Any], number: int) -> ApiCall:
    connection = connections[number % len(connections)]
    throttled = number % 50 == 0
    return ApiCall(
        at=timezone.now() - timedelta(seconds=12 * (1_200_000 - number) % 1_209_600),
        account_id=connection.account.account_id, connection_id=connection.pk, method="POST",
        path="/ExecutionRecord/query", status=503 if throttled else 200, duration_ms=200,
        feature=f"sync.{FEATURES[number % 6]}", purpose="background",
        error="THROTTLED" if throttled else "", request_bytes=400, response_bytes=9_000,
    )  # fmt: skip


def _count(accounts: Sequence[Any], number: int) -> CallCount:
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    return CallCount(
        hour=hour - timedelta(hours=number // 12), account_id=accounts[number % 2].account_id,
        service="boomi", feature=f"sync.{FEATURES[number // 2 % 6]}", purpose="background",
        outcome="2xx", final=True, calls=30, duration_ms=6_000, response_bytes=270_000,
    )  # fmt: skip


def _automation(accounts: Sequence[Any], person: Any, number: int) -> Automation:
    account = accounts[number % 2]
    return Automation(
        name=f"Automation {number}", kind="boomi.sync", parameters={"account": account.pk},
        owner=person, audience=f"account:{account.pk}", changed_at=timezone.now(),
    )  # fmt: skip


def _schedule(automation: int) -> Schedule:
    due = timezone.now() + timedelta(hours=1)
    return Schedule(automation_id=automation, cron="0 * * * *", zone="UTC", next_due_at=due)


def _run(accounts: Sequence[Any], automation: int, number: int) -> JobRun:
    at = timezone.now() - timedelta(minutes=number)
    return JobRun(
        job="boomi.sync_account", title="Sync account", status=JobStatus.SUCCEEDED,
        audience=f"account:{accounts[number % 2].pk}", automation_id=automation, actor_text="ada",
        created_at=at, run_at=at, started_at=at, finished_at=at, changed_at=at, summary="Done.",
    )  # fmt: skip
