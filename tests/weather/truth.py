"""What the platform holds against what was mirrored of it, kind by kind.

Each kind gives two sets of rows, as tuples of what identifies and what matters. Equal sets and
equal sizes mean that nothing was lost, doubled or left old.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from boomi.client import BoomiClient, Page, field
from boomi.models import (
    Account,
    Component,
    ComponentReference,
    ComponentVersion,
    Deployment,
    Environment,
    Execution,
    ExecutionConnector,
    ExecutionSummary,
    Folder,
    PackagedComponent,
    PlatformAuditEntry,
    PlatformEvent,
    ProcessSchedule,
    Runtime,
)

Row = tuple[object, ...]
# Well within what the platform keeps and what a first pass reads of it.
WEEK, MONTH = timedelta(days=6), timedelta(days=25)
Told = Callable[[BoomiClient, datetime], Iterable[Row]]
Mirrored = Callable[[Account, datetime], Iterable[Row]]


@dataclass(frozen=True)
class Kind:
    """`told` reads the platform, `mirrored` our rows; both up to the given moment."""

    told: Told
    mirrored: Mirrored


def differences(
    client: BoomiClient, account: Account, until: datetime, kinds: Iterable[str]
) -> dict[str, list[str]]:
    """For each of the kinds what is missing, doubled or stale in the mirror; empty if nothing."""
    found: dict[str, list[str]] = {}
    for name in kinds:
        kind = KINDS[name]
        told, mirrored = Counter(kind.told(client, until)), Counter(kind.mirrored(account, until))
        lines = [f"missing {row}" for row in (set(told) - set(mirrored))]
        lines += [f"not told {row}" for row in (set(mirrored) - set(told))]
        lines += [f"doubled {row}" for row, count in mirrored.items() if count > 1]
        if lines:
            found[name] = sorted(lines)[:10]
    return found


def all_pages(read: Callable[..., Page]) -> Iterator[object]:
    page = read(None)
    yield from page.items
    while page.next_token:
        page = read(None, page.next_token)
        yield from page.items


def _executions(client: BoomiClient, until: datetime) -> Iterable[Row]:
    for page in client.execution_pages(field("executionTime").lt(until)):
        for r in page.items:
            yield r.execution_id, r.status, r.duration_ms, r.message


def _connectors(client: BoomiClient, until: datetime) -> Iterable[Row]:
    failed = field("executionTime").lt(until) & field("status").eq("ERROR")
    for page in client.execution_pages(failed):
        for run in page.items:
            for r in client.execution_connectors(run.execution_id):
                yield run.execution_id, r.connector_id, r.success_count, r.error_count


def _references(client: BoomiClient, until: datetime) -> Iterable[Row]:
    current = field("currentVersion").eq(True) & field("deleted").eq(False)
    for r in client.component_metadata(current):
        for reference in client.references_of(r.component_id, r.version or 0):
            yield reference.parent_id, reference.parent_version, reference.component_id


def _deployed(client: BoomiClient, until: datetime) -> Iterable[Row]:
    for r in client.deployed_packages():
        yield r.deployment_id, r.active, r.package_id


KINDS: dict[str, Kind] = {
    "environments": Kind(
        lambda c, t: ((r.environment_id, r.name) for r in c.environments()),
        lambda a, t: Environment.objects.filter(account=a).values_list("environment_id", "name"),
    ),
    "runtimes": Kind(
        lambda c, t: ((r.atom_id, r.name) for r in c.atoms()),
        lambda a, t: Runtime.objects.filter(account=a).values_list("runtime_id", "name"),
    ),
    "executions": Kind(
        _executions,
        lambda a, t: Execution.objects.filter(account=a, started_at__lt=t).values_list(
            "execution_id", "status", "duration_ms", "message"
        ),
    ),
    "connectors": Kind(
        _connectors,
        lambda a, t: ExecutionConnector.objects.filter(
            execution__account=a, execution__started_at__lt=t, execution__status="ERROR"
        ).values_list("execution__execution_id", "connector_id", "success_count", "error_count"),
    ),
    "events": Kind(
        lambda c, t: ((r.event_id,) for r in all_pages(c.events_page) if t - WEEK <= r.at < t),
        lambda a, t: PlatformEvent.objects.filter(
            account=a, at__gte=t - WEEK, at__lt=t
        ).values_list("event_id"),
    ),
    "audit_log": Kind(
        lambda c, t: (
            (r.document_id, r.user) for r in all_pages(c.audit_log_page) if t - MONTH <= r.at < t
        ),
        lambda a, t: PlatformAuditEntry.objects.filter(
            account=a, at__gte=t - MONTH, at__lt=t
        ).values_list("document_id", "user"),
    ),
    "summaries": Kind(
        lambda c, t: (
            (r.process_id, r.atom_id, r.time_block, r.status, r.report_key, r.launcher_id)
            for r in all_pages(c.summaries_page)
            if t - MONTH <= r.time_block < t
        ),
        lambda a, t: ExecutionSummary.objects.filter(
            account=a, time_block__gte=t - MONTH, time_block__lt=t
        ).values_list(
            "process_id", "runtime_id", "time_block", "status", "report_key", "launcher_id"
        ),
    ),
    "deployments": Kind(
        _deployed,
        lambda a, t: Deployment.objects.filter(account=a).values_list(
            "deployment_id", "active", "package_id"
        ),
    ),
    "packages": Kind(
        lambda c, t: ((r.package_id, r.package_version) for r in all_pages(c.packages_page)),
        lambda a, t: PackagedComponent.objects.filter(account=a).values_list(
            "package_id", "package_version"
        ),
    ),
    "folders": Kind(
        lambda c, t: ((r.folder_id, r.full_path) for r in c.folders()),
        lambda a, t: Folder.objects.filter(account=a).values_list("folder_id", "full_path"),
    ),
    "components": Kind(
        lambda c, t: ((r.component_id, r.version) for r in all_pages(c.component_metadata_page)),
        lambda a, t: ComponentVersion.objects.filter(component__account=a).values_list(
            "component__component_id", "version"
        ),
    ),
    "references": Kind(
        _references,
        lambda a, t: ComponentReference.objects.filter(
            account=a,
            current=True,
            parent_component_id__in=Component.objects.filter(account=a, deleted=False).values(
                "component_id"
            ),
        ).values_list("parent_component_id", "parent_version", "component_id"),
    ),
    "schedules": Kind(
        lambda c, t: ((r.schedule_id, len(r.entries)) for r in c.schedules()),
        lambda a, t: (
            (row.schedule_id, len(row.entries)) for row in ProcessSchedule.objects.filter(account=a)
        ),
    ),
}
__all__ = ["KINDS", "differences"]
