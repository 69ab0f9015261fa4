"""What a job may do with its run, and what it may not once the run was taken away."""

from datetime import datetime

import pytest
from django.utils import timezone

from common.actors import Actor
from common.models import User
from scheduling import lease, services
from scheduling.context import KEPT_LOG_LINES, JobCancelled, JobContext
from scheduling.lease import LostLease
from scheduling.models import JobLogLine, JobRun, JobStatus

pytestmark = [pytest.mark.db, pytest.mark.django_db]


@pytest.fixture
def context() -> JobContext:
    run = lease.claim(services.enqueue("tests.succeed", actor=Actor.system()).pk)
    assert run is not None
    return JobContext(run)


def stored(context: JobContext) -> JobRun:
    return JobRun.objects.get(pk=context.run.pk)


def take_away(context: JobContext) -> None:
    """What the sweeper and another worker do after this one's lease ran out."""
    JobRun.objects.filter(pk=context.run.pk).update(status=JobStatus.QUEUED)
    assert lease.claim(context.run.pk) is not None


def test_a_step_commits_cursor_and_work_together(context: JobContext) -> None:
    with context.step(page=1) as cursor:
        context.log("first page")
        cursor["rows"] = 100
    assert context.cursor == stored(context).cursor == {"page": 1, "rows": 100}


def test_a_step_that_fails_leaves_neither_cursor_nor_work(context: JobContext) -> None:
    def half_a_step() -> None:
        with context.step(page=1):
            context.log("first page")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half_a_step()
    assert context.cursor == stored(context).cursor == {}
    assert not JobLogLine.objects.exists()


def test_a_step_forward_forgives_dead_workers_but_not_faults(context: JobContext) -> None:
    JobRun.objects.update(attempts=2, tries=3)
    with context.step():
        pass
    assert (stored(context).attempts, stored(context).tries) == (2, 3)
    with context.step(page=1):
        pass
    assert (stored(context).attempts, stored(context).tries) == (0, 3)


def test_the_cursor_reads_the_same_now_and_after_a_restart(context: JobContext) -> None:
    with context.step(until=datetime(2026, 5, 1, tzinfo=timezone.get_default_timezone())):
        pass
    assert context.cursor == stored(context).cursor == {"until": "2026-05-01T00:00:00Z"}


def test_changing_the_cursor_one_was_given_changes_nothing(context: JobContext) -> None:
    context.cursor["page"] = 9
    assert context.cursor == {}


@pytest.mark.parametrize(
    "write",
    [
        lambda context: context.phase("parsing", 10),
        lambda context: context.log("still here"),
        lambda context: context.step(page=1).__enter__(),
        lambda context: context.raise_if_cancelled(),
        lambda context: context.lease.extend(),
    ],
    ids=["phase", "log", "step", "cancel check", "lease"],
)
def test_a_worker_that_lost_its_run_writes_nothing(context: JobContext, write) -> None:
    take_away(context)
    before = JobRun.objects.filter(pk=context.run.pk).values().get()
    with pytest.raises(LostLease):
        write(context)
    assert JobRun.objects.filter(pk=context.run.pk).values().get() == before
    assert not JobLogLine.objects.exists()


def test_percent_never_goes_back(context: JobContext) -> None:
    context.phase("downloading", 60)
    context.phase("parsing", 30, "line 7")
    assert (stored(context).phase, stored(context).percent) == ("parsing", 60)
    context.phase("storing", 250)
    assert stored(context).percent == 100


def test_quick_progress_is_held_back_but_never_lost(context: JobContext) -> None:
    for percent in range(50):
        context.phase("parsing", percent)
    assert stored(context).percent == 0
    with context.step(page=1):
        pass
    assert stored(context).percent == 49


def test_a_cancel_stops_the_next_step(context: JobContext) -> None:
    JobRun.objects.update(cancel_asked_at=timezone.now())
    assert context.should_stop()
    with pytest.raises(JobCancelled), context.step(page=1):
        raise AssertionError("the step must not begin")
    assert stored(context).cursor == {}


def test_a_slice_that_is_over_should_stop(context: JobContext, settings) -> None:
    assert not context.should_stop()
    settings.JOB_SLICE_SECONDS = 0
    late = JobContext(context.run)
    assert late.should_stop()
    assert late.time_left() == 0


def test_only_the_newest_log_lines_are_kept(context: JobContext) -> None:
    old = [JobLogLine(run=context.run, text=str(n)) for n in range(KEPT_LOG_LINES + 20)]
    JobLogLine.objects.bulk_create(old)
    context.log("newest")
    context.forget_old_lines()
    texts = list(context.run.log_lines.values_list("text", flat=True))
    assert (len(texts), texts[0], texts[-1]) == (KEPT_LOG_LINES, "21", "newest")


def test_texts_are_masked_cut_and_storable_everywhere(context: JobContext) -> None:
    context.log("Authorization: Basic QUJDREVGR0hJSktMTU5PUA==")
    context.log("nul \x00 and half a pair \ud800 " + "x" * 2000)
    first, second = context.run.log_lines.all()
    assert "QUJDREVGR0hJSktMTU5PUA" not in first.text
    assert len(second.text) == 1000
    assert "\x00" not in second.text


def test_the_actor_is_who_asked_at_the_door_job(operator: User) -> None:
    run = services.enqueue("tests.succeed", actor=Actor(operator, operator.email, "page", "req-1"))
    actor = JobContext(run).actor
    assert (actor.user, actor.via, actor.request_id) == (operator, "job", "req-1")
