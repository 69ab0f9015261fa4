"""Endings: what a job returns or raises becomes a status, a sentence and a next time."""

import pytest
from django.utils import timezone

from common.actors import Actor
from common.models import AuditEvent, User
from scheduling import runner, services
from scheduling.models import JobRun, JobStatus
from scheduling.testing import drain

pytestmark = [pytest.mark.db, pytest.mark.django_db]
SYSTEM = Actor.system()


def run_once(name: str, **params: object) -> JobRun:
    run = services.enqueue(name, actor=SYSTEM, params=params)
    runner.run_slice(run.pk, keep_alive=False)
    run.refresh_from_db()
    return run


def test_a_finished_job_keeps_its_summary_and_result() -> None:
    run = run_once("tests.succeed")
    assert (run.status, run.summary, run.result) == ("succeeded", "All good.", {"answer": 42})
    assert run.percent == 100
    assert run.started_at <= run.finished_at
    assert run.lease_until is None


def test_a_job_goes_on_from_its_cursor_in_the_next_slice() -> None:
    run = run_once("tests.count", rows=5, per_slice=2)
    assert (run.status, run.cursor) == (JobStatus.QUEUED, {"row": 2})
    assert drain() == 2
    run.refresh_from_db()
    assert (run.status, run.slices) == (JobStatus.SUCCEEDED, 3)
    assert [line.text for line in run.log_lines.all()] == ["0", "1", "2", "3", "4"]


def test_a_job_that_waits_holds_no_worker() -> None:
    run = run_once("tests.count", rows=2, per_slice=1, wait=60)
    assert run.status == JobStatus.WAITING
    assert run.detail == "more rows"
    assert 55 < (run.run_at - timezone.now()).total_seconds() <= 60
    assert drain() == 0


def test_a_failure_told_by_the_job_is_shown_as_told() -> None:
    run = run_once("tests.fail")
    assert run.status == JobStatus.FAILED
    assert (run.error_message, run.error_hint) == ("The log was purged.", "Ask for a newer run.")
    assert (run.error_code, run.traceback) == ("LOG_PURGED", "")


def test_a_bug_keeps_its_traceback_without_secrets() -> None:
    run = run_once("tests.break")
    assert run.status == JobStatus.ERRORED
    assert "ValueError" in run.error_message
    assert "jobs_for_tests" in run.traceback
    assert "dXNlcjpwYXNzd29yZDEyMzQ1Njc4" not in run.traceback


@pytest.mark.parametrize("name", ["tests.fail", "tests.break"])
def test_a_bad_ending_is_audited(name: str) -> None:
    run = run_once(name)
    event = AuditEvent.objects.get(action=f"scheduling.job.{run.status}")
    assert (event.object_id, event.outcome, event.via) == (str(run.pk), "failed", "job")


def test_a_busy_platform_is_waited_for_without_counting_a_try() -> None:
    run = run_once("tests.busy")
    assert (run.status, run.tries) == (JobStatus.WAITING, 0)
    assert 25 < (run.run_at - timezone.now()).total_seconds() <= 30
    assert run.detail == "The platform asks us to wait."


@pytest.mark.parametrize("way", ["retry", "transient", "locked"])
def test_a_passing_fault_is_repeated_after_a_pause(way: str) -> None:
    run = run_once("tests.flaky", faults=2, way=way)
    assert (run.status, run.tries) == (JobStatus.WAITING, 1)
    assert run.run_at > timezone.now()
    drain(ignore_waits=True)
    run.refresh_from_db()
    assert (run.status, run.slices) == (JobStatus.SUCCEEDED, 3)


def test_a_fault_that_does_not_pass_fails_with_its_sentence() -> None:
    run = run_once("tests.flaky", faults=99)
    drain(ignore_waits=True)
    run.refresh_from_db()
    assert (run.status, run.slices) == (JobStatus.FAILED, 3)
    assert (run.error_message, run.error_code) == ("The line was cut.", "UNREACHABLE")


def test_a_job_unknown_to_this_version_fails_with_a_way_out() -> None:
    run = services.enqueue("tests.succeed", actor=SYSTEM)
    JobRun.objects.filter(pk=run.pk).update(job="tests.gone")
    drain()
    run.refresh_from_db()
    assert (run.status, run.error_code) == (JobStatus.FAILED, "UNKNOWN_JOB")


def test_a_cancel_takes_effect_between_two_steps() -> None:
    run = run_once("tests.cancel_myself")
    assert run.status == JobStatus.CANCELLED
    assert run.cursor == {}
    assert not run.log_lines.exists()


def test_a_second_delivery_finds_nothing_to_do() -> None:
    run = services.enqueue("tests.succeed", actor=SYSTEM)
    assert runner.run_slice(run.pk, keep_alive=False)
    assert not runner.run_slice(run.pk, keep_alive=False)
    run.refresh_from_db()
    assert run.slices == 1


def test_the_job_acts_for_the_person_who_asked(operator: User) -> None:
    actor = Actor(operator, operator.email, "page", "request-1")
    services.enqueue("tests.fail", actor=actor)
    drain()
    event = AuditEvent.objects.get(action="scheduling.job.failed")
    assert (event.actor_id, event.request_id) == (operator.pk, "request-1")


@pytest.mark.parametrize(("tries", "least", "most"), [(1, 1, 2), (4, 8, 16), (50, 150, 300)])
def test_pauses_between_repeats_grow_to_five_minutes(tries: int, least: int, most: int) -> None:
    assert least <= runner.backoff_seconds(tries) <= most
