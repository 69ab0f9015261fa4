"""New executions analysed by an automation: which, once each, and one mail about what failed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from analysis.models import Analysis
from boomi.models import Connection, ConnectionState, Execution, ExecutionOutcome
from boomi.services import log_fetches
from common.actors import Actor
from common.errors import InputError, NotAllowed
from common.models import User
from scheduling import kinds
from scheduling.models import Automation, Delivery, JobRun, JobStatus, NotificationChannel, Trigger
from scheduling.services import automations, enqueue
from scheduling.testing import drain
from tests.analysis.builders import failing_log, make_account
from tests.analysis.test_executions import Platform

pytestmark = pytest.mark.django_db
AGO = timedelta(hours=2)


class AlwaysThere(Platform):
    """Has a log of every run at once."""

    def advance(self, execution: Execution, **more: Any) -> Any:
        self.calls += 1
        return self.downloads(execution, more["note_phase"])


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch, log_store: object) -> AlwaysThere:
    platform = AlwaysThere(failing_log(3))
    monkeypatch.setattr(log_fetches.logs, "advance", platform.advance)
    return platform


@pytest.fixture
def channel(operator: User) -> NotificationChannel:
    return NotificationChannel.objects.create(
        name="On call", owner=operator, recipients=["ann@x.example"]
    )


def make(count: int = 1, **fields: Any) -> list[Execution]:
    """Failed runs that were mirrored a minute ago."""
    values = {
        "account": make_account(), "process_id": "p1", "process_name": "Send orders",
        "runtime_id": "r1", "status": "ERROR", "outcome": ExecutionOutcome.ERROR,
        "duration_ms": 61_000, "started_at": timezone.now() - AGO,
        "first_seen_at": timezone.now() - timedelta(minutes=1), **fields,
    }  # fmt: skip
    begin = Execution.objects.count()
    return Execution.objects.bulk_create(
        Execution(execution_id=f"execution-{begin + number}", **values) for number in range(count)
    )


def automate(owner: User, channel: NotificationChannel | None = None, **more: Any) -> Automation:
    return automations.create(
        actor=Actor.person(owner),
        name="Explain failures",
        kind="analysis.analyse_executions",
        parameters={"account": make_account().pk, "only_errors": True, **more},
        channel=channel,
    )


def run(automation: Automation, **more: Any) -> JobRun:
    """One whole run of the automation."""
    actor = Actor.person(automation.owner, via="page")
    started = automations.run_now(automation, actor=actor, **more)
    drain(ignore_waits=True)
    started.refresh_from_db()
    return started


def looked_into() -> set[int]:
    return set(Analysis.objects.values_list("execution_id", flat=True))


def test_failed_runs_are_analysed_and_others_are_not(
    connection: Connection, platform: AlwaysThere, operator: User
) -> None:
    failed = make(2)
    make(3, outcome=ExecutionOutcome.SUCCESS, status="COMPLETE")
    ended = run(automate(operator))
    assert (ended.status, ended.records_done, ended.records_failed) == (JobStatus.SUCCEEDED, 2, 0)
    assert ended.summary == "2 analysed, 2 failed, 1 cause"
    assert looked_into() == {row.pk for row in failed}


def test_a_shorter_run_than_the_minimum_is_left_out(
    connection: Connection, platform: AlwaysThere, operator: User
) -> None:
    make(1, duration_ms=59_000)
    (long,) = make(1, duration_ms=61_000)
    run(automate(operator, min_seconds=60))
    assert looked_into() == {long.pk}


def test_a_success_that_was_too_fast_is_looked_into(
    connection: Connection, platform: AlwaysThere, operator: User, channel: NotificationChannel
) -> None:
    make(10, outcome=ExecutionOutcome.SUCCESS, status="COMPLETE", duration_ms=60_000)
    (fast,) = make(1, outcome=ExecutionOutcome.SUCCESS, status="COMPLETE", duration_ms=1_000)
    ended = run(automate(operator, channel, too_fast_percent=20))
    assert looked_into() == {fast.pk}
    assert ended.result["too_fast"] == 1
    assert "Took 1.0 s, usually 1 min 00 s." in Delivery.objects.get().text


def test_what_is_usual_needs_a_few_successes(
    connection: Connection, platform: AlwaysThere, operator: User
) -> None:
    make(3, outcome=ExecutionOutcome.SUCCESS, status="COMPLETE", duration_ms=60_000)
    make(1, outcome=ExecutionOutcome.SUCCESS, status="COMPLETE", duration_ms=1_000)
    run(automate(operator, too_fast_percent=20))
    assert looked_into() == set()


def test_one_process_or_all(connection: Connection, platform: AlwaysThere, operator: User) -> None:
    (mine,) = make(1, process_id="p2", process_name="Read orders")
    make(1)
    run(automate(operator, process="p2"))
    assert looked_into() == {mine.pk}


def test_each_execution_is_looked_into_once(
    connection: Connection, platform: AlwaysThere, operator: User, channel: NotificationChannel
) -> None:
    automation = automate(operator, channel)
    make(2)
    run(automation)
    again = run(automation)
    assert (again.summary, Delivery.objects.count()) == ("Nothing new to analyse.", 1)
    make(1)
    assert run(automation).result["analysed"] == 1
    assert Delivery.objects.count() == 2


def test_a_run_that_went_on_is_looked_into_once_it_failed(
    connection: Connection, platform: AlwaysThere, operator: User
) -> None:
    automation = automate(operator)
    (slow,) = make(1, outcome=ExecutionOutcome.RUNNING, status="INPROCESS")
    assert run(automation).result["analysed"] == 0
    Execution.objects.filter(pk=slow.pk).update(outcome=ExecutionOutcome.ERROR, status="ERROR")
    assert run(automation).result["analysed"] == 1
    assert run(automation).result["analysed"] == 0


def test_at_most_so_many_at_a_time_and_none_is_lost(
    connection: Connection, platform: AlwaysThere, operator: User
) -> None:
    automation = automate(operator, limit=2)
    made = make(5)
    counts = [run(automation).result["analysed"] for _ in range(4)]
    assert counts == [2, 2, 1, 0]
    assert looked_into() == {row.pk for row in made}


def test_the_first_run_looks_one_day_back(
    connection: Connection, platform: AlwaysThere, operator: User
) -> None:
    make(1, started_at=timezone.now() - timedelta(days=3))
    assert run(automate(operator)).result["analysed"] == 0


def test_a_log_that_cannot_be_had_is_told_and_counted(
    connection: Connection, platform: AlwaysThere, operator: User
) -> None:
    make(1)
    make(1, execution_type="test_manual")
    make(1, log_state="purged", log_reason="The platform deleted it.")
    ended = run(automate(operator))
    assert (ended.status, ended.records_done, ended.records_failed) == ("succeeded", 1, 2)
    told = {error.message for error in ended.record_errors.all()}
    assert told == {"A run in test mode leaves no process log.", "The platform deleted it."}
    assert ended.record_errors.first().url.startswith("/executions/")


def test_five_hundred_equal_errors_are_one_mail(
    connection: Connection, operator: User, channel: NotificationChannel, log_store: object
) -> None:
    channel.recipients = ["ann@x.example"]
    make(500, execution_type="test_manual", message="Code 401: Unauthorized for order 4711")
    ended = run(automate(operator, channel, limit=1000))
    (cause,) = ended.result["causes"]
    assert (cause["count"], cause["process"]) == (500, "Send orders")
    (delivery,) = Delivery.objects.all()
    assert delivery.subject == "northwind-7Q2K9D: 500 failed runs of Send orders"
    assert "500 x Send orders" in delivery.text
    assert f"http://testserver/executions/{cause['execution']}/" in delivery.text


def test_nothing_failed_means_no_mail(
    connection: Connection, operator: User, channel: NotificationChannel, log_store: object
) -> None:
    assert run(automate(operator, channel)).summary == "Nothing new to analyse."
    assert not Delivery.objects.exists()


def test_the_mail_names_each_cause_with_its_step_and_no_secret(
    connection: Connection, platform: AlwaysThere, operator: User, channel: NotificationChannel
) -> None:
    make(2)
    make(
        1, process_name="<b>Read</b>", execution_type="test_manual",
        message="Login with Authorization: Bearer abcdefghijklmnop12345 failed",
    )  # fmt: skip
    run(automate(operator, channel))
    delivery = Delivery.objects.get()
    assert delivery.subject == "northwind-7Q2K9D: 3 failed runs of Send orders and 1 other process"
    assert "2 x Send orders, step Post order" in delivery.text
    assert "abcdefghijklmnop" not in delivery.text + delivery.html
    assert "&lt;b&gt;Read&lt;/b&gt;" in delivery.html


def test_without_a_working_connection_nothing_is_taken_on(
    connection: Connection, operator: User, platform: AlwaysThere
) -> None:
    automation = automate(operator)
    make(1)
    Connection.objects.update(status=ConnectionState.FAILING)
    failed = run(automation)
    assert (failed.status, failed.error_code) == (JobStatus.FAILED, "NO_CONNECTION")
    Connection.objects.update(status=ConnectionState.OK)
    assert run(automation).result["analysed"] == 1


def test_what_a_failed_run_left_is_done_by_the_next(
    connection: Connection, operator: User, platform: AlwaysThere, monkeypatch: pytest.MonkeyPatch
) -> None:
    automation = automate(operator)
    make(3)
    with monkeypatch.context() as broken:
        broken.setattr("analysis.failure_report.build", lambda *_, **__: 1 / 0)
        broken.setattr("analysis.services.scheduled._settle", lambda *_: None)
        assert run(automation).status == JobStatus.ERRORED
    assert run(automation).result["analysed"] == 3


def test_an_event_is_answered_at_once_and_not_again_by_the_schedule(
    connection: Connection, operator: User, platform: AlwaysThere
) -> None:
    automation = automate(operator)
    run(automation)
    (first,) = make(1, first_seen_at=timezone.now())
    make(1)
    actor = Actor.person(operator)
    told = enqueue(
        "analysis.analyse_executions", actor=actor, automation=automation, trigger=Trigger.EVENT,
        params={**automation.parameters, "event": {"executions": [first.pk]}},
    )  # fmt: skip
    drain(ignore_waits=True)
    told.refresh_from_db()
    assert told.result["analysed"] == 1
    Execution.objects.update(first_seen_at=timezone.now() - timedelta(minutes=1))
    assert run(automation).result["analysed"] == 1
    assert len(looked_into()) == 2


def test_an_account_of_others_cannot_be_chosen(connection: Connection, developer: User) -> None:
    with pytest.raises(InputError) as refused:
        automate(developer)
    assert list(refused.value.fields) == ["parameters.account"]


def test_an_account_one_lost_sight_of_is_not_worked_on(
    connection: Connection, operator: User
) -> None:
    automation = automate(operator)
    Connection.objects.update(proved_at=None)
    with pytest.raises(NotAllowed, match="not shared with you"):
        run(automation)


def test_a_dry_run_foretells_what_the_run_does_and_asks_nobody(
    connection: Connection, platform: AlwaysThere, operator: User
) -> None:
    automation = automate(operator, min_seconds=60)
    make(3)
    make(2, duration_ms=1_000)
    told = automations.dry_run(automation, actor=Actor.person(operator)).preview
    assert (told.found, told.calls, platform.calls) == (3, 9, 0)
    assert told.sentence == "3 of 5 runs would be looked into."
    assert [finding.label for finding in told.findings] == ["Send orders: error, 61 s"] * 3
    assert run(automation).result["analysed"] == told.found


def test_a_week_is_foretold_for_parameters_nobody_saved(
    connection: Connection, operator: User
) -> None:
    make(2, started_at=timezone.now() - timedelta(days=6))
    make(1, started_at=timezone.now() - timedelta(days=8))
    parameters = {"account": make_account().pk, "only_errors": True, "limit": 1}
    kind = "analysis.analyse_executions"
    told = automations.last_week(kind, parameters, actor=Actor.person(operator))
    assert (told.found, told.calls) == (2, 3)
    assert told.sentence.endswith("One start takes 1 of them.")


def test_the_parameters_read_as_a_sentence(connection: Connection, operator: User) -> None:
    make(1)
    automation = automate(operator, process="p1", min_seconds=60, too_fast_percent=20)
    assert kinds.find(automation.kind).describe(automation.parameters) == (
        "Analyse failed runs of Send orders in northwind-7Q2K9D that took 60 s or more, "
        "and those faster than 20 % of the usual time, at most 200 at a time"
    )
