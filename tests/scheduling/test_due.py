"""Due times: each exactly once, whatever the clocks, the people and the machines do."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DataError, connection
from django.utils import timezone
from django_q.models import OrmQ

from common.actors import Actor
from common.models import AuditEvent, User
from scheduling import kinds
from scheduling.models import Automation, JobRun, JobStatus, Occurrence, Schedule, Trigger
from scheduling.services import automations, due, schedules, starting
from scheduling.testing import drain
from tests.scheduling.builders import hourly, make_automation, make_schedule, outcomes

pytestmark = [pytest.mark.db, pytest.mark.django_db]
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def automation(operator: User) -> Automation:
    return make_automation(operator)


def just_now() -> datetime:
    return timezone.now() - SECOND


def due_again(schedule: Schedule, at: datetime | None = None) -> None:
    Schedule.objects.filter(pk=schedule.pk).update(next_due_at=at or just_now())


def set_clock(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    monkeypatch.setattr(timezone, "now", lambda: now)


def test_what_is_due_starts_once_and_moves_on(automation: Automation) -> None:
    at = just_now()
    schedule = make_schedule(automation, at)
    assert (schedules.start_due(), schedules.start_due()) == (1, 0)
    run = JobRun.objects.get()
    assert (run.trigger, run.automation, run.owner) == (
        Trigger.SCHEDULE, automation, automation.owner,
    )  # fmt: skip
    assert run.params == {"rows": 3, "only_errors": False, "automation": automation.pk}
    schedule.refresh_from_db()
    assert schedule.next_due_at is not None
    assert schedule.next_due_at > at
    assert (schedule.last_due_at, outcomes(schedule)) == (at, [("started", 1)])
    assert Occurrence.objects.get().run == run
    drain()
    run.refresh_from_db()
    assert run.status == JobStatus.SUCCEEDED


def test_what_is_not_due_waits(automation: Automation) -> None:
    schedule = make_schedule(automation)
    assert schedules.start_due() == 0
    assert schedule.next_due_at is not None
    assert schedule.next_due_at > timezone.now()


def test_two_schedules_of_one_automation_both_count(automation: Automation) -> None:
    first = make_schedule(automation, just_now())
    second = make_schedule(automation, just_now(), cron=hourly(20))
    assert schedules.start_due() == 1
    assert [outcomes(first), outcomes(second)] == [[("started", 1)], [("overlapped", 1)]]


def test_a_clock_that_dies_before_the_run_is_there_took_nothing(
    automation: Automation, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = just_now()
    schedule = make_schedule(automation, at)

    def die(*args: Any, **fields: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(due, "start", die)
        with pytest.raises(KeyboardInterrupt):
            schedules.start_due()
    schedule.refresh_from_db()
    assert (schedule.next_due_at, outcomes(schedule)) == (at, [])
    assert schedules.start_due() == 1


def test_the_second_of_two_clocks_finds_it_taken(automation: Automation) -> None:
    schedule = make_schedule(automation, just_now())
    seen = Schedule.objects.select_related("automation__owner").get(pk=schedule.pk)
    assert (due._take(seen, timezone.now()), due._take(seen, timezone.now())) == (1, 0)
    assert JobRun.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_five_clocks_at_once_start_each_due_time_once(operator: User) -> None:
    made = [make_automation(operator, f"Count {number}") for number in range(8)]
    for automation in made:
        make_schedule(automation, just_now())
    barrier = threading.Barrier(5)
    started: list[int] = []

    def clock() -> None:
        try:
            barrier.wait()
            started.append(schedules.start_due())
        finally:
            connection.close()

    clocks = [threading.Thread(target=clock) for _ in range(5)]
    for thread in clocks:
        thread.start()
    for thread in clocks:
        thread.join()
    assert sum(started) == 8
    assert sorted(JobRun.objects.values_list("automation", flat=True)) == [a.pk for a in made]
    assert Occurrence.objects.filter(outcome="started").count() == 8


class TestOverlap:
    def busy(self, automation: Automation) -> JobRun:
        return automations.run_now(automation, actor=Actor.person(automation.owner))

    def end(self, run: JobRun) -> None:
        JobRun.objects.filter(pk=run.pk).update(status=JobStatus.SUCCEEDED)
        OrmQ.objects.all().delete()

    def test_a_start_beside_a_live_run_is_skipped(self, automation: Automation) -> None:
        self.busy(automation)
        schedule = make_schedule(automation, just_now())
        assert schedules.start_due() == 0
        assert outcomes(schedule) == [("overlapped", 1)]
        due_again(schedule)
        schedules.start_due()
        assert outcomes(schedule) == [("overlapped", 2)], "one row tells of both"

    def test_it_waits_for_the_end_of_the_live_run(self, automation: Automation) -> None:
        run = self.busy(automation)
        schedule = make_schedule(automation, just_now(), overlap="wait")
        assert (schedules.start_due(), outcomes(schedule)) == (0, [("waiting", 1)])
        self.end(run)
        assert (schedules.start_due(), outcomes(schedule)) == (1, [("started", 1)])
        assert Occurrence.objects.get().run == JobRun.objects.latest("pk")

    def test_one_waits_at_most(self, automation: Automation) -> None:
        self.busy(automation)
        schedule = make_schedule(automation, just_now(), overlap="wait")
        for _ in range(3):
            schedules.start_due()
            due_again(schedule)
        assert outcomes(schedule) == [("waiting", 1), ("overlapped", 2)]

    def test_it_starts_beside_if_so_chosen(self, automation: Automation) -> None:
        self.busy(automation)
        schedule = make_schedule(automation, just_now(), overlap="allow")
        assert (schedules.start_due(), outcomes(schedule)) == (1, [("started", 1)])
        assert JobRun.objects.count() == 2

    def test_what_waits_is_refused_once_it_is_switched_off(self, automation: Automation) -> None:
        run = self.busy(automation)
        schedule = make_schedule(automation, just_now(), overlap="wait")
        schedules.start_due()
        automations.set_enabled(automation, False, actor=Actor.person(automation.owner))
        self.end(run)
        assert (schedules.start_due(), outcomes(schedule)) == (0, [("refused", 1)])

    def test_each_missed_start_gets_its_turn(self, automation: Automation) -> None:
        # The newest due time is two minutes old, so all three were missed.
        now = timezone.now()
        minute = (now - 2 * SECOND * 60).minute
        at = now.replace(minute=minute, second=0, microsecond=0)
        at = at if at < now else at - HOUR
        schedule = make_schedule(
            automation, at - 2 * HOUR, cron=f"{minute} * * * *", catch_up="each"
        )
        turns = [schedules.start_due()]
        assert outcomes(schedule) == [("started", 1), ("waiting", 1), ("waiting", 1)]
        for _ in range(3):
            self.end(JobRun.objects.latest("pk"))
            turns.append(schedules.start_due())
        assert turns == [1, 1, 1, 0]
        assert outcomes(schedule) == [("started", 1)] * 3


class TestPause:
    def test_paused_starts_are_counted_in_one_row(self, automation: Automation) -> None:
        schedule = make_schedule(automation, just_now())
        actor = Actor.person(automation.owner)
        schedules.pause(schedule, actor=actor, until=None, reason="Release night")
        for _ in range(4):
            due_again(schedule)
            assert schedules.start_due() == 0
        row = Occurrence.objects.get()
        assert (row.outcome, row.times, row.note) == ("paused", 4, "Release night")

    def test_a_pause_ends_by_itself(
        self, automation: Automation, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        schedule = make_schedule(automation)
        actor, now = Actor.person(automation.owner), timezone.now()
        schedules.pause(schedule, actor=actor, until=now + HOUR, reason="Lunch")
        set_clock(monkeypatch, now + 2 * HOUR)
        due_again(schedule, now + 2 * HOUR - SECOND)
        assert schedules.start_due() == 1
        schedule.refresh_from_db()
        assert (schedule.paused_until, schedule.pause_reason, schedule.paused_by) == (None, "", "")
        event = AuditEvent.objects.get(action="scheduling.schedule.resumed")
        assert (event.actor_text, event.note) == ("system:clock", "The pause was over.")


class TestRights:
    def refused(self, schedule: Schedule) -> str:
        assert schedules.start_due() == 0
        row = Occurrence.objects.get(schedule=schedule)
        assert row.outcome == "refused"
        return row.note

    def test_an_owner_who_left_starts_nothing(self, automation: Automation) -> None:
        schedule = make_schedule(automation, just_now())
        User.objects.filter(pk=automation.owner.pk).update(is_active=False)
        assert self.refused(schedule) == "The user olga@northwind.example is switched off."

    def test_an_owner_without_the_role_starts_nothing(self, automation: Automation) -> None:
        schedule = make_schedule(automation, just_now())
        automation.owner.groups.clear()
        assert "may not run automations any more" in self.refused(schedule)

    def test_the_kind_is_asked_at_each_start(self, automation: Automation) -> None:
        schedule = make_schedule(automation, just_now())
        there = {"rows": 1, "place": "there"}
        Automation.objects.filter(pk=automation.pk).update(parameters=there)
        assert self.refused(schedule) == "Only an Admin may count there."

    def test_an_unknown_kind_is_told(self, automation: Automation) -> None:
        schedule = make_schedule(automation, just_now())
        Automation.objects.filter(pk=automation.pk).update(kind="gone.kind")
        assert "knows no automation of the kind gone.kind" in self.refused(schedule)
        with pytest.raises(kinds.UnknownKind):
            kinds.find("gone.kind")

    def test_an_expression_nobody_can_read_ends_the_schedule(self, automation: Automation) -> None:
        schedule = make_schedule(automation, just_now())
        Schedule.objects.filter(pk=schedule.pk).update(zone="Mars/Olympus")
        assert "'Mars/Olympus' is not a time zone" in self.refused(schedule)
        schedule.refresh_from_db()
        assert schedule.next_due_at is None


class TestABrokenKind:
    """Its own code raises; parameters of an older version may do that."""

    @pytest.fixture
    def broken(self, automation: Automation) -> Automation:
        parameters = {"rows": 1, "place": "nowhere at all"}
        Automation.objects.filter(pk=automation.pk).update(parameters=parameters)
        return automation

    def test_it_keeps_no_other_from_starting(self, broken: Automation) -> None:
        first = make_schedule(broken, just_now() - SECOND)
        second = make_schedule(make_automation(broken.owner, "Sound"), just_now())
        assert schedules.start_due() == 1
        assert [outcomes(first), outcomes(second)] == [[("refused", 1)], [("started", 1)]]
        note = Occurrence.objects.get(schedule=first).note
        assert note == "A fault of the portal kept it from starting (LookupError)."

    def test_it_is_tried_again_at_its_next_time(self, broken: Automation) -> None:
        schedule = make_schedule(broken, just_now())
        assert (schedules.start_due(), schedules.start_due()) == (0, 0)
        schedule.refresh_from_db()
        assert schedule.next_due_at is not None
        assert schedule.next_due_at > timezone.now()
        assert outcomes(schedule) == [("refused", 1)]

    def test_what_waited_is_refused(self, broken: Automation) -> None:
        schedule = make_schedule(broken)
        Occurrence.objects.create(schedule=schedule, due_at=just_now(), outcome="waiting")
        assert (schedules.start_due(), outcomes(schedule)) == (0, [("refused", 1)])


class TestClocksThatJump:
    def test_a_step_back_starts_nothing_twice(
        self, automation: Automation, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now = timezone.now()
        schedule = make_schedule(automation, now - SECOND)
        schedules.start_due()
        drain()
        set_clock(monkeypatch, now - timedelta(minutes=5))
        assert schedules.start_due() == 0
        due_again(schedule, now - SECOND)
        set_clock(monkeypatch, now)
        assert schedules.start_due() == 0, "this due time has its row"
        assert outcomes(schedule) == [("started", 1)]

    def test_a_clock_that_ran_ahead_leaves_no_schedule_behind(
        self, automation: Automation, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now = timezone.now()
        schedule = make_schedule(automation)
        with monkeypatch.context() as patched:
            set_clock(patched, now + timedelta(days=300))
            schedules.start_due()
            drain(ignore_waits=True)
        schedule.refresh_from_db()
        assert schedule.next_due_at is not None
        assert schedule.next_due_at > now + timedelta(days=299)
        schedules.start_due()
        schedule.refresh_from_db()
        assert schedule.next_due_at is not None
        assert schedule.next_due_at <= now + HOUR


def test_three_hours_of_silence_are_made_up_for_once(automation: Automation) -> None:
    now = timezone.now()
    hour = now.replace(minute=0, second=0, microsecond=0)
    schedule = make_schedule(automation, hour - 2 * HOUR, cron="0 * * * *")
    assert schedules.start_due() == 1
    assert outcomes(schedule) == [("merged", 2), ("started", 1)]
    drain()
    assert schedules.start_due() == 0


def test_switched_off_nothing_is_due(automation: Automation) -> None:
    schedule = make_schedule(automation, just_now())
    automations.set_enabled(automation, False, actor=Actor.person(automation.owner))
    schedule.refresh_from_db()
    assert (schedule.next_due_at, schedules.start_due()) == (None, 0)
    automations.set_enabled(automation, True, actor=Actor.person(automation.owner))
    schedule.refresh_from_db()
    assert schedule.next_due_at is not None
    assert schedule.next_due_at > timezone.now()


def test_starts_beside_each_other_do_not_pile_up_for_ever(
    automation: Automation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starting, "MOST_LIVE", 2)
    schedule = make_schedule(automation, overlap="allow")
    for seconds in (50, 40, 30, 20):
        due_again(schedule, timezone.now() - seconds * SECOND)
        schedules.start_due()
    assert JobRun.objects.count() == 2
    assert outcomes(schedule) == [("started", 1), ("started", 1), ("overlapped", 2)]
    assert Occurrence.objects.latest("due_at").note == "2 of its runs are live already."


def test_a_fault_in_one_query_does_not_keep_the_others_from_starting(
    operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL refuses what it cannot store with an error of the database, too."""
    first = make_schedule(make_automation(operator, "First"), just_now() - SECOND)
    second = make_schedule(make_automation(operator, "Second"), just_now())
    really = due._start

    def start(schedule: Schedule, at: datetime, makes_up: bool) -> int:
        if schedule.pk == first.pk:
            raise DataError("value too long")
        return really(schedule, at, makes_up)

    monkeypatch.setattr(due, "_start", start)
    assert schedules.start_due() == 1
    assert (outcomes(first), outcomes(second)) == ([("refused", 1)], [("started", 1)])
