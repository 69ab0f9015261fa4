"""Events of the portal that start automations, and the circles they must not run in."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DataError, connection, transaction

from common.actors import Actor
from common.models import User
from scheduling import chains, events, services
from scheduling.models import Automation, JobRun, JobStatus, Trigger
from scheduling.services import starting
from scheduling.testing import drain
from tests.scheduling.builders import make_automation
from tests.scheduling.kinds_for_tests import EVENT

pytestmark = [pytest.mark.db, pytest.mark.django_db]
PAYLOAD = {"audience": "tests:nowhere", "count": 2}


@pytest.fixture
def listening(admin_user: User) -> Automation:
    """One of an Admin, who belongs to every audience."""
    return make_automation(admin_user, on_event=EVENT.name)


def tell(**payload: Any) -> None:
    events.tell(EVENT.name, {**PAYLOAD, **payload})


def test_an_event_starts_what_listens_to_it(listening: Automation, admin_user: User) -> None:
    make_automation(admin_user, "Deaf")
    tell()
    run = JobRun.objects.get()
    assert (run.automation, run.trigger, run.owner) == (listening, Trigger.EVENT, admin_user)
    assert run.params["event"] == PAYLOAD
    assert (run.params["automation"], run.params["rows"]) == (listening.pk, 3)


def test_each_event_is_a_run_of_its_own(listening: Automation) -> None:
    tell(count=1)
    tell(count=2)
    assert sorted(run.params["event"]["count"] for run in JobRun.objects.all()) == [1, 2]


def test_nothing_starts_when_the_teller_undoes_it(listening: Automation) -> None:
    with transaction.atomic():
        tell()
        transaction.set_rollback(True)
    assert not JobRun.objects.exists()


def test_one_that_is_switched_off_hears_nothing(listening: Automation) -> None:
    Automation.objects.update(enabled=False)
    tell()
    assert not JobRun.objects.exists()


@pytest.mark.parametrize("audience", ["tests:nowhere", ""])
def test_an_owner_hears_only_what_he_may_know(operator: User, audience: str) -> None:
    make_automation(operator, on_event=EVENT.name)
    tell(audience=audience)
    assert not JobRun.objects.exists()


def test_the_affairs_of_another_audience_start_nothing(listening: Automation) -> None:
    tell(audience="tests:here")
    assert not JobRun.objects.exists()


def test_an_owner_without_rights_starts_nothing(listening: Automation, admin_user: User) -> None:
    User.objects.update(is_active=False)
    tell()
    assert not JobRun.objects.exists()


def test_a_broken_kind_does_not_disturb_the_teller(listening: Automation, admin_user: User) -> None:
    parameters = {"rows": 1, "place": "nowhere at all"}
    Automation.objects.filter(pk=listening.pk).update(parameters=parameters)
    sound = make_automation(admin_user, "Sound", on_event=EVENT.name)
    tell()
    assert JobRun.objects.get().automation == sound


def test_an_automation_does_not_start_itself(
    listening: Automation, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, _ = starting.start(listening, actor=starting.owner_of(listening), trigger="manual")
    with chains.working_on(run):
        tell()
    assert JobRun.objects.count() == 1
    tell()
    assert JobRun.objects.count() == 2, "outside of its work it hears again"


def test_two_automations_do_not_start_each_other_for_ever(
    listening: Automation, admin_user: User
) -> None:
    make_automation(admin_user, "Other", on_event=EVENT.name)
    told = 0
    tell()
    while run := JobRun.objects.filter(status=JobStatus.QUEUED).order_by("pk").first():
        JobRun.objects.filter(pk=run.pk).update(status=JobStatus.SUCCEEDED)
        with chains.working_on(run):
            tell()
        told += 1
        assert told < 10
    names = list(JobRun.objects.order_by("pk").values_list("automation__name", flat=True))
    assert names == ["Count", "Other", "Other", "Count"]


def test_the_chain_goes_on_through_work_it_enqueues(listening: Automation) -> None:
    """A sync that an automation asks for is a run of its own and may tell the event later."""
    run, _ = starting.start(listening, actor=starting.owner_of(listening), trigger="manual")
    with chains.working_on(run):
        between = services.enqueue("tests.succeed", actor=Actor.system())
    assert between.params == {"chain": [listening.pk]}
    with chains.working_on(between):
        tell()
    assert JobRun.objects.count() == 2


def test_a_long_chain_ends(listening: Automation) -> None:
    run = JobRun(params={"chain": [901, 902, 903, 904, 905]})
    with chains.working_on(run):
        tell()
    assert not JobRun.objects.exists()


def test_a_flood_of_events_does_not_fill_the_queue(
    listening: Automation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starting, "MOST_LIVE", 3)
    for _ in range(5):
        tell()
    assert JobRun.objects.count() == 3
    drain()
    tell()
    assert JobRun.objects.count() == 4


def test_outside_of_automations_nothing_is_inherited() -> None:
    run = services.enqueue("tests.succeed", actor=Actor.system(), params={"a": 1})
    with chains.working_on(run):
        again = services.enqueue("tests.succeed", actor=Actor.system(), params={"a": 1})
    assert (again.params, chains.current()) == ({"a": 1}, ())


def test_a_query_that_fails_undoes_nothing_of_the_teller(
    listening: Automation, admin_user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = make_automation(admin_user, "Sound", on_event=EVENT.name)
    really = starting.why_not

    def why_not(automation: Automation, actor: Actor) -> str:
        if automation.pk == listening.pk:
            with connection.cursor() as cursor:
                # An error of PostgreSQL, after which a transaction takes no query any more.
                cursor.execute("SELECT 1 / 0")
            raise DataError("division by zero")
        return really(automation, actor)

    monkeypatch.setattr(starting, "why_not", why_not)
    with transaction.atomic():
        Automation.objects.filter(pk=sound.pk).update(notes="told")
        tell()
    sound.refresh_from_db()
    assert sound.notes == "told"
    assert JobRun.objects.get().automation == sound
