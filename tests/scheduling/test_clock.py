"""The clock's passes: what it does, how often, and that one fault stops nothing."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone
from django_q.models import OrmQ

from scheduling import clock, heartbeats
from scheduling.clock import Clock, tick
from scheduling.models import Heartbeat

pytestmark = [pytest.mark.db, pytest.mark.django_db]


@pytest.fixture
def ticks(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, clock.Tick]]:
    """An empty registry, so that a test sees its own chores only."""
    empty: dict[str, clock.Tick] = {}
    monkeypatch.setattr(clock, "_ticks", empty)
    return empty


def let_time_pass(seconds: float) -> None:
    for row in Heartbeat.objects.exclude(asked_at=None):
        Heartbeat.objects.filter(pk=row.pk).update(
            asked_at=row.asked_at - timedelta(seconds=seconds)
        )


def test_a_pass_leaves_a_sign_of_life() -> None:
    call_command("clock", "--once")
    assert (timezone.now() - heartbeats.last_beat("clock")).total_seconds() < 5


def test_a_chore_is_done_by_one_of_several_clocks(ticks: dict[str, clock.Tick]) -> None:
    done: list[int] = []
    tick(60, name="count")(lambda: done.append(1))
    Clock().once()
    Clock().once()
    assert len(done) == 1
    let_time_pass(61)
    Clock().once()
    assert len(done) == 2


def test_a_chore_that_fails_stops_neither_the_others_nor_its_next_time(
    ticks: dict[str, clock.Tick],
) -> None:
    done: list[str] = []

    def broken() -> None:
        done.append("broken")
        raise ValueError("no")

    tick(60, name="a.broken")(broken)
    tick(60, name="b.sound")(lambda: done.append("sound"))
    Clock().once()
    let_time_pass(61)
    Clock().once()
    assert done == ["broken", "sound", "broken", "sound"]


def test_two_chores_of_one_name_are_a_mistake(ticks: dict[str, clock.Tick]) -> None:
    tick(60, name="count")(lambda: None)
    with pytest.raises(ValueError, match="Two ticks"):
        tick(60, name="count")(lambda: None)


def test_every_idle_queue_is_asked_for_a_sign_of_life_once_per_period() -> None:
    assert (clock.send_canaries(), clock.send_canaries()) == (2, 0)
    OrmQ.objects.all().delete()
    let_time_pass(clock.canary_seconds() + 1)
    assert clock.send_canaries() == 2


def test_canaries_do_not_pile_up_where_nobody_takes_them() -> None:
    for _ in range(5):
        clock.send_canaries()
        let_time_pass(1000)
    assert OrmQ.objects.count() == 2


def test_a_queue_that_was_only_asked_has_not_answered() -> None:
    clock.send_canaries()
    assert heartbeats.last_beat("queue:now") is None


def test_the_loop_ends_when_told() -> None:
    stopped = Clock()
    stopped.stop()
    stopped.run()
    assert heartbeats.last_beat("clock") is None


def test_a_clock_that_was_set_back_does_its_chores_again(ticks: dict[str, clock.Tick]) -> None:
    done: list[int] = []
    tick(60, name="count")(lambda: done.append(1))
    Clock().once()
    let_time_pass(-timedelta(days=300).total_seconds())
    Clock().once()
    assert len(done) == 2
    let_time_pass(-30)
    Clock().once()
    assert len(done) == 2, "clocks of machines that differ a little do not take turns"
