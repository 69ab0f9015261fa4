"""Filters of pages and API that belong to no one app, and those of the audit trail."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from common.models import AuditEvent

# What the databases and their UTC arithmetic hold for sure; the platform is younger.
EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def sensible_moment(value: datetime) -> None:
    """Refuse a moment outside 1970–2200."""
    if not EARLIEST <= value < LATEST:
        raise ValidationError("Give a moment between 1970 and 2200.", code="out_of_range")


class MomentFilter(django_filters.IsoDateTimeFilter):  # type: ignore[misc]
    """ISO 8601; without an offset the viewer's own time zone counts, UTC for programs."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, validators=[sensible_moment], **kwargs)


class MomentInput(forms.DateTimeInput):
    """The browser's own picker of a day and a time."""

    input_type = "datetime-local"

    def format_value(self, value: Any) -> str | None:
        return str(value) if value else None


class AuditFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Narrows the trail by who, what, to what, in which request and when."""

    q = django_filters.CharFilter(method="named", label="Action, object or note")
    actor = django_filters.CharFilter("actor_text", "icontains", label="Person")
    outcome = django_filters.ChoiceFilter(
        choices=AuditEvent.Outcome.choices, empty_label="Any", label="Outcome"
    )
    request_id = django_filters.CharFilter("request_id", "exact", label="Request id")
    object = django_filters.CharFilter(method="about", label="Object")
    after = MomentFilter("at", "gte", label="From", widget=MomentInput)
    before = MomentFilter("at", "lt", label="Until", widget=MomentInput)

    class Meta:
        model = AuditEvent
        fields: tuple[str, ...] = ()

    def named(self, events: QuerySet[AuditEvent], name: str, value: str) -> QuerySet[AuditEvent]:
        return events.filter(
            Q(action__icontains=value) | Q(object_text__icontains=value) | Q(note__icontains=value)
        )

    def about(self, events: QuerySet[AuditEvent], name: str, value: str) -> QuerySet[AuditEvent]:
        """One object, as "common.team:7"."""
        kind, _, key = value.partition(":")
        return events.filter(object_type=kind, object_id=key)
