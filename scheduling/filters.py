"""What jobs can be narrowed by, in the address of the page and of the API alike."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

import django_filters
from django.db.models import QuerySet

from common.filters import AnyOfFilter
from scheduling import jobs
from scheduling.models import LIVE, JobRun, JobStatus


class JobRunFilter(django_filters.FilterSet):  # type: ignore[misc]
    q = django_filters.CharFilter("title", "icontains", label="Part of the title")
    status = AnyOfFilter(choices=JobStatus.choices, label="Status")
    job = django_filters.CharFilter("job", "exact", label="Name of the job")
    live = django_filters.BooleanFilter(method="still_live", label="Has not ended yet")
    mine = django_filters.BooleanFilter(method="asked_by_me", label="Asked for by me")

    class Meta:
        model = JobRun
        fields: tuple[str, ...] = ()

    def still_live(self, runs: QuerySet[JobRun], name: str, value: bool) -> QuerySet[JobRun]:
        return runs.filter(status__in=LIVE) if value else runs.exclude(status__in=LIVE)

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
    mine = django_filters.TypedChoiceFilter(
        choices=[("", "Anybody"), ("true", "Me"), ("false", "Others")],
        coerce=_is_true,
        method="asked_by_me",
        label="Asked for by",
    )
