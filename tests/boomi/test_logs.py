"""Fetching logs from the sandbox: the whole way, each bad input, and what is never asked for."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
from django.db import connection as database
from django.utils import timezone

from boomi import clients, logstore
from boomi.models import ApiCall, Connection, Execution, LimiterState, LogFile, LogState, Runtime
from boomi.services import log_fetches, logs
from common.actors import Actor
from common.errors import NotAllowed
from scheduling import lease
from scheduling import services as jobs
from scheduling.context import JobContext
from scheduling.models import JobRun, JobStatus
from scheduling.testing import drain
from tests.boomi.test_sync import run_sync

pytestmark = [pytest.mark.django_db, pytest.mark.db]


@pytest.fixture
def execution(connection: Connection, sandbox) -> Execution:
    """The planted failing run, mirrored."""
    run_sync(connection, kinds=["runtimes", "executions"])
    return Execution.objects.get(execution_id=sandbox.truth.failing_run.execution_id)


def fetch(execution: Execution, connection: Connection) -> JobRun:
    run = log_fetches.request(execution, actor=Actor.person(connection.owner))
    drain(ignore_waits=True)
    run.refresh_from_db()
    execution.refresh_from_db()
    return run


def log_requests() -> int:
    return ApiCall.objects.filter(path__endswith="/ProcessLog").count()


def test_a_log_is_requested_awaited_and_stored(execution, connection, sandbox):
    run = fetch(execution, connection)
    assert run.status == JobStatus.SUCCEEDED, run.error_message
    assert execution.log_state == LogState.READY
    error = sandbox.truth.failing_run.first_error
    [(number, text)] = logstore.read_lines(execution.log_file, error.line, 1)
    assert number == error.line
    assert error.text in text
    assert log_requests() == 1


def test_a_stored_log_is_not_asked_for_again(execution, connection):
    fetch(execution, connection)
    calls = ApiCall.objects.count()
    run = fetch(execution, connection)
    assert run.status == JobStatus.SUCCEEDED
    assert ApiCall.objects.count() == calls


def test_a_log_whose_file_was_lost_is_fetched_again(execution, connection, log_dir):
    fetch(execution, connection)
    (log_dir / execution.log_file.storage_key).unlink()
    run = fetch(execution, connection)
    assert run.status == JobStatus.SUCCEEDED, run.error_message
    assert execution.log_state == LogState.READY
    assert logstore.read_lines(execution.log_file, 1, 1)
    assert log_requests() == 2


def test_two_people_at_once_make_one_fetch(execution, connection, admin_user):
    first = log_fetches.request(execution, actor=Actor.person(connection.owner))
    second = log_fetches.request(execution, actor=Actor.person(admin_user))
    assert first == second


def test_a_fetch_killed_while_it_waits_goes_on_without_a_second_request(
    execution, connection, monkeypatch
):
    run = log_fetches.request(execution, actor=Actor.person(connection.owner))
    poll = logs._Fetch.poll
    deaths = []

    def die_once(self):
        if not deaths:
            deaths.append(1)
            raise MemoryError
        return poll(self)

    monkeypatch.setattr(logs._Fetch, "poll", die_once)
    drain(ignore_waits=True)
    JobRun.objects.filter(pk=run.pk).update(status=JobStatus.QUEUED)
    drain(ignore_waits=True)
    run.refresh_from_db()
    assert run.status == JobStatus.SUCCEEDED
    assert log_requests() == 1


def test_the_download_is_told_in_bytes_and_never_goes_back(execution, connection, sandbox):
    execution = Execution.objects.get(execution_id=sandbox.truth.big_logs[0].execution_id)
    told: list[tuple[str, int | None, str]] = []
    state: dict[str, object] = {}
    client = clients.open_client(connection)
    sandbox.faults.log_202_count = 0
    for _ in range(9):
        step = logs.advance(
            execution, client=client, state=state, note_phase=lambda *heard: told.append(heard)
        )
        if step.kind != "wait":
            break
        state = step.state
    assert step.kind == "ready"
    assert step.log_file.size >= sandbox.truth.big_logs[0].minimum_bytes
    percents = [percent for name, percent, _ in told if name == "downloading"]
    assert percents == sorted(percents)
    assert " MB of " in told[-1][2]


@pytest.mark.parametrize("execution_type", ["test_manual", "test_sub_process"])
def test_a_test_run_has_no_log_by_design_and_costs_no_call(execution, connection, execution_type):
    Execution.objects.filter(pk=execution.pk).update(execution_type=execution_type)
    run = fetch(execution, connection)
    assert (run.status, run.error_code) == (JobStatus.FAILED, "LOG_NONE")
    assert execution.log_state == LogState.NONE_BY_DESIGN
    assert "test mode" in execution.log_reason
    assert log_requests() == 0


def test_a_discarded_run_has_no_log_by_design(execution, connection):
    Execution.objects.filter(pk=execution.pk).update(status="DISCARDED")
    fetch(execution, connection)
    assert execution.log_state == LogState.NONE_BY_DESIGN
    assert log_requests() == 0


def test_an_old_log_is_known_to_be_purged_without_a_call(execution, connection):
    long_ago = timezone.now() - timedelta(days=31)
    Execution.objects.filter(pk=execution.pk).update(started_at=long_ago, recorded_at=long_ago)
    fetch(execution, connection)
    assert execution.log_state == LogState.PURGED
    assert "deleted this log on" in execution.log_reason
    assert log_requests() == 0


def test_a_runtime_may_purge_sooner(execution, connection):
    Runtime.objects.filter(runtime_id=execution.runtime_id).update(purge_days=2)
    assert logs.purged_at(execution) == execution.recorded_at + timedelta(days=2)


def test_an_offline_runtime_is_waited_for_with_growing_pauses(execution, connection, sandbox):
    sandbox.faults.offline_runtimes = {execution.runtime_id}
    run = log_fetches.request(execution, actor=Actor.person(connection.owner))
    pauses = []
    for _ in range(3):
        assert drain() == 1
        run.refresh_from_db()
        execution.refresh_from_db()
        assert run.status == JobStatus.WAITING
        assert execution.log_state == LogState.WAITING_RUNTIME
        pauses.append(round((execution.log_retry_at - timezone.now()).total_seconds(), -1))
        JobRun.objects.filter(pk=run.pk).update(run_at=timezone.now())
        LimiterState.objects.all().delete()
    assert pauses == [60, 120, 240]
    sandbox.faults.offline_runtimes = set()
    run = fetch(execution, connection)
    assert run.status == JobStatus.SUCCEEDED
    assert (execution.log_state, execution.log_retry_at) == (LogState.READY, None)


def test_a_runtime_that_stays_away_too_long_ends_the_wait(execution, connection, sandbox):
    sandbox.faults.offline_runtimes = {execution.runtime_id}
    almost = timezone.now() - timedelta(days=30, seconds=-30)
    Execution.objects.filter(pk=execution.pk).update(recorded_at=almost)
    fetch(execution, connection)
    assert execution.log_state == LogState.PURGED
    assert "stayed away" in execution.log_reason


def test_a_runtime_may_come_back_shortly_before_its_log_is_purged(execution, connection, sandbox):
    sandbox.faults.offline_runtimes = {execution.runtime_id}
    almost = timezone.now() - timedelta(days=30, minutes=-20)
    Execution.objects.filter(pk=execution.pk).update(recorded_at=almost)
    step = logs.advance(
        execution,
        client=clients.open_client(connection),
        state={"away": 9},
        note_phase=lambda *heard: None,
    )
    assert step.kind == "wait"
    assert 9 * 60 < step.after_seconds <= 10 * 60


def test_a_log_that_is_not_there_is_asked_for_twice(execution, connection):
    Execution.objects.filter(pk=execution.pk).update(
        execution_id="execution-00000000-0000-4000-8000-000000000000-2026.01.01"
    )
    run = fetch(execution, connection)
    assert (run.status, run.error_code) == (JobStatus.FAILED, "LOG_FAILED")
    assert execution.log_state == LogState.FAILED
    assert "no log of this execution" in execution.log_reason
    assert log_requests() == 2


def test_right_after_its_end_a_log_is_asked_for_longer(execution, connection):
    Execution.objects.filter(pk=execution.pk).update(
        execution_id="execution-00000000-0000-4000-8000-000000000000-2026.01.01",
        recorded_at=timezone.now(),
    )
    fetch(execution, connection)
    assert log_requests() == 12


def test_a_running_execution_is_looked_up_first(execution, connection):
    Execution.objects.filter(pk=execution.pk).update(outcome="running", status="INPROCESS")
    run = fetch(execution, connection)
    assert run.status == JobStatus.SUCCEEDED
    assert execution.outcome == "error"


def test_a_run_that_goes_on_has_no_complete_log(execution, connection, sandbox):
    Execution.objects.filter(pk=execution.pk).update(
        outcome="running", execution_id="execution-00000000-0000-4000-8000-000000000000-2026.01.01"
    )
    run = fetch(execution, connection)
    assert run.status == JobStatus.FAILED
    assert "still running" in run.error_message
    assert execution.log_state == LogState.UNKNOWN


def nothing_stored(log_dir: Path) -> bool:
    left = [path for path in log_dir.rglob("*") if path.is_file()]
    return not left and not LogFile.objects.exists()


@pytest.mark.parametrize(
    ("fault", "state", "words"),
    [
        ({"foreign_log_url": "https://evil.example/log.zip"}, LogState.FAILED, "may not receive"),
        ({"truncated_zip": True}, LogState.FAILED, "damaged"),
        ({"zip_bomb_mb": 64}, LogState.FAILED, "times its size"),
        ({"log_expired": True}, LogState.FAILED, "delivered nothing"),
    ],
)
def test_a_bad_log_is_said_in_one_sentence_and_leaves_nothing(
    execution, connection, sandbox, log_dir, fault, state, words
):
    for name, value in fault.items():
        setattr(sandbox.faults, name, value)
    run = fetch(execution, connection)
    assert (run.status, run.error_code) == (JobStatus.FAILED, "LOG_FAILED")
    assert execution.log_state == state
    assert words in execution.log_reason
    assert nothing_stored(log_dir)


def test_an_empty_log_is_no_failure_of_the_fetch(execution, connection, sandbox, log_dir):
    sandbox.faults.empty_log = True
    fetch(execution, connection)
    assert execution.log_state == LogState.NONE_BY_DESIGN
    assert "empty" in execution.log_reason
    assert nothing_stored(log_dir)


def test_a_log_over_the_limit_is_refused(execution, connection, sandbox, settings, log_dir):
    settings.UPLOAD_MAX_MB = 1
    big = Execution.objects.get(execution_id=sandbox.truth.big_logs[0].execution_id)
    run = fetch(big, connection)
    assert "larger than 1 MB" in run.error_message
    assert nothing_stored(log_dir)


def test_a_failed_log_may_be_asked_for_again(execution, connection, sandbox):
    sandbox.faults.truncated_zip = True
    fetch(execution, connection)
    sandbox.faults.truncated_zip = False
    assert fetch(execution, connection).status == JobStatus.SUCCEEDED
    assert execution.log_state == LogState.READY


def test_without_a_working_connection_that_is_said(execution, connection):
    run = log_fetches.request(execution, actor=Actor.person(connection.owner))
    Connection.objects.update(enabled=False)
    drain()
    run.refresh_from_db()
    assert run.error_code == "NO_CONNECTION"


def test_a_viewer_may_not_fetch(execution, viewer):
    with pytest.raises(NotAllowed):
        log_fetches.request(execution, actor=Actor.person(viewer))


def second_fetch(execution: Execution) -> JobRun:
    """A job of another name that wants the same log, as the analysis of it is one."""
    params = {"execution": execution.pk}
    return jobs.enqueue(log_fetches.JOB, actor=Actor.system(), params=params, key="another")


def test_two_jobs_that_want_one_log_ask_once(execution, connection, sandbox):
    sandbox.faults.log_202_count = 3
    other = second_fetch(execution)
    assert fetch(execution, connection).status == JobStatus.SUCCEEDED
    other.refresh_from_db()
    assert other.status == JobStatus.SUCCEEDED
    assert log_requests() == 1


def test_a_job_that_waits_for_another_says_so(execution, connection, sandbox):
    sandbox.faults.offline_runtimes = {execution.runtime_id}
    first, second = log_fetches.request(execution, actor=Actor.system()), second_fetch(execution)
    assert drain() == 2
    second.refresh_from_db()
    assert (second.status, second.phase) == (JobStatus.WAITING, "waiting")
    assert "Another job" in second.detail
    assert log_requests() == 1
    jobs.cancel(first, actor=Actor.system())
    sandbox.faults.offline_runtimes = set()
    drain(ignore_waits=True)
    second.refresh_from_db()
    assert second.status == JobStatus.SUCCEEDED


@pytest.mark.django_db(transaction=True)
def test_of_two_jobs_at_once_one_gets_the_fetch(execution, connection):
    runs = [log_fetches.request(execution, actor=Actor.system()), second_fetch(execution)]
    barrier, answers = Barrier(2), []

    def claim(run: JobRun) -> None:
        with closing(database):
            ctx = JobContext(lease.claim(run.pk))
            barrier.wait(timeout=10)
            answers.append(log_fetches._claim(ctx, execution))

    threads = [Thread(target=claim, args=[run]) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(answers) == [False, True]
