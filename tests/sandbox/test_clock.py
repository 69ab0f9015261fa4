"""Time: runs that go on and end, records that arrive late, what is forgotten."""

from datetime import UTC, datetime, timedelta

import pytest

from sandbox.clock import Clock, parse_stamp, stamp
from sandbox.server import Sandbox
from tests.sandbox.caller import Caller, group, simple
from tests.sandbox.conftest import EPOCH


def record(caller, run):
    rows = caller.query("ExecutionRecord", simple("executionId", "EQUALS", run.execution_id))
    return rows["result"][0] if rows["result"] else None


def test_a_run_appears_goes_on_and_ends(sandbox, caller):
    run = sandbox.truth.failing_run
    sandbox.clock.set(run.start - timedelta(seconds=5))
    assert record(caller, run) is None
    sandbox.clock.set(run.start + timedelta(seconds=40))
    going = record(caller, run)
    assert going["status"] == "INPROCESS"
    assert not {"executionDuration", "inboundDocumentCount", "message"} & set(going)
    sandbox.clock.set(run.start + timedelta(seconds=100))
    ended = record(caller, run)
    assert (ended["status"], ended["inboundDocumentCount"]) == ("ERROR", run.documents)


def test_filters_see_a_run_that_goes_on_as_in_process(sandbox, caller):
    run = sandbox.truth.failing_run
    sandbox.clock.set(run.start + timedelta(seconds=40))
    this = simple("executionId", "EQUALS", run.execution_id)
    for status, hits in (("INPROCESS", 1), ("ERROR", 0)):
        both = group("and", this, simple("status", "EQUALS", status))
        assert caller.query("ExecutionRecord", both)["numberOfResults"] == hits
    without = group("and", this, simple("message", "IS_NULL"))
    assert caller.query("ExecutionRecord", without)["numberOfResults"] == 1


def test_one_record_arrives_long_after_newer_ones(sandbox, caller):
    late = sandbox.truth.late_run
    sandbox.clock.set(late.start + timedelta(minutes=14))
    assert record(caller, late) is None
    newer = simple("executionTime", "GREATER_THAN", stamp(late.start))
    assert caller.query("ExecutionRecord", newer)["numberOfResults"] > 0
    sandbox.clock.set(late.start + timedelta(minutes=16))
    assert record(caller, late) is not None


def test_executions_older_than_30_days_are_forgotten(reader, read_only):
    rows = reader.everything("ExecutionRecord")
    assert min(row["executionTime"] for row in rows) >= stamp(EPOCH - timedelta(days=30))
    read_only.clock.set(EPOCH - timedelta(days=15))
    older = reader.everything("ExecutionRecord")
    assert min(row["executionTime"] for row in older) < stamp(EPOCH - timedelta(days=44))
    assert max(row["executionTime"] for row in older) <= stamp(EPOCH - timedelta(days=15))


def test_new_executions_come_for_60_days(reader, read_only):
    read_only.clock.set(EPOCH + timedelta(days=59))
    since = simple("executionTime", "GREATER_THAN", stamp(EPOCH + timedelta(days=58)))
    assert reader.query("ExecutionRecord", since)["numberOfResults"] > 50


def test_deployments_happen_as_the_clock_runs(reader, read_only):
    live = group(
        "and",
        simple("componentName", "EQUALS", "Order Intake Main"),
        simple("environmentName", "EQUALS", "Production"),
        simple("active", "EQUALS", "true"),
    )
    before = reader.query("DeployedPackage", live)["result"]
    read_only.clock.set(EPOCH + timedelta(days=10))
    after = reader.query("DeployedPackage", live)["result"]
    assert [row["packageVersion"] for row in before + after] == ["3.0", "4.0"]
    old = reader.get(f"DeployedPackage/{before[0]['deploymentId']}").json()
    assert old["active"] is False


def test_a_clock_set_to_a_time_runs_on_from_it():
    clock = Clock()
    clock.set(EPOCH)
    assert timedelta(0) <= clock.now() - EPOCH < timedelta(seconds=5)
    clock.advance(timedelta(hours=2))
    assert timedelta(0) <= clock.now() - EPOCH - timedelta(hours=2) < timedelta(seconds=5)
    clock.set_offset(0)
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_a_clock_refuses_a_time_without_a_zone():
    with pytest.raises(ValueError, match="zone"):
        Clock().set(datetime(2026, 1, 1))


def test_stamps_are_whole_utc_seconds():
    assert stamp(parse_stamp("2026-03-11T17:00:00.9+02:00")) == "2026-03-11T15:00:00Z"
    assert parse_stamp("2026-03-11T15:00:00") == EPOCH


def test_epoch_and_clock_survive_a_restart(tmp_path):
    path = tmp_path / "state.sqlite3"
    with Sandbox(path, scenario="small", rate_limit=0) as first:
        first.clock.set_offset(-86_400)
        epoch, rows = first.epoch, Caller(first).everything("ExecutionRecord")
    with Sandbox(path, scenario="small", rate_limit=0) as second:
        assert second.epoch == epoch
        assert round(second.clock.offset_seconds) == -86_400
        assert Caller(second).everything("ExecutionRecord") == rows
