"""What executions can be narrowed by, in the address of the page and of the API alike."""

from __future__ import annotations

import django_filters
from django.db.models import QuerySet

from boomi.models import Account, Environment, Execution, ExecutionOutcome, LogState, Runtime
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
