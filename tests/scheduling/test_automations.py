"""The verbs of automations: who may, what is kept, what the trail says."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from common import access
from common.access import audience, may, visible
from common.actors import Actor
from common.errors import Conflict, InputError, NotAllowed
from common.models import AuditEvent, User
from scheduling.models import Automation, JobRun, JobStatus, NotificationChannel, Occurrence
from scheduling.services import automations
from tests.scheduling.builders import make_automation, make_schedule

pytestmark = [pytest.mark.db, pytest.mark.django_db]


@pytest.fixture
def shared() -> Any:
    """Everybody called Vic, Dan or Olga belongs to the audience of automations "nowhere"."""

    @audience
    def everybody(actor: Actor) -> set[str]:
        return {"tests:nowhere"} if actor.user is not None else set()

    yield
    access._audiences.remove(everybody)


def last_event() -> tuple[str, dict[str, Any], dict[str, Any]]:
    event = AuditEvent.objects.latest("pk")
    return event.action, json.loads(event.before or "{}"), json.loads(event.after or "{}")


def test_creating_is_audited_with_its_values(operator: User) -> None:
    make_automation(operator, notes="Nightly")
    action, _, after = last_event()
    assert action == "scheduling.automation.created"
    assert (after["name"], after["parameters"]) == ("Count", {"rows": 3, "only_errors": False})
    assert (after["owner"], after["notes"]) == (operator.email, "Nightly")


def test_a_viewer_makes_none(viewer: User) -> None:
    with pytest.raises(NotAllowed, match="Operator"):
        make_automation(viewer)


def test_the_portal_itself_owns_none() -> None:
    with pytest.raises(NotAllowed, match="belongs to a person"):
        automations.create(
            actor=Actor.system(), name="x", kind="tests.count", parameters={"rows": 1}
        )


def test_a_change_is_audited_with_both_sides(operator: User) -> None:
    made = make_automation(operator)
    automations.update(made, actor=Actor.person(operator), parameters={"rows": 9}, name="More")
    action, before, after = last_event()
    assert action == "scheduling.automation.updated"
    assert (before["name"], before["parameters"]["rows"]) == ("Count", 3)
    assert (after["name"], after["parameters"]["rows"]) == ("More", 9)


def test_changing_nothing_leaves_no_trace(operator: User) -> None:
    made = make_automation(operator)
    events = AuditEvent.objects.count()
    automations.update(made, actor=Actor.person(operator), name="Count", parameters={"rows": 3})
    assert AuditEvent.objects.count() == events


def test_its_audience_follows_its_parameters(admin_user: User) -> None:
    made = make_automation(admin_user)
    actor = Actor.person(admin_user)
    automations.update(made, actor=actor, parameters={"rows": 1, "place": "there"})
    assert Automation.objects.get().audience == "tests:there"


def test_switching_is_audited_under_its_own_name(operator: User) -> None:
    made, actor = make_automation(operator), Actor.person(operator)
    schedule = make_schedule(made)
    automations.set_enabled(made, False, actor=actor)
    action, before, after = last_event()
    assert (action, before["enabled"], after["enabled"]) == (
        "scheduling.automation.disabled", True, False,
    )  # fmt: skip
    schedule.refresh_from_db()
    assert schedule.next_due_at is None
    automations.set_enabled(made, False, actor=actor)
    automations.set_enabled(made, True, actor=actor)
    assert last_event()[0] == "scheduling.automation.enabled"
    assert AuditEvent.objects.filter(action="scheduling.automation.disabled").count() == 1


def test_two_changes_of_different_things_both_last(operator: User) -> None:
    made, actor = make_automation(operator), Actor.person(operator)
    seen_before = Automation.objects.get(pk=made.pk)
    automations.update(made, actor=actor, notes="one")
    automations.update(seen_before, actor=actor, name="Two")
    row = Automation.objects.get()
    assert (row.name, row.notes) == ("Two", "one")


def test_a_deleted_one_is_not_changed(operator: User) -> None:
    made, actor = make_automation(operator), Actor.person(operator)
    Automation.objects.all().delete()
    with pytest.raises(NotAllowed):
        automations.update(made, actor=actor, name="Gone")
    with pytest.raises(NotAllowed):
        automations.run_now(made, actor=actor)


@pytest.mark.usefixtures("shared")
def test_who_sees_it_may_run_it_as_operator_and_change_it_not(
    operator: User, developer: User, viewer: User, admin_user: User
) -> None:
    made = make_automation(operator)
    rights = {
        user.email.partition("@")[0]: [
            bool(may(Actor.person(user), f"scheduling.automation.{verb}", made))
            for verb in ("run", "edit", "delete")
        ]
        for user in (operator, developer, viewer, admin_user)
    }
    assert rights == {
        "olga": [True, True, True],
        "dan": [True, False, False],
        "vic": [False, False, False],
        "ada": [True, True, True],
    }
    with pytest.raises(NotAllowed, match="Only its owner or an Admin"):
        automations.update(made, actor=Actor.person(developer), name="Mine")


@pytest.mark.usefixtures("shared")
def test_who_presses_the_button_works_with_his_own_rights(
    admin_user: User, developer: User
) -> None:
    made = make_automation(admin_user)
    Automation.objects.update(parameters={"rows": 1, "place": "there"})
    with pytest.raises(NotAllowed, match="Only an Admin may count there"):
        automations.run_now(made, actor=Actor.person(developer))
    assert not JobRun.objects.exists()
    run = automations.run_now(made, actor=Actor.person(admin_user))
    assert (run.owner, run.automation) == (admin_user, made)


@pytest.mark.usefixtures("shared")
def test_the_owner_sees_what_others_started(operator: User, developer: User) -> None:
    made = make_automation(operator)
    run = automations.run_now(made, actor=Actor.person(developer))
    JobRun.objects.update(audience="")
    assert visible(Actor.person(operator), JobRun.objects.all()).get() == run


def test_starting_by_hand_is_audited_once(operator: User) -> None:
    made, actor = make_automation(operator), Actor.person(operator)
    assert automations.run_now(made, actor=actor) == automations.run_now(made, actor=actor)
    started = AuditEvent.objects.filter(action="scheduling.automation.started")
    assert started.count() == 1


def test_one_that_is_switched_off_still_starts_by_hand(operator: User) -> None:
    made = make_automation(operator, enabled=False)
    run = automations.run_now(made, actor=Actor.person(operator))
    assert run.status == JobStatus.QUEUED


def test_an_admin_hands_it_over_to_somebody_who_may(
    operator: User, developer: User, viewer: User, admin_user: User
) -> None:
    made = make_automation(operator)
    automations.update(made, actor=Actor.person(admin_user), owner=developer)
    assert Automation.objects.get().owner == developer
    with pytest.raises(InputError, match="could not run it"):
        automations.update(made, actor=Actor.person(admin_user), owner=viewer)
    with pytest.raises(NotAllowed, match="Only an Admin"):
        automations.update(made, actor=Actor.person(developer), owner=operator)


def test_an_admin_gives_an_owner_no_work_beyond_his_rights(
    operator: User, admin_user: User
) -> None:
    made = make_automation(operator)
    there = {"rows": 1, "place": "there"}
    with pytest.raises(InputError, match="Only an Admin may count there"):
        automations.update(made, actor=Actor.person(admin_user), parameters=there)


def test_the_channel_its_owner_chose_is_no_obstacle_to_an_admin(
    operator: User, admin_user: User
) -> None:
    channel = NotificationChannel.objects.create(name="On call", owner=operator, recipients=[])
    made = make_automation(operator, channel=channel)
    automations.update(made, actor=Actor.person(admin_user), channel=channel, notes="Checked")
    assert Automation.objects.get().notes == "Checked"


def test_deleting_takes_the_schedules_and_leaves_the_runs(operator: User) -> None:
    made, actor = make_automation(operator), Actor.person(operator)
    schedule = make_schedule(made)
    run = automations.run_now(made, actor=actor)
    JobRun.objects.update(status=JobStatus.SUCCEEDED)
    now = timezone.now()
    rows = [
        Occurrence(schedule=schedule, due_at=now + timedelta(minutes=n), outcome="paused")
        for n in range(1200)
    ]
    Occurrence.objects.bulk_create(rows)
    automations.delete(made, actor=actor)
    assert not Automation.objects.exists()
    assert not Occurrence.objects.exists()
    run.refresh_from_db()
    assert run.automation is None
    assert last_event()[0] == "scheduling.automation.deleted"


def test_one_at_work_is_not_deleted(operator: User) -> None:
    made, actor = make_automation(operator), Actor.person(operator)
    schedule = make_schedule(made)
    automations.run_now(made, actor=actor)
    with pytest.raises(Conflict, match="is at work"):
        automations.delete(made, actor=actor)
    schedule.refresh_from_db()
    assert schedule.next_due_at is not None


def test_an_estimate_is_the_median_of_the_last_runs(operator: User) -> None:
    made, actor = make_automation(operator), Actor.person(operator)
    begin = timezone.now() - timedelta(hours=3)
    for seconds in [*[1000] * 5, *[10] * 9, 12, *[30] * 10]:
        JobRun.objects.create(
            job="tests.count", title="x", actor_text="x", automation=made,
            status=JobStatus.SUCCEEDED, created_at=begin, started_at=begin,
            finished_at=begin + timedelta(seconds=seconds),
        )  # fmt: skip
    dry = automations.dry_run(made, actor=actor)
    assert (dry.seconds, dry.runs) == (21.0, 20)
    assert dry.preview.sentence == "3 rows of 3 hours.", "since the last success"


def test_a_viewer_tries_nothing(viewer: User) -> None:
    with pytest.raises(NotAllowed):
        automations.last_week("tests.count", {"rows": 1}, actor=Actor.person(viewer))


def test_an_admin_changes_the_notes_of_one_whose_owner_left(
    operator: User, admin_user: User
) -> None:
    made = make_automation(operator)
    User.objects.filter(pk=operator.pk).update(is_active=False)
    made.owner.refresh_from_db()
    same = {"parameters": dict(made.parameters), "on_event": made.on_event}
    automations.update(made, actor=Actor.person(admin_user), notes="Ask Ada", **same)
    assert Automation.objects.get().notes == "Ask Ada"
    with pytest.raises(InputError, match="switched off"):
        automations.update(made, actor=Actor.person(admin_user), parameters={"rows": 9})
