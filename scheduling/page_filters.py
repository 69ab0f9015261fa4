"""What the lists of automations, schedules, deliveries and channels can be narrowed by."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from common.access import visible
from common.actors import Actor
from common.models import User
from scheduling import kinds
from scheduling.filters import JobRunPageFilter
from scheduling.models import (
    Automation,
    Delivery,
    JobRun,
    JobStatus,
    NotificationChannel,
    Occurrence,
    Schedule,
)

ON_OFF = [("", "Any"), ("true", "On"), ("false", "Off")]
SCHEDULE_STATES = [("due", "Will start"), ("paused", "Paused"), ("off", "Switched off")]


def _is_true(value: Any) -> bool:
    return str(value) == "true"


def _kinds() -> list[tuple[str, str]]:
    return [(kind.name, kind.title) for kind in kinds.all_kinds()]


def _owners(request: HttpRequest | None) -> QuerySet[User]:
    """Those who own one of the automations the person sees."""
    if request is None:
        return User.objects.none()
    seen = visible(Actor.of(request), Automation.objects.order_by())
    return User.objects.filter(pk__in=seen.values("owner"))


def _channels(request: HttpRequest | None) -> QuerySet[NotificationChannel]:
    if request is None:
        return NotificationChannel.objects.none()
    return visible(Actor.of(request), NotificationChannel.objects.all())


class AutomationPageFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Rows come from `automation_queries.with_latest`."""

    q = django_filters.CharFilter("name", "icontains", label="Name")
    kind = django_filters.ChoiceFilter(choices=_kinds, empty_label="Any", label="Kind")
    owner = django_filters.ModelChoiceFilter(queryset=_owners, empty_label="Anybody", label="Owner")
    enabled = django_filters.TypedChoiceFilter(choices=ON_OFF, coerce=_is_true, label="Switched")
    last = django_filters.ChoiceFilter(
        "last_status", choices=JobStatus.choices, empty_label="Any", label="Last result"
    )

    class Meta:
        model = Automation
        fields: tuple[str, ...] = ()


class SchedulePageFilter(django_filters.FilterSet):  # type: ignore[misc]
    q = django_filters.CharFilter("automation__name", "icontains", label="Automation")
    kind = django_filters.ChoiceFilter(
        "automation__kind", choices=_kinds, empty_label="Any", label="Kind"
    )
    state = django_filters.ChoiceFilter(
        choices=SCHEDULE_STATES, method="in_state", empty_label="Any", label="State"
    )

    class Meta:
        model = Schedule
        fields: tuple[str, ...] = ()

    def in_state(self, rows: QuerySet[Schedule], name: str, value: str) -> QuerySet[Schedule]:
        if value == "off":
            return rows.filter(Q(enabled=False) | Q(automation__enabled=False))
        on = rows.filter(enabled=True, automation__enabled=True)
        return on.filter(paused()) if value == "paused" else on.exclude(paused())


def paused() -> Q:
    """What `Schedule.is_paused_at` says of now, for the database."""
    return ~Q(paused_by="") & (Q(paused_until=None) | Q(paused_until__gt=timezone.now()))


class RunPageFilter(JobRunPageFilter):
    """The runs of one automation: of all the filters of jobs those that still divide them."""

    class Meta:
        model = JobRun
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in set(self.form.fields) - {"status", "trigger", "failed_records"}:
            del self.form.fields[name]


class DeliveryPageFilter(django_filters.FilterSet):  # type: ignore[misc]
    q = django_filters.CharFilter(method="about", label="Subject or address")
    status = django_filters.ChoiceFilter(
        choices=Delivery.Status.choices, empty_label="Any", label="Status"
    )
    channel = django_filters.ModelChoiceFilter(
        queryset=_channels, empty_label="Any", label="Channel"
    )

    class Meta:
        model = Delivery
        fields: tuple[str, ...] = ()

    def about(self, rows: QuerySet[Delivery], name: str, value: str) -> QuerySet[Delivery]:
        return rows.filter(Q(subject__icontains=value) | Q(address__icontains=value))


def soonest_first(rows: QuerySet[Schedule]) -> QuerySet[Schedule]:
    """What starts next comes first, what starts nothing last."""
    return rows.order_by(F("next_due_at").asc(nulls_last=True), "pk")


def trouble(occurrences: QuerySet[Occurrence]) -> QuerySet[Occurrence]:
    """Due times at which nothing was started."""
    started = (Occurrence.Outcome.STARTED, Occurrence.Outcome.WAITING, Occurrence.Outcome.MERGED)
    return occurrences.exclude(outcome__in=started)
