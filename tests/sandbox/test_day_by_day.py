"""Days after the scenario's own are made when the clock gets there, always the same."""

from datetime import timedelta

import pytest

from sandbox.clock import parse_stamp, stamp
from sandbox.company import ORDERS_DEV, PRIMARY
from sandbox.processes import ORDER_INTAKE
from sandbox.server import Sandbox
from tests.sandbox.caller import Caller, simple
from tests.sandbox.conftest import EPOCH

FAR = EPOCH + timedelta(days=75)


def northwind(path=None, **options):
    return Sandbox(path, scenario="northwind", rate_limit=0, epoch=EPOCH, **options)


def seen(sandbox, account=PRIMARY, days=3):
    """Records of the last days before the clock's now."""
    since = stamp(sandbox.clock.now() - timedelta(days=days))
    expression = simple("executionTime", "GREATER_THAN", since)
    return Caller(sandbox, account).everything("ExecutionRecord", expression)


def per_day(rows):
    return len(rows) / len({row["executionTime"][:10] for row in rows})


def test_runs_go_on_after_the_scenarios_own_days():
    with northwind() as sandbox:
        sandbox.clock.set(EPOCH)
        usual = per_day(seen(sandbox, days=14))
        sandbox.clock.set(FAR)
        rows = seen(sandbox, days=14)
        assert parse_stamp(rows[0]["executionTime"]) > FAR - timedelta(hours=1)
        assert per_day(rows) == pytest.approx(usual, rel=0.2)
        assert seen(sandbox, ORDERS_DEV)


def test_events_and_people_go_on_too():
    with northwind() as sandbox:
        sandbox.clock.set(FAR)
        since = simple("date", "GREATER_THAN", stamp(FAR - timedelta(days=5)))
        caller = Caller(sandbox)
        types = {entry["type"] for entry in caller.everything("AuditLog", since)}
        assert {"account", "as.process.manual_execution"} <= types
        failures = simple("eventType", "EQUALS", "process.execution")
        assert caller.query("Event", failures)["numberOfResults"] > 3


def test_a_later_day_is_the_same_however_the_clock_got_there():
    with northwind() as first, northwind() as second:
        first.clock.set(FAR)
        for days in (61, 70, 75):
            second.clock.set(EPOCH + timedelta(days=days))
            seen(second)
        second.clock.set(FAR)
        assert seen(first) == seen(second)


def test_a_jump_over_years_makes_only_what_can_be_seen():
    with northwind() as sandbox:
        sandbox.clock.set(EPOCH + timedelta(days=4_000))
        rows = Caller(sandbox).everything("ExecutionCountAccount")
        assert 28 <= len({row["date"] for row in rows}) <= 32
        with sandbox.store.reading() as connection:
            assert connection.execute("SELECT COUNT(*) FROM days").fetchone()[0] <= 32
        sandbox.clock.set(FAR)
        assert seen(sandbox)


def test_made_days_survive_a_restart_and_are_not_made_twice(tmp_path):
    path = tmp_path / "state.sqlite3"
    with northwind(path) as first:
        first.clock.set(FAR)
        before = seen(first)
    with Sandbox(path, scenario="northwind", rate_limit=0) as second:
        second.clock.set(FAR)
        assert seen(second) == before


def test_a_log_of_a_later_day_can_be_fetched():
    with northwind() as sandbox:
        sandbox.clock.set(FAR)
        caller = Caller(sandbox)
        rows = caller.query(
            "ExecutionRecord", simple("processId", "EQUALS", ORDER_INTAKE.process_id)
        )
        ended = next(row for row in rows["result"] if row["status"] != "INPROCESS")
        assert "Order Intake Main" in caller.log(ended["executionId"])


def test_a_paused_schedule_stays_paused_on_later_days():
    with northwind() as sandbox:
        sandbox.clock.set(EPOCH)
        caller = Caller(sandbox)
        of_process = simple("processId", "EQUALS", ORDER_INTAKE.process_id)
        for row in caller.query("ProcessScheduleStatus", of_process)["result"]:
            caller.post(f"ProcessScheduleStatus/{row['id']}", {"enabled": False})
        sandbox.clock.set(FAR)
        found = caller.query("ExecutionRecord", of_process)["result"]
        assert [row for row in found if row["executionType"] == "exec_sched"] == []


def test_the_short_scenario_ends():
    with Sandbox(scenario="small", rate_limit=0, epoch=EPOCH) as sandbox:
        sandbox.clock.set(FAR)
        assert seen(sandbox) == []
