"""Reads about background work that pages, API and other apps share."""

from __future__ import annotations

from scheduling.models import LIVE, JobLogLine, JobRun


def live_run(key: str) -> JobRun | None:
    """The run that is at work under this key, if any; there is at most one."""
    return JobRun.objects.filter(key=key, status__in=LIVE).first() if key else None


def newest_lines(run: JobRun, limit: int = 200) -> list[JobLogLine]:
    """The last `limit` lines the run said, in the order they were said."""
    return list(reversed(run.log_lines.order_by("-pk")[:limit]))
