"""Starting a process: the request, its record, its log, its traces, and cancelling it."""

import re
import xml.etree.ElementTree as ET
from datetime import timedelta

import pytest

from sandbox.clock import parse_stamp
from sandbox.company import CLIENT, DEV_ATOM, MOLECULE, ORDERS_DEV, PRIMARY, TEST_ATOM
from sandbox.faults import Faults
from sandbox.processes import (
    CATALOGUE_IMPORT,
    CLIENT_ORDERS,
    DEV_RETURNS,
    ORDER_INTAKE,
    ORDERS_DEV_INTAKE,
    STOCK_LEVELS,
)
from sandbox.server import Sandbox
from tests.sandbox.caller import Caller, simple
from tests.sandbox.conftest import EPOCH

NAMESPACE = "{http://api.platform.boomi.com/}"


def start(caller, process=ORDER_INTAKE, atom=MOLECULE, path="ExecutionRequest", **more):
    return caller.post(path, {"atomId": atom.atom_id, "processId": process.process_id, **more})


def record_after(caller, request_id, seconds):
    caller.sandbox.clock.advance(timedelta(seconds=seconds))
    return caller.get(f"ExecutionRecord/async/{request_id}")


def finished(caller, request_id):
    """The final record, a long time after."""
    record = record_after(caller, request_id, 7_200)
    assert record.status_code == 200
    return record.json()


def test_a_request_is_answered_with_the_place_of_its_record(caller):
    properties = {"DynamicProcessProperty": [{"name": "DPP_DAY", "value": "1"}]}
    told = start(caller, DynamicProcessProperties=properties).json()
    assert re.fullmatch(r"executionrecord-[0-9a-f-]{36}", told["requestId"])
    assert told["recordUrl"] == f"{caller.base}/ExecutionRecord/async/{told['requestId']}"
    assert told["DynamicProcessProperties"]["DynamicProcessProperty"] == [
        {"name": "DPP_DAY", "value": "1"}
    ]


def test_the_record_is_missing_then_running_then_final(caller):
    request_id = start(caller, CATALOGUE_IMPORT).json()["requestId"]
    early = caller.get(f"ExecutionRecord/async/{request_id}")
    assert (early.status_code, early.content) == (202, b"")
    assert record_after(caller, request_id, 34).json()["status"] == "INPROCESS"
    final = finished(caller, request_id)
    assert final["status"] in ("COMPLETE", "ERROR")
    assert final["executionType"] == "exec_manual"


def test_the_record_can_come_wrapped(caller):
    caller.sandbox.faults.wrapped_async = True
    request_id = start(caller).json()["requestId"]
    wrapped = record_after(caller, request_id, 60).json()
    assert wrapped["@type"] == "AsyncOperationResult"
    assert wrapped["result"][0]["processId"] == ORDER_INTAKE.process_id


def test_the_run_is_an_execution_with_a_log(caller):
    record = finished(caller, start(caller).json()["requestId"])
    found = caller.query("ExecutionRecord", simple("executionId", "EQUALS", record["executionId"]))
    assert found["result"] == [record]
    assert "Executing Process Order Intake Main" in caller.log(record["executionId"])


def test_the_audit_log_names_whose_token_started_it(caller):
    before = caller.sandbox.clock.now()
    start(caller)
    caller.sandbox.clock.advance(timedelta(seconds=5))
    entries = caller.everything("AuditLog", simple("type", "EQUALS", "as.process.manual_execution"))
    entry = max(entries, key=lambda row: row["date"])
    assert parse_stamp(entry["date"]) >= before - timedelta(seconds=1)
    assert (entry["userId"], entry["source"]) == ("integration@northwind.example", "API")
    assert entry["containerId"] == MOLECULE.atom_id


def test_a_run_told_to_fail_leaves_an_event(caller):
    caller.sandbox.faults.next_failing_runs = 1
    request_id = start(caller).json()["requestId"]
    record = finished(caller, request_id)
    assert record["status"] == "ERROR"
    events = caller.query("Event", simple("executionId", "EQUALS", record["executionId"]))
    assert [event["error"] for event in events["result"]] == [record["message"]]


def test_a_process_may_run_on_any_runtime_it_is_deployed_to(caller):
    record = finished(caller, start(caller, STOCK_LEVELS, TEST_ATOM).json()["requestId"])
    assert record["atomName"] == "Test Atom"
    assert caller.log(record["executionId"])


def test_a_process_can_be_named_and_asked_for_in_xml(caller):
    body = (
        f'<ExecutionRequest xmlns="http://api.platform.boomi.com/" atomId="{MOLECULE.atom_id}" '
        f'processName="{ORDER_INTAKE.name}"><DynamicProcessProperties>'
        '<DynamicProcessProperty name="DPP_X" value="1"/></DynamicProcessProperties>'
        "</ExecutionRequest>"
    )
    headers = {"Content-Type": "application/xml", "Accept": "application/xml"}
    told = ET.fromstring(caller.post("ExecutionRequest", data=body, headers=headers).content)
    assert told.get("requestId", "").startswith("executionrecord-")
    named = told.find(f".//{NAMESPACE}DynamicProcessProperty")
    assert named is not None
    assert named.get("name") == "DPP_X"


@pytest.mark.parametrize("wrapped", [False, True])
def test_the_record_can_be_read_as_xml(caller, wrapped):
    caller.sandbox.faults.wrapped_async = wrapped
    request_id = start(caller).json()["requestId"]
    caller.sandbox.clock.advance(timedelta(hours=1))
    answer = caller.get(
        f"ExecutionRecord/async/{request_id}", headers={"Accept": "application/xml"}
    )
    root = ET.fromstring(answer.content)
    assert root.tag == NAMESPACE + ("AsyncOperationResult" if wrapped else "ExecutionRecord")
    assert next(root.iter(f"{NAMESPACE}processId")).text == ORDER_INTAKE.process_id


def test_the_older_form_starts_a_run_but_says_nothing_about_it(caller):
    count = caller.query("ExecutionRecord")["numberOfResults"]
    told = start(caller, path="executeProcess").json()
    assert "requestId" not in told
    caller.sandbox.clock.advance(timedelta(seconds=60))
    assert caller.query("ExecutionRecord")["numberOfResults"] > count


@pytest.mark.parametrize(
    ("values", "status", "said"),
    [
        ({"processId": "nope"}, 400, "ProcessId nope is invalid"),
        ({"atomId": "nope"}, 400, "AtomId nope is invalid"),
        ({"processId": CLIENT_ORDERS.process_id}, 400, "is invalid"),
        ({"processId": DEV_RETURNS.process_id, "atomId": DEV_ATOM.atom_id}, 504, "unavailable"),
    ],
)
def test_what_cannot_run_is_refused(caller, values, status, said):
    wanted = {"atomId": MOLECULE.atom_id, "processId": ORDER_INTAKE.process_id, **values}
    refused = caller.post("ExecutionRequest", wanted)
    assert refused.status_code == status
    assert said in refused.json()["message"]


def test_a_process_that_is_not_deployed_there_is_refused(caller):
    caller.sandbox.clock.set(EPOCH - timedelta(days=200))
    refused = start(caller)
    assert refused.status_code == 400
    assert (
        refused.json()["message"] == "Process Order Intake Main is not deployed to Prod Molecule."
    )


def test_without_the_privilege_nothing_is_started(caller):
    caller.sandbox.faults = Faults(missing_privileges={"EXECUTE"})
    assert start(caller).status_code == 403
    assert caller.post("cancelExecution/execution-x").status_code == 403


def test_a_request_of_another_account_does_not_exist(caller):
    request_id = start(caller).json()["requestId"]
    stranger = Caller(caller.sandbox, CLIENT)
    assert stranger.get(f"ExecutionRecord/async/{request_id}").status_code == 400
    assert caller.get("ExecutionRecord/async/executionrecord-none").status_code == 400


def test_the_partner_form_starts_runs_in_the_account_beneath(caller):
    base = caller.base.replace("/api/rest", "/partner/api/rest")
    override = {"overrideAccount": ORDERS_DEV.account_id}
    wanted = {
        "atomId": ORDERS_DEV_INTAKE.runtime.atom_id,
        "processId": ORDERS_DEV_INTAKE.process_id,
    }
    told = caller.post(f"{base}/ExecutionRequest", wanted, params=override).json()
    caller.sandbox.clock.advance(timedelta(hours=1))
    record = caller.get(told["recordUrl"]).json()
    assert record["account"] == ORDERS_DEV.account_id
    assert f"/{PRIMARY.account_id}/" in told["recordUrl"]


def test_a_running_execution_can_be_cancelled_once(caller):
    request_id = start(caller, CATALOGUE_IMPORT).json()["requestId"]
    running = record_after(caller, request_id, 34).json()
    execution_id = running["executionId"]
    answer = caller.post(f"cancelExecution/{execution_id}")
    assert answer.status_code == 202
    assert answer.json()["message"] == "Operation completed successfully."
    record = record_after(caller, request_id, 10).json()
    assert record["status"] == "ABORTED"
    assert "cancelled by a user" in record["message"]
    assert "cancelled by a user" in caller.log(execution_id)
    again = caller.post(f"cancelExecution/{execution_id}")
    assert again.status_code == 400
    assert "already ended" in again.json()["message"]


def test_cancelling_needs_a_known_execution(caller):
    assert caller.post("cancelExecution/execution-none").status_code == 400


def test_a_request_survives_a_restart(tmp_path):
    path = tmp_path / "state.sqlite3"
    with Sandbox(path, scenario="small", rate_limit=0, epoch=EPOCH) as first:
        first.clock.set(EPOCH)
        request_id = start(Caller(first)).json()["requestId"]
    with Sandbox(path, scenario="small", rate_limit=0) as second:
        second.clock.set(EPOCH)
        assert finished(Caller(second), request_id)["processName"] == ORDER_INTAKE.name
