"""When a schedule is due next, written wherever its cron, zone or switches change."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from scheduling import cron
from scheduling.models import Automation, Schedule


def next_due(schedule: Schedule, after: datetime) -> datetime | None:
    """The first start later than `after`; None when switched off, never due again, or of an
    expression or zone that this installation cannot read (another one wrote it)."""
    if not (schedule.enabled and schedule.automation.enabled):
        return None
    try:
        return next(iter(cron.next_times(schedule.cron, schedule.zone, after, 1)), None)
    except cron.CronError:
        return None


def set_next_due(automation: Automation) -> None:
    """Write the next due time of each of its schedules, from now on."""
    now = timezone.now()
    for schedule in automation.schedules.select_related("automation"):
        schedule.automation = automation
        Schedule.objects.filter(pk=schedule.pk).update(next_due_at=next_due(schedule, now))


def stop(automation: Automation) -> None:
    """Let none of its schedules be due any more."""
    automation.schedules.update(next_due_at=None)
