"""Which due times start after a silence, and which are left out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from scheduling import policies
from scheduling.models import Schedule

NOW = datetime(2026, 11, 21, 12, 0, 30, tzinfo=UTC)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def planned(
    due: datetime, cron: str = "0 * * * *", catch_up: str = "once", **fields: object
) -> tuple[list[datetime], list[tuple[str, datetime, int]]]:
    """The starts, and what is left out: outcome, latest, how many."""
    schedule = Schedule(cron=cron, zone="UTC", catch_up=catch_up, next_due_at=due, **fields)
    plan = policies.plan(schedule, NOW)
    left = [(str(left.outcome), left.last, left.times) for left in plan.left_out]
    return [at for at, _ in plan.starts], left


@pytest.mark.parametrize("catch_up", Schedule.CatchUp.values)
def test_what_is_on_time_starts_whatever_the_policy(catch_up: str) -> None:
    assert planned(NOON, catch_up=catch_up) == ([NOON], [])


def test_two_minutes_within_a_slow_pass_both_start() -> None:
    assert planned(NOON - MINUTE, "* * * * *", "skip") == ([NOON - MINUTE, NOON], [])


def test_missed_starts_are_forgotten_if_so_chosen() -> None:
    missed = [("missed", NOON - HOUR, 3)]
    assert planned(NOON - 3 * HOUR, catch_up="skip") == ([NOON], missed)


def test_one_start_makes_up_for_all() -> None:
    assert planned(NOON - 3 * HOUR) == ([NOON], [("merged", NOON - HOUR, 3)])


def test_the_latest_missed_one_starts_when_none_is_due_now() -> None:
    due = NOON - 3 * HOUR + 30 * MINUTE
    latest = NOON - 30 * MINUTE
    merged = [("merged", latest - HOUR, 2)]
    assert planned(due, "30 * * * *") == ([latest], merged)


def test_a_single_missed_start_is_made_up_for() -> None:
    assert planned(NOON - HOUR, "0 11 * * *") == ([NOON - HOUR], [])


def test_each_missed_start_is_made_up_for() -> None:
    starts, left = planned(NOON - 3 * HOUR, catch_up="each")
    assert (starts, left) == ([NOON - n * HOUR for n in (3, 2, 1, 0)], [])


def test_no_more_than_a_day_of_hours_is_made_up_for() -> None:
    starts, left = planned(NOON - 100 * HOUR, catch_up="each")
    assert starts == [NOON - n * HOUR for n in range(24, -1, -1)]
    assert left == [("missed", NOON - 25 * HOUR, 76)]


def test_weeks_of_minutes_are_one_row() -> None:
    starts, left = planned(NOON - 10 * 24 * HOUR, "* * * * *")
    assert starts == [NOON - MINUTE, NOON]
    assert left == [("merged", NOON - 2 * MINUTE, 10 * 24 * 60 - 1)]


def test_a_pause_leaves_out_and_is_not_missed() -> None:
    fields = {"paused_by": "olga", "pause_reason": "Release"}
    left = [("paused", NOON, 4)]
    assert planned(NOON - 3 * HOUR, paused_until=None, **fields) == ([], left)


def test_after_the_pause_the_policy_counts_again() -> None:
    fields = {"paused_by": "olga", "paused_until": NOON - HOUR}
    left = [("paused", NOON - 2 * HOUR, 2), ("missed", NOON - HOUR, 1)]
    assert planned(NOON - 3 * HOUR, catch_up="skip", **fields) == ([NOON], left)


def test_a_due_time_that_is_no_time_of_its_cron_counts_all_the_same() -> None:
    """The expression may have been changed by hand in the database."""
    odd = NOON - 90 * MINUTE - timedelta(seconds=7)
    assert planned(odd, catch_up="each")[0] == [odd, NOON - HOUR, NOON]


def test_nothing_is_planned_before_its_time() -> None:
    with pytest.raises(ValueError, match="Nothing is due"):
        planned(NOON + HOUR)
