"""What becomes of the due times that have come: pure decisions, tested without a database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduling import cron
from scheduling.models import Occurrence, Schedule

Outcome = Occurrence.Outcome

# A start later than this was missed; the clock comes by every few seconds.
LATE = timedelta(seconds=90)
MOST_CAUGHT_UP = 24
# Beside those to make up for: two on time (of a schedule of every minute) and one left out.
KEPT = MOST_CAUGHT_UP + 3
# Counting on would keep the clock busy: a schedule of every minute after a year of silence.
MOST_COUNTED = 20_000


@dataclass(frozen=True, slots=True)
class LeftOut:
    """`times` due times that do not start, the latest of them at `last`."""

    outcome: Outcome
    last: datetime
    times: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """Due times to start in order, each with whether it makes up for a missed one, and those
    left out before them. `last` is the latest due time of all."""

    last: datetime
    starts: tuple[tuple[datetime, bool], ...] = ()
    left_out: tuple[LeftOut, ...] = ()


def plan(schedule: Schedule, now: datetime) -> Plan:
    """What to do with everything due from `schedule.next_due_at` until `now`.

    Raises CronError for an expression or zone that this installation cannot read.
    """
    due = schedule.next_due_at
    if due is None or due > now:
        raise ValueError("Nothing is due.")
    times, older = _due_until(schedule, due, now)
    open_times = [at for at in times if not schedule.is_paused_at(at)]
    paused = times[: len(times) - len(open_times)]
    left_out: list[LeftOut] = []
    if paused:
        count, older = older + len(paused), 0
        left_out = [LeftOut(Outcome.PAUSED, paused[-1], count, schedule.pause_reason)]
    starts, missed = _caught_up(schedule.catch_up, open_times, older, now)
    return Plan(times[-1], starts, (*left_out, *missed))


def _due_until(schedule: Schedule, due: datetime, now: datetime) -> tuple[list[datetime], int]:
    """The newest due times up to `now`, oldest first, and how many there were before them."""
    soonest = cron.next_times(schedule.cron, schedule.zone, due, 1)
    if not soonest or soonest[0] > now:
        return [due], 0
    following = cron.next_times(schedule.cron, schedule.zone, due, KEPT)
    if len(following) < KEPT or following[-1] > now:
        return [due, *(at for at in following if at <= now)], 0
    soon = now + timedelta(microseconds=1)
    newest = cron.previous_times(schedule.cron, schedule.zone, soon, KEPT)[::-1]
    counted = cron.next_times(schedule.cron, schedule.zone, due, MOST_COUNTED)
    return newest, 1 + sum(at < newest[0] for at in counted)


def _caught_up(
    policy: str, times: Sequence[datetime], older: int, now: datetime
) -> tuple[tuple[tuple[datetime, bool], ...], tuple[LeftOut, ...]]:
    """The starts and what is left out, of `times` and `older` ones before them."""
    missed = [at for at in times if now - at > LATE]
    on_time = tuple((at, False) for at in times[len(missed) :])
    if not missed:
        return on_time, ()
    count = older + len(missed)
    if policy == Schedule.CatchUp.SKIP:
        return on_time, (LeftOut(Outcome.MISSED, missed[-1], count),)
    if policy == Schedule.CatchUp.EACH:
        chosen = missed[-MOST_CAUGHT_UP:]
        starts = (*((at, True) for at in chosen), *on_time)
        if count == len(chosen):
            return starts, ()
        last = missed[-MOST_CAUGHT_UP - 1]
        return starts, (LeftOut(Outcome.MISSED, last, count - len(chosen)),)
    if on_time:
        return on_time, (LeftOut(Outcome.MERGED, missed[-1], count),)
    merged = (LeftOut(Outcome.MERGED, missed[-2], count - 1),) if count > 1 else ()
    return ((missed[-1], False),), merged
