"""What the changes of the clocks do to a schedule, in words."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from scheduling import clock_changes

AUTUMN = datetime(2026, 11, 21, tzinfo=UTC)


def test_the_changes_of_a_year_are_found_to_the_second() -> None:
    spring, autumn = clock_changes.changes(ZoneInfo("Europe/Berlin"), AUTUMN)
    assert spring.at == datetime(2027, 3, 28, 1, tzinfo=UTC)
    assert spring.is_gap
    assert autumn.at == datetime(2027, 10, 31, 1, tzinfo=UTC)
    assert not autumn.is_gap


def test_a_zone_without_changes_has_none() -> None:
    assert clock_changes.changes(ZoneInfo("Asia/Tokyo"), AUTUMN) == []


def test_half_an_hour_counts_as_well() -> None:
    first, _ = clock_changes.changes(ZoneInfo("Australia/Lord_Howe"), AUTUMN)
    assert abs(first.after - first.before) == timedelta(minutes=30)


@pytest.mark.parametrize(
    ("cron", "said"),
    [
        (
            "30 2 * * *",
            [
                "02:30 does not exist on 28 March 2027: it runs at 03:00 instead.",
                "02:30 comes twice on 31 October 2027: it runs once.",
            ],
        ),
        ("30 4 * * *", []),
        ("30 2 * * 1", []),
        (
            "15 * * * *",
            [
                "02:15 does not exist on 28 March 2027: that start is left out.",
                "02:15 comes twice on 31 October 2027: it runs both times.",
            ],
        ),
        (
            "*/30 * * * *",
            [
                "02:00 does not exist on 28 March 2027: that start is left out.",
                "02:30 does not exist on 28 March 2027: that start is left out.",
                "02:00 comes twice on 31 October 2027: it runs both times.",
                "02:30 comes twice on 31 October 2027: it runs both times.",
            ],
        ),
        ("*/5 * * * *", []),
    ],
)
def test_only_starts_that_a_change_touches_are_told(cron: str, said: list[str]) -> None:
    assert clock_changes.warnings(cron, "Europe/Berlin", AUTUMN) == said
