"""Schedules of automations: add, change, delete, pause, resume, and what a cron means.

What happens when one is due is in `due`; `start_due` is told here for doors and the clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict, Unpack

from django.db import IntegrityError, transaction
from django.utils import timezone

from common import audit
from common.access import require
from common.actors import Actor
from common.errors import Conflict, InputError
from common.filters import LATEST
from common.pruning import delete_old
from scheduling import cron as crons
from scheduling.models import Automation, Occurrence, Schedule
from scheduling.services import timing
from scheduling.services.due import start_due

__all__ = [
    "Changes",
    "CronPreview",
    "create",
    "delete",
    "pause",
    "preview",
    "resume",
    "start_due",
    "update",
]
WHEN = frozenset({"cron", "zone", "enabled"})
TOLD = ("cron", "zone", "overlap", "catch_up", "enabled")
# The names of fields in forms and answers, by the word a CronError uses.
ZONE_FIELD, CRON_FIELD = "zone", "cron"


class Changes(TypedDict, total=False):
    """What `update` can change; a name that is left out stays as it is."""

    cron: str
    zone: str
    overlap: str
    catch_up: str
    enabled: bool


@dataclass(frozen=True, slots=True)
class CronPreview:
    """An expression in words and its next starts (UTC), or the `problem` and its `field`."""

    words: str
    times: tuple[datetime, ...]
    problem: str = ""
    field: str = ""


def preview(cron: str, zone: str, *, after: datetime | None = None, count: int = 5) -> CronPreview:
    """What a form shows while somebody types; never raises."""
    try:
        times = crons.next_times(cron, zone, after or timezone.now(), count)
        return CronPreview(crons.words(cron), tuple(times))
    except crons.CronError as error:
        return CronPreview("", (), error.message, error.field)


def create(
    automation: Automation,
    *,
    actor: Actor,
    cron: str,
    zone: str,
    overlap: str = Schedule.Overlap.SKIP,
    catch_up: str = Schedule.CatchUp.ONCE,
    enabled: bool = True,
) -> Schedule:
    """Add a schedule. Raises InputError with `fields`, NotAllowed, Conflict when the automation
    was deleted meanwhile."""
    require(actor, "scheduling.schedule.edit", automation)
    values = _checked(
        {"cron": cron, "zone": zone, "overlap": overlap, "catch_up": catch_up, "enabled": enabled}
    )
    try:
        with transaction.atomic():
            automation = _newest(automation)
            schedule = Schedule(automation=automation, **values)
            schedule.next_due_at = timing.next_due(schedule, timezone.now())
            schedule.save(force_insert=True)
            audit.record(actor, "scheduling.schedule.created", schedule, after=_told(schedule))
    except IntegrityError:
        raise _taken() from None
    return schedule


def update(schedule: Schedule, *, actor: Actor, **changes: Unpack[Changes]) -> Schedule:
    """Change what is given; with other times it is due anew from now on. Raises as `create`
    does."""
    require(actor, "scheduling.schedule.edit", schedule)
    values = _checked(dict(changes))
    try:
        with transaction.atomic():
            schedule = _fresh(schedule)
            values = {name: new for name, new in values.items() if getattr(schedule, name) != new}
            if not values:
                return schedule
            before = _told(schedule)
            for name, value in values.items():
                setattr(schedule, name, value)
            if WHEN & set(values):
                # Else a start that is due this very second would be dropped.
                values["next_due_at"] = timing.next_due(schedule, timezone.now())
            _write(schedule, values)
            audit.record(
                actor, "scheduling.schedule.updated", schedule,
                before=before, after=_told(schedule),
            )  # fmt: skip
    except IntegrityError:
        raise _taken() from None
    return schedule


def delete(schedule: Schedule, *, actor: Actor) -> None:
    """Delete it with its history; what it started goes on. Raises NotAllowed, Conflict."""
    require(actor, "scheduling.schedule.edit", schedule)
    # One of every minute has tens of thousands of them: not in one transaction.
    delete_old(Occurrence.objects.filter(schedule=schedule).order_by("pk"))
    with transaction.atomic():
        before, pk = _told(schedule), schedule.pk
        if not Schedule.objects.filter(pk=pk).delete()[0]:
            raise _gone()
        audit.record(actor, "scheduling.schedule.deleted", schedule, before=before)


def pause(schedule: Schedule, *, actor: Actor, until: datetime | None, reason: str) -> Schedule:
    """Leave out its starts until then, or until somebody resumes it; a pause may be changed.

    Raises InputError with `fields`, NotAllowed, Conflict when it was deleted meanwhile.
    """
    require(actor, "scheduling.schedule.pause", schedule)
    reason = reason.strip()
    if not 1 <= len(reason) <= 300 or "\0" in reason:
        text = "Say why, in at most 300 characters."
        raise InputError("A pause needs a reason.", fields={"reason": [text]})
    if until is not None and not timezone.now() < until < LATEST:
        text = "Name a later time, before 2200, or none."
        raise InputError("The pause would be over already.", fields={"until": [text]})
    with transaction.atomic():
        schedule = _fresh(schedule)
        before = _pause_told(schedule)
        _write(
            schedule,
            {"paused_until": until, "pause_reason": reason, "paused_by": actor.text[:254]},
        )
        audit.record(
            actor, "scheduling.schedule.paused", schedule,
            before=before, after=_pause_told(schedule), note=reason,
        )  # fmt: skip
    return schedule


def resume(schedule: Schedule, *, actor: Actor) -> Schedule:
    """End the pause now; what was due during it stays left out.

    Raises NotAllowed, Conflict when it is not paused.
    """
    require(actor, "scheduling.schedule.pause", schedule)
    with transaction.atomic():
        schedule = _fresh(schedule)
        before = _pause_told(schedule)
        values: dict[str, Any] = {"paused_until": None, "pause_reason": "", "paused_by": ""}
        values["next_due_at"] = timing.next_due(schedule, timezone.now())
        if not Schedule.objects.filter(pk=schedule.pk).exclude(paused_by="").update(**values):
            raise Conflict("This schedule is not paused.", hint="Reload the page.")
        schedule.refresh_from_db()
        audit.record(actor, "scheduling.schedule.resumed", schedule, before=before)
    return schedule


def _write(schedule: Schedule, values: dict[str, Any]) -> None:
    if not Schedule.objects.filter(pk=schedule.pk).update(**values):
        raise _gone()
    for name, value in values.items():
        setattr(schedule, name, value)


def _fresh(schedule: Schedule) -> Schedule:
    fresh = Schedule.objects.select_related("automation__owner").filter(pk=schedule.pk).first()
    if fresh is None:
        raise _gone()
    return fresh


def _newest(automation: Automation) -> Automation:
    """The automation as it is now: it may have been switched off meanwhile."""
    fresh = Automation.objects.filter(pk=automation.pk).first()
    if fresh is None:
        raise Conflict("The automation was deleted meanwhile.", hint="Reload the page.")
    return fresh


def _gone() -> Conflict:
    return Conflict("The schedule was deleted meanwhile.", hint="Reload the page.")


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    """The values that are given, with spaces made single. Raises InputError."""
    if "cron" in values:
        values["cron"] = " ".join(str(values["cron"]).split())
        _check_cron(values["cron"])
    if "zone" in values:
        try:
            crons.check_zone(str(values["zone"]))
        except crons.CronError as error:
            raise InputError(error.message, fields={ZONE_FIELD: [error.message]}) from None
    for name, choices in (("overlap", Schedule.Overlap), ("catch_up", Schedule.CatchUp)):
        if name in values and values[name] not in choices.values:
            listed = ", ".join(choices.values)
            raise InputError(
                f"{values[name]!r} is no such policy.", fields={name: [f"Choose among: {listed}."]}
            )
    return values


def _check_cron(cron: str) -> None:
    if len(cron) > 120:
        text = "At most 120 characters."
        raise InputError("The schedule is too long.", fields={CRON_FIELD: [text]})
    try:
        crons.check(cron)
    except crons.CronError as error:
        raise InputError(error.message, fields={CRON_FIELD: [error.message]}) from None


def _taken() -> InputError:
    text = "The automation has this schedule already."
    return InputError(text, hint="Change the other one.", fields={CRON_FIELD: [text]})


def _told(schedule: Schedule) -> dict[str, object]:
    return {name: getattr(schedule, name) for name in TOLD}


def _pause_told(schedule: Schedule) -> dict[str, object]:
    return {"paused_until": schedule.paused_until, "reason": schedule.pause_reason}
