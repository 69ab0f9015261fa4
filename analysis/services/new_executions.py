"""Choosing what an automation analyses next: each execution once, whatever happens to a run.

The automation's memory holds: "until", the key up to which executions were looked at;
"unfinished", those that still ran then; "ahead", those an event brought before their turn;
"owed", {run: [executions it has taken on]}. What a run that failed left owing is done by the
next, what a live one owes is left to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from analysis.selection import Choice, Usual, in_reach, is_too_fast, selected, usual_times
from boomi.models import Account, Execution, ExecutionOutcome
from boomi.services import account_connections
from scheduling.jobs import JobContext, JobFailed
from scheduling.models import LIVE, Automation, JobRun

FIRST_SPAN = timedelta(days=1)
# Rows of a transaction that is not committed yet may come before rows we see.
SETTLED_AFTER = timedelta(seconds=5)
MOST_UNFINISHED = 500
Memory = dict[str, Any]
Times = Mapping[str, Usual]


@dataclass(frozen=True, slots=True)
class Plan:
    """`until` is None while there is no beginning to go on from."""

    todo: list[int]
    until: int | None
    unfinished: list[int]
    more: bool = False


def take_on(ctx: JobContext) -> None:
    """Take executions on, in one step with the memory that says so.

    The cursor gets "todo" and "taken" (keys), "more" (whether others had to wait) and "usual"
    ({key: ms} of those that were too fast). Raises Conflict without a working connection.
    """
    choice = Choice.of(ctx.params)
    account = Account.objects.filter(pk=choice.account).first()
    if account is None:
        raise JobFailed("The account was deleted.", hint="Delete this automation too.")
    account_connections.working(account, actor=ctx.actor)
    within = in_reach(ctx.actor, choice)
    week_ago = timezone.now() - timedelta(days=7)
    usual = usual_times(within.filter(started_at__gt=week_ago), choice)
    event = ctx.params.get("event")
    with ctx.step() as cursor:
        memory = memory_of(ctx)
        owed, left = _owed(memory)
        if event:
            plan = _of_event(within, choice, usual, event, memory)
        else:
            plan = _of_new(within, choice, usual, memory, left)
        _remember(ctx, plan, memory, owed, ahead=bool(event))
        cursor |= {
            "todo": plan.todo,
            "taken": plan.todo,
            "total": len(plan.todo),
            "more": plan.more,
            "usual": _usual_of(plan.todo, usual),
        }


def _remember(
    ctx: JobContext, plan: Plan, memory: Memory, owed: dict[str, list[int]], *, ahead: bool
) -> None:
    before_their_turn = {*memory.get("ahead", []), *(plan.todo if ahead else ())}
    until = plan.until if plan.until is not None else memory.get("until")
    ctx.remember(
        **({} if until is None else {"until": until}),
        unfinished=plan.unfinished,
        ahead=sorted(pk for pk in before_their_turn if pk > (until or 0)),
        owed={**owed, str(ctx.run.pk): plan.todo},
    )


def memory_of(ctx: JobContext) -> Memory:
    """As it is now, and nobody changes it before this step ends."""
    if ctx.automation is None:
        return {}
    rows = Automation.objects.select_for_update().filter(pk=ctx.automation.pk)
    return dict(rows.values_list("memory", flat=True).first() or {})


def strike_off(ctx: JobContext, pk: int | None = None) -> None:
    """One execution, or without one the whole run, owes nothing any more. Inside a step."""
    owed: dict[str, list[int]] = memory_of(ctx).get("owed", {})
    own = str(ctx.run.pk)
    mine = [each for each in owed.get(own, []) if pk is not None and each != pk]
    others = {run: keys for run, keys in owed.items() if run != own}
    ctx.remember(owed={**others, **({own: mine} if mine else {})})


def _owed(memory: Memory) -> tuple[dict[str, list[int]], list[int]]:
    """What live runs have taken on, and what those that ended left undone."""
    owed: dict[str, list[int]] = memory.get("owed", {})
    live = JobRun.objects.filter(pk__in=[int(pk) for pk in owed], status__in=LIVE)
    living = {str(pk) for pk in live.values_list("pk", flat=True)}
    left = [pk for run, keys in owed.items() if run not in living for pk in keys]
    return {run: keys for run, keys in owed.items() if run in living}, left


def _of_new(
    within: QuerySet[Execution],
    choice: Choice,
    usual: Times,
    memory: Memory,
    left: Iterable[int],
) -> Plan:
    """What ended since the last look, the oldest first, at most so many at once."""
    begin, end = _horizon(memory)
    new = within.filter(pk__gt=begin, pk__lte=end)
    if "until" not in memory:
        new = new.filter(started_at__gte=timezone.now() - FIRST_SPAN)
    waiting = within.filter(pk__in=memory.get("unfinished", []))
    first = set(within.filter(pk__in=set(left)).values_list("pk", flat=True))
    first |= set(selected(waiting, choice, usual).values_list("pk", flat=True))
    skip = {*memory.get("ahead", []), *first, *_taken(memory)}
    rows = selected(new, choice, usual).exclude(pk__in=skip).order_by("pk")
    room = max(0, choice.limit - len(first))
    fresh = list(rows.values_list("pk", flat=True)[: room + 1])
    more = len(fresh) > room
    if more:
        # Only as far as was taken: the next run goes on from there.
        end = fresh.pop() - 1
    running = new.filter(outcome=ExecutionOutcome.RUNNING, pk__lte=end).order_by("-pk")
    still = waiting.filter(outcome=ExecutionOutcome.RUNNING).values_list("pk", flat=True)
    unfinished = sorted({*running.values_list("pk", flat=True)[:MOST_UNFINISHED], *still})
    return Plan([*sorted(first), *fresh], end, unfinished[-MOST_UNFINISHED:], more)


def _of_event(
    within: QuerySet[Execution],
    choice: Choice,
    usual: Times,
    event: Mapping[str, Any],
    memory: Memory,
) -> Plan:
    """What the event names and nobody has taken on yet; everything else waits for its turn."""
    named = {int(pk) for pk in event.get("executions", [])}
    unfinished = set(memory.get("unfinished", []))
    begin = int(memory.get("until", 0))
    fresh = {pk for pk in named if pk > begin or pk in unfinished}
    fresh -= {*memory.get("ahead", []), *_taken(memory)}
    rows = selected(within.filter(pk__in=fresh), choice, usual).order_by("pk")
    todo = list(rows.values_list("pk", flat=True)[: choice.limit])
    return Plan(todo, None, sorted(unfinished - set(todo)))


def _taken(memory: Memory) -> set[int]:
    owed: dict[str, list[int]] = memory.get("owed", {})
    return {pk for keys in owed.values() for pk in keys}


def _horizon(memory: Memory) -> tuple[int, int]:
    """The keys between which to look. Keys grow in the order in which runs were mirrored."""
    begin = int(memory.get("until", 0))
    settled = Execution.objects.filter(first_seen_at__lte=timezone.now() - SETTLED_AFTER)
    end = settled.order_by("-pk").values_list("pk", flat=True).first() or 0
    return begin, max(begin, end)


def _usual_of(todo: list[int], usual: Times) -> dict[str, int]:
    if not usual:
        return {}
    rows = Execution.objects.in_bulk(todo)
    fast = [row for row in rows.values() if is_too_fast(row, usual)]
    return {str(row.pk): usual[row.process_id].median_ms for row in fast}
