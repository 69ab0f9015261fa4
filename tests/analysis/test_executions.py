import io
import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection as database

from analysis import queries, services
from analysis.engine import ENGINE_VERSION
from analysis.models import Analysis, AnalysisStatus
from analysis.services import executions
from boomi import logstore
from boomi.models import Connection, Execution, LogState
from boomi.services import log_fetches
from boomi.services.logs import LogStep
from common.actors import Actor
from common.errors import Conflict, NotAllowed
from common.models import User
from scheduling.models import JobRun, JobStatus
from scheduling.testing import drain
from tests.analysis.builders import failing_log, make_execution

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.analysis.urls")]


class Platform:
    """Stands in for `boomi.services.logs.advance` with a script of steps.

    What needs a platform that breaks off at a chosen place is tested with it; the real
    conversation is in `test_fetching`.
    """

    def __init__(self, log: bytes) -> None:
        self.log = log
        self.calls = 0
        self.states: list[dict[str, Any]] = []
        self.script: list[Callable[[Execution, Any], LogStep]] = [self.waits, self.downloads]

    def advance(
        self, execution: Execution, *, client: object, state: dict[str, Any], note_phase: Any
    ) -> LogStep:
        self.calls += 1
        self.states.append(dict(state))
        return self.script.pop(0)(execution, note_phase)

    def waits(self, execution: Execution, note_phase: Any) -> LogStep:
        note_phase("waiting", None, "The runtime is preparing the log")
        return LogStep("wait", after_seconds=2, state={"url": "/log/1"}, reason="Not ready yet.")

    def downloads(self, execution: Execution, note_phase: Any) -> LogStep:
        note_phase("downloading", 50, "1 of 2 bytes")
        file = logstore.store(io.BytesIO(self.log), name="ProcessLog_1.log", max_bytes=1 << 30)
        Execution.objects.filter(pk=execution.pk).update(log_file=file, log_state=LogState.READY)
        return LogStep("ready", state={}, log_file=file)

    def has_none(self, execution: Execution, note_phase: Any) -> LogStep:
        Execution.objects.filter(pk=execution.pk).update(
            log_state=LogState.PURGED, log_reason="The log was purged after 30 days."
        )
        return LogStep("none", state={}, reason="The log was purged after 30 days.")


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch, log_store: Path) -> Platform:
    platform = Platform(failing_log(30))
    monkeypatch.setattr(log_fetches.logs, "advance", platform.advance)
    return platform


@pytest.fixture
def execution(connection: Connection) -> Execution:
    return make_execution()


def test_one_click_leads_to_an_analysis(
    execution: Execution, platform: Platform, olga: Actor
) -> None:
    run = services.request_execution_analysis(execution, actor=olga)
    assert isinstance(run, JobRun)
    assert (run.queue, run.key) == ("now", f"analyse:{execution.pk}")
    assert run.audience == f"account:{execution.account_id}"
    drain(ignore_waits=True)
    analysis = services.request_execution_analysis(execution, actor=olga)
    assert isinstance(analysis, Analysis)
    assert analysis.engine_version == ENGINE_VERSION
    assert analysis.first_fault_step == "Post order"
    run.refresh_from_db()
    assert (run.status, run.phase, run.percent) == (JobStatus.SUCCEEDED, "done", 100)
    assert run.result == {"analysis": analysis.pk}


def test_a_repeated_click_makes_no_new_call_and_no_new_job(
    execution: Execution, platform: Platform, olga: Actor
) -> None:
    first = services.request_execution_analysis(execution, actor=olga)
    assert services.request_execution_analysis(execution, actor=olga) == first
    drain(ignore_waits=True)
    calls = platform.calls
    services.request_execution_analysis(execution, actor=olga)
    assert drain(ignore_waits=True) == 0
    assert platform.calls == calls
    assert JobRun.objects.count() == 1


def test_phases_and_percent_never_go_back(
    execution: Execution, platform: Platform, olga: Actor
) -> None:
    platform.script = [platform.waits, platform.waits, _falls_back, platform.downloads]
    seen = []
    services.request_execution_analysis(execution, actor=olga)
    while drain_one():
        run = JobRun.objects.get()
        seen.append((run.phase, run.percent))
    names = ["requested", "waiting", "downloading", "parsing", "done"]
    assert seen == sorted(seen, key=lambda pair: (names.index(pair[0]), pair[1]))
    assert seen[-1] == ("done", 100)
    assert ("downloading", 30) in seen


def _falls_back(execution: Execution, note_phase: Any) -> LogStep:
    """The download broke off, and the log is asked for anew."""
    note_phase("downloading", 50, "half")
    note_phase("requested", None, "asking again")
    note_phase("waiting", 10, "")
    return LogStep("wait", after_seconds=1, state={})


def test_state_of_the_fetch_survives_a_slice(
    execution: Execution, platform: Platform, olga: Actor
) -> None:
    services.request_execution_analysis(execution, actor=olga)
    drain(ignore_waits=True)
    assert platform.states == [{}, {"url": "/log/1"}]


def test_both_doors_give_equal_results(
    execution: Execution, platform: Platform, olga: Actor
) -> None:
    services.request_execution_analysis(execution, actor=olga)
    drain(ignore_waits=True)
    fetched = Analysis.objects.get()
    uploaded, _ = services.analyse_upload(
        io.BytesIO(platform.log), name="saved by hand.log", actor=olga
    )
    for analysis in (fetched, uploaded):
        analysis.refresh_from_db()
        analysis.result["source"].pop("name")
    assert json.dumps(fetched.result) == json.dumps(uploaded.result)
    assert fetched.verdict == uploaded.verdict
    assert fetched.log_file == uploaded.log_file


def test_no_log_ends_the_job_with_the_sentence(
    execution: Execution, platform: Platform, olga: Actor
) -> None:
    platform.script = [platform.has_none]
    services.request_execution_analysis(execution, actor=olga)
    drain(ignore_waits=True)
    run = JobRun.objects.get()
    assert (run.status, run.error_code) == (JobStatus.FAILED, "LOG_NONE")
    assert run.error_message == "The log was purged after 30 days."
    assert not Analysis.objects.exists()


@pytest.mark.parametrize("state", [LogState.PURGED, LogState.NONE_BY_DESIGN])
def test_a_log_known_to_be_missing_is_not_asked_for(
    execution: Execution, olga: Actor, state: LogState
) -> None:
    execution.log_state, execution.log_reason = state, "It is not there."
    with pytest.raises(Conflict, match="not there"):
        services.request_execution_analysis(execution, actor=olga)
    assert not JobRun.objects.exists()


def test_without_a_connection_the_way_out_is_named(
    execution: Execution, platform: Platform, connection: Connection, admin_user: User
) -> None:
    connection.delete()
    services.request_execution_analysis(execution, actor=Actor.person(admin_user))
    drain(ignore_waits=True)
    run = JobRun.objects.get()
    assert (run.status, run.error_code) == (JobStatus.FAILED, "NO_CONNECTION")
    assert run.error_hint


def test_a_fetched_file_that_is_no_log_fails_and_may_be_tried_again(
    execution: Execution, platform: Platform, olga: Actor
) -> None:
    platform.log = b"<html><body>Service unavailable</body></html>"
    services.request_execution_analysis(execution, actor=olga)
    drain(ignore_waits=True)
    analysis, run = Analysis.objects.get(), JobRun.objects.get()
    assert (analysis.status, run.status) == (AnalysisStatus.FAILED, JobStatus.FAILED)
    assert "web page" in analysis.error_message
    good = logstore.store(io.BytesIO(failing_log()), name="again.log", max_bytes=1 << 20)
    Execution.objects.update(log_file=good)
    services.request_execution_analysis(execution, actor=olga)
    drain(ignore_waits=True)
    analysis.refresh_from_db()
    assert (analysis.status, analysis.error_message) == (AnalysisStatus.DONE, "")
    assert analysis.name == "again.log"


def test_a_worker_killed_while_reading_costs_only_the_reading(
    execution: Execution, platform: Platform, olga: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.request_execution_analysis(execution, actor=olga)
    with monkeypatch.context() as broken:
        broken.setattr(executions.reading, "read_log", _killed)
        with pytest.raises(KeyboardInterrupt):
            drain(ignore_waits=True)
    assert Analysis.objects.get().status == AnalysisStatus.PENDING
    JobRun.objects.update(status=JobStatus.QUEUED)  # what the sweeper does
    drain(ignore_waits=True)
    assert Analysis.objects.get().status == AnalysisStatus.DONE
    assert platform.calls == 2
    assert JobRun.objects.get().status == JobStatus.SUCCEEDED


def _killed(*args: object, **kwargs: object) -> None:
    raise KeyboardInterrupt


def test_a_newer_engine_reads_the_stored_log_again(
    execution: Execution, platform: Platform, olga: Actor
) -> None:
    services.request_execution_analysis(execution, actor=olga)
    drain(ignore_waits=True)
    Analysis.objects.update(engine_version=ENGINE_VERSION - 1)
    assert isinstance(services.request_execution_analysis(execution, actor=olga), JobRun)
    drain(ignore_waits=True)
    assert Analysis.objects.filter(status=AnalysisStatus.DONE).count() == 2
    assert platform.calls == 2
    assert queries.latest_analysis(execution) == queries.finished_analysis(execution)


def test_a_download_that_used_up_the_slice_leaves_the_reading_to_the_next(
    execution: Execution, platform: Platform, olga: Actor, settings: Any
) -> None:
    settings.JOB_SLICE_SECONDS = 0
    platform.script = [platform.downloads]
    services.request_execution_analysis(execution, actor=olga)
    assert drain_one()
    assert JobRun.objects.get().status == JobStatus.QUEUED
    assert not Analysis.objects.exists()
    drain()
    assert Analysis.objects.get().status == AnalysisStatus.DONE


def test_a_cancelled_job_stops_at_its_next_sign_of_life(
    execution: Execution, platform: Platform, olga: Actor
) -> None:
    def cancels(execution: Execution, note_phase: Any) -> LogStep:
        JobRun.objects.update(cancel_asked_at="2026-09-13T08:00Z")
        return LogStep("wait", after_seconds=1)

    platform.script = [cancels]
    services.request_execution_analysis(execution, actor=olga)
    drain(ignore_waits=True)
    assert JobRun.objects.get().status == JobStatus.CANCELLED


def test_a_viewer_opens_an_analysis_but_does_not_ask_for_one(
    execution: Execution, platform: Platform, connection: Connection, team: Any, viewer: User
) -> None:
    team.members.add(viewer)
    Connection.objects.update(team=team)
    actor = Actor.person(viewer)
    with pytest.raises(NotAllowed, match="Operator"):
        services.request_execution_analysis(execution, actor=actor)
    assert connection.owner is not None
    services.request_execution_analysis(execution, actor=Actor.person(connection.owner))
    drain(ignore_waits=True)
    assert isinstance(services.request_execution_analysis(execution, actor=actor), Analysis)


def test_a_stranger_to_the_account_gets_nothing(execution: Execution, developer: User) -> None:
    with pytest.raises(NotAllowed):
        services.request_execution_analysis(execution, actor=Actor.person(developer))


@pytest.mark.db
@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_make_one_job(execution: Execution, connection: Connection) -> None:
    barrier, runs = Barrier(2), []

    def click() -> None:
        with closing(database):
            actor = Actor.person(User.objects.get(pk=connection.owner_id))
            barrier.wait(timeout=10)
            runs.append(services.request_execution_analysis(execution, actor=actor))

    threads = [Thread(target=click) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(runs) == 2
    assert runs[0] == runs[1]
    assert JobRun.objects.count() == 1


def drain_one() -> bool:
    """One slice; False when nothing is left to run."""
    try:
        return drain(1, ignore_waits=True) == 1
    except RuntimeError:
        return True
