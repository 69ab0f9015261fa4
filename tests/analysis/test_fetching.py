"""The whole way of a log, against the sandbox over a real socket."""

import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from analysis import panels, services
from analysis.models import Analysis, AnalysisStatus
from boomi.client import BoomiClient, NotReady
from boomi.clients import open_client
from boomi.models import ApiCall, Connection, Execution, ExecutionOutcome, LogState
from boomi.services import log_fetches
from common.actors import Actor
from common.errors import Conflict
from sandbox.scenario import PlantedRun
from sandbox.server import Sandbox
from scheduling.models import JobRun, JobStatus
from scheduling.testing import drain
from tests.analysis.builders import make_execution

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.analysis.urls")]


@pytest.fixture(autouse=True)
def _store(log_store: Path) -> None:
    """Every test here has the log store to itself."""


@pytest.fixture
def connection(sandbox: Sandbox, make_connection: Any, olga: Actor) -> Connection:
    return make_connection(olga.user, sandbox.url)


@pytest.fixture
def planted(sandbox: Sandbox) -> PlantedRun:
    assert sandbox.truth.failing_run is not None
    return sandbox.truth.failing_run


def mirrored(run: PlantedRun, connection: Connection, **fields: object) -> Execution:
    return make_execution(
        run.execution_id,
        **{
            "account": connection.account,
            "runtime_id": run.atom_id,
            "started_at": run.start,
            "recorded_at": run.start,
            "status": run.status,
            **fields,
        },
    )


@pytest.fixture
def execution(planted: PlantedRun, connection: Connection) -> Execution:
    return mirrored(planted, connection)


def analysed(execution: Execution, actor: Actor) -> JobRun:
    run = services.request_execution_analysis(execution, actor=actor)
    assert isinstance(run, JobRun)
    drain(ignore_waits=True)
    run.refresh_from_db()
    return run


def test_the_fault_named_is_of_the_cause_that_was_planted(
    execution: Execution, planted: PlantedRun, olga: Actor
) -> None:
    run = analysed(execution, olga)
    assert run.status == JobStatus.SUCCEEDED, run.error_message
    analysis = Analysis.objects.get(pk=run.result["analysis"])
    assert planted.first_error is not None
    assert analysis.first_fault_line is not None
    assert analysis.first_fault_step == planted.first_error.step
    assert planted.first_error.text in analysis.first_fault_text
    for number in (analysis.first_fault_line, planted.first_error.line):
        [line] = services.log_context(analysis, number, around=0)
        assert line.is_fault
        assert (line.step, line.text) == (planted.first_error.step, planted.first_error.text)


def test_a_second_click_reaches_no_platform(
    execution: Execution, sandbox: Sandbox, olga: Actor
) -> None:
    analysed(execution, olga)
    sandbox.counters.reset()
    assert isinstance(services.request_execution_analysis(execution, actor=olga), Analysis)
    assert sandbox.counters.total == 0


def test_a_stored_log_that_was_lost_is_fetched_again(
    execution: Execution, log_store: Path, olga: Actor
) -> None:
    log_fetches.request(execution, actor=olga)
    drain(ignore_waits=True)
    execution.refresh_from_db()
    assert execution.log_file is not None
    (log_store / execution.log_file.storage_key).unlink()
    run = analysed(execution, olga)
    assert run.status == JobStatus.SUCCEEDED, run.error_message


def test_the_zip_of_the_platform_uploaded_gives_the_same_result(
    execution: Execution, connection: Connection, olga: Actor
) -> None:
    analysed(execution, olga)
    client = open_client(connection)
    url = client.request_process_log(execution.execution_id).url
    packed = _downloaded(client, url)
    assert zipfile.is_zipfile(packed)
    uploaded, _ = services.analyse_upload(packed, name="process_log.zip", actor=olga)
    fetched = Analysis.objects.get(execution=execution)
    uploaded.refresh_from_db()
    for analysis in (fetched, uploaded):
        analysis.result["source"].pop("name")
    assert json.dumps(fetched.result) == json.dumps(uploaded.result)
    assert fetched.log_file == uploaded.log_file


def _downloaded(client: BoomiClient, url: str) -> io.BytesIO:
    for _ in range(10):
        packed = io.BytesIO()
        with suppress(NotReady):
            client.download(url, packed, max_bytes=1 << 24, progress=None)
            packed.seek(0)
            return packed
    raise AssertionError("The sandbox never delivered the log.")


def test_phases_only_move_forward(execution: Execution, sandbox: Sandbox, olga: Actor) -> None:
    sandbox.faults = replace(sandbox.faults, log_202_count=3)
    services.request_execution_analysis(execution, actor=olga)
    seen = list(_slices())
    order = ["requested", "waiting", "downloading", "parsing", "done"]
    assert [phase for phase, _ in seen] == sorted([p for p, _ in seen], key=order.index)
    assert [percent for _, percent in seen] == sorted(percent for _, percent in seen)
    assert seen[0][0] == "waiting"
    assert seen[-1] == ("done", 100)


def _slices() -> Iterator[tuple[str, int]]:
    for _ in range(50):
        try:
            worked = drain(1, ignore_waits=True)
        except RuntimeError:
            worked = 1
        if not worked:
            return
        run = JobRun.objects.get()
        assert run.percent is not None
        yield run.phase, run.percent


def test_an_offline_runtime_lets_the_job_wait_and_counts_down(
    execution: Execution, sandbox: Sandbox, olga: Actor
) -> None:
    sandbox.faults = replace(sandbox.faults, offline_runtimes={execution.runtime_id})
    services.request_execution_analysis(execution, actor=olga)
    drain()
    run = JobRun.objects.get()
    assert (run.status, run.phase) == (JobStatus.WAITING, "waiting")
    execution.refresh_from_db()
    panel = panels.execution_panel(olga, execution)
    assert panel["state"] == "waiting"
    assert panel["retry_at"] is not None
    assert panel["purged_at"] is not None
    assert timezone.now() < panel["retry_at"] < panel["purged_at"]
    sandbox.faults = replace(sandbox.faults, offline_runtimes=set())
    drain(ignore_waits=True)
    assert Analysis.objects.get().status == AnalysisStatus.DONE


def test_a_purged_log_is_told_without_a_call(
    planted: PlantedRun, connection: Connection, sandbox: Sandbox, olga: Actor
) -> None:
    old = timezone.now() - timedelta(days=40)
    execution = mirrored(planted, connection, started_at=old, recorded_at=old)
    sandbox.counters.reset()
    run = analysed(execution, olga)
    assert (run.status, run.error_code) == (JobStatus.FAILED, "LOG_NONE")
    execution.refresh_from_db()
    assert execution.log_state == LogState.PURGED
    assert not Analysis.objects.exists()
    with pytest.raises(Conflict, match="deleted this log"):
        services.request_execution_analysis(execution, actor=olga)
    assert sandbox.counters.total == 0


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"empty_log": True}, "LOG_NONE"),
        ({"truncated_zip": True}, "LOG_FAILED"),
        ({"zip_bomb_mb": 300}, "LOG_FAILED"),
        ({"foreign_log_url": "http://198.51.100.7/log"}, "LOG_FAILED"),
        ({"log_expired": True}, "LOG_FAILED"),
    ],
)
def test_a_log_that_cannot_be_had_ends_the_job_with_a_sentence(
    execution: Execution, sandbox: Sandbox, olga: Actor, fault: dict[str, Any], code: str
) -> None:
    sandbox.faults = replace(sandbox.faults, **fault)
    run = analysed(execution, olga)
    assert (run.status, run.error_code) == (JobStatus.FAILED, code)
    assert run.error_message.endswith(".")
    assert not Analysis.objects.exists()
    execution.refresh_from_db()
    assert execution.log_reason
    assert panels.execution_panel(olga, execution)["state"] in {"failed", "no_log"}


def test_a_refused_token_ends_the_job_with_its_code(
    execution: Execution, sandbox: Sandbox, olga: Actor
) -> None:
    sandbox.faults = replace(sandbox.faults, reject_all_tokens=True)
    run = analysed(execution, olga)
    assert (run.status, run.error_code) == (JobStatus.FAILED, "AUTH_FAILED")
    panel = panels.execution_panel(olga, execution)
    assert (panel["state"], panel["reason"]) == ("failed", run.error_message)


def test_a_fetch_under_way_serves_the_analysis_too(execution: Execution, olga: Actor) -> None:
    fetch = log_fetches.request(execution, actor=olga)
    analysis = services.request_execution_analysis(execution, actor=olga)
    drain(ignore_waits=True)
    for run in (fetch, analysis):
        run.refresh_from_db()
        assert run.status == JobStatus.SUCCEEDED
    assert ApiCall.objects.filter(path__endswith="/ProcessLog").count() == 1


def test_a_run_that_ended_since_the_last_sync_is_analysed(
    planted: PlantedRun, connection: Connection, olga: Actor
) -> None:
    execution = mirrored(planted, connection, status="INPROCESS", outcome=ExecutionOutcome.RUNNING)
    assert analysed(execution, olga).status == JobStatus.SUCCEEDED
