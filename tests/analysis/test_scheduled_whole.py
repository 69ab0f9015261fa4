"""The whole way: the sandbox's runs, an automation, and one mail at a real server."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from analysis.services import scheduled
from boomi.models import ApiCall, Connection, Execution
from boomi.services import sync
from common.actors import Actor
from common.models import User
from sandbox.server import Sandbox
from scheduling import outbox
from scheduling.models import Delivery, JobRun, JobStatus, NotificationChannel
from scheduling.services import automations
from scheduling.testing import drain
from tests.boomi.conftest import MakeConnection
from tests.scheduling.smtp import Plan, free_port, mail_server

pytestmark = pytest.mark.django_db


@pytest.fixture
def link(
    sandbox: Sandbox, make_connection: MakeConnection, operator: User, log_store: Path
) -> Connection:
    """A mirrored account; the runs were seen a minute ago."""
    connection = make_connection(operator, sandbox.url)
    kinds = ["runtimes", "executions"]
    sync.request(connection, actor=Actor.person(operator), kinds=kinds)
    drain(ignore_waits=True)
    Execution.objects.update(first_seen_at=timezone.now() - timedelta(minutes=1))
    return connection


def test_failed_runs_of_a_night_arrive_as_one_mail(
    link: Connection, operator: User, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    channel = NotificationChannel.objects.create(
        name="On call", owner=operator, recipients=["ann@x.example"]
    )
    day_ago = timezone.now() - timedelta(days=1)
    Execution.objects.filter(started_at__lt=day_ago).delete()
    failed = Execution.objects.filter(outcome="error").count()
    assert failed > 0
    automation = automations.create(
        actor=Actor.person(operator), name="Explain failures", channel=channel,
        kind="analysis.analyse_executions",
        parameters={"account": link.account_id, "only_errors": True},
    )  # fmt: skip
    foretold = automations.dry_run(automation, actor=Actor.person(operator)).preview
    calls = ApiCall.objects.count()
    run = automations.run_now(automation, actor=Actor.person(operator))
    drain(ignore_waits=True)
    run.refresh_from_db()
    assert run.status == JobStatus.SUCCEEDED, run.error_message
    assert run.result["failures"] == foretold.found == failed
    assert ApiCall.objects.count() - calls <= foretold.calls * 2
    assert {child.queue for child in JobRun.objects.exclude(pk=run.pk)} == {"later"}
    plan = Plan()
    with mail_server(plan, settings.EMAIL_PORT):
        assert outbox.send_due() == 1
    (message,) = plan.taken
    account = str(link.account)
    assert message["Subject"].startswith(f"{account}: {failed} failed run")
    body = message.get_body(("plain",)).get_content()
    for cause in run.result["causes"]:
        assert cause["process"] in body
        assert f"/executions/{cause['execution']}/" in body
    # The mail links to the page of the run, which says the same.
    lines = run.log_lines.values_list("text", flat=True)
    causes = [cause["text"] for cause in run.result["causes"]]
    assert [line for line, text in zip(lines, causes, strict=True) if text not in line] == []
    assert Delivery.objects.get().status == "sent"


def test_a_worker_that_dies_between_two_slices_analyses_nothing_twice(
    link: Connection, operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    day_ago = timezone.now() - timedelta(days=1)
    Execution.objects.filter(started_at__lt=day_ago).delete()
    automation = automations.create(
        actor=Actor.person(operator), name="Explain failures",
        kind="analysis.analyse_executions",
        parameters={"account": link.account_id, "only_errors": True},
    )  # fmt: skip
    run = automations.run_now(automation, actor=Actor.person(operator))

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(scheduled.children, "_collect", die)
        with pytest.raises(KeyboardInterrupt):
            drain()
    JobRun.objects.filter(pk=run.pk).update(status=JobStatus.QUEUED, lease_until=None)
    drain(ignore_waits=True)
    run.refresh_from_db()
    assert run.status == JobStatus.SUCCEEDED
    assert run.records_done == Execution.objects.filter(outcome="error").count()
    automation.refresh_from_db()
    assert automation.memory["owed"] == {}
