"""Reads of components for their pages and API, each with a fixed number of SQL queries."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Min, Q, QuerySet

from boomi import execution_counts
from boomi.models import (
    Account,
    Component,
    ComponentReference,
    ComponentVersion,
    Deployment,
    Environment,
    Execution,
    ExecutionTally,
    Folder,
    PackagedComponent,
    SyncMark,
)
from boomi.services.documents import JOB, job_key
from scheduling.models import LIVE, JobRun

RUNS_SHOWN = 40
NEEDED = (
    "id", "account__account_id", "account__name", "component_id", "name", "type", "sub_type",
    "version", "deleted", "folder_id", "folder_name", "modified_at", "modified_by",
)  # fmt: skip
ROWS = 10
REFERENCES = 500
NAMES = 2000  # ids in one look-up


@dataclass(frozen=True, slots=True)
class Related:
    """One end of a reference: the component, or only its id where the mirror lacks it."""

    component_id: str
    component: Component | None
    kind: str
    version: int | None = None


def for_list(components: QuerySet[Component]) -> QuerySet[Component]:
    """What a row of the list shows, and no more."""
    return components.select_related("account").only(*NEEDED)


def type_counts(components: QuerySet[Component]) -> dict[str, int]:
    rows = components.order_by().values_list("type").annotate(count=Count("pk"))
    return dict(rows.order_by("-count", "type"))


def used_by_counts(components: Iterable[Component]) -> dict[tuple[int, str], int]:
    """How many components use each of these now, by account and component id."""
    rows = list(components)
    counted = (
        ComponentReference.objects.filter(
            account__in={row.account_id for row in rows},
            component_id__in={row.component_id for row in rows},
            current=True,
        )
        .order_by()
        .values_list("account", "component_id")
        .annotate(count=Count("parent_component_id", distinct=True))
    )
    return {(account, component): count for account, component, count in counted}


def paths(components: Iterable[Component]) -> dict[tuple[int, str], str]:
    """Full paths of their folders, by account and folder id."""
    rows = [row for row in components if row.folder_id]
    folders = Folder.objects.filter(
        account__in={row.account_id for row in rows}, folder_id__in={row.folder_id for row in rows}
    ).order_by()
    return {
        (folder.account_id, folder.folder_id): folder.full_path or folder.name for folder in folders
    }


def synced_at(accounts: QuerySet[Account]) -> datetime | None:
    """How old the oldest of these mirrors is; None when none was ever complete."""
    marks = SyncMark.objects.filter(account__in=accounts, kind=SyncMark.Kind.COMPONENTS)
    oldest: datetime | None = marks.aggregate(at=Min("completed_at"))["at"]
    return oldest


def by_ids(account_pk: int, component_ids: Collection[str]) -> dict[str, Component]:
    """Components of one account by their remote id."""
    asked = list(component_ids)[:NAMES]
    rows = Component.objects.filter(account=account_pk, component_id__in=asked)
    return {row.component_id: row for row in rows.order_by()}


def of_process(execution: Execution) -> Component | None:
    """The component of the process that ran."""
    if not execution.process_id:
        return None
    rows = Component.objects.filter(account=execution.account_id, component_id=execution.process_id)
    return rows.first()


# --- One component ------------------------------------------------------------------------


def versions(component: Component) -> QuerySet[ComponentVersion]:
    return component.versions.select_related("document").defer("document__packed")


def live_fetches(component: Component) -> list[JobRun]:
    """Fetches of its documents that are under way."""
    begins = job_key(component.pk, None).removesuffix("current")
    runs = JobRun.objects.filter(job=JOB, key__startswith=begins, status__in=LIVE)
    return list(runs.order_by("pk"))


def stamp(component: Component) -> object:
    """Differs whenever a fetch began, moved or ended, or another version came."""
    newest = component.versions.aggregate(
        at=Max("document_at"), version=Max("version"), count=Count("pk")
    )
    runs = [(run.pk, run.changed_at) for run in live_fetches(component)]
    return component.version, component.document_due_at, component.document_error, newest, runs


def uses(component: Component, version: int) -> QuerySet[ComponentReference]:
    """What this version uses, as the platform computed it."""
    return ComponentReference.objects.filter(
        account=component.account_id,
        parent_component_id=component.component_id,
        parent_version=version,
    ).order_by("component_id")


def used_by(component: Component) -> QuerySet[ComponentReference]:
    """Whose current version uses it."""
    return ComponentReference.objects.filter(
        account=component.account_id, component_id=component.component_id, current=True
    ).order_by("parent_component_id")


def children(component: Component, version: int) -> list[Related]:
    rows = list(uses(component, version)[:REFERENCES])
    known = by_ids(component.account_id, {row.component_id for row in rows})
    related = [Related(row.component_id, known.get(row.component_id), row.type) for row in rows]
    return _sorted(related)


def parents(component: Component) -> list[Related]:
    rows = list(used_by(component)[:REFERENCES])
    known = by_ids(component.account_id, {row.parent_component_id for row in rows})
    return _sorted(
        Related(
            row.parent_component_id, known.get(row.parent_component_id), row.type,
            row.parent_version,
        )
        for row in rows
    )  # fmt: skip


def _sorted(rows: Iterable[Related]) -> list[Related]:
    def order(row: Related) -> tuple[bool, str, str]:
        found = row.component
        return found is None, found.type if found else "", found.name if found else row.component_id

    return sorted(rows, key=order)


def packages(component: Component) -> QuerySet[PackagedComponent]:
    return PackagedComponent.objects.filter(
        account=component.account_id, component_id=component.component_id
    ).order_by("-created_at", "-pk")


def deployments(component: Component) -> list[Deployment]:
    """The active ones, then the newest of the others; each with its environment's name."""
    rows = Deployment.objects.filter(
        account=component.account_id, component_id=component.component_id
    )
    found = list(rows.order_by("-active", "-deployed_at", "-pk")[:ROWS])
    names = dict(
        Environment.objects.filter(
            account=component.account_id, environment_id__in={row.environment_id for row in found}
        ).values_list("environment_id", "name")
    )
    for row in found:
        row.environment_name = names.get(row.environment_id, "")  # type: ignore[attr-defined]
    return found


def executions(component: Component) -> Sequence[Execution]:
    """The last runs of the process, oldest first."""
    here = {"account": component.account_id, "process_id": component.component_id}
    span = execution_counts.newest_span(ExecutionTally.objects.filter(**here), RUNS_SHOWN)
    if span is None:
        return []
    rows = Execution.objects.filter(
        **here, started_at__gte=span.start, started_at__lt=span.end
    ).only("id", "status", "outcome", "started_at", "duration_ms")
    return list(rows.order_by("-started_at", "-pk")[:RUNS_SHOWN])[::-1]


def original(component: Component) -> Component | None:
    """The component this one was copied from, in any account the mirror knows it of."""
    if not component.copied_from_id:
        return None
    rows = Component.objects.filter(
        Q(account=component.account_id), component_id=component.copied_from_id
    )
    return rows.first()
