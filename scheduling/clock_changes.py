"""What a change of the clocks does to a schedule, in a sentence per change. Pure.

Nothing is assumed about the rule: the times the schedule really has on that day are compared
with the times its expression names on the dial.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from scheduling import cron

HORIZON = timedelta(days=370)
# A schedule that runs every few minutes loses or gains a handful; nobody needs to be told.
FEW = 3
MANY = 8 * FEW
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Change:
    """The clocks of a zone go from `before` to `after` (offsets to UTC) at the moment `at`."""

    at: datetime
    before: timedelta
    after: timedelta

    @property
    def is_gap(self) -> bool:
        return self.after > self.before

    @property
    def dial(self) -> tuple[datetime, datetime]:
        """From when to when the dial skips or repeats, as naive local times."""
        naive = self.at.astimezone(UTC).replace(tzinfo=None)
        first, second = naive + self.before, naive + self.after
        return min(first, second), max(first, second)


def changes(zone: ZoneInfo, after: datetime) -> list[Change]:
    """The changes of the clocks within the year after `after` (aware), oldest first."""
    moment = after.astimezone(UTC)
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return [one for one in _changes(zone, midnight) if one.at > moment]


@lru_cache(maxsize=64)
def _changes(zone: ZoneInfo, begin: datetime) -> tuple[Change, ...]:
    """Pages ask for the same few zones all day long."""
    found = []
    end = begin + HORIZON
    while begin < end:
        following = begin + A_DAY
        before, then = _offset(zone, begin), _offset(zone, following)
        if before != then:
            found.append(Change(_moment(zone, begin, following), before, then))
        begin = following
    return tuple(found)


def warnings(expression: str, zone: str, after: datetime) -> list[str]:
    """A sentence for each change of the coming year that moves, drops or repeats a start.

    Raises CronError for an expression or a zone that is none.
    """
    return [
        text
        for change in changes(ZoneInfo(zone), after)
        for text in _sentences(expression, zone, change)
    ]


def _sentences(expression: str, zone: str, change: Change) -> list[str]:
    first, last = change.dial
    named = _on_dial(expression, first, last)
    if not named or len(named) > FEW:
        return []
    real = _really(expression, zone, change)
    day = f"{first:%-d %B %Y}"
    if change.is_gap:
        later = _on_dial(expression, last, last + A_DAY)
        moved = next((one for one in real if one >= last and one not in later), None)
        return [_skipped(one, moved, day) for one in named]
    return [_repeated(one, real.count(one), day) for one in named]


def _skipped(wall: datetime, moved: datetime | None, day: str) -> str:
    what = f"it runs at {moved:%H:%M} instead" if moved else "that start is left out"
    return f"{wall:%H:%M} does not exist on {day}: {what}."


def _repeated(wall: datetime, times: int, day: str) -> str:
    what = "it runs both times" if times > 1 else "it runs once"
    return f"{wall:%H:%M} comes twice on {day}: {what}."


def _on_dial(expression: str, first: datetime, last: datetime) -> list[datetime]:
    """The times the expression names between two naive local times."""
    begin = first.replace(tzinfo=UTC) - timedelta(seconds=1)
    times = cron.next_times(expression, "UTC", begin, MANY)
    return [one.replace(tzinfo=None) for one in times if one.replace(tzinfo=None) < last]


def _really(expression: str, zone: str, change: Change) -> list[datetime]:
    """When it starts in the hours around the change, as naive local times."""
    begin = change.at - timedelta(hours=3)
    times = cron.next_times(expression, zone, begin, MANY)
    local = (one.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for one in times)
    return [one for one in local if one < change.dial[1] + timedelta(hours=3)]


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()


def _moment(zone: ZoneInfo, begin: datetime, end: datetime) -> datetime:
    """The second in which the offset changes between two moments that differ in it."""
    before = _offset(zone, begin)
    while end - begin > timedelta(seconds=1):
        middle = begin + (end - begin) / 2
        begin, end = (middle, end) if _offset(zone, middle) == before else (begin, middle)
    return end.replace(microsecond=0)
