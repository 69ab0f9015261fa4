"""The page of all schedules: a row each, and the next 24 hours of those that start first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from common.access import Verdict
from common.actors import Actor
from scheduling import automation_queries, cron, timeline
from scheduling.access import may_change_listed
from scheduling.automation_rows import words_of
from scheduling.models import Occurrence, Schedule

MOST_LANES = 12


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """`state` is "due", "paused" or "off"."""

    schedule: Schedule
    words: str
    state: str
    last: Occurrence | None
    may_change: Verdict


@dataclass(frozen=True, slots=True)
class Lane:
    """The starts of one schedule; `label` says them for those who cannot see the drawing."""

    schedule: Schedule
    words: str
    marks: tuple[timeline.Mark, ...]
    label: str


@dataclass(frozen=True, slots=True)
class DayAhead:
    lanes: tuple[Lane, ...]
    ticks: tuple[timeline.Tick, ...]
    left_out: int


def rows_of(actor: Actor, schedules: Sequence[Schedule]) -> list[ScheduleRow]:
    """`schedules` come with their automations."""
    now = timezone.now()
    last = automation_queries.last_occurrences(schedules)
    return [
        ScheduleRow(
            schedule=schedule,
            words=words_of(schedule),
            state=state_of(schedule, now),
            last=next(iter(last.get(schedule.pk, [])), None),
            may_change=may_change_listed(actor, schedule.automation),
        )
        for schedule in schedules
    ]


def state_of(schedule: Schedule, now: datetime) -> str:
    if not (schedule.enabled and schedule.automation.enabled):
        return "off"
    return "paused" if schedule.is_paused_at(now) else "due"


def day_ahead(rows: Sequence[ScheduleRow]) -> DayAhead:
    """The lanes of the first rows that start within 24 hours; the rest is counted."""
    now, zone = timezone.now(), timezone.get_current_timezone()
    soon = [row for row in rows if row.state == "due" and _starts_soon(row.schedule, now)]
    lanes = []
    for row in soon[:MOST_LANES]:
        marks = timeline.marks(_times(row.schedule, now), now, zone)
        lanes.append(Lane(row.schedule, row.words, marks, _say(marks)))
    return DayAhead(tuple(lanes), timeline.ticks(now, zone), len(soon) - len(lanes))


def _starts_soon(schedule: Schedule, now: datetime) -> bool:
    due = schedule.next_due_at
    return due is not None and due < now + timeline.SPAN


def _times(schedule: Schedule, now: datetime) -> list[datetime]:
    try:
        return cron.times_until(schedule.cron, schedule.zone, now, now + timeline.SPAN)
    except cron.CronError:
        return []


def _say(marks: tuple[timeline.Mark, ...]) -> str:
    if len(marks) > MOST_LANES:
        return f"{len(marks)} times, the first at {marks[0].title}"
    return ", ".join(mark.title for mark in marks)
