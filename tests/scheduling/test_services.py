"""Enqueue, cancel and retry."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from django_q.models import OrmQ

from common.actors import Actor
from common.errors import Conflict, IllegalMove, NotAllowed
from common.models import AuditEvent, User
from scheduling import jobs, services
from scheduling.models import JobRun, JobStatus
from scheduling.testing import drain

pytestmark = [pytest.mark.db, pytest.mark.django_db]
SYSTEM = Actor.system()


def test_a_run_is_put_into_the_queue_of_its_job() -> None:
    now = services.enqueue("tests.succeed", actor=SYSTEM)
    later = services.enqueue("tests.fail", actor=SYSTEM)
    assert (now.queue, later.queue) == ("now", "later")
    assert sorted(OrmQ.objects.values_list("key", flat=True)) == ["later", "now"]


def test_the_message_carries_the_id_and_nothing_else() -> None:
    run = services.enqueue("tests.succeed", actor=SYSTEM, params={"secret": "s3"})
    task = OrmQ.objects.get().task
    assert (task["func"], task["args"], task["kwargs"]) == (
        "scheduling.tasks.run_job",
        (run.pk,),
        {},
    )


def test_nothing_is_queued_when_the_caller_rolls_back() -> None:
    with transaction.atomic():
        services.enqueue("tests.succeed", actor=SYSTEM)
        transaction.set_rollback(True)
    assert not JobRun.objects.exists()
    assert not OrmQ.objects.exists()


def test_a_key_has_one_live_run() -> None:
    first = services.enqueue("tests.succeed", actor=SYSTEM, key="sync:1")
    assert services.enqueue("tests.succeed", actor=SYSTEM, key="sync:1") == first
    drain()
    assert services.enqueue("tests.succeed", actor=SYSTEM, key="sync:1") != first


def test_a_run_for_later_waits_and_is_not_queued() -> None:
    at = timezone.now() + timedelta(hours=1)
    run = services.enqueue("tests.succeed", actor=SYSTEM, run_at=at)
    assert run.status == JobStatus.WAITING
    assert not OrmQ.objects.exists()
    assert (drain(), drain(ignore_waits=True)) == (0, 1)


def test_an_unregistered_job_is_refused() -> None:
    with pytest.raises(jobs.UnknownJob):
        services.enqueue("tests.nothing", actor=SYSTEM)


def test_params_read_back_as_a_worker_will_see_them() -> None:
    run = services.enqueue("tests.succeed", actor=SYSTEM, params={"since": timezone.now()})
    assert isinstance(run.params["since"], str)


def test_people_are_audited_and_the_portal_is_not(operator: User) -> None:
    services.enqueue("tests.succeed", actor=SYSTEM)
    services.enqueue("tests.succeed", actor=Actor.person(operator))
    event = AuditEvent.objects.get()
    assert (event.action, event.actor_id) == ("scheduling.job.enqueued", operator.pk)


@pytest.mark.parametrize("status", [JobStatus.QUEUED, JobStatus.WAITING])
def test_a_run_that_waits_is_cancelled_at_once(operator: User, status: str) -> None:
    run = services.enqueue("tests.succeed", actor=Actor.person(operator))
    JobRun.objects.filter(pk=run.pk).update(status=status)
    services.cancel(run, actor=Actor.person(operator))
    assert (run.status, drain(ignore_waits=True)) == (JobStatus.CANCELLED, 0)
    assert AuditEvent.objects.filter(action="scheduling.job.cancelled").count() == 1


def test_a_running_run_is_asked_to_stop_once(operator: User) -> None:
    actor = Actor.person(operator)
    run = services.enqueue("tests.succeed", actor=actor)
    JobRun.objects.filter(pk=run.pk).update(status=JobStatus.RUNNING)
    services.cancel(run, actor=actor)
    services.cancel(run, actor=actor)
    assert run.status == JobStatus.RUNNING
    assert run.cancel_asked_at is not None
    assert AuditEvent.objects.filter(action="scheduling.job.cancelled").count() == 1


def test_an_ended_run_cannot_be_cancelled(operator: User) -> None:
    run = services.enqueue("tests.succeed", actor=Actor.person(operator))
    drain()
    with pytest.raises(IllegalMove, match="succeeded"):
        services.cancel(run, actor=Actor.person(operator))


def test_a_retry_is_a_new_run_of_the_same_work(operator: User) -> None:
    run = services.enqueue("tests.fail", actor=Actor.person(operator), params={"n": 1}, key="k")
    drain()
    again = services.retry(run, actor=Actor.person(operator))
    assert again != run
    assert (again.retry_of_id, again.params, again.key) == (run.pk, {"n": 1}, "k")
    assert AuditEvent.objects.filter(action="scheduling.job.retried").count() == 1


def test_a_retry_beside_a_live_run_returns_that_one(operator: User) -> None:
    actor = Actor.person(operator)
    run = services.enqueue("tests.fail", actor=actor, key="k")
    drain()
    live = services.enqueue("tests.fail", actor=actor, key="k")
    assert services.retry(run, actor=actor) == live


@pytest.mark.parametrize("name", ["tests.succeed", "tests.busy"])
def test_what_succeeded_or_still_lives_cannot_be_retried(operator: User, name: str) -> None:
    run = services.enqueue(name, actor=Actor.person(operator))
    drain()
    with pytest.raises(Conflict, match="cannot be retried"):
        services.retry(run, actor=Actor.person(operator))


@pytest.mark.parametrize("verb", [services.cancel, services.retry])
def test_a_stranger_may_neither_cancel_nor_retry(operator: User, stranger: User, verb) -> None:
    run = services.enqueue("tests.fail", actor=Actor.person(operator))
    with pytest.raises(NotAllowed):
        verb(run, actor=Actor.person(stranger))
