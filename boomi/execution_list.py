"""The executions page as a value: what its address asks for, and what the template shows.

`seen` in the address of a live refresh is the newest row the reader has in view: the refresh
changes rows in place, and what came later is counted and announced, so that nothing moves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db.models import F, Max, QuerySet
from django.db.models.expressions import OrderBy
from django.forms import BoundField
from django.http import HttpRequest
from django.utils import timezone

from boomi import execution_counts, execution_queries
from boomi.execution_queries import Counts
from boomi.filters import COUNTED, STATUSES, TIMES, TYPES
from boomi.models import Execution, ExecutionTally
from boomi.page_filters import HIDDEN, ExecutionPageFilter
from common import badges
from common.errors import InputError

NOT_FILTERS = ("page", "sort", "seen", "live", "export")
KEPT = (*HIDDEN, "sort")
ORDERS: dict[str, tuple[str | OrderBy, str]] = {
    "": ("-started_at", "-id"),
    "-started": ("-started_at", "-id"),
    "started": ("started_at", "id"),
    "-duration": (F("duration_ms").desc(nulls_last=True), "-id"),
    "duration": (F("duration_ms").asc(nulls_last=True), "-id"),
}
CAUSE_CHARACTERS = 160
HOUR_WIDTH, HOUR_HEIGHT = 12, 40


@dataclass(frozen=True, slots=True)
class Segment:
    y: float
    height: float
    tone: str


@dataclass(frozen=True, slots=True)
class HourBar:
    """A column of the hourly strip: its link, its words and its parts from the bottom up."""

    x: int
    url: str
    title: str
    segments: tuple[Segment, ...]
    is_chosen: bool
    total: int


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table. `cause` is what an analysis says, else the platform's message."""

    execution: Execution
    trigger: str
    cause: str


class ListPage:
    """Give it executions the viewer may see and the tallies of them, without an order.

    `seen` is the key of the newest row of the page that a live refresh renews.
    """

    def __init__(
        self,
        request: HttpRequest,
        executions: QuerySet[Execution],
        tallies: QuerySet[ExecutionTally],
        seen: int | None = None,
    ) -> None:
        self.request = request
        self._tallies = tallies
        self.seen = seen
        self.filter = ExecutionPageFilter(request.GET, queryset=executions, request=request)
        self.is_valid: bool = self.filter.is_valid()

    @cached_property
    def newest(self) -> int:
        """The newest row in view: what the live refresh says, else the newest there is.

        Of all rows, seen or not: the end of the primary key costs nothing to look up.
        """
        if self.seen is not None:
            return self.seen
        newest: int | None = Execution.objects.order_by().aggregate(pk=Max("pk"))["pk"]
        return newest or 0

    @property
    def is_narrowed(self) -> bool:
        return any(
            value for name in self.request.GET if name not in NOT_FILTERS
            for value in self.request.GET.getlist(name)
        )  # fmt: skip

    @property
    def problems(self) -> list[str]:
        """What is wrong with the address, a sentence per field."""
        return [
            f"{self.filter.form.fields[name].label}: {' '.join(texts)}"
            for name, texts in self.filter.form.errors.items()
        ]

    def chosen(self, name: str) -> list[str]:
        value = self.filter.form.cleaned_data.get(name) or []
        return list(value) if isinstance(value, list | tuple) else [value]

    def rows(self) -> QuerySet[Execution]:
        order = ORDERS.get(self.request.GET.get("sort", ""), ORDERS[""])
        rows = execution_queries.for_list(self.filter.narrowed())
        return self._in_view(rows).order_by(*order)

    def counts(self) -> Counts:
        """By status and outcome, how many rows the other filters leave."""
        counted = self.filter.counts(self._tallies, timezone.now())
        if self.seen is None:
            return counted
        later = self.filter.narrowed(without=COUNTED).filter(pk__gt=self.seen)
        return execution_counts.without(counted, later)

    def new_count(self) -> int:
        """Rows that came after the page was opened and match its filters."""
        if self.seen is None:
            return 0
        return self.filter.narrowed().filter(pk__gt=self.seen).count()

    def table(self, executions: list[Execution], causes: Mapping[int, str]) -> list[Row]:
        words = dict(TYPES)
        return [
            Row(
                execution,
                words.get(execution.execution_type, execution.execution_type or "–"),
                causes.get(execution.pk) or _first_line(execution.message),
            )
            for execution in executions
        ]

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """What the form must keep though it has no field for it."""
        given = self.request.GET
        return [(name, value) for name in KEPT for value in given.getlist(name) if value]

    @property
    def fields(self) -> list[BoundField]:
        return [field for field in self.filter.form if field.name not in HIDDEN]

    def selected_or_refuse(self) -> QuerySet[Execution]:
        """What an export holds. Raises InputError rather than export what nobody asked for."""
        if not self.is_valid:
            raise InputError(self.problems[0], hint="Remove the filter and try again.")
        return self.filter.narrowed()

    def live_url(self, number: int) -> str:
        query = self.request.GET.copy()
        for name, value in (("seen", self.newest), ("page", number)):
            query.pop(name, None)
            query[name] = str(value)
        return f"{self.request.path}?{query.urlencode()}"

    def _in_view(self, rows: QuerySet[Execution]) -> QuerySet[Execution]:
        return rows.filter(pk__lte=self.newest) if self.seen is not None else rows

    # --- What stands above the table ------------------------------------------------------

    def tabs(self, counts: Counts) -> list[dict[str, object]]:
        """All and the nine statuses, each with its count, as links."""
        chosen, outcomes = self.chosen("status"), self.chosen("outcome")
        tabs: list[dict[str, object]] = [
            {"label": "All", "url": self.url(status=""), "active": not chosen,
             "count": counts.of([], outcomes)}
        ]  # fmt: skip
        for status, _ in STATUSES:
            word = badges.badge("execution", status).word
            tabs.append(
                {"label": word, "url": self.url(status=status), "active": status in chosen,
                 "count": counts.of([status], outcomes)}
            )  # fmt: skip
        return tabs

    def chips(self) -> list[dict[str, str]]:
        """A chip per filter in force, with the address that drops it."""
        chips = []
        for name, value in self.filter.form.cleaned_data.items():
            if value and name in self.request.GET:
                chips.append(
                    {
                        "label": str(self.filter.form.fields[name].label),
                        "value": self._word(name, value),
                        "url": self.url(**{name: ""}),
                    }
                )
        return chips

    def _word(self, name: str, value: object) -> str:
        if isinstance(value, datetime):
            return f"{timezone.localtime(value):%Y-%m-%d %H:%M:%S}"
        words = dict(getattr(self.filter.form.fields[name], "choices", ()) or ())
        values = value if isinstance(value, list | tuple) else [value]
        return ", ".join(str(words.get(part, part)) for part in values)

    def hours(self) -> list[HourBar]:
        """The last 24 hours under all filters but those of time, as bars that filter; none
        where nothing ran."""
        hours = execution_queries.hours(self.filter.narrowed(without=TIMES), timezone.now())
        most = max((hour.total for hour in hours), default=0)
        if not most:
            return []
        after = self.filter.form.cleaned_data.get("started_after")
        return [
            HourBar(
                x=index * HOUR_WIDTH,
                url=self.url(
                    period="", started_after=_local(hour.start), started_before=_local(hour.end)
                ),
                title=_say(hour),
                segments=_segments(hour, most),
                is_chosen=after == hour.start,
                total=hour.total,
            )
            for index, hour in enumerate(hours)
        ]

    def url(self, **changes: str) -> str:
        """This page with other filters, from its first page on; "" drops a filter."""
        query = self.request.GET.copy()
        for name in ("page", "seen", "live"):
            query.pop(name, None)
        for name, value in changes.items():
            query.pop(name, None)
            if value:
                query[name] = value
        return f"{self.request.path}?{query.urlencode()}" if query else self.request.path


def _first_line(message: str) -> str:
    line = message.strip().partition("\n")[0]
    return line if len(line) <= CAUSE_CHARACTERS else f"{line[:CAUSE_CHARACTERS]}…"


def _local(moment: datetime) -> str:
    """As an input of the type datetime-local writes it, in the viewer's zone."""
    return f"{timezone.localtime(moment):%Y-%m-%dT%H:%M}"


def _say(hour: execution_queries.Hour) -> str:
    runs = "1 run" if hour.total == 1 else f"{hour.total} runs"
    return (
        f"{timezone.localtime(hour.start):%d %b %H:%M}–{timezone.localtime(hour.end):%H:%M}: {runs}"
        f", {hour.failed} failed, {hour.warned} with warnings"
    )


def _segments(hour: execution_queries.Hour, most: int) -> tuple[Segment, ...]:
    """Failed at the bottom, where a single one of a thousand is still seen."""
    segments = []
    top = float(HOUR_HEIGHT)
    for count, tone, least in (
        (hour.failed, "bad", 3.0), (hour.warned, "warn", 2.0), (hour.good, "neutral", 1.0),
    ):  # fmt: skip
        if count:
            tall = min(max(least, round(count * HOUR_HEIGHT / most, 1)), top)
            top = round(top - tall, 1)
            segments.append(Segment(top, tall, tone))
    return tuple(segments)
