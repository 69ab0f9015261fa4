"""Automations and schedules as their services make them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from common.actors import Actor
from common.models import User
from scheduling.models import Automation, Occurrence, Schedule
from scheduling.services import automations, schedules


def make_automation(owner: User, name: str = "Count", **fields: Any) -> Automation:
    values = {"kind": "tests.count", "parameters": {"rows": 3}, **fields}
    return automations.create(actor=Actor.person(owner), name=name, **values)


def hourly(minutes_ahead: int = 30) -> str:
    """A cron of every hour that is not due while a test runs."""
    return f"{(timezone.now().minute + minutes_ahead) % 60} * * * *"


def make_schedule(automation: Automation, due: datetime | None = None, **fields: Any) -> Schedule:
    """A schedule of every hour; `due` makes it due at that moment."""
    values = {"cron": hourly(), "zone": "UTC", **fields}
    actor = Actor.person(automation.owner)
    schedule = schedules.create(automation, actor=actor, **values)
    if due is not None:
        Schedule.objects.filter(pk=schedule.pk).update(next_due_at=due)
        schedule.next_due_at = due
    return schedule


def outcomes(schedule: Schedule) -> list[tuple[str, int]]:
    """What became of its due times, oldest first, each with how many it stands for."""
    rows = Occurrence.objects.filter(schedule=schedule).order_by("due_at")
    return [(row.outcome, row.times) for row in rows]
