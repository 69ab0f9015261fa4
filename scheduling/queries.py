"""Reads about background work that pages, API and health checks share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q, QuerySet

from scheduling import heartbeats
from scheduling.models import LIVE, JobLogLine, JobRun, JobStatus


@dataclass(frozen=True, slots=True)
class QueueState:
    """How a queue does: runs in line, at work and asleep, the oldest in line, its last sign."""

    name: str
    queued: int
    running: int
    waiting: int
    oldest_queued_at: datetime | None
    last_beat_at: datetime | None


def queue_states() -> list[QueueState]:
    """The state of each queue, "now" first. Three SQL queries."""
    rows = (
        JobRun.objects.filter(status__in=LIVE)
        .order_by()
        .values("queue")
        .annotate(
            queued=Count("pk", filter=Q(status=JobStatus.QUEUED)),
            running=Count("pk", filter=Q(status=JobStatus.RUNNING)),
            waiting=Count("pk", filter=Q(status=JobStatus.WAITING)),
            oldest=Min("run_at", filter=Q(status=JobStatus.QUEUED)),
        )
    )
    counts: dict[str, dict[str, object]] = {row["queue"]: dict(row) for row in rows}
    return [_state(name, counts.get(name, {})) for name in JobRun.Queue.values]


def _state(name: str, row: dict[str, object]) -> QueueState:
    oldest = row.get("oldest")
    return QueueState(
        name=name,
        queued=_count(row, "queued"),
        running=_count(row, "running"),
        waiting=_count(row, "waiting"),
        oldest_queued_at=oldest if isinstance(oldest, datetime) else None,
        last_beat_at=heartbeats.last_beat(f"queue:{name}"),
    )


def _count(row: dict[str, object], name: str) -> int:
    value = row.get(name, 0)
    return value if isinstance(value, int) else 0


def live_run(key: str) -> JobRun | None:
    """The run that is at work under this key, if any; there is at most one."""
    return JobRun.objects.filter(key=key, status__in=LIVE).first() if key else None


def latest_run(key: str) -> JobRun | None:
    """The newest run under this key, live or ended."""
    return JobRun.objects.filter(key=key).order_by("-pk").first() if key else None


def newest_lines(run: JobRun, limit: int = 200) -> list[JobLogLine]:
    """The last `limit` lines the run said, in the order they were said."""
    return list(reversed(run.log_lines.order_by("-pk")[:limit]))


def counts_by_status(runs: QuerySet[JobRun]) -> dict[str, int]:
    """How many of `runs` are in each status; every status is a key. One SQL query."""
    rows = runs.order_by().values_list("status").annotate(count=Count("pk"))
    return dict.fromkeys(JobStatus.values, 0) | dict(rows)
