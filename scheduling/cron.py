"""Cron expressions of five fields in a time zone: checked, counted out and put into words.

Pure. Finding the matching wall-clock times is cronsim's work; the grammar is narrower, and the
clock changes are handled here, because cronsim loses starts where a change is half an hour.

Clock changes follow Debian's cron (cron(8)): a start at a fixed time that is skipped happens at
the first minute after the gap, one that comes twice happens the first time only. An expression
whose minute or hour begins with a star follows the clock as it ticks: what is skipped does not
happen, and the repeated hour has its starts twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice, takewhile
from zoneinfo import ZoneInfo, available_timezones

from cron_descriptor import ExpressionDescriptor, Options  # type: ignore[import-untyped]
from cronsim import CronSim, CronSimError

ZONE = "zone"
WHOLE = "cron"
# cronsim looks this far as well: 29 February on a given weekday may be 40 years away.
HORIZON = timedelta(days=366 * 50)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
LONGEST_CHANGE = timedelta(hours=3)


class CronError(ValueError):
    """`message` is a sentence for people; `field` is "minute", "hour", "day of month",
    "month", "day of week", "cron" for the expression as a whole, or "zone"."""

    def __init__(self, message: str, field: str = WHOLE) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    least: int
    most: int
    words: tuple[str, ...] = ()

    def number(self, text: str) -> int:
        """The value of a number or name. Raises CronError."""
        if text.upper() in self.words:
            return self.words.index(text.upper()) + self.least
        if not re.fullmatch(r"[0-9]{1,4}", text):
            raise CronError(f"{text!r} is not a {self.name}{self._allowed()}.", self.name)
        if not self.least <= int(text) <= self.most:
            raise CronError(
                f"The {self.name} {int(text)} is not between {self.least} and {self.most}.",
                self.name,
            )
        return int(text)

    def _allowed(self) -> str:
        names = f" or a name such as {self.words[1]}" if self.words else ""
        return f": give a number from {self.least} to {self.most}{names}"

    def values(self, text: str) -> set[int]:
        """Every value the field selects. Raises CronError."""
        found: set[int] = set()
        for part in text.split(","):
            found |= self._part(part)
        return found

    def _part(self, text: str) -> set[int]:
        body, slash, step_text = text.partition("/")
        first, last = self._range(body, open_end=bool(slash))
        if not slash:
            return set(range(first, last + 1))
        if not re.fullmatch(r"[0-9]{1,4}", step_text) or int(step_text) == 0:
            raise CronError(
                f"The {self.name} step {step_text!r} is not a whole number above 0.", self.name
            )
        return set(range(first, last + 1, int(step_text)))

    def _range(self, body: str, *, open_end: bool) -> tuple[int, int]:
        if body == "*":
            return self.least, self.most
        first_text, dash, last_text = body.partition("-")
        first = self.number(first_text)
        if not dash:
            return first, self.most if open_end else first
        last = self.number(last_text)
        if last < first:
            raise CronError(f"The {self.name} range {body} runs backwards.", self.name)
        return first, last


MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of month", 1, 31),
    _Field("month", 1, 12, MONTHS),
    _Field("day of week", 0, 7, DAYS),
)
_DAY_OF_WEEK = FIELDS[4]


@dataclass(frozen=True, slots=True)
class _Cron:
    """A checked expression, in capitals and with single spaces."""

    minute: str
    hour: str
    day: str
    month: str
    weekday: str

    def __str__(self) -> str:
        return f"{self.minute} {self.hour} {self.day} {self.month} {self.weekday}"

    @property
    def is_fixed(self) -> bool:
        """Whether it names times of day, rather than following the clock."""
        return not self.minute.startswith("*") and not self.hour.startswith("*")

    @property
    def needs_both_days(self) -> bool:
        """Debian's rule: a day field that begins with a star narrows the other one."""
        return self.day.startswith("*") or self.weekday.startswith("*")


def check(expression: str) -> None:
    """Raises CronError with the field and the sentence for whatever is wrong."""
    _parse(expression)


@lru_cache(maxsize=512)
def _parse(expression: str) -> _Cron:
    fields = expression.upper().split()
    if expression.strip().startswith("@"):
        raise CronError("Write five fields instead of a word such as @daily, like 0 2 * * *.")
    if len(fields) != len(FIELDS):
        raise CronError(
            "A schedule has five fields (minute, hour, day of month, month, day of week); "
            f"this one has {len(fields)}."
        )
    for field, text in zip(FIELDS, fields, strict=True):
        field.values(text)
    cron = _Cron(*fields)
    start = datetime(2000, 1, 1)
    try:
        next(CronSim(str(cron), start))
    except (CronSimError, StopIteration):
        raise CronError(
            "This date never comes: no such month has that day.", "day of month"
        ) from None
    return cron


def check_zone(zone: str) -> ZoneInfo:
    """The zone of an IANA name such as Europe/Berlin. Raises CronError for the field "zone"."""
    if zone not in _zones():
        raise CronError(
            f"{zone!r} is not a time zone: give an IANA name such as Europe/Berlin.", ZONE
        )
    return ZoneInfo(zone)


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def next_times(expression: str, zone: str, after: datetime, count: int) -> list[datetime]:
    """The first `count` starts later than the aware moment `after`, in UTC and in order.

    Fewer when the expression has no more within fifty years. Raises CronError.
    """
    cron, place = _parse(expression), check_zone(zone)
    return list(islice(_starts(cron, place, after.astimezone(UTC)), count))


def times_until(expression: str, zone: str, after: datetime, until: datetime) -> list[datetime]:
    """All starts later than `after` and before `until`, in UTC and in order. Raises CronError."""
    cron, place = _parse(expression), check_zone(zone)
    starts = _starts(cron, place, after.astimezone(UTC))
    return list(takewhile(lambda at: at < until, starts))


def previous_times(expression: str, zone: str, before: datetime, count: int) -> list[datetime]:
    """The last `count` starts earlier than the aware moment `before`, newest first.

    Counted forwards over growing spans, so that both directions agree by construction.
    """
    cron, place = _parse(expression), check_zone(zone)
    end, span = before.astimezone(UTC), timedelta(hours=1)
    while True:
        begin = end - span
        found: list[datetime] = []
        for at in _starts(cron, place, begin):
            if at >= end:
                break
            found.append(at)
        if len(found) >= count or span > HORIZON:
            return found[::-1][:count]
        span *= 4


def _starts(cron: _Cron, zone: ZoneInfo, after: datetime) -> Iterator[datetime]:
    walk = _fixed_starts if cron.is_fixed else _ticking_starts
    for at in walk(cron, zone, after):
        if at - after > HORIZON:
            return
        yield at


def _fixed_starts(cron: _Cron, zone: ZoneInfo, after: datetime) -> Iterator[datetime]:
    """Each wall-clock time once: after the gap when it is skipped, at first when it repeats."""
    last = after
    # A gap may hold starts that belong to the minute after it.
    wall = (after - LONGEST_CHANGE).astimezone(zone).replace(tzinfo=None)
    for due in CronSim(str(cron), wall):
        at = _first_real(due, zone)
        if at > last:
            last = at
            yield at


def _first_real(wall: datetime, zone: ZoneInfo) -> datetime:
    """The moment of a wall-clock time, or of the first that exists after it."""
    while True:
        at = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
        if at.astimezone(zone).replace(tzinfo=None) == wall:
            return at
        wall += MINUTE


def _ticking_starts(cron: _Cron, zone: ZoneInfo, after: datetime) -> Iterator[datetime]:
    """Every moment at which the clock shows a matching time, stretch by stretch."""
    begin, least = after, after
    while True:
        end, offset = _end_of_stretch(zone, begin), _offset(zone, begin)
        wall = (begin + offset).replace(tzinfo=None, microsecond=0)
        # A start may lie on the very change, and cronsim begins behind what it is given.
        for due in CronSim(str(cron), wall - SECOND):
            at = due.replace(tzinfo=UTC) - offset
            if at >= end:
                break
            if at > least:
                yield at
        begin = end


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    offset = at.astimezone(zone).utcoffset()
    return offset if offset is not None else timedelta()


def _end_of_stretch(zone: ZoneInfo, after: datetime) -> datetime:
    """The zone has one offset from `after` to there: its next change or the end of the year."""
    year = after.year
    return next(at for at in (*_changes(zone.key, year), _new_year(year + 1)) if at > after)


@lru_cache(maxsize=1024)
def _changes(zone_name: str, year: int) -> tuple[datetime, ...]:
    """The moments of the UTC year at which the offset of the zone changes."""
    zone, found = ZoneInfo(zone_name), []
    at, end = _new_year(year), _new_year(year + 1)
    while at < end:
        following = at + timedelta(days=1)
        if _offset(zone, at) != _offset(zone, following):
            found.append(_change_between(zone, at, following))
        at = following
    return tuple(found)


def _change_between(zone: ZoneInfo, early: datetime, late: datetime) -> datetime:
    offset = _offset(zone, early)
    while late - early > SECOND:
        middle = early + (late - early) // 2
        if _offset(zone, middle) == offset:
            early = middle
        else:
            late = middle
    return late.replace(microsecond=0)


def _new_year(year: int) -> datetime:
    return datetime(year, 1, 1, tzinfo=UTC)


def words(expression: str) -> str:
    """The expression in plain English, such as "At 09:00, only on Monday and Friday".

    Raises CronError. Days of the week are always named, for 1/2 is Monday, Wednesday, Friday
    and Sunday, and 7 is Sunday as 0 is.
    """
    cron = _parse(expression)
    weekday = _days_of_week(cron.weekday)
    # Either day field suffices, so one that selects every day leaves nothing to the other.
    every_day = weekday == "*" and not cron.needs_both_days
    plain = _Cron(
        _spelt(FIELDS[0], cron.minute),
        _spelt(FIELDS[1], cron.hour),
        "*" if every_day else _spelt(FIELDS[2], cron.day),
        _spelt(FIELDS[3], cron.month),
        weekday,
    )
    options = Options(locale_code="en_GB", use_24hour_time_format=True)
    said = str(ExpressionDescriptor(str(plain), options).get_description())
    if said.startswith("At") and (plain.day, plain.month, plain.weekday) == ("*", "*", "*"):
        said += ", every day"
    return said.replace(", or on", ", and only on") if cron.needs_both_days else said


def _spelt(field: _Field, text: str) -> str:
    """A list with a step in it as plain numbers: cron-descriptor takes a step only alone."""
    if "," in text and "/" in text:
        return ",".join(str(value) for value in sorted(field.values(text)))
    return text


def _days_of_week(text: str) -> str:
    days = {day % 7 for day in FIELDS[4].values(text)}
    if text == "*" or len(days) == len(DAYS):
        return "*"
    if re.fullmatch(r"[^,/*]+-[^,/*]+", text):
        return text
    # From Monday on, as people count.
    return ",".join(str(day) for day in sorted(days, key=lambda day: (day - 1) % 7))
