"""Reads of runtimes and deployments for their pages, each with a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, Count, IntegerField, Max, Q, QuerySet, Value, When
from django.utils import timezone

from boomi import execution_counts
from boomi.models import (
    Component,
    Deployment,
    Environment,
    Execution,
    ExecutionOutcome,
    ExecutionTally,
    PackagedComponent,
    Runtime,
)

DAY = timedelta(hours=24)
STRIP = 40
SIBLINGS = 20
WORST_FIRST = ("OFFLINE", "WARNING", "UNKNOWN", "ONLINE")


@dataclass(frozen=True, slots=True)
class Load:
    """What ran on a runtime in the last 24 hours."""

    runs: int
    failed: int
    last_at: datetime | None


NO_LOAD = Load(0, 0, None)


def loads(runtimes: Sequence[Runtime], now: datetime | None = None) -> dict[tuple[int, str], Load]:
    """Runs of the last 24 hours by (account key, runtime id). One query."""
    moment = now or timezone.now()
    rows = (
        Execution.objects.filter(
            account__in={row.account_id for row in runtimes},
            runtime_id__in={row.runtime_id for row in runtimes},
            started_at__gte=moment - DAY,
            started_at__lt=moment,
        )
        .order_by()
        .values_list("account", "runtime_id")
        .annotate(
            all=Count("pk"),
            failed=Count("pk", filter=Q(outcome=ExecutionOutcome.ERROR)),
            last=Max("started_at"),
        )
    )
    return {
        (account, runtime_id): Load(total, failed, last_at)
        for account, runtime_id, total, failed, last_at in rows
    }


def worst_first(runtimes: QuerySet[Runtime]) -> QuerySet[Runtime]:
    """What is in trouble before what is well, what is gone at the end."""
    ranks = [When(status=status, then=Value(rank)) for rank, status in enumerate(WORST_FIRST)]
    gone = When(gone_at__isnull=False, then=Value(len(WORST_FIRST)))
    trouble = Case(gone, *ranks, default=Value(2), output_field=IntegerField())
    return runtimes.order_by(trouble, "name", "pk")


def last_runs(runtime: Runtime) -> list[Execution]:
    """The newest runs on it, oldest first."""
    here = {"account": runtime.account_id, "runtime_id": runtime.runtime_id}
    span = execution_counts.newest_span(ExecutionTally.objects.filter(**here), STRIP)
    if span is None:
        return []
    rows = Execution.objects.filter(**here, started_at__gte=span.start, started_at__lt=span.end)
    fields = ("id", "outcome", "status", "duration_ms", "started_at", "process_name")
    return list(rows.only(*fields).order_by("-started_at", "-id")[:STRIP])[::-1]


@dataclass(frozen=True, slots=True)
class Named:
    """A deployment with the names its row does not hold."""

    row: Deployment
    component: Component | None
    environment: Environment | None

    @property
    def name(self) -> str:
        if self.component:
            return self.component.name
        return f"{self.row.component_type or 'component'} {self.row.component_id[:8]}…".capitalize()


def named(deployments: Iterable[Deployment]) -> list[Named]:
    """Add the names of components and environments. Two queries."""
    rows = list(deployments)
    accounts = {row.account_id for row in rows}
    components = {
        (found.account_id, found.component_id): found
        for found in Component.objects.filter(
            account__in=accounts, component_id__in={row.component_id for row in rows}
        )
    }
    environments = {
        (found.account_id, found.environment_id): found
        for found in Environment.objects.filter(
            account__in=accounts, environment_id__in={row.environment_id for row in rows}
        )
    }
    return [
        Named(
            row,
            components.get((row.account_id, row.component_id)),
            environments.get((row.account_id, row.environment_id)),
        )
        for row in rows
    ]


def live_on(runtime: Runtime) -> list[Named]:
    """What is deployed to the environments of a runtime, by name. Three queries."""
    ids = [environment.environment_id for environment in runtime.environments.all()]
    rows = Deployment.objects.filter(
        account=runtime.account_id, environment_id__in=ids, active=True
    )
    return sorted(named(rows), key=lambda one: one.name.casefold())


def siblings(deployment: Deployment) -> list[Deployment]:
    """Deployments of the same component to the same environment, newest first, itself too."""
    rows = Deployment.objects.filter(
        account=deployment.account_id,
        component_id=deployment.component_id,
        environment_id=deployment.environment_id,
    )
    return list(rows.order_by("-deployed_at", "-id")[:SIBLINGS])


def package_of(deployment: Deployment) -> PackagedComponent | None:
    if not deployment.package_id:
        return None
    rows = PackagedComponent.objects.filter(account=deployment.account_id)
    return rows.filter(package_id=deployment.package_id).first()


@dataclass(frozen=True, slots=True)
class Content:
    """One component inside a package."""

    component_id: str
    version: int | None
    component: Component | None


def contents(package: PackagedComponent) -> list[Content]:
    """What is inside, its root first, then by type and name. One query."""
    items = package.manifest if isinstance(package.manifest, list) else []
    ids = [str(item.get("id", "")) for item in items if isinstance(item, dict)]
    rows = Component.objects.filter(account=package.account_id, component_id__in=ids)
    known = {row.component_id: row for row in rows}
    found = [
        Content(str(item.get("id", "")), item.get("version"), known.get(str(item.get("id", ""))))
        for item in items
        if isinstance(item, dict)
    ]
    return sorted(found, key=lambda one: _rank(one, package.component_id))


def _rank(content: Content, root: str) -> tuple[bool, str, str]:
    row = content.component
    return content.component_id != root, row.type if row else "~", row.name if row else ""


@dataclass(frozen=True, slots=True)
class Change:
    """Runs of a process in the 24 hours before and after it was deployed."""

    before: int
    failed_before: int
    after: int
    failed_after: int

    @property
    def sentence(self) -> str:
        return (
            f"{_share(self.failed_before, self.before)} in the 24 hours before. "
            f"{_share(self.failed_after, self.after)} in the 24 hours after."
        )


def _share(failed: int, runs: int) -> str:
    if not runs:
        return "No runs"
    return f"{failed:,} of {runs:,} runs failed"


def change_of(deployment: Deployment) -> Change | None:
    """How a process ran before and after, on the runtimes of the environment; None for others.

    Two queries.
    """
    if deployment.component_type != "process":
        return None
    at = deployment.deployed_at
    runtimes = Runtime.objects.filter(
        account=deployment.account_id, environments__environment_id=deployment.environment_id
    ).order_by()
    rows = Execution.objects.filter(
        account=deployment.account_id,
        process_id=deployment.component_id,
        runtime_id__in=list(runtimes.values_list("runtime_id", flat=True)),
        started_at__gte=at - DAY,
        started_at__lt=at + DAY,
    ).order_by()
    failed = Q(outcome=ExecutionOutcome.ERROR)
    old, new = Q(started_at__lt=at), Q(started_at__gte=at)
    numbers = rows.aggregate(
        before=Count("pk", filter=old),
        failed_before=Count("pk", filter=old & failed),
        after=Count("pk", filter=new),
        failed_after=Count("pk", filter=new & failed),
    )
    return Change(**numbers)


def live_at(execution: Execution) -> Deployment | None:
    """The newest deployment of its process before it began, to an environment of its runtime."""
    environments = Environment.objects.filter(
        account=execution.account_id,
        runtimes__account=execution.account_id,
        runtimes__runtime_id=execution.runtime_id,
    ).order_by()
    rows = Deployment.objects.filter(
        account=execution.account_id,
        component_id=execution.process_id,
        environment_id__in=environments.values("environment_id"),
        deployed_at__lte=execution.started_at,
    )
    return rows.order_by("-deployed_at", "-id").first() if execution.process_id else None
