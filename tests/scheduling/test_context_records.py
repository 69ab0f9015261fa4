"""What a job counts, what it could not handle, and what an automation remembers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection, transaction

from common.actors import Actor
from common.models import User
from scheduling import lease, services
from scheduling.context import JobContext
from scheduling.lease import LostLease
from scheduling.models import Automation, JobRecordError, JobRun, JobStatus
from scheduling.services import automations
from tests.scheduling.builders import make_automation
from tests.signed_in import program

pytestmark = [pytest.mark.db, pytest.mark.django_db]


def claimed(run: JobRun) -> JobContext:
    taken = lease.claim(run.pk)
    assert taken is not None
    return JobContext(taken)


@pytest.fixture
def context() -> JobContext:
    return claimed(services.enqueue("tests.succeed", actor=Actor.system()))


@pytest.fixture
def automated(operator: User) -> JobContext:
    made = make_automation(operator)
    return claimed(automations.run_now(made, actor=Actor.person(operator)))


def counts(context: JobContext) -> tuple[int, int]:
    run = JobRun.objects.get(pk=context.run.pk)
    return run.records_done, run.records_failed


def fail_in_step(context: JobContext, work: Callable[[], None]) -> None:
    with context.step():
        work()
        raise ZeroDivisionError


def test_counts_add_up(context: JobContext) -> None:
    context.count_records(done=3)
    context.count_records(done=2, failed=1)
    assert counts(context) == (5, 1)


def test_counts_of_a_step_that_fails_are_undone(context: JobContext) -> None:
    def work() -> None:
        context.count_records(done=3)
        context.record_error("order 7", "No such customer")

    with pytest.raises(ZeroDivisionError):
        fail_in_step(context, work)
    assert counts(context) == (0, 0)
    assert not JobRecordError.objects.exists()


def test_ten_thousand_errors_are_a_hundred_and_a_count(context: JobContext, operator: User) -> None:
    with transaction.atomic():
        for number in range(10_000):
            context.record_error(f"order {number}", "No such customer", url=f"/orders/{number}/")
    assert counts(context) == (0, 10_000)
    kept = list(context.run.record_errors.values_list("record", "url"))
    assert kept == [(f"order {number}", f"/orders/{number}/") for number in range(100)]
    JobRun.objects.update(owner=operator)
    told = program(operator).get(f"/api/v1/jobs/{context.run.pk}/").json()
    assert (told["records_failed"], len(told["record_errors"])) == (10_000, 100)
    assert told["record_errors"][0] == {
        "record": "order 0", "url": "/orders/0/", "message": "No such customer",
    }  # fmt: skip


def test_a_later_slice_goes_on_counting(context: JobContext) -> None:
    for number in range(60):
        context.record_error(f"a{number}", "x")
    again = JobContext(JobRun.objects.get(pk=context.run.pk))
    for number in range(60):
        again.record_error(f"b{number}", "x")
    assert counts(context) == (0, 120)
    assert context.run.record_errors.count() == 100


def test_errors_are_masked_and_cut(context: JobContext) -> None:
    context.record_error(
        "x" * 400, "Authorization: Basic dXNlcjpwYXNzd29yZDEyMzQ1Njc4\0", "/" * 400
    )
    error = JobRecordError.objects.get()
    assert (len(error.record), error.url) == (300, "")
    assert "dXNlcjpw" not in error.message
    assert "\0" not in error.message


def test_a_worker_that_lost_its_run_counts_nothing(context: JobContext) -> None:
    JobRun.objects.filter(pk=context.run.pk).update(status=JobStatus.QUEUED)
    assert lease.claim(context.run.pk) is not None
    for write in (
        lambda: context.count_records(done=1),
        lambda: context.record_error("order 7", "x"),
    ):
        with pytest.raises(LostLease):
            write()
    assert counts(context) == (0, 0)


def test_what_is_remembered_waits_for_the_next_run(automated: JobContext, operator: User) -> None:
    with automated.step():
        automated.remember(until="2026-11-21", seen=[1])
    with automated.step():
        automated.remember(seen=[1, 2])
    JobRun.objects.update(status=JobStatus.SUCCEEDED)
    made = Automation.objects.get()
    following = claimed(automations.run_now(made, actor=Actor.person(operator)))
    assert following.automation is not None
    assert following.automation.memory == {"until": "2026-11-21", "seen": [1, 2]}


def test_a_step_that_fails_is_not_remembered(automated: JobContext) -> None:
    with pytest.raises(ZeroDivisionError):
        fail_in_step(automated, lambda: automated.remember(until="2026-11-21"))
    assert Automation.objects.get().memory == {}


def test_two_runs_beside_each_other_keep_what_the_other_remembers(automated: JobContext) -> None:
    beside = JobContext(JobRun.objects.select_related("automation").get(pk=automated.run.pk))
    with automated.step():
        automated.remember(one=1)
    with beside.step():
        beside.remember(two=2)
    assert Automation.objects.get().memory == {"one": 1, "two": 2}


def test_work_without_an_automation_remembers_nothing(context: JobContext) -> None:
    with context.step():
        context.remember(until="2026-11-21")
    assert context.automation is None


@pytest.mark.django_db(transaction=True)
def test_remembering_outside_of_a_step_is_a_bug(automated: JobContext) -> None:
    assert not connection.in_atomic_block
    with pytest.raises(RuntimeError, match="inside a step"):
        automated.remember(until="2026-11-21")
