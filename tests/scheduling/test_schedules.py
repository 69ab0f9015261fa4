"""The verbs of schedules."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from common.actors import Actor
from common.errors import Conflict, InputError, NotAllowed
from common.models import AuditEvent, User
from scheduling.models import Automation, Occurrence, Schedule
from scheduling.services import automations, schedules
from tests.scheduling.builders import make_automation, make_schedule

pytestmark = [pytest.mark.db, pytest.mark.django_db]
HOUR = timedelta(hours=1)


@pytest.fixture
def automation(operator: User) -> Automation:
    return make_automation(operator)


@pytest.fixture
def actor(operator: User) -> Actor:
    return Actor.person(operator)


def test_a_new_schedule_knows_when_it_is_due(automation: Automation, actor: Actor) -> None:
    made = schedules.create(automation, actor=actor, cron=" 0  2 * * * ", zone="Europe/Berlin")
    assert made.cron == "0 2 * * *"
    assert made.next_due_at is not None
    assert timezone.now() < made.next_due_at <= timezone.now() + 25 * HOUR
    assert AuditEvent.objects.latest("pk").action == "scheduling.schedule.created"


@pytest.mark.parametrize(
    ("values", "field", "sentence"),
    [
        ({"cron": "61 * * * *"}, "cron", "The minute 61 is not between 0 and 59."),
        ({"cron": "@daily"}, "cron", "Write five fields"),
        ({"cron": "0 0 30 2 *"}, "cron", "This date never comes"),
        ({"cron": ",".join("0" * 80) + " * * * *"}, "cron", "too long"),
        ({"zone": "Berlin"}, "zone", "'Berlin' is not a time zone"),
        ({"overlap": "maybe"}, "overlap", "no such policy"),
        ({"catch_up": ""}, "catch_up", "no such policy"),
    ],
)
def test_what_is_wrong_is_told_with_its_field(
    automation: Automation, actor: Actor, values: dict[str, str], field: str, sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence) as caught:
        schedules.create(automation, actor=actor, **{"cron": "0 2 * * *", "zone": "UTC", **values})
    assert list(caught.value.fields) == [field]
    assert not Schedule.objects.exists()


def test_an_automation_has_each_schedule_once(automation: Automation, actor: Actor) -> None:
    schedules.create(automation, actor=actor, cron="0 2 * * *", zone="UTC")
    schedules.create(automation, actor=actor, cron="0 2 * * *", zone="Europe/Berlin")
    other = schedules.create(automation, actor=actor, cron="0 3 * * *", zone="UTC")
    with pytest.raises(InputError, match="has this schedule already"):
        schedules.create(automation, actor=actor, cron="0 2 * * *", zone="UTC")
    with pytest.raises(InputError, match="has this schedule already"):
        schedules.update(other, actor=actor, cron="0 2 * * *")
    assert Schedule.objects.count() == 3


def test_a_schedule_of_a_switched_off_automation_is_not_due(
    automation: Automation, actor: Actor
) -> None:
    automations.set_enabled(automation, False, actor=actor)
    made = make_schedule(automation)
    assert made.next_due_at is None
    automations.set_enabled(automation, True, actor=actor)
    made.refresh_from_db()
    assert made.next_due_at is not None


def test_a_change_is_due_anew_and_audited(automation: Automation, actor: Actor) -> None:
    made = make_schedule(automation, cron="0 0 1 1 *")
    changed = schedules.update(made, actor=actor, cron="* * * * *", overlap="wait")
    assert changed.next_due_at is not None
    assert changed.next_due_at <= timezone.now() + timedelta(minutes=1)
    event = AuditEvent.objects.latest("pk")
    before, after = json.loads(event.before or ""), json.loads(event.after or "")
    assert event.action == "scheduling.schedule.updated"
    assert (before["cron"], after["cron"]) == ("0 0 1 1 *", "* * * * *")
    assert (before["overlap"], after["overlap"]) == ("skip", "wait")


def test_changing_nothing_leaves_no_trace(automation: Automation, actor: Actor) -> None:
    made = make_schedule(automation)
    events = AuditEvent.objects.count()
    schedules.update(made, actor=actor, cron=made.cron, enabled=True)
    assert AuditEvent.objects.count() == events


def test_switched_off_it_has_no_next_time(automation: Automation, actor: Actor) -> None:
    made = make_schedule(automation)
    assert schedules.update(made, actor=actor, enabled=False).next_due_at is None
    assert schedules.update(made, actor=actor, enabled=True).next_due_at is not None


def test_a_deleted_one_is_told(automation: Automation, actor: Actor) -> None:
    made = make_schedule(automation)
    gone = Schedule.objects.get(pk=made.pk)
    schedules.delete(made, actor=actor)
    for verb, values in (
        (schedules.update, {"enabled": False}),
        (schedules.pause, {"until": None, "reason": "x"}),
        (schedules.resume, {}),
        (schedules.delete, {}),
    ):
        with pytest.raises(Conflict, match="deleted meanwhile"):
            verb(gone, actor=actor, **values)


@pytest.mark.parametrize("role", ["viewer", "developer"])
def test_only_its_owner_or_an_admin_changes_it(
    automation: Automation, admin_user: User, role: str, request: pytest.FixtureRequest
) -> None:
    made = make_schedule(automation)
    other = Actor.person(request.getfixturevalue(role))
    attempts: list[tuple[Any, dict[str, Any]]] = [
        (schedules.update, {"enabled": False}),
        (schedules.pause, {"until": None, "reason": "x"}),
        (schedules.resume, {}),
        (schedules.delete, {}),
    ]
    for verb, values in attempts:
        with pytest.raises(NotAllowed):
            verb(made, actor=other, **values)
    with pytest.raises(NotAllowed):
        schedules.create(automation, actor=other, cron="0 2 * * *", zone="UTC")
    schedules.update(made, actor=Actor.person(admin_user), enabled=False)


class TestPause:
    def test_it_says_who_until_when_and_why(self, automation: Automation, actor: Actor) -> None:
        until = timezone.now() + HOUR
        made = schedules.pause(
            make_schedule(automation), actor=actor, until=until, reason=" Release "
        )
        assert (made.paused_by, made.pause_reason) == (actor.text, "Release")
        assert made.is_paused_at(until - HOUR)
        assert not made.is_paused_at(until)
        event = AuditEvent.objects.latest("pk")
        assert (event.action, event.note) == ("scheduling.schedule.paused", "Release")

    @pytest.mark.parametrize(
        ("until", "reason", "field"),
        [
            (None, " ", "reason"),
            (None, "x" * 301, "reason"),
            (datetime(2020, 1, 1, tzinfo=UTC), "x", "until"),
            (datetime(9999, 1, 1, tzinfo=UTC), "x", "until"),
        ],
    )
    def test_it_needs_a_reason_and_a_later_time(
        self, automation: Automation, actor: Actor, until: datetime | None, reason: str, field: str
    ) -> None:
        with pytest.raises(InputError) as caught:
            schedules.pause(make_schedule(automation), actor=actor, until=until, reason=reason)
        assert list(caught.value.fields) == [field]

    def test_it_may_be_changed(self, automation: Automation, actor: Actor) -> None:
        made = make_schedule(automation)
        schedules.pause(made, actor=actor, until=timezone.now() + HOUR, reason="one")
        made = schedules.pause(made, actor=actor, until=None, reason="two")
        assert (made.paused_until, made.pause_reason) == (None, "two")
        assert made.is_paused_at(datetime(2199, 1, 1, tzinfo=UTC))

    def test_resuming_ends_it_once(self, automation: Automation, actor: Actor) -> None:
        made = make_schedule(automation)
        schedules.pause(made, actor=actor, until=None, reason="Release")
        long_ago = timezone.now() - 5 * HOUR
        Schedule.objects.update(next_due_at=long_ago)
        made = schedules.resume(made, actor=actor)
        assert not made.is_paused_at(timezone.now())
        assert made.next_due_at is not None
        assert made.next_due_at > timezone.now(), "what was due during the pause stays left out"
        with pytest.raises(Conflict, match="not paused"):
            schedules.resume(made, actor=actor)


class TestPreview:
    def test_it_shows_words_and_times(self) -> None:
        after = datetime(2026, 3, 28, 12, tzinfo=UTC)
        shown = schedules.preview("30 2 * * *", "Europe/Berlin", after=after, count=2)
        assert shown.words == "At 02:30, every day"
        assert [at.isoformat() for at in shown.times] == [
            "2026-03-29T01:00:00+00:00", "2026-03-30T00:30:00+00:00",
        ]  # fmt: skip
        assert (shown.problem, shown.field) == ("", "")

    @pytest.mark.parametrize(
        ("cron", "zone", "field"), [("0 25 * * *", "UTC", "hour"), ("0 2 * * *", "", "zone")]
    )
    def test_a_problem_is_an_answer(self, cron: str, zone: str, field: str) -> None:
        shown = schedules.preview(cron, zone)
        assert (shown.words, shown.times, shown.field) == ("", (), field)
        assert shown.problem


def test_a_change_of_policy_drops_no_start_that_is_due(
    automation: Automation, actor: Actor
) -> None:
    at = timezone.now() - timedelta(seconds=1)
    made = make_schedule(automation, at)
    schedules.update(made, actor=actor, overlap="wait", catch_up="each")
    made.refresh_from_db()
    assert (made.next_due_at, made.overlap) == (at, "wait")
    assert schedules.start_due() == 1


def test_a_long_history_goes_with_its_schedule(automation: Automation, actor: Actor) -> None:
    made, now = make_schedule(automation), timezone.now()
    rows = [
        Occurrence(schedule=made, due_at=now - timedelta(minutes=n), outcome="started")
        for n in range(1200)
    ]
    Occurrence.objects.bulk_create(rows)
    schedules.delete(made, actor=actor)
    assert not Occurrence.objects.exists()
