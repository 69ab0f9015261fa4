"""Who is told when a run of an automation ends badly."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from common.actors import Actor
from common.models import User
from scheduling import lease, sweeps
from scheduling.models import Automation, Delivery, JobRun, NotificationChannel
from scheduling.services import automations
from scheduling.testing import drain
from tests.scheduling.builders import make_automation

pytestmark = [pytest.mark.db, pytest.mark.django_db]


@pytest.fixture
def automation(operator: User) -> Automation:
    addresses = ["olga@northwind.example", "dan@northwind.example"]
    channel = NotificationChannel.objects.create(
        name="On call", owner=operator, recipients=addresses
    )
    return make_automation(operator, "Nightly", channel=channel)


def start(automation: Automation, job: str = "tests.count") -> JobRun:
    run = automations.run_now(automation, actor=Actor.person(automation.owner))
    JobRun.objects.filter(pk=run.pk).update(job=job)
    return run


def test_a_failed_run_tells_the_channel_once(automation: Automation) -> None:
    run = start(automation, "tests.fail")
    drain()
    told = Delivery.objects.order_by("address")
    assert [row.address for row in told] == ["dan@northwind.example", "olga@northwind.example"]
    assert {row.subject for row in told} == {"Nightly: a run did not succeed"}
    assert "The log was purged." in told[0].text
    assert "Ask for a newer run." in told[0].text
    assert (told[0].subject_url, told[0].audience) == (f"/jobs/{run.pk}/", "tests:nowhere")


def test_a_crash_tells_no_secret(automation: Automation) -> None:
    start(automation, "tests.break")
    drain()
    text = Delivery.objects.all()[0].text
    assert "fault of the portal (ValueError)" in text
    assert "dXNlcjpw" not in text


def test_a_lost_run_is_told_too(automation: Automation) -> None:
    run = start(automation, "tests.kill_worker")
    assert lease.claim(run.pk) is not None
    past = timezone.now() - timedelta(seconds=1)
    JobRun.objects.filter(pk=run.pk).update(lease_until=past, attempts=2)
    assert sweeps.recover_expired() == 1
    assert Delivery.objects.count() == 2


def test_success_and_work_of_nobody_are_not_told(automation: Automation) -> None:
    start(automation)
    drain()
    without = make_automation(automation.owner, "Without")
    start(without, "tests.fail")
    drain()
    assert not Delivery.objects.exists()
