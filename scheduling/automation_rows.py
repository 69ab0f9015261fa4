"""Automations and schedules as their pages show them: rows with everything worked out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils import timezone

from common import badges, charts, formats
from common.access import Verdict
from common.actors import Actor
from scheduling import automation_queries, cron, events, kinds
from scheduling.access import may_change_listed
from scheduling.automation_queries import next_due
from scheduling.kinds import Kind
from scheduling.models import Automation, JobRun, Occurrence, Schedule
from scheduling.schedule_words import Outlook, outlook


@dataclass(frozen=True, slots=True)
class Start:
    """One way an automation starts, for people."""

    icon: str
    text: str
    is_off: bool = False


@dataclass(frozen=True, slots=True)
class StripBar:
    """What templates/parts/run_strip.html draws of a run."""

    bar: charts.Bar
    badge: badges.Badge
    url: str
    title: str


@dataclass(frozen=True, slots=True)
class Strip:
    rows: tuple[StripBar, ...]
    width: int


@dataclass(frozen=True, slots=True)
class AutomationRow:
    """`kind` is None for one that this version does not know any more."""

    automation: Automation
    kind: Kind | None
    what: str
    starts: tuple[Start, ...]
    next_due_at: datetime | None
    last: JobRun | None
    strip: Strip
    may_switch: Verdict


@dataclass(frozen=True, slots=True)
class ScheduleCard:
    schedule: Schedule
    outlook: Outlook
    occurrences: Sequence[Occurrence]
    is_paused: bool


def kind_of(automation: Automation) -> Kind | None:
    try:
        return kinds.find(automation.kind)
    except kinds.UnknownKind:
        return None


def describe(automation: Automation) -> str:
    """What it does in words; a sentence of our own where its kind is not known any more."""
    kind = kind_of(automation)
    if kind is None:
        return "This version of the portal does not know what to do for it."
    return kind.describe(automation.parameters)


def rows_of(actor: Actor, automations: Sequence[Automation]) -> list[AutomationRow]:
    """The rows of the list; `automations` come from `automation_queries.with_latest`."""
    strips = automation_queries.strips(actor, automations)
    schedules = automation_queries.schedules_of(automations)
    now = timezone.now()
    return [
        AutomationRow(
            automation=automation,
            kind=kind_of(automation),
            what=describe(automation),
            starts=starts_of(automation, schedules.get(automation.pk, []), now),
            next_due_at=_next(automation, schedules.get(automation.pk, []), now),
            last=runs[-1] if (runs := strips.get(automation.pk, [])) else None,
            strip=strip_of(runs),
            may_switch=may_change_listed(actor, automation),
        )
        for automation in automations
    ]


def _next(automation: Automation, schedules: Sequence[Schedule], now: datetime) -> datetime | None:
    return next_due(schedules, now) if automation.enabled else None


def starts_of(
    automation: Automation, schedules: Sequence[Schedule], now: datetime
) -> tuple[Start, ...]:
    """Every way it starts beside the button."""
    found = [_scheduled(schedule, now) for schedule in schedules]
    if automation.webhook_hash:
        found.append(Start("link", "Webhook"))
    if automation.on_event:
        found.append(Start("zap", f"When {event_label(automation.on_event)}"))
    return tuple(found) or (Start("circle-play", "By hand only", is_off=True),)


def _scheduled(schedule: Schedule, now: datetime) -> Start:
    words = words_of(schedule)
    if not schedule.enabled:
        return Start("circle-slash", f"{words} (off)", is_off=True)
    if schedule.is_paused_at(now):
        return Start("circle-pause", f"{words} (paused)", is_off=True)
    return Start("clock", words)


def words_of(schedule: Schedule) -> str:
    try:
        return f"{cron.words(schedule.cron)}, {schedule.zone}"
    except cron.CronError:
        return f"{schedule.cron}, {schedule.zone}"


def event_label(name: str) -> str:
    """The words of an event, or its name when nothing tells it any more."""
    return next((one.label for one in events.all_events() if one.name == name), name)


def strip_of(runs: Sequence[JobRun]) -> Strip:
    """The bars of runs, oldest first: colour says the result, height how long it took."""
    bars = charts.strip([run.took_ms for run in runs])
    rows = tuple(
        StripBar(bar, badges.badge("job", run), reverse("job", args=[run.pk]), _title(run))
        for run, bar in zip(runs, bars, strict=True)
    )
    return Strip(rows, max(len(rows) * 8 - 2, 1))


def _title(run: JobRun) -> str:
    took = "" if run.took_ms is None else f", {formats.duration(run.took_ms)}"
    word = badges.badge("job", run).word
    return f"{timezone.localtime(run.created_at):%-d %b %H:%M} {word}{took}"


def cards_of(schedules: Sequence[Schedule]) -> list[ScheduleCard]:
    now = timezone.now()
    last = automation_queries.last_occurrences(schedules)
    return [
        ScheduleCard(
            schedule=schedule,
            outlook=outlook(schedule.cron, schedule.zone, now),
            occurrences=last.get(schedule.pk, []),
            is_paused=schedule.is_paused_at(now),
        )
        for schedule in schedules
    ]
