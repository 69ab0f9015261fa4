import threading

import pytest
from django.db import connection

from common import states
from common.actors import Actor
from common.errors import IllegalMove
from common.models import AuditEvent
from scheduling.models import JobRun, JobStatus

pytestmark = [pytest.mark.db, pytest.mark.django_db]
ACTOR = Actor.system("test")


def make_run(status: str = JobStatus.QUEUED) -> JobRun:
    return JobRun.objects.create(job="test.job", title="Test", status=status, actor_text="test")


def test_a_move_writes_status_changes_and_one_event() -> None:
    run = make_run()
    states.move(run, JobStatus.RUNNING, actor=ACTOR, note="why", worker="w1")
    stored = JobRun.objects.get(pk=run.pk)
    assert (stored.status, stored.worker, run.status) == ("running", "w1", "running")
    event = AuditEvent.objects.get()
    assert (event.action, event.note) == ("scheduling.jobrun.running", "why")
    assert (event.before, event.after) == ('{"status": "queued"}', '{"status": "running"}')


def test_a_move_the_life_cycle_does_not_know_is_refused() -> None:
    run = make_run(JobStatus.SUCCEEDED)
    with pytest.raises(IllegalMove, match="is succeeded and cannot become running"):
        states.move(run, JobStatus.RUNNING, actor=ACTOR)
    assert JobRun.objects.get().status == "succeeded"
    assert not AuditEvent.objects.exists()


def test_a_move_from_a_stale_row_is_refused_and_leaves_nothing() -> None:
    run = make_run()
    JobRun.objects.update(status=JobStatus.CANCELLED)
    with pytest.raises(IllegalMove, match="Somebody else"):
        states.move(run, JobStatus.RUNNING, actor=ACTOR, worker="w1")
    assert JobRun.objects.get().worker == ""
    assert run.status == "queued"
    assert not AuditEvent.objects.exists()


def test_compare_and_set_changes_only_what_it_expects() -> None:
    run = make_run()
    assert states.compare_and_set(run, {"fence": 0}, {"fence": 1})
    assert not states.compare_and_set(run, {"fence": 0}, {"fence": 2})
    assert (run.fence, JobRun.objects.get().fence) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_of_two_movers_at_once_one_wins() -> None:
    run = make_run()
    ready = threading.Barrier(2, timeout=10)
    outcomes: list[str] = []

    def mover(to: str) -> None:
        mine = JobRun.objects.get(pk=run.pk)
        ready.wait()
        try:
            states.move(mine, to, actor=ACTOR)
            outcomes.append("won")
        except IllegalMove:
            outcomes.append("lost")
        finally:
            connection.close()

    threads = [
        threading.Thread(target=mover, args=(to,)) for to in (JobStatus.RUNNING, JobStatus.LOST)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["lost", "won"]
    assert AuditEvent.objects.filter(action__startswith="scheduling.jobrun").count() == 1
