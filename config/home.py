"""What the home page shows: what is broken or waiting now, and how fresh the mirror is.

Each function is a fixed number of SQL queries; only the strips take one per account shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypedDict

from django.conf import settings
from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from analysis.models import Analysis
from analysis.queries import with_latest_analysis
from boomi.models import (
    Account,
    Circuit,
    Connection,
    ConnectionState,
    Execution,
    ExecutionOutcome,
    LogState,
    SyncMark,
)
from boomi.queries import of_executions, with_freshness
from common.access import visible
from common.actors import Actor
from scheduling.models import JobRun, JobStatus

DAY = timedelta(hours=24)
STALE_AT_LEAST = timedelta(minutes=15)
MISSED_SYNCS = 3
FAILURES_READ = 300
FAILURES_SHOWN = 8
STRIP_LENGTH = 50
ACCOUNTS_SHOWN = 12


class Tiles(TypedDict):
    failed: int
    failed_before: int
    running: int
    waiting: int
    failing_connections: int
    stale_connections: int


@dataclass(frozen=True, slots=True)
class Failure:
    """Equal failures of one process: the newest of them, and how often it happened."""

    execution: Execution
    text: str
    count: int
    first_at: datetime
    analysis_pk: int | None


@dataclass(frozen=True, slots=True)
class AccountStrip:
    account: Account
    runs: list[Execution]
    synced_at: datetime | None
    is_stale: bool


def stale_before(now: datetime) -> datetime:
    """A mirror that was complete last before this moment missed several syncs in a row."""
    between = timedelta(seconds=settings.AUTO_SYNC_SECONDS) or DAY
    return now - max(STALE_AT_LEAST, MISSED_SYNCS * between)


def tiles(actor: Actor, now: datetime) -> Tiles:
    """The four numbers at the top. `failed_before` is the day before the last 24 hours."""
    executions = visible(actor, Execution.objects.order_by())
    failed = executions.filter(outcome=ExecutionOutcome.ERROR, started_at__lt=now)
    enabled = visible(actor, Connection.objects.order_by().filter(enabled=True))
    working = enabled.filter(status=ConnectionState.OK)
    return Tiles(
        failed=failed.filter(started_at__gte=now - DAY).count(),
        failed_before=failed.filter(
            started_at__gte=now - 2 * DAY, started_at__lt=now - DAY
        ).count(),
        running=executions.filter(
            outcome=ExecutionOutcome.RUNNING, started_at__gte=now - 30 * DAY
        ).count(),
        waiting=_waiting_logs(actor),
        failing_connections=enabled.exclude(status=ConnectionState.OK).count(),
        stale_connections=with_freshness(working)
        .filter(Q(synced_at=None) | Q(synced_at__lt=stale_before(now)))
        .count(),
    )


def _waiting_logs(actor: Actor) -> int:
    """Logs whose runtime is away. Few rows have a time to retry: find those, then the visible."""
    waiting = Execution.objects.filter(
        log_state=LogState.WAITING_RUNTIME, log_retry_at__isnull=False
    )
    accounts = set(visible(actor, Account.objects.order_by()).values_list("pk", flat=True))
    # Grouped in SQL, SQLite would walk the index of all accounts instead of the few rows.
    return sum(pk in accounts for pk in waiting.order_by().values_list("account_id", flat=True))


def latest_failures(actor: Actor, now: datetime) -> list[Failure]:
    """The failures of the last 24 hours, equal ones of a process folded, newest first."""
    failed = visible(actor, Execution.objects.select_related("account")).filter(
        outcome=ExecutionOutcome.ERROR, started_at__gte=now - DAY
    )
    rows = list(with_latest_analysis(failed).order_by("-started_at", "-id")[:FAILURES_READ])
    groups: dict[tuple[int, str, str], list[Execution]] = {}
    for row in rows:
        groups.setdefault((row.account_id, row.process_id, row.message), []).append(row)
    shown = list(groups.values())[:FAILURES_SHOWN]
    causes = _causes([row for group in shown for row in group])
    return [_failure(group, causes) for group in shown]


def _failure(group: Sequence[Execution], causes: dict[int, Analysis]) -> Failure:
    """An analysed run of the group explains all of it."""
    analysis = next((causes[row.pk] for row in group if row.pk in causes), None)
    newest = group[0]
    return Failure(
        execution=newest,
        text=(analysis.verdict if analysis else "") or newest.message,
        count=len(group),
        first_at=group[-1].started_at,
        analysis_pk=analysis.pk if analysis else None,
    )


def _causes(executions: Sequence[Execution]) -> dict[int, Analysis]:
    """The finished analysis of each of these executions that has one."""
    wanted = [pk for row in executions if (pk := getattr(row, "analysis_pk", None))]
    rows = Analysis.objects.filter(pk__in=wanted).only("pk", "execution_id", "verdict")
    return {row.execution_id: row for row in rows if row.execution_id is not None}


def account_strips(actor: Actor, now: datetime) -> list[AccountStrip]:
    """The last runs of each account, oldest first, and when it was last synced."""
    accounts = list(
        visible(actor, Account.objects.all()).annotate(
            synced=Max("sync_marks__completed_at", filter=of_executions("sync_marks"))
        )[:ACCOUNTS_SHOWN]
    )
    oldest = stale_before(now)
    return [
        AccountStrip(
            account=account,
            runs=_last_runs(account.executions.all()),
            synced_at=account.synced,
            is_stale=account.synced is None or account.synced < oldest,
        )
        for account in accounts
    ]


def _last_runs(executions: QuerySet[Execution]) -> list[Execution]:
    # Without its key to the account, each row would be read again for it.
    newest = executions.only("account", "outcome", "duration_ms", "started_at")
    return list(newest.order_by("-started_at", "-id")[:STRIP_LENGTH])[::-1]


def failed_jobs(actor: Actor, now: datetime) -> list[JobRun]:
    """Jobs of the last day that ended without success, newest first."""
    ended = visible(actor, JobRun.objects.all()).filter(
        status__in=[JobStatus.FAILED, JobStatus.ERRORED, JobStatus.LOST],
        finished_at__gte=now - DAY,
    )
    return list(ended.order_by("-finished_at")[:5])


def open_circuits(actor: Actor) -> list[Circuit]:
    """The visible accounts that nobody calls at present, because the platform is away."""
    accounts = visible(actor, Account.objects.order_by()).values("account_id")
    rows = Circuit.objects.filter(account_id__in=accounts).exclude(state=Circuit.State.CLOSED)
    return list(rows.order_by("account_id"))


def is_empty(actor: Actor) -> bool:
    """Nothing to show yet: the page then tells how to begin."""
    if visible(actor, Connection.objects.all()).exists():
        return False
    if visible(actor, Account.objects.all()).exists():
        return False
    return not visible(actor, Analysis.objects.all()).exists()


def synced_at(actor: Actor) -> datetime | None:
    """When the mirror was last brought up to date: the oldest of the accounts' newest times."""
    accounts = visible(actor, Account.objects.order_by()).values("pk")
    newest = (
        SyncMark.objects.filter(account__in=accounts, kind=SyncMark.Kind.EXECUTIONS)
        .values_list("completed_at", flat=True)
    )  # fmt: skip
    times = [moment for moment in newest if moment is not None]
    return min(times, default=None)


def stamp(actor: Actor) -> object:
    """Differs when a job moved, a sync ended or a connection was tested; see `common.polling`."""
    jobs = visible(actor, JobRun.objects.order_by()).aggregate(Max("changed_at"))
    accounts = visible(actor, Account.objects.order_by()).values("pk")
    marks = SyncMark.objects.filter(account__in=accounts).aggregate(Max("completed_at"))
    connections = visible(actor, Connection.objects.order_by())
    return jobs, marks, connections.aggregate(Max("checked_at"), Max("status_since"))


def overview(actor: Actor) -> dict[str, object]:
    """Everything the template needs."""
    now = timezone.now()
    if is_empty(actor):
        return {"empty": True}
    return {
        "empty": False,
        "tiles": tiles(actor, now),
        "failures": latest_failures(actor, now),
        "strips": account_strips(actor, now),
        "failed_jobs": failed_jobs(actor, now),
        "synced_at": synced_at(actor),
        "circuits": open_circuits(actor),
        "strip_length": STRIP_LENGTH,
    }
