"""How many executions a filter selects, without reading them where the tally can say.

The tally knows whole UTC days. Of a span of time the days inside are added up; only the two
broken days at its ends are read. What the tally does not know (the log's state, one id) selects
few enough rows to count them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Count, Q, QuerySet, Sum

from boomi.execution_queries import Counts
from boomi.models import Execution, ExecutionTally

Found = Counter[tuple[str, str]]
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """From `start`, included, to `end`, not included; None is open."""

    start: datetime | None = None
    end: datetime | None = None

    def __and__(self, other: Span) -> Span:
        starts = [moment for moment in (self.start, other.start) if moment is not None]
        ends = [moment for moment in (self.end, other.end) if moment is not None]
        return Span(max(starts, default=None), min(ends, default=None))

    @property
    def days(self) -> tuple[date | None, date | None]:
        """The first whole UTC day inside and the first one after those inside."""
        first = None
        if self.start is not None:
            start = self.start.astimezone(UTC)
            whole = start.time().replace(tzinfo=None) == time(0)
            first = start.date() if whole else start.date() + DAY
        return first, self.end.astimezone(UTC).date() if self.end is not None else None


def counts(
    tallies: QuerySet[ExecutionTally], executions: QuerySet[Execution], span: Span
) -> Counts:
    """By status and outcome. Both querysets are filtered alike, by everything but time."""
    first, after = span.days
    if first is not None and after is not None and first >= after:
        return _as_counts(_read(executions, span.start, span.end))
    inside = tallies
    found: Found = Counter()
    if first is not None:
        inside = inside.filter(day__gte=first)
        found += _read(executions, span.start, _midnight(first))
    if after is not None:
        inside = inside.filter(day__lt=after)
        found += _read(executions, _midnight(after), span.end)
    rows = inside.order_by().values_list("status", "outcome").annotate(sum=Sum("runs"))
    for status, outcome, runs in rows:
        found[status, outcome] += runs
    return _as_counts(found)


def plain(executions: QuerySet[Execution]) -> Counts:
    """The same by reading the rows."""
    return _as_counts(_grouped(executions))


def without(counted: Counts, executions: QuerySet[Execution]) -> Counts:
    """What is left when these few are not to be counted."""
    found = Counter({(status, outcome): runs for status, outcome, runs in counted.rows})
    found.subtract(_grouped(executions))
    return _as_counts(found)


def process_names(tallies: QuerySet[ExecutionTally], part: str, most: int) -> list[str]:
    """Names of processes that contain `part`, in any case."""
    named = tallies.filter(process_name__icontains=part, runs__gt=0).exclude(process_name="")
    names = named.order_by("process_name").values_list("process_name", flat=True).distinct()
    return list(names[:most])


def process_ids(tallies: QuerySet[ExecutionTally], named: Q) -> Mapping[str, int]:
    """Ids of the processes whose tally matches, each with its number of runs."""
    rows = tallies.filter(named).order_by().values_list("process_id").annotate(sum=Sum("runs"))
    return {process_id: runs for process_id, runs in rows if runs > 0}


def newest_span(tallies: QuerySet[ExecutionTally], most: int) -> Span | None:
    """The days that hold the newest `most` runs; None when there is no run at all.

    Looking for the newest of runs that are rare or absent would walk through all others.
    """
    days = tallies.filter(runs__gt=0).order_by("-day").values_list("day")
    newest: date | None = None
    oldest: date | None = None
    total = 0
    for day, runs in days.annotate(sum=Sum("runs")):
        newest, oldest, total = newest or day, day, total + runs
        if total >= most:
            break
    if newest is None or oldest is None:
        return None
    return Span(_midnight(oldest), _midnight(newest + DAY))


def _read(executions: QuerySet[Execution], start: datetime | None, end: datetime | None) -> Found:
    if start is not None and end is not None and start >= end:
        return Counter()
    if start is not None:
        executions = executions.filter(started_at__gte=start)
    if end is not None:
        executions = executions.filter(started_at__lt=end)
    return _grouped(executions)


def _grouped(executions: QuerySet[Execution]) -> Found:
    rows = executions.order_by().values_list("status", "outcome").annotate(count=Count("pk"))
    return Counter({(status, outcome): runs for status, outcome, runs in rows})


def _as_counts(found: Found) -> Counts:
    return Counts(
        tuple((status, outcome, runs) for (status, outcome), runs in found.items() if runs > 0)
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), UTC)
