"""What executions can be narrowed by, in the address of the page and of the API alike.

Remote ids stand in the address rather than keys of our rows: a link to "the runs of this
runtime" means the same in every portal.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django_filters.fields import ModelChoiceField
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from boomi.models import Account, Environment, Execution, ExecutionOutcome, LogState, Runtime
from common.access import visible
from common.actors import Actor

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
# What the databases and their UTC arithmetic hold for sure; the platform is younger.
EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def sensible_moment(value: datetime) -> None:
    """Refuse a moment outside 1970–2200."""
    if not EARLIEST <= value < LATEST:
        raise ValidationError("Give a moment between 1970 and 2200.", code="out_of_range")


class RemoteIdField(ModelChoiceField):  # type: ignore[misc]
    """Takes a remote id. Two accounts may know the same one; any of the two rows will do."""

    def to_python(self, value: Any) -> Model | None:
        if value in self.empty_values:
            return None
        key = self.to_field_name or "pk"
        name = getattr(value, key) if isinstance(value, Model) else str(value)
        row: Model | None = None
        if "\0" not in name:
            row = self.queryset.filter(**{key: name}).first()
        if row is None:
            raise ValidationError(
                self.error_messages["invalid_choice"], code="invalid_choice", params={"value": name}
            )
        return row


@extend_schema_field(OpenApiTypes.STR)
class RemoteIdFilter(django_filters.ModelChoiceFilter):  # type: ignore[misc]
    field_class = RemoteIdField


class AnyOfFilter(django_filters.MultipleChoiceFilter):  # type: ignore[misc]
    """One of several words: `?status=ERROR&status=ABORTED`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # DISTINCT over the wide rows would cost a sort and can change nothing here.
        super().__init__(*args, distinct=False, **kwargs)


class MomentFilter(django_filters.IsoDateTimeFilter):  # type: ignore[misc]
    """ISO 8601; without an offset the viewer's own time zone counts, UTC for programs."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, validators=[sensible_moment], **kwargs)


def choosable(model: type[Model]) -> Any:
    """The rows of `model` that the person of a request may name in a filter."""

    def rows(request: HttpRequest | None) -> QuerySet[Model]:
        everything = model._default_manager.all()
        if request is None:
            return everything.none()
        return visible(Actor.of(request), everything)

    return rows


class ExecutionFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Narrows executions that are visible already; give it the request, for the choices.

    Every name may be left out. A value that no choice has is an error of its field, a process
    or a process id that nobody ran selects nothing.
    """

    q = django_filters.CharFilter(
        "process_name", "icontains", label="Part of the process name"
    )  # fmt: skip
    process = django_filters.CharFilter("process_name", "exact", label="Process name")
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

    def on_runtime(
        self, executions: QuerySet[Execution], name: str, runtime: Runtime
    ) -> QuerySet[Execution]:
        return executions.filter(runtime_id=runtime.runtime_id)

    def in_environment(
        self, executions: QuerySet[Execution], name: str, environment: Environment
    ) -> QuerySet[Execution]:
        """By the runtimes attached to it now: the platform's record names no environment."""
        attached = Runtime.objects.filter(
            environments__environment_id=environment.environment_id
        ).order_by()
        return executions.filter(runtime_id__in=attached.values("runtime_id"))
