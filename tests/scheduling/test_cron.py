"""Cron expressions: what is refused, what they mean in words, and when they start.

The starts are compared with a calculation of its own kind: it steps through UTC minute by
minute, reads the wall clock, and knows the expression only by a matcher written here.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from scheduling import cron

MINUTE = timedelta(minutes=1)
MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
# Two days around each change of 2026.
CHANGES = {
    "Europe/Berlin": ("2026-03-29", "2026-10-25"),
    "America/New_York": ("2026-03-08", "2026-11-01"),
    "Australia/Lord_Howe": ("2026-04-05", "2026-10-04"),
}


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def field_matches(text: str, value: int, least: int, names: list[str]) -> bool:
    def number(word: str) -> int:
        return names.index(word.upper()) + least if word.upper() in names else int(word)

    for part in text.split(","):
        base, _, step = part.partition("/")
        if base == "*":
            low, high = least, 99
        elif "-" in base:
            low, high = (number(word) for word in base.split("-"))
        else:
            low = number(base)
            high = 99 if step else low
        if low <= value <= high and (value - low) % int(step or 1) == 0:
            return True
    return False


def wall_matches(expression: str, wall: datetime) -> bool:
    minute, hour, day, month, weekday = expression.split()
    if not field_matches(minute, wall.minute, 0, []) or not field_matches(hour, wall.hour, 0, []):
        return False
    if not field_matches(month, wall.month, 1, MONTHS):
        return False
    by_day = field_matches(day, wall.day, 1, [])
    sunday_first = wall.isoweekday() % 7
    by_week = field_matches(weekday, sunday_first, 0, DAYS)
    if sunday_first == 0:
        by_week = by_week or field_matches(weekday, 7, 0, DAYS)
    if day[0] == "*" or weekday[0] == "*":
        return by_day and by_week
    return by_day or by_week


@cache
def stepped(zone: str, begin: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """Every minute between the two, with what the clock on the wall shows then."""
    minutes = int((end - begin) / MINUTE)
    place = ZoneInfo(zone)
    moments = [begin + n * MINUTE for n in range(minutes)]
    return [(at, at.astimezone(place).replace(tzinfo=None)) for at in moments]


def brute_force(expression: str, zone: str, begin: datetime, end: datetime) -> list[datetime]:
    clock = stepped(zone, begin, end)
    minute, hour = expression.split()[:2]
    if minute[0] == "*" or hour[0] == "*":
        return [at for at, wall in clock if wall_matches(expression, wall)]
    first: dict[datetime, datetime] = {}
    for at, wall in clock:
        first.setdefault(wall, at)
    found, wall, last = set(), min(first), max(first)
    while wall <= last:
        if wall_matches(expression, wall):
            shown = wall
            while shown not in first:
                shown += MINUTE
            found.add(first[shown])
        wall += MINUTE
    return sorted(found)


def random_field(dice: random.Random, low: int, high: int, names: list[str]) -> str:
    def one() -> str:
        value = dice.randint(low, high)
        return dice.choice(
            [str(value), names[value - low]] if value - low < len(names) else [str(value)]
        )

    def span() -> str:
        first, last = sorted(dice.sample(range(low, high + 1), 2))
        return f"{first}-{last}"

    step = f"/{dice.randint(1, max(2, (high - low) // 2))}"
    shapes = [one, span, lambda: "*" + step, lambda: span() + step, lambda: f"{one()},{span()}",
              lambda: f"{one()},{one()},{one()}", lambda: f"{one()}{step}"]  # fmt: skip
    return dice.choice(shapes)()


def random_cron(dice: random.Random) -> str:
    """Mostly at night, where clocks change, and rarely so narrow that nothing is compared."""
    minute = random_field(dice, 0, 59, [])
    hour = dice.choice([random_field(dice, 0, 4, []), random_field(dice, 0, 23, []), "*"])
    day = dice.choice(["*", "*", "*", random_field(dice, 1, 31, [])])
    month = dice.choice(["*", "*", "*", random_field(dice, 1, 12, MONTHS)])
    weekday = dice.choice(["*", "*", random_field(dice, 0, 7, [*DAYS, "7"])])
    return " ".join([minute, hour, day, month, weekday])


def possible_crons(count: int) -> list[str]:
    dice, found = random.Random(20261121), []
    while len(found) < count:
        expression = random_cron(dice)
        if cron_problem(expression) != "day of month":
            found.append(expression)
    return found


def cron_problem(expression: str, zone: str = "UTC") -> str:
    """The field that is complained about; "" for none."""
    try:
        cron.next_times(expression, zone, utc("2026-01-01"), 1)
    except cron.CronError as error:
        return error.field
    return ""


@pytest.mark.parametrize("zone", CHANGES)
def test_two_hundred_crons_agree_with_an_independent_calculation(zone: str) -> None:
    compared = 0
    for expression in possible_crons(200):
        for day in CHANGES[zone]:
            begin, end = utc(day) - timedelta(days=1, hours=12), utc(day) + timedelta(days=1)
            offsets = {at.astimezone(ZoneInfo(zone)).utcoffset() for at in (begin, end)}
            assert len(offsets) == 2, "the clock changes in between"
            expected = brute_force(expression, zone, begin, end)
            # The edges are left out: what a gap holds is known with the minutes around it only.
            edge = begin + timedelta(hours=3)
            found = cron.next_times(expression, zone, edge, len(expected) + 1)
            assert [at for at in found if at < end] == [at for at in expected if at > edge], (
                expression, day,
            )  # fmt: skip
            compared += len(expected)
    assert compared > 5000


@pytest.mark.parametrize("zone", CHANGES)
def test_looking_back_finds_the_same_starts(zone: str) -> None:
    for expression in possible_crons(60):
        for day in CHANGES[zone]:
            begin = utc(day) - timedelta(days=1)
            forward = cron.next_times(expression, zone, begin, 12)
            back = cron.previous_times(expression, zone, forward[-1] + MINUTE, len(forward))
            assert back == forward[::-1], (expression, day)


@pytest.mark.parametrize(
    ("expression", "zone", "after", "expected"),
    [
        ("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00", ["03-29T01:00", "03-30T00:30"]),
        ("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00", ["10-25T00:30", "10-26T01:30"]),
        ("*/30 2 * * *", "Europe/Berlin", "2026-03-28T12:00", ["03-30T00:00", "03-30T00:30"]),
        ("0 * * * *", "Europe/Berlin", "2026-10-24T23:30", ["10-25T00:00", "10-25T01:00"]),
        ("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00", ["10-03T15:30", "10-04T15:15"]),
        ("*/10 3 * * *", "Australia/Lord_Howe", "2026-10-03T12:00", ["10-03T16:00", "10-03T16:10"]),
        ("0 0 29 2 *", "UTC", "2026-01-01T00:00", ["2028-02-29T00:00", "2032-02-29T00:00"]),
    ],
)
def test_clock_changes_and_leap_days(
    expression: str, zone: str, after: str, expected: list[str]
) -> None:
    year = after[:5]
    times = [utc(text if text.startswith("20") else year + text) for text in expected]
    assert cron.next_times(expression, zone, utc(after), 2) == times


def test_a_start_that_repeats_is_not_found_again_in_the_second_hour() -> None:
    """At 02:45 for the second time, 02:30 and 02:50 of that night have been."""
    second_quarter_to_three = utc("2026-10-25T01:45")
    found = cron.next_times("30,50 2 * * *", "Europe/Berlin", second_quarter_to_three, 1)
    assert found == [utc("2026-10-26T01:30")]


@pytest.mark.parametrize(
    ("expression", "field"),
    [
        ("60 * * * *", "minute"),
        ("5-1 * * * *", "minute"),
        ("*/0 * * * *", "minute"),
        ("1,,2 * * * *", "minute"),
        ("²* * * * *", "minute"),
        ("* 24 * * *", "hour"),
        ("* * 0 * *", "day of month"),
        ("* * L * *", "day of month"),
        ("0 0 30 2 *", "day of month"),
        ("0 0 31 4,6 *", "day of month"),
        ("* * * 13 *", "month"),
        ("* * * FOO *", "month"),
        ("* * * * 8", "day of week"),
        ("* * * * MON#2", "day of week"),
        ("@daily", "cron"),
        ("", "cron"),
        ("0 0 0 * * *", "cron"),
    ],
)
def test_what_is_wrong_is_named_with_its_field(expression: str, field: str) -> None:
    assert cron_problem(expression) == field


@pytest.mark.parametrize("zone", ["", "Berlin", "UTC+1", "../etc/passwd", "Europe/berlin\0"])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    assert cron_problem("0 2 * * *", zone) == "zone"


def test_the_sentence_says_what_would_be_right() -> None:
    with pytest.raises(cron.CronError) as caught:
        cron.check("0 9 * * 9")
    assert caught.value.message == "The day of week 9 is not between 0 and 7."


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("* * * * *", "Every minute"),
        ("30 2 * * *", "At 02:30, every day"),
        ("0 9 * * 0", "At 09:00, only on Sunday"),
        ("0 9 * * 7", "At 09:00, only on Sunday"),
        ("0 9 * * 1/7", "At 09:00, only on Monday"),
        ("0 9 * * */7", "At 09:00, only on Sunday"),
        ("0 9 * * 1/2", "At 09:00, only on Monday, Wednesday, Friday, and Sunday"),
        ("0 9 * * 1-7", "At 09:00, every day"),
        ("0 9 * * mon-fri", "At 09:00, Monday through Friday"),
        ("0 9 1 * 1", "At 09:00, on day 1 of the month, or on Monday"),
        ("0 9 */2 * 1", "At 09:00, every 2 days, and only on Monday"),
        ("0 9 1 * 1-7", "At 09:00, every day"),
        ("0 1,3/8 * * *", "At 01:00, 03:00, 11:00 and 19:00, every day"),
    ],
)
def test_words_say_what_it_does(expression: str, words: str) -> None:
    assert cron.words(expression) == words


def test_the_starts_of_a_day_end_with_it() -> None:
    begin = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
    end = begin + timedelta(hours=24)
    found = cron.times_until("0 */6 * * *", "UTC", begin, end)
    assert [at.hour for at in found] == [18, 0, 6]
    assert cron.times_until("0 0 1 1 *", "UTC", begin, end) == []


def test_a_year_of_minutes_is_counted_in_a_blink() -> None:
    found = cron.next_times("* * * * *", "Europe/Berlin", utc("2026-01-01"), 20_000)
    assert found[-1] - found[0] == 19_999 * MINUTE
