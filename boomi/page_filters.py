"""The filter of the executions page: that of the API, with times as people choose them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from boomi.execution_counts import Span
from boomi.filters import TYPES, ExecutionFilter
from boomi.models import Execution, LogState

PERIODS = (
    ("1h", "Last hour"),
    ("24h", "Last 24 hours"),
    ("7d", "Last 7 days"),
    ("30d", "Last 30 days"),
    ("today", "Today"),
    ("yesterday", "Yesterday"),
)
SPANS = {
    "1h": timedelta(hours=1),
    "24h": timedelta(hours=24),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
}
# Chosen by the row of counts and by links, and so hidden in the form; a list each.
HIDDEN = {
    "status": "Status",
    "outcome": "Outcome",
    "process": "Process",
    "process_id": "Process id",
    "execution_id": "Execution id",
}


def bounds(period: str, now: datetime) -> tuple[datetime, datetime | None]:
    """Beginning and end of a preset in the viewer's zone; no end where it is now."""
    if period in SPANS:
        return now - SPANS[period], None
    today = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    if period == "today":
        return today, None
    # Through noon, because a day of the clock change has 23 or 25 hours.
    noon_before = today - timedelta(hours=12)
    return noon_before.replace(hour=0), today


def _moment_input() -> forms.DateTimeInput:
    return forms.DateTimeInput(attrs={"type": "datetime-local"})


class ExecutionPageFilter(ExecutionFilter):
    """`type` and `log_state` take one word, as a menu does; in the API they take several."""

    period = django_filters.ChoiceFilter(
        choices=PERIODS, method="in_period", label="Period", empty_label="Any time"
    )
    type = django_filters.ChoiceFilter(
        "execution_type", choices=TYPES, label="Started by", empty_label="Anything"
    )
    log_state = django_filters.ChoiceFilter(
        choices=LogState.choices, label="Process log", empty_label="Any"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields = self.form.fields
        fields["q"].label = "Process"
        fields["q"].widget.attrs |= {
            "list": "process-names",
            "data-names": "/executions/processes/",
            "autocomplete": "off",
            "placeholder": "Part of the name",
            "maxlength": 300,
        }
        fields["started_after"].widget = _moment_input()
        fields["started_after"].label = "From"
        fields["started_before"].widget = _moment_input()
        fields["started_before"].label = "Until"
        for name, label in HIDDEN.items():
            fields[name].label = label
        for name in ("account", "runtime", "environment"):
            fields[name].empty_label = "All"
        self.form.order_fields(
            ["q", "period", "started_after", "started_before", "account", "environment", "runtime",
             "type", "log_state"]
        )  # fmt: skip

    def in_period(
        self, executions: QuerySet[Execution], name: str, period: str
    ) -> QuerySet[Execution]:
        start, end = bounds(period, timezone.now())
        executions = executions.filter(started_at__gte=start)
        return executions.filter(started_at__lt=end) if end else executions

    def span(self, now: datetime) -> Span:
        period = self.form.cleaned_data.get("period")
        return super().span(now) & (Span(*bounds(period, now)) if period else Span())
