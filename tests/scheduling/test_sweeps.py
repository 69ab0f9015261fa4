"""Due runs, lost messages and dead workers."""

from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from django_q.models import OrmQ, Task

from common.actors import Actor
from common.models import AuditEvent, User
from scheduling import lease, services, sweeps
from scheduling.models import JobRun, JobStatus, Occurrence
from tests.scheduling.builders import make_automation, make_schedule

pytestmark = [pytest.mark.db, pytest.mark.django_db]


def seconds_ago(seconds: float) -> datetime:
    return timezone.now() - timedelta(seconds=seconds)


def dead_worker(job: str = "tests.succeed", attempts: int = 1, **values: object) -> JobRun:
    """A run whose worker was killed: claimed, and its lease ran out."""
    run = services.enqueue(job, actor=Actor.system())
    assert lease.claim(run.pk) is not None
    OrmQ.objects.all().delete()
    JobRun.objects.filter(pk=run.pk).update(lease_until=seconds_ago(1), attempts=attempts, **values)
    return run


def test_a_waiting_run_is_queued_when_its_time_has_come() -> None:
    due, early = (
        services.enqueue("tests.succeed", actor=Actor.system(), run_at=timezone.now() + wait)
        for wait in (timedelta(seconds=10), timedelta(hours=1))
    )
    JobRun.objects.filter(pk=due.pk).update(run_at=seconds_ago(1))
    assert sweeps.dispatch_due() == 1
    due.refresh_from_db()
    early.refresh_from_db()
    assert (due.status, early.status) == (JobStatus.QUEUED, JobStatus.WAITING)
    assert OrmQ.objects.count() == 1


def test_a_second_clock_finds_nothing_left_to_queue() -> None:
    run = services.enqueue("tests.succeed", actor=Actor.system())
    JobRun.objects.update(status=JobStatus.WAITING)
    assert sweeps._queue(run, JobStatus.WAITING)
    assert not sweeps._queue(run, JobStatus.WAITING)


def test_a_dead_workers_run_goes_back_to_the_queue() -> None:
    run = dead_worker()
    assert sweeps.recover_expired() == 1
    run.refresh_from_db()
    assert (run.status, run.lease_until) == (JobStatus.QUEUED, None)
    assert OrmQ.objects.count() == 1


def test_a_living_workers_run_is_left_alone() -> None:
    run = dead_worker()
    stale = JobRun.objects.get(pk=run.pk)
    JobRun.objects.filter(pk=run.pk).update(lease_until=timezone.now() + timedelta(seconds=9))
    assert sweeps.recover_expired() == 0
    assert not sweeps._recover(stale), "an extension between look and update wins"


def test_a_job_that_kills_its_workers_is_given_up() -> None:
    run = dead_worker("tests.kill_worker", attempts=2)
    sweeps.recover_expired()
    run.refresh_from_db()
    assert (run.status, run.error_code) == (JobStatus.LOST, "WORKER_DIED")
    assert run.finished_at is not None
    assert AuditEvent.objects.get().action == "scheduling.job.lost"


def test_a_cancelled_run_of_a_dead_worker_ends_as_cancelled() -> None:
    run = dead_worker(cancel_asked_at=timezone.now())
    sweeps.recover_expired()
    run.refresh_from_db()
    assert run.status == JobStatus.CANCELLED


def test_a_message_that_vanished_is_sent_again() -> None:
    run = services.enqueue("tests.succeed", actor=Actor.system())
    OrmQ.objects.all().delete()
    assert sweeps.resend_lost_messages() == 0, "it may be in a worker's hands"
    JobRun.objects.filter(pk=run.pk).update(dispatched_at=seconds_ago(40))
    assert sweeps.resend_lost_messages() == 1
    assert OrmQ.objects.count() == 1


def test_a_message_still_in_line_is_not_sent_again() -> None:
    services.enqueue("tests.succeed", actor=Actor.system())
    JobRun.objects.update(dispatched_at=seconds_ago(4000))
    OrmQ.objects.update(lock=seconds_ago(4000))
    assert sweeps.resend_lost_messages() == 0


def test_messages_taken_by_a_killed_queue_are_sent_again_behind_a_backlog() -> None:
    taken = services.enqueue("tests.succeed", actor=Actor.system())
    JobRun.objects.update(dispatched_at=seconds_ago(100))
    OrmQ.objects.update(lock=timezone.now() + timedelta(seconds=500))
    services.enqueue("tests.succeed", actor=Actor.system())
    OrmQ.objects.filter(lock__lte=timezone.now()).update(lock=seconds_ago(50))
    assert sweeps.resend_lost_messages() == 1
    taken.refresh_from_db()
    assert taken.dispatched_at > seconds_ago(5)


def test_old_runs_are_forgotten_and_live_ones_never() -> None:
    old, new, live = (services.enqueue("tests.succeed", actor=Actor.system()) for _ in range(3))
    day = 86_400
    JobRun.objects.filter(pk=old.pk).update(
        status=JobStatus.FAILED, finished_at=seconds_ago((settings.RETENTION_JOB_DAYS + 1) * day)
    )
    JobRun.objects.filter(pk=new.pk).update(
        status=JobStatus.FAILED, finished_at=seconds_ago((settings.RETENTION_JOB_DAYS - 1) * day)
    )
    JobRun.objects.filter(pk=live.pk).update(created_at=seconds_ago(9999 * day))
    assert sweeps.forget_old_runs() == 1
    assert set(JobRun.objects.values_list("pk", flat=True)) == {new.pk, live.pk}


def test_old_due_times_are_forgotten(operator: User) -> None:
    schedule = make_schedule(make_automation(operator))
    day = 86_400
    for days in (1, settings.RETENTION_JOB_DAYS + 1):
        Occurrence.objects.create(
            schedule=schedule, due_at=seconds_ago(days * day), outcome="missed", times=days
        )
    assert sweeps.forget_old_occurrences() == 1
    assert Occurrence.objects.get().times == 1


def test_default_settings_resume_a_killed_run_within_two_minutes() -> None:
    """The arithmetic of the module's docstring, from the numbers themselves."""
    poll, restart = settings.Q_CLUSTER["poll"], 5
    worker_killed = settings.JOB_LEASE_SECONDS + sweeps.sweep_seconds() + poll
    queue_frozen = settings.CLUSTER_STALE_SECONDS + restart + sweeps.sweep_seconds() + poll
    assert settings.JOB_HEARTBEAT_SECONDS * 3 < settings.JOB_LEASE_SECONDS
    assert settings.JOB_LEASE_SECONDS < settings.CLUSTER_STALE_SECONDS
    assert max(worker_killed, queue_frozen) < 120


def test_queue_settings_deliver_nothing_twice() -> None:
    queue = settings.Q_CLUSTER
    assert queue["retry"] > (queue["queue_limit"] / queue["workers"] + 2) * (queue["timeout"] + 3)
    assert queue["timeout"] > settings.JOB_SLICE_SECONDS
    assert (queue["max_attempts"], queue["ack_failures"]) == (1, True)


def test_rows_the_queue_keeps_of_ended_workers_are_forgotten_too() -> None:
    for days in (1, settings.RETENTION_JOB_DAYS + 1):
        ended = seconds_ago(days * 86_400)
        Task.objects.create(
            id=f"task-{days}", name="x", func="f", started=ended, stopped=ended, success=False
        )
    sweeps.forget_old_runs()
    assert Task.objects.get().pk == "task-1"


class TestAClockThatRanAhead:
    """What it wrote lies in a future that nobody else will see for long."""

    AHEAD = timedelta(days=300)

    def test_a_run_waits_for_no_such_time(self) -> None:
        run = services.enqueue("tests.succeed", actor=Actor.system())
        ahead = timezone.now() + self.AHEAD
        JobRun.objects.update(status=JobStatus.WAITING, run_at=ahead, changed_at=ahead)
        assert sweeps.dispatch_due() == 1
        run.refresh_from_db()
        assert run.status == JobStatus.QUEUED

    def test_a_wait_somebody_meant_is_kept(self) -> None:
        later = timezone.now() + self.AHEAD
        services.enqueue("tests.succeed", actor=Actor.system(), run_at=later)
        assert sweeps.dispatch_due() == 0

    def test_a_message_sent_then_is_sent_again(self) -> None:
        services.enqueue("tests.succeed", actor=Actor.system())
        OrmQ.objects.all().delete()
        JobRun.objects.update(dispatched_at=timezone.now() + self.AHEAD)
        assert (sweeps.resend_lost_messages(), OrmQ.objects.count()) == (1, 1)
        assert sweeps.resend_lost_messages() == 0

    def test_a_dead_worker_holds_no_run_until_then(self) -> None:
        run = dead_worker()
        JobRun.objects.update(lease_until=timezone.now() + self.AHEAD)
        assert sweeps.recover_expired() == 1
        run.refresh_from_db()
        assert run.status == JobStatus.QUEUED
