"""Automations and schedules as their pages show them: rows with everything worked out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import DatabaseError
from django.urls import reverse
from django.utils import timezone

from common import badges, charts, formats
from common.access import Verdict
from common.actors import Actor
from common.logs import get_logger
from scheduling import automation_queries, cron, events, kinds
from scheduling.access import may_change_listed
from scheduling.automation_queries import next_due
from scheduling.kinds import Kind
from scheduling.models import Automation, JobRun, Occurrence, Schedule
from scheduling.schedule_words import Outlook, outlook

log = get_logger(__name__)
UNKNOWN_KIND = "This version of the portal does not know what to do for it."
UNREADABLE = "This version of the portal cannot read its parameters: save it anew."


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
    """What it does in words; a sentence of our own where its kind cannot say it any more."""
    return describe_all([automation])[automation.pk]


def describe_all(automations: Sequence[Automation]) -> dict[int, str]:
    """The words by key. Their queries grow with the number of kinds, not with that of rows."""
    of_kind: dict[str, list[Automation]] = defaultdict(list)
    for automation in automations:
        of_kind[automation.kind].append(automation)
    words: dict[int, str] = {}
    for rows in of_kind.values():
        words |= _described(kind_of(rows[0]), rows)
    return words


def _described(kind: Kind | None, rows: Sequence[Automation]) -> dict[int, str]:
    if kind is None:
        return {row.pk: UNKNOWN_KIND for row in rows}
    try:
        if kind.describe_all is None:
            return {row.pk: kind.describe(row.parameters) for row in rows}
        said = kind.describe_all([row.parameters for row in rows])
        return {row.pk: text for row, text in zip(rows, said, strict=True)}
    except DatabaseError:
        raise
    except Exception:
        # Parameters an older version stored: one row must not hide the others.
        if len(rows) > 1:
            return {pk: text for row in rows for pk, text in _described(kind, [row]).items()}
        log.warning("scheduling.describe_failed", automation=rows[0].pk, exc_info=True)
        return {rows[0].pk: UNREADABLE}


def rows_of(actor: Actor, automations: Sequence[Automation]) -> list[AutomationRow]:
    """The rows of the list; `automations` come from `automation_queries.with_latest`."""
    strips = automation_queries.strips(actor, automations)
    words = describe_all(automations)
    schedules = automation_queries.schedules_of(automations)
    now = timezone.now()
    return [
        AutomationRow(
            automation=automation,
            kind=kind_of(automation),
            what=words[automation.pk],
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
