"""Reads of executions for their pages, each one SQL query unless it says otherwise."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, Count, IntegerField, Min, Q, QuerySet, Value, When
from django.utils import timezone

from boomi.models import (
    Account,
    Environment,
    Execution,
    ExecutionOutcome,
    PlatformEvent,
    SyncMark,
)

HOURS = 24
STRIP_RUNS = 40
EVENTS = 20
WARNED = ("COMPLETE_WARN", "ABORTED_RECOVERING")
NEEDED = (
    "id", "account__account_id", "account__name", "execution_id", "process_id", "process_name",
    "runtime_id", "runtime_name", "status", "outcome", "execution_type", "started_at",
    "duration_ms", "inbound_documents", "outbound_documents", "error_documents", "message",
    "log_state",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Counts:
    """How many executions there are: triples of status, outcome and count."""

    rows: tuple[tuple[str, str, int], ...]

    def of(self, statuses: Iterable[str], outcomes: Iterable[str]) -> int:
        """How many have one of these statuses and one of these outcomes; empty means any."""
        some, ends = set(statuses), set(outcomes)
        return sum(
            count
            for status, outcome, count in self.rows
            if (not some or status in some) and (not ends or outcome in ends)
        )


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of the strip."""

    start: datetime
    end: datetime
    good: int
    warned: int
    failed: int

    @property
    def total(self) -> int:
        return self.good + self.warned + self.failed


def for_list(executions: QuerySet[Execution]) -> QuerySet[Execution]:
    """What a row of the list shows, and no more: the extra fields may be long."""
    return executions.select_related("account").only(*NEEDED)


def hours(executions: QuerySet[Execution], now: datetime) -> list[Hour]:
    """The last 24 hours of the viewer's clock, oldest first; the last one is not over."""
    local = timezone.localtime(now).replace(minute=0, second=0, microsecond=0)
    newest = local.astimezone(now.tzinfo)
    starts = [newest - timedelta(hours=back) for back in range(HOURS - 1, -1, -1)]
    # Plain comparisons: truncating to the hour is a Python call per row on SQLite.
    branches = [
        When(started_at__lt=start + timedelta(hours=1), then=Value(index))
        for index, start in enumerate(starts)
    ]
    rows = (
        executions.filter(started_at__gte=starts[0], started_at__lt=newest + timedelta(hours=1))
        .order_by()
        .annotate(hour=Case(*branches, output_field=IntegerField()))
        .values("hour")
        .annotate(
            all=Count("pk"),
            failed=Count("pk", filter=Q(outcome=ExecutionOutcome.ERROR)),
            warned=Count("pk", filter=Q(status__in=WARNED)),
        )
    )
    found = {row["hour"]: (row["all"], row["warned"], row["failed"]) for row in rows}
    return [_hour(start, *found.get(index, (0, 0, 0))) for index, start in enumerate(starts)]


def _hour(start: datetime, total: int, warned: int, failed: int) -> Hour:
    return Hour(start, start + timedelta(hours=1), total - warned - failed, warned, failed)


def synced_at(accounts: QuerySet[Account]) -> datetime | None:
    """How old the oldest of these mirrors is; None when none was ever complete."""
    marks = SyncMark.objects.filter(account__in=accounts, kind=SyncMark.Kind.EXECUTIONS)
    oldest: datetime | None = marks.aggregate(at=Min("completed_at"))["at"]
    return oldest


def environments(execution: Execution) -> list[Environment]:
    """The environments its runtime is attached to now: the record itself names none."""
    return list(
        Environment.objects.filter(
            account=execution.account_id,
            runtimes__account=execution.account_id,
            runtimes__runtime_id=execution.runtime_id,
        ).order_by("name")
    )


def events(execution: Execution) -> list[PlatformEvent]:
    """What the platform noticed about it, oldest first."""
    rows = PlatformEvent.objects.filter(
        account=execution.account_id, execution_id=execution.execution_id
    )
    return list(rows.order_by("at", "id")[:EVENTS])


def same_process(execution: Execution) -> QuerySet[Execution]:
    """The runs of its process in its account; of its name where the record has no process id."""
    of = Execution.objects.filter(account=execution.account_id)
    if execution.process_id:
        return of.filter(process_id=execution.process_id)
    return of.filter(process_id="", process_name=execution.process_name)


def last_runs(execution: Execution) -> list[Execution]:
    """The newest runs of the same process, oldest first."""
    fields = ("id", "outcome", "status", "duration_ms", "started_at")
    newest = same_process(execution).only(*fields).order_by("-started_at", "-id")[:STRIP_RUNS]
    return list(newest)[::-1]


def neighbours(execution: Execution) -> tuple[Execution | None, Execution | None]:
    """The runs of the same process just before and just after. Two queries."""
    runs = same_process(execution).only("id", "started_at", "outcome", "status")
    at, pk = execution.started_at, execution.pk
    earlier = Q(started_at__lt=at) | Q(started_at=at, pk__lt=pk)
    later = Q(started_at__gt=at) | Q(started_at=at, pk__gt=pk)
    return (
        runs.filter(earlier, started_at__lte=at).order_by("-started_at", "-id").first(),
        runs.filter(later, started_at__gte=at).order_by("started_at", "id").first(),
    )
