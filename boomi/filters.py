"""What executions can be narrowed by, in the address of the page and of the API alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

import django_filters
from django.db.models import Model, Q, QuerySet

from boomi import execution_counts
from boomi.execution_counts import Span
from boomi.execution_queries import Counts
from boomi.models import (
    Account,
    Environment,
    Execution,
    ExecutionOutcome,
    ExecutionTally,
    LogState,
    Runtime,
)
from common.filters import AnyOfFilter, MomentFilter, RemoteIdFilter, choosable

# The platform's own words and what they mean; the raw word is what the filter takes.
STATUSES = (
    ("STARTED", "Started"),
    ("INPROCESS", "In process"),
    ("ENQUEUED", "Enqueued"),
    ("COMPLETE", "Complete"),
    ("COMPLETE_WARN", "Complete with warnings"),
    ("ERROR", "Error"),
    ("ABORTED", "Aborted"),
    ("ABORTED_RECOVERING", "Aborted, recovering"),
    ("DISCARDED", "Discarded"),
)
TYPES = (
    ("exec_manual", "Manual"),
    ("exec_sched", "Scheduled"),
    ("exec_listener", "Listener"),
    ("exec_listener_bridge", "Listener bridge"),
    ("exec_remote", "Remote"),
    ("retry_manual", "Manual retry"),
    ("retry_sched", "Scheduled retry"),
    ("fiber", "Fiber"),
    ("sub_process", "Subprocess"),
    ("test_manual", "Test"),
    ("test_sub_process", "Test of a subprocess"),
    ("unknown", "Unknown"),
)
R = TypeVar("R", bound=Model)
# The counts are by these, so they narrow no count.
COUNTED = ("status", "outcome")
TIMES = ("period", "started_after", "started_before")
UNTALLIED = ("execution_id", "log_state")
FEW = 50_000


class ExecutionFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Narrows executions that are visible already; give it the request, for the choices.

    Every name may be left out. A value that no choice has is an error of its field, a process
    or a process id that nobody ran selects nothing.
    """

    q = django_filters.CharFilter(method="named_like", label="Part of the process name")
    process = django_filters.CharFilter(method="named", label="Process name")
    process_id = django_filters.CharFilter("process_id", "exact", label="Process id")
    execution_id = django_filters.CharFilter("execution_id", "exact", label="Execution id")
    status = AnyOfFilter(choices=STATUSES, label="Status as the platform says")
    outcome = AnyOfFilter(choices=ExecutionOutcome.choices, label="Outcome")
    account = RemoteIdFilter(
        "account", queryset=choosable(Account), to_field_name="account_id", label="Account"
    )
    runtime = RemoteIdFilter(
        queryset=choosable(Runtime),
        to_field_name="runtime_id",
        method="on_runtime",
        label="Runtime",
    )
    environment = RemoteIdFilter(
        queryset=choosable(Environment),
        to_field_name="environment_id",
        method="in_environment",
        label="Environment",
    )
    type = AnyOfFilter("execution_type", choices=TYPES, label="How it was started")
    started_after = MomentFilter("started_at", "gte", label="Started at or after")
    started_before = MomentFilter("started_at", "lt", label="Started before")
    log_state = AnyOfFilter(choices=LogState.choices, label="Process log")

    class Meta:
        model = Execution
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._ids: dict[str, Mapping[str, int]] = {}

    # --- What several filters together select --------------------------------------------

    def narrowed(self, *, without: Iterable[str] = ()) -> QuerySet[Execution]:
        """The rows all filters select, except those named. The form must be valid."""
        return self._filtered(self.queryset, without)

    def counts(self, tallies: QuerySet[ExecutionTally], now: datetime) -> Counts:
        """By status and outcome, how many rows the other filters leave.

        `tallies` are those of the accounts whose executions are filtered.
        """
        if any(self.form.cleaned_data.get(name) for name in UNTALLIED):
            return execution_counts.plain(self.narrowed(without=COUNTED))
        apart = (*COUNTED, *TIMES)
        return execution_counts.counts(
            self._filtered(tallies, apart), self.narrowed(without=apart), self.span(now)
        )

    def span(self, now: datetime) -> Span:
        """The time that the filters leave."""
        chosen = self.form.cleaned_data
        return Span(chosen.get("started_after"), chosen.get("started_before"))

    def _filtered(self, rows: QuerySet[R], without: Iterable[str]) -> QuerySet[R]:
        for name, value in self.form.cleaned_data.items():
            if name in self.filters and name not in without:
                rows = self.filters[name].filter(rows, value)
        return rows

    # --- Single ones, for executions and their tallies alike -----------------------------

    def named(self, rows: QuerySet[R], name: str, value: str) -> QuerySet[R]:
        wanted = Q(process_name=value)
        return rows.filter(wanted & self._of_these_processes(rows, wanted))

    def named_like(self, rows: QuerySet[R], name: str, value: str) -> QuerySet[R]:
        wanted = Q(process_name__icontains=value)
        return rows.filter(wanted & self._of_these_processes(rows, wanted))

    def _of_these_processes(self, rows: QuerySet[R], wanted: Q) -> Q:
        """Processes have an index, names have none: the tally knows which ids a name has.

        Of a part that many runs have, the newest are found sooner by looking at the newest.
        """
        if rows.model is ExecutionTally:
            return Q()
        key = str(wanted)
        if key not in self._ids:
            self._ids[key] = execution_counts.process_ids(ExecutionTally.objects.all(), wanted)
        ids = self._ids[key]
        if len(ids) == 1:
            return Q(process_id=next(iter(ids)))
        return Q(process_id__in=list(ids)) if sum(ids.values()) <= FEW else Q()

    def on_runtime(self, rows: QuerySet[R], name: str, runtime: Runtime) -> QuerySet[R]:
        return rows.filter(runtime_id=runtime.runtime_id)

    def in_environment(self, rows: QuerySet[R], name: str, environment: Environment) -> QuerySet[R]:
        """By the runtimes attached to it now: the platform's record names no environment."""
        attached = Runtime.objects.filter(
            environments__environment_id=environment.environment_id
        ).order_by()
        return rows.filter(runtime_id__in=attached.values("runtime_id"))
