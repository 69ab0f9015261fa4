"""The platform's schedules in words: its days of the week count from 1 for Sunday."""

import pytest

from boomi.platform_schedules import all_words, as_cron, words


def entry(**parts: str) -> dict[str, str]:
    every = dict.fromkeys(("minutes", "hours", "daysOfWeek", "daysOfMonth", "months", "years"), "*")
    return every | parts


@pytest.mark.parametrize(
    ("parts", "expression"),
    [
        ({"minutes": "0", "hours": "6"}, "0 6 * * *"),
        ({"minutes": "0-59/15"}, "0-59/15 * * * *"),
        ({"minutes": "0", "hours": "8", "daysOfWeek": "1"}, "0 8 * * 0"),
        ({"minutes": "0", "hours": "8", "daysOfWeek": "2-6"}, "0 8 * * 1-5"),
        ({"minutes": "0", "hours": "8", "daysOfWeek": "1,7"}, "0 8 * * 0,6"),
        ({"minutes": "0", "hours": "8", "daysOfMonth": "1"}, "0 8 1 * *"),
    ],
)
def test_parts_become_a_cron_expression(parts: dict[str, str], expression: str) -> None:
    assert as_cron(entry(**parts)) == expression


@pytest.mark.parametrize(
    "parts", [{"years": "2027"}, {"daysOfWeek": "8"}, {"minutes": "99"}, {"hours": "soon"}]
)
def test_what_cron_cannot_say_is_shown_as_it_is(parts: dict[str, str]) -> None:
    assert as_cron(entry(**parts)) is None
    name, value = next(iter(parts.items()))
    assert f"{name}={value}" in words(entry(**parts))


def test_a_sunday_of_the_platform_is_a_sunday_in_words() -> None:
    assert "Sunday" in words(entry(minutes="0", hours="8", daysOfWeek="1"))


def test_something_stored_that_is_no_schedule_has_no_words() -> None:
    assert all_words({"minutes": "0"}) == []
    assert all_words(["x", None]) == []
