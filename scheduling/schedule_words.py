"""A schedule in words and times, for people: what it says, when it starts next, what the
changes of the clocks do to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

from scheduling import clock_changes
from scheduling.services import schedules

DAY_AND_TIME = "%a %-d %b %H:%M"


@dataclass(frozen=True, slots=True)
class Moment:
    """A time on two clocks: `there` in the zone of the schedule, `here` in the viewer's."""

    at: datetime
    there: str
    here: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """`problem` is a sentence and `field` what it is about, such as "minute" or "zone"; the
    rest is empty then. `zone_here` is "" where the viewer lives in the zone of the schedule.
    """

    words: str
    moments: tuple[Moment, ...]
    warnings: tuple[str, ...]
    zone: str
    zone_here: str
    problem: str = ""
    field: str = ""


def outlook(expression: str, zone: str, now: datetime | None = None) -> Outlook:
    """What a schedule would do from now on. Never raises for what people typed."""
    after = now or timezone.now()
    preview = schedules.preview(expression, zone, after=after)
    if preview.problem:
        return Outlook("", (), (), zone, "", preview.problem, preview.field)
    here = timezone.get_current_timezone_name()
    place = ZoneInfo(zone)
    return Outlook(
        words=preview.words,
        moments=tuple(_moment(at, place) for at in preview.times),
        warnings=tuple(clock_changes.warnings(expression, zone, after)),
        zone=zone,
        zone_here="" if here == zone else here,
    )


def _moment(at: datetime, place: ZoneInfo) -> Moment:
    local = timezone.localtime(at)
    there = at.astimezone(place)
    return Moment(at.astimezone(UTC), f"{there:{DAY_AND_TIME}}", f"{local:{DAY_AND_TIME}}")
