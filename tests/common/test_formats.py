"""Times, numbers and ids as people read them."""

from datetime import UTC, datetime, timedelta

import pytest

from common import formats

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (3, "just now"),
        (42, "42 s ago"),
        (60, "1 min ago"),
        (3599, "59 min ago"),
        (7200, "2 h ago"),
        (86_400 * 59, "59 d ago"),
        (86_400 * 90, "3 months ago"),
        (86_400 * 800, "2 years ago"),
        (-840, "in 14 min"),
    ],
)
def test_ages_have_one_unit(seconds: int, text: str) -> None:
    assert formats.relative(NOW - timedelta(seconds=seconds), NOW) == text


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (0, "0 ms"),
        (999, "999 ms"),
        (1000, "1.0 s"),
        (3120, "3.1 s"),
        (59_949, "59.9 s"),
        (59_950, "1 min 00 s"),
        (3_422_000, "57 min 02 s"),
        (3_600_000, "1 h 00 min"),
        (273_600_000, "3 d 04 h"),
    ],
)
def test_durations_have_two_units_at_most(milliseconds: int, text: str) -> None:
    assert formats.duration(milliseconds) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (1204, "1\u202f204"), (1_204_480, "1\u202f204\u202f480"), (3.5, "3.5"), (2.0, "2")],
)
def test_numbers_are_grouped(value: float, text: str) -> None:
    assert formats.number(value) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KB"), (1_048_575, "1.0 MB"), (3 << 30, "3.0 GB")],
)
def test_sizes_step_by_1024(count: int, text: str) -> None:
    assert formats.size(count) == text


def test_long_ids_keep_both_ends() -> None:
    assert formats.short_id("a81f02c4-6d1e-4f0b-9bd1") == "a81f02c4…9bd1"


def test_short_ids_stay_whole() -> None:
    assert formats.short_id("execution-7") == "execution-7"
