"""The automations the demo begins with."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from boomi.models import Connection, Execution
from boomi.services import sync
from common.actors import Actor
from common.models import User
from config import demo_automations
from sandbox.server import Sandbox
from scheduling import kinds
from scheduling.models import Automation, JobRun, NotificationChannel, Schedule
from scheduling.testing import drain
from tests.boomi.conftest import MakeConnection, log_dir, make_connection, roomy_caps, sandbox

__all__ = ["log_dir", "make_connection", "roomy_caps", "sandbox"]
pytestmark = pytest.mark.django_db
KINDS = ["environments", "runtimes", "executions", "deployments"]


@pytest.fixture
def link(admin_user: User, sandbox: Sandbox, make_connection: MakeConnection) -> Connection:
    connection = make_connection(admin_user, sandbox.url)
    sync.request(connection, actor=Actor.person(admin_user), kinds=KINDS)
    drain(ignore_waits=True)
    return connection


def test_a_team_finds_what_it_would_set_up(link: Connection, admin_user: User) -> None:
    made = demo_automations.arrange(admin_user, link)
    assert {automation.kind for automation in made} == {
        "analysis.analyse_executions", "boomi.capture_logs", "boomi.refresh_components",
        "boomi.prune", "boomi.run_process",
    }  # fmt: skip
    assert Schedule.objects.exclude(next_due_at=None).count() == len(made)
    assert all(kinds.find(each.kind).describe(each.parameters) for each in made)
    assert NotificationChannel.objects.get().recipients == list(demo_automations.RECIPIENTS)
    assert JobRun.objects.filter(automation=made[0]).exists()


def test_a_second_start_brings_nothing_back(link: Connection, admin_user: User) -> None:
    made = demo_automations.arrange(admin_user, link)
    Automation.objects.filter(pk__in=[each.pk for each in made[1:]]).delete()
    assert demo_automations.arrange(admin_user, link) == []
    assert Automation.objects.count() == 1


def test_the_first_one_does_its_work(link: Connection, admin_user: User) -> None:
    Execution.objects.update(first_seen_at=timezone.now() - timedelta(minutes=1))
    demo_automations.arrange(admin_user, link)
    drain(ignore_waits=True)
    run = JobRun.objects.get(automation__isnull=False)
    assert run.status == "succeeded", run.error_message
    assert run.result["analysed"] > 0
