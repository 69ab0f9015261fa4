"""Which executions an automation looks into: failed ones, long ones, suspiciously fast ones.

Too fast is a success that took less than a share of what the process usually takes: the median
of its newest successes. It often means that there was nothing where something should have been.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

from django.db.models import Q, QuerySet

from boomi.models import Execution, ExecutionOutcome
from common.access import visible
from common.actors import Actor

MEDIAN_OF = 50
# Fewer successes say little about what is usual.
MEDIAN_NEEDS = 5
MOST_PROCESSES = 200
DEFAULT_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Choice:
    """What the parameters of the automation ask for; an empty `process` means all."""

    account: int
    process: str = ""
    only_errors: bool = True
    min_seconds: int = 0
    too_fast_percent: int = 0
    limit: int = DEFAULT_LIMIT

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> Choice:
        return cls(
            account=int(parameters["account"]),
            process=str(parameters.get("process") or ""),
            only_errors=bool(parameters.get("only_errors", False)),
            min_seconds=int(parameters.get("min_seconds") or 0),
            too_fast_percent=int(parameters.get("too_fast_percent") or 0),
            limit=int(parameters.get("limit") or DEFAULT_LIMIT),
        )


@dataclass(frozen=True, slots=True)
class Usual:
    """What a process usually takes, and below what it is too fast; both in ms."""

    median_ms: int
    limit_ms: int


def in_reach(actor: Actor, choice: Choice) -> QuerySet[Execution]:
    """The executions the choice is about, ended or not, as far as the actor sees them."""
    rows = visible(actor, Execution.objects.filter(account=choice.account).order_by())
    return rows.filter(process_id=choice.process) if choice.process else rows


def usual_times(executions: QuerySet[Execution], choice: Choice) -> dict[str, Usual]:
    """By process id, for the processes that have enough successes to tell."""
    if not choice.too_fast_percent:
        return {}
    succeeded = executions.filter(outcome=ExecutionOutcome.SUCCESS).exclude(process_id="")
    found = succeeded.values_list("process_id", flat=True).distinct()[:MOST_PROCESSES]
    usual = {process: _usual(choice, process) for process in list(found)}
    return {process: value for process, value in usual.items() if value is not None}


def _usual(choice: Choice, process: str) -> Usual | None:
    rows = Execution.objects.filter(
        account=choice.account,
        process_id=process,
        outcome=ExecutionOutcome.SUCCESS,
        duration_ms__isnull=False,
    )
    newest = rows.order_by("-started_at").values_list("duration_ms", flat=True)[:MEDIAN_OF]
    times = [took for took in newest if took is not None]
    if len(times) < MEDIAN_NEEDS:
        return None
    middle = int(median(times))
    return Usual(middle, middle * choice.too_fast_percent // 100)


def selected(
    executions: QuerySet[Execution], choice: Choice, usual: Mapping[str, Usual]
) -> QuerySet[Execution]:
    """Those to look into. Being too fast counts whatever the other filters say."""
    wanted = Q(outcome=ExecutionOutcome.ERROR) if choice.only_errors else Q()
    if choice.min_seconds:
        wanted &= Q(duration_ms__gte=choice.min_seconds * 1000)
    ended = executions.exclude(outcome=ExecutionOutcome.RUNNING)
    if wanted:  # else everything is wanted, what was too fast included
        for process, value in usual.items():
            fast = Q(process_id=process, duration_ms__lt=value.limit_ms)
            wanted |= fast & Q(outcome=ExecutionOutcome.SUCCESS)
    return ended.filter(wanted)


def is_too_fast(execution: Execution, usual: Mapping[str, Usual]) -> bool:
    value = usual.get(execution.process_id)
    return (
        value is not None
        and execution.outcome == ExecutionOutcome.SUCCESS
        and execution.duration_ms is not None
        and execution.duration_ms < value.limit_ms
    )
