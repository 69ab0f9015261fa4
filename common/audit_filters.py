"""What the audit trail can be narrowed by on its page."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet

from common.filters import MomentFilter
from common.models import AuditEvent


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
