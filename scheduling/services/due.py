"""Starting what is due: each due time exactly once, whoever comes first.

A due time is taken by moving the schedule on, and that is one transaction with the row that
says what became of it and the run it started: a clock that dies in between took nothing.
"""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from common import audit
from common.actors import Actor
from common.logs import get_logger
from scheduling import cron, heartbeats, notices, policies
from scheduling.models import LIVE, Automation, JobRun, Occurrence, Schedule, Trigger
from scheduling.services import starting, timing
from scheduling.services.starting import is_full, owner_of, start, why_not

log = get_logger(__name__)
BATCH = 200
# A clock that was set back by more than this leaves schedules waiting in a future that is gone.
JUMP = heartbeats.JUMP
Outcome = Occurrence.Outcome
FAULT = "A fault of the portal kept it from starting"


def start_due() -> int:
    """Start everything whose time has come, and what waited for a run that has ended.

    Returns how many runs were started. Any number of clocks may call it at once.
    """
    now = timezone.now()
    _heal_jumps(now)
    return _start_schedules(now) + start_waiting()


def _start_schedules(now: datetime) -> int:
    due = Schedule.objects.filter(next_due_at__lte=now, enabled=True, automation__enabled=True)
    rows = due.select_related("automation__owner").order_by("next_due_at", "pk")
    return sum(_take_safely(schedule, now) for schedule in rows[:BATCH])


def _take_safely(schedule: Schedule, now: datetime) -> int:
    """One automation whose kind is broken must not keep the others from starting."""
    try:
        return _take(schedule, now)
    except (OperationalError, InterfaceError):
        # Busy or gone: nothing was taken, and the next pass tries again.
        raise
    except Exception as error:
        log.error("scheduling.start_failed", schedule=schedule.pk, exc_info=True)
        return _give_up(schedule, f"{FAULT} ({type(error).__name__}).", goes_on=True)


def _take(schedule: Schedule, now: datetime) -> int:
    """Move the schedule on and do what its policies say; 0 when another clock was first."""
    try:
        plan = policies.plan(schedule, now)
    except cron.CronError as error:
        return _give_up(schedule, error.message)
    with transaction.atomic():
        if not _move_on(schedule, plan.last, timing.next_due(schedule, max(now, plan.last))):
            return 0
        _end_pause(schedule, now)
        for left in plan.left_out:
            _leave_out(schedule, left)
        return sum(_start(schedule, at, makes_up) for at, makes_up in plan.starts)


def _move_on(schedule: Schedule, last: datetime, following: datetime | None) -> bool:
    """The due time we saw and both switches are expected."""
    rows = Schedule.objects.filter(
        pk=schedule.pk,
        next_due_at=schedule.next_due_at,
        enabled=True,
        automation__enabled=True,
    )
    return bool(rows.update(next_due_at=following, last_due_at=last))


def _give_up(schedule: Schedule, problem: str, *, goes_on: bool = False) -> int:
    """Refuse this due time; the schedule ends with it unless it `goes_on`."""
    at, now = schedule.next_due_at, timezone.now()
    following = timing.next_due(schedule, now) if goes_on else None
    with transaction.atomic():
        if at is not None and _move_on(schedule, at, following):
            _leave_out(schedule, policies.LeftOut(Outcome.REFUSED, at, 1, problem))
    return 0


def _end_pause(schedule: Schedule, now: datetime) -> None:
    """A pause whose time is over goes, so that pages need not compare dates."""
    until = schedule.paused_until
    if until is None or until > now:
        return
    values = {"paused_until": None, "pause_reason": "", "paused_by": ""}
    if Schedule.objects.filter(pk=schedule.pk, paused_until=until).update(**values):
        clock = Actor.system("clock")
        audit.record(clock, "scheduling.schedule.resumed", schedule, note="The pause was over.")


def _leave_out(schedule: Schedule, left: policies.LeftOut) -> None:
    """Say why due times did not start, in the row of those before them if that said the same."""
    newest = Occurrence.objects.filter(schedule=schedule).order_by("-due_at").first()
    same = newest is not None and (newest.outcome, newest.note) == (left.outcome, left.note[:300])
    if newest is not None and same and newest.due_at < left.last:
        rows = Occurrence.objects.filter(pk=newest.pk, due_at=newest.due_at)
        rows.update(due_at=left.last, times=F("times") + left.times)
        return
    row = _record(schedule, left.last, left.outcome, left.note, left.times)
    if row is not None and left.outcome == Outcome.REFUSED:
        notices.tell_of_refusal(schedule.automation, left.last, left.note)


def _record(
    schedule: Schedule, at: datetime, outcome: Outcome, note: str = "", times: int = 1
) -> Occurrence | None:
    """None when this due time was dealt with before the clock was set back."""
    try:
        with transaction.atomic():
            return Occurrence.objects.create(
                schedule=schedule, due_at=at, outcome=outcome, note=note[:300], times=times
            )
    except IntegrityError:
        log.warning("scheduling.due_twice", schedule=schedule.pk, due_at=at.isoformat())
        return None


def _start(schedule: Schedule, at: datetime, makes_up: bool) -> int:
    """Start one due time or say why not; 1 when a run began."""
    automation = schedule.automation
    reason = why_not(automation, owner_of(automation))
    if reason:
        _leave_out(schedule, policies.LeftOut(Outcome.REFUSED, at, 1, reason))
        return 0
    beside = schedule.overlap == Schedule.Overlap.ALLOW
    if not beside and automation.runs.filter(status__in=LIVE).exists():
        _meet_live(schedule, at, makes_up)
        return 0
    if beside and is_full(automation):
        note = f"{starting.MOST_LIVE} of its runs are live already."
        _leave_out(schedule, policies.LeftOut(Outcome.OVERLAPPED, at, 1, note))
        return 0
    occurrence = _record(schedule, at, Outcome.STARTED)
    if occurrence is None:
        return 0
    run, created = start(
        automation, actor=owner_of(automation), trigger=Trigger.SCHEDULE, beside=beside
    )
    if not created:
        # Somebody else started it in this very moment.
        occurrence.delete()
        _meet_live(schedule, at, makes_up)
        return 0
    Occurrence.objects.filter(pk=occurrence.pk).update(run=run)
    return 1


def _meet_live(schedule: Schedule, at: datetime, makes_up: bool) -> None:
    """Another run is at work: wait for its end, where the policy wants it, or leave this out.

    One waits at most, for two would only repeat each other; what makes up for missed starts
    is meant to repeat.
    """
    waits = schedule.overlap == Schedule.Overlap.WAIT
    if makes_up or (waits and not _somebody_waits(schedule.automation)):
        _record(schedule, at, Outcome.WAITING)
        return
    note = "Another start waits already." if waits else ""
    _leave_out(schedule, policies.LeftOut(Outcome.OVERLAPPED, at, 1, note))


def _somebody_waits(automation: Automation) -> bool:
    return Occurrence.objects.filter(
        schedule__automation=automation, outcome=Outcome.WAITING
    ).exists()


def start_waiting() -> int:
    """Start the oldest waiting due time of each automation that has no live run any more."""
    live = JobRun.objects.filter(automation=OuterRef("schedule__automation"), status__in=LIVE)
    waiting = Occurrence.objects.filter(~Exists(live), outcome=Outcome.WAITING)
    rows = waiting.select_related("schedule__automation__owner").order_by("due_at", "pk")
    oldest: dict[int, Occurrence] = {}
    for occurrence in rows[:BATCH]:
        oldest.setdefault(occurrence.schedule.automation_id, occurrence)
    return sum(_start_waiting(occurrence) for occurrence in oldest.values())


def _start_waiting(occurrence: Occurrence) -> int:
    automation = occurrence.schedule.automation
    try:
        outcome, note = _why_wait_in_vain(occurrence)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        log.error("scheduling.start_failed", schedule=occurrence.schedule_id, exc_info=True)
        outcome, note = Outcome.REFUSED, f"{FAULT} ({type(error).__name__})."
    with transaction.atomic():
        rows = Occurrence.objects.filter(pk=occurrence.pk, outcome=Outcome.WAITING)
        if not rows.update(outcome=outcome, note=note[:300]):
            return 0
        if outcome == Outcome.REFUSED:
            notices.tell_of_refusal(automation, occurrence.due_at, note)
        if outcome != Outcome.STARTED:
            return 0
        run, created = start(automation, actor=owner_of(automation), trigger=Trigger.SCHEDULE)
        if not created:
            transaction.set_rollback(True)
            return 0
        Occurrence.objects.filter(pk=occurrence.pk).update(run=run)
    return 1


def _why_wait_in_vain(occurrence: Occurrence) -> tuple[Outcome, str]:
    """What becomes of a due time whose turn has come: things may have changed while it waited."""
    schedule = occurrence.schedule
    automation = schedule.automation
    if not (schedule.enabled and automation.enabled):
        return Outcome.REFUSED, "It was switched off while this start waited."
    if schedule.is_paused_at(timezone.now()):
        return Outcome.PAUSED, schedule.pause_reason
    reason = why_not(automation, owner_of(automation))
    return (Outcome.REFUSED, reason) if reason else (Outcome.STARTED, "")


def _heal_jumps(now: datetime) -> None:
    """Bring back schedules that a clock running ahead had moved far into the future.

    What was dealt with then has its row and is not started again.
    """
    ahead = Schedule.objects.filter(last_due_at__gt=now + JUMP, next_due_at__isnull=False)
    for schedule in ahead.select_related("automation")[:BATCH]:
        rows = Schedule.objects.filter(pk=schedule.pk, last_due_at=schedule.last_due_at)
        rows.update(last_due_at=None, next_due_at=timing.next_due(schedule, now))
        log.warning("scheduling.clock_went_back", schedule=schedule.pk)
