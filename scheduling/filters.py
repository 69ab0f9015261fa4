"""What jobs can be narrowed by, in the address of the page and of the API alike."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone

from common.filters import AnyOfFilter, MomentFilter, choosable
from scheduling import jobs, kinds
from scheduling.models import (
    LIVE,
    Automation,
    JobRun,
    JobStatus,
    Occurrence,
    Schedule,
    Trigger,
)


class JobRunFilter(django_filters.FilterSet):  # type: ignore[misc]
    q = django_filters.CharFilter("title", "icontains", label="Part of the title")
    status = AnyOfFilter(choices=JobStatus.choices, label="Status")
    job = django_filters.CharFilter("job", "exact", label="Name of the job")
    live = django_filters.BooleanFilter(method="still_live", label="Has not ended yet")
    mine = django_filters.BooleanFilter(method="asked_by_me", label="Asked for by me")
    automation = django_filters.ModelChoiceFilter(
        queryset=choosable(Automation), label="Automation", empty_label="Any"
    )
    trigger = AnyOfFilter(choices=Trigger.choices, label="Started")
    created_after = MomentFilter("created_at", "gte", label="Asked for not before")
    created_before = MomentFilter("created_at", "lt", label="Asked for before")
    failed_records = django_filters.BooleanFilter(
        method="with_failed_records", label="Some of its records failed"
    )

    class Meta:
        model = JobRun
        fields: tuple[str, ...] = ()

    def still_live(self, runs: QuerySet[JobRun], name: str, value: bool) -> QuerySet[JobRun]:
        return runs.filter(status__in=LIVE) if value else runs.exclude(status__in=LIVE)

    def with_failed_records(
        self, runs: QuerySet[JobRun], name: str, value: bool
    ) -> QuerySet[JobRun]:
        return runs.filter(records_failed__gt=0) if value else runs.filter(records_failed=0)

    def asked_by_me(self, runs: QuerySet[JobRun], name: str, value: bool) -> QuerySet[JobRun]:
        me = self.request.user.pk
        return runs.filter(owner=me) if value else runs.exclude(owner=me)


def job_choices() -> list[tuple[str, str]]:
    """Every registered job by its title."""
    titles = [(name, jobs.find(name).title) for name in jobs.names()]
    return sorted(titles, key=itemgetter(1))


def _is_true(value: Any) -> bool:
    return str(value) == "true"


class JobRunPageFilter(JobRunFilter):
    """The same names and values in the address, with the controls of a page."""

    q = django_filters.CharFilter("title", "icontains", label="Title")
    status = django_filters.ChoiceFilter(
        choices=JobStatus.choices, empty_label="Any", label="Status"
    )
    live = django_filters.TypedChoiceFilter(
        choices=[("", "Any"), ("true", "Still live"), ("false", "Ended")],
        coerce=_is_true,
        method="still_live",
        label="Live",
    )
    job = django_filters.ChoiceFilter(choices=job_choices, empty_label="Any", label="Kind")
    trigger = django_filters.ChoiceFilter(
        choices=Trigger.choices, empty_label="Anyhow", label="Started"
    )
    failed_records = django_filters.TypedChoiceFilter(
        choices=[("", "Any"), ("true", "Some failed"), ("false", "None failed")],
        coerce=_is_true,
        method="with_failed_records",
        label="Records",
    )
    mine = django_filters.TypedChoiceFilter(
        choices=[("", "Anybody"), ("true", "Me"), ("false", "Others")],
        coerce=_is_true,
        method="asked_by_me",
        label="Asked for by",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in (("created_after", "From"), ("created_before", "Until")):
            self.form.fields[name].label = label
            self.form.fields[name].widget = forms.DateTimeInput(attrs={"type": "datetime-local"})
        self.form.order_fields(
            ["q", "status", "live", "created_after", "created_before", "job", "automation",
             "trigger", "failed_records", "mine"]
        )  # fmt: skip


def kind_choices() -> list[tuple[str, str]]:
    return [(kind.name, kind.title) for kind in kinds.all_kinds()]


class AutomationFilter(django_filters.FilterSet):  # type: ignore[misc]
    q = django_filters.CharFilter("name", "icontains", label="Part of the name")
    kind = AnyOfFilter(choices=kind_choices, label="Kind")
    enabled = django_filters.BooleanFilter("enabled", label="Is switched on")
    on_event = django_filters.CharFilter("on_event", "exact", label="Name of the event")
    mine = django_filters.BooleanFilter(method="owned_by_me", label="Is mine")

    class Meta:
        model = Automation
        fields: tuple[str, ...] = ()

    def owned_by_me(
        self, rows: QuerySet[Automation], name: str, value: bool
    ) -> QuerySet[Automation]:
        me = self.request.user.pk
        return rows.filter(owner=me) if value else rows.exclude(owner=me)


class ScheduleFilter(django_filters.FilterSet):  # type: ignore[misc]
    automation = django_filters.ModelChoiceFilter(
        queryset=choosable(Automation), label="Automation", empty_label="Any"
    )
    enabled = django_filters.BooleanFilter("enabled", label="Is switched on")
    paused = django_filters.BooleanFilter(method="is_paused", label="Is paused")
    due_before = MomentFilter("next_due_at", "lt", label="Due before")

    class Meta:
        model = Schedule
        fields: tuple[str, ...] = ()

    def is_paused(self, rows: QuerySet[Schedule], name: str, value: bool) -> QuerySet[Schedule]:
        # A pause that is over stays written until the next due time.
        over = Q(paused_until__lte=timezone.now())
        paused = rows.exclude(paused_by="").exclude(over)
        return paused if value else rows.filter(Q(paused_by="") | over)


class OccurrenceFilter(django_filters.FilterSet):  # type: ignore[misc]
    schedule = django_filters.ModelChoiceFilter(
        queryset=choosable(Schedule), label="Schedule", empty_label="Any"
    )
    automation = django_filters.ModelChoiceFilter(
        "schedule__automation",
        queryset=choosable(Automation),
        label="Automation",
        empty_label="Any",
    )
    outcome = AnyOfFilter(choices=Occurrence.Outcome.choices, label="What became of it")
    due_after = MomentFilter("due_at", "gte", label="Due not before")
    due_before = MomentFilter("due_at", "lt", label="Due before")

    class Meta:
        model = Occurrence
        fields: tuple[str, ...] = ()
