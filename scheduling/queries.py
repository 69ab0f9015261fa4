"""Reads about background work that pages, API and other apps share."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Min, OuterRef, QuerySet, Subquery

from scheduling.models import LIVE, Automation, JobLogLine, JobRun, Schedule


def live_run(key: str) -> JobRun | None:
    """The run that is at work under this key, if any; there is at most one."""
    return JobRun.objects.filter(key=key, status__in=LIVE).first() if key else None


def newest_lines(run: JobRun, limit: int = 200) -> list[JobLogLine]:
    """The last `limit` lines the run said, in the order they were said."""
    return list(reversed(run.log_lines.order_by("-pk")[:limit]))


def with_starts(automations: QuerySet[Automation]) -> QuerySet[Automation]:
    """Each with its last run (last_run_id, _status, _at, _summary), the next due time of its
    schedules (next_due_at) and how many it has (schedule_count): subqueries, no joins."""
    runs = JobRun.objects.filter(automation=OuterRef("pk")).order_by("-pk")
    own = Schedule.objects.filter(automation=OuterRef("pk")).order_by().values("automation")
    last: dict[str, Any] = {
        "last_run_id": Subquery(runs.values("pk")[:1]),
        "last_run_status": Subquery(runs.values("status")[:1]),
        "last_run_at": Subquery(runs.values("created_at")[:1]),
        "last_run_summary": Subquery(runs.values("summary")[:1]),
    }
    return automations.annotate(
        **last,
        next_due_at=Subquery(own.annotate(at=Min("next_due_at")).values("at")),
        schedule_count=Subquery(own.annotate(number=Count("pk")).values("number")),
    )
