"""A failed run of an automation is told to its channel."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from common.models import User
from scheduling import sweeps
from scheduling.models import (
    Automation,
    Delivery,
    JobRun,
    JobStatus,
    NotificationChannel,
    Occurrence,
    Schedule,
)
from scheduling.services import enqueue, schedules
from scheduling.services.starting import owner_of
from scheduling.testing import drain
from tests.scheduling.builders import make_automation, make_schedule

pytestmark = pytest.mark.django_db


@pytest.fixture
def automation(operator: User) -> Automation:
    channel = NotificationChannel.objects.create(
        name="On call", owner=operator, recipients=["ann@x.example"]
    )
    return make_automation(operator, channel=channel)


def run(automation: Automation, job: str) -> JobRun:
    actor = owner_of(automation)
    made = enqueue(job, actor=actor, automation=automation, title=automation.name)
    drain(ignore_waits=True)
    return made


def test_a_failed_run_is_told_with_its_reason_and_a_way_out(automation: Automation) -> None:
    failed = run(automation, "tests.fail")
    delivery = Delivery.objects.get()
    assert delivery.subject == "Count failed"
    assert "The log was purged." in delivery.text
    assert "Ask for a newer run." in delivery.text
    assert delivery.subject_url == f"/jobs/{failed.pk}/"


def test_a_crash_is_told_without_its_traceback(automation: Automation) -> None:
    run(automation, "tests.break")
    delivery = Delivery.objects.get()
    assert delivery.subject == "Count crashed"
    assert "Traceback" not in delivery.text
    assert "dXNlcjpwYXNzd29yZDEyMzQ1Njc4" not in delivery.text


def test_a_run_that_was_given_up_is_told(automation: Automation) -> None:
    lost = enqueue("tests.succeed", actor=owner_of(automation), automation=automation)
    past = timezone.now() - timedelta(minutes=1)
    JobRun.objects.filter(pk=lost.pk).update(
        status=JobStatus.RUNNING, lease_until=past, attempts=3, fence=1
    )
    assert sweeps.recover_expired() == 1
    assert "was given up" in Delivery.objects.get().subject


def test_the_same_failure_is_told_once_until_a_run_succeeds(automation: Automation) -> None:
    run(automation, "tests.fail")
    run(automation, "tests.fail")
    assert Delivery.objects.count() == 1
    run(automation, "tests.break")
    assert Delivery.objects.count() == 2
    run(automation, "tests.succeed")
    run(automation, "tests.fail")
    assert Delivery.objects.count() == 3


def test_nobody_is_told_of_a_success_nor_of_work_without_an_automation(
    automation: Automation,
) -> None:
    run(automation, "tests.succeed")
    enqueue("tests.fail", actor=owner_of(automation))
    drain()
    assert not Delivery.objects.exists()


def test_starts_that_are_refused_are_told_once(automation: Automation) -> None:
    User.objects.filter(pk=automation.owner_id).update(is_active=False)
    schedule = make_schedule(automation)
    for seconds in (50, 40, 30):
        due_at = timezone.now() - timedelta(seconds=seconds)
        Schedule.objects.filter(pk=schedule.pk).update(next_due_at=due_at)
        schedules.start_due()
    delivery = Delivery.objects.get()
    assert delivery.subject == "Count was not started"
    assert "is switched off" in delivery.text
    assert delivery.subject_url == f"/automations/{automation.pk}/"


def test_a_start_that_waited_and_is_refused_is_told(automation: Automation) -> None:
    schedule = make_schedule(automation)
    Occurrence.objects.create(schedule=schedule, due_at=timezone.now(), outcome="waiting")
    Schedule.objects.update(enabled=False)
    schedules.start_due()
    assert "switched off while this start waited" in Delivery.objects.get().text
