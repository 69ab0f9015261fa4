"""Connectors, their records and documents agree with the log and the record of a run."""

import base64
from collections import Counter

import pytest

from sandbox.company import CLIENT, ORDERS_DEV, PRIMARY
from sandbox.components import COMPONENTS
from tests.sandbox.caller import Caller, group, simple

STORIES = ("failing_run", "caught_errors_run", "retry_run", "late_run", "zero_documents_run")


def connectors(caller, execution_id):
    return caller.everything("ExecutionConnector", simple("executionId", "EQUALS", execution_id))


def records(caller, execution_id, *more):
    expression = group("and", simple("executionId", "EQUALS", execution_id), *more)
    return caller.everything("GenericConnectorRecord", expression)


@pytest.fixture
def failing(reader):
    return reader.sandbox.truth.failing_run


@pytest.mark.parametrize("story", STORIES)
def test_errors_of_the_connectors_are_those_of_the_log(reader, story):
    run = getattr(reader.sandbox.truth, story)
    truth = reader.sandbox.log_truth(run.execution_id)
    found = [row for row in connectors(reader, run.execution_id) if not row["isStartShape"]]
    assert sum(row["errorCount"] for row in found) == truth.connector_errors


@pytest.mark.parametrize("story", STORIES)
def test_every_connector_stands_in_the_log_of_the_run(reader, story):
    run = getattr(reader.sandbox.truth, story)
    log = reader.log(run.execution_id)
    for row in connectors(reader, run.execution_id):
        if row["recordType"] == "connector":
            assert f"{row['executionConnector']}: {row['connectorType']} Connector; " in log


def test_the_start_connector_has_the_documents_of_the_record(reader, failing):
    (start,) = [r for r in connectors(reader, failing.execution_id) if r["isStartShape"]]
    assert start["successCount"] + start["errorCount"] == failing.documents
    assert start["errorCount"] == failing.failed_documents


def connectors_of_newest(caller, process_name):
    """Those of the newest run of a process."""
    rows = caller.query("ExecutionRecord", simple("processName", "EQUALS", process_name))
    return connectors(caller, rows["result"][0]["executionId"])


def test_a_run_without_start_data_begins_with_nodata(reader):
    start = connectors_of_newest(reader, "Nightly Master Data (parent)")[0]
    assert start["isStartShape"]
    assert start["recordType"] == start["connectorType"] == "nodata"
    assert (start["executionConnector"], start["size"]) == ("Start", 0)


def test_a_web_service_call_ends_in_its_return_documents(reader):
    found = connectors_of_newest(reader, "Order Webhook Listener")
    assert found[0]["connectorType"] == "wss"
    assert found[-1]["recordType"] == "return"


def test_the_id_names_connection_operation_and_execution(reader, failing):
    row = next(r for r in connectors(reader, failing.execution_id) if r["connectorType"] == "http")
    text = base64.b64decode(row["id"] + "==").decode()
    assert text.startswith("EXEC_CONNfalse:Send:")
    assert text.endswith(failing.execution_id)


def test_records_add_up_to_their_connector(reader, failing):
    found = records(reader, failing.execution_id)
    counted = Counter((row["executionConnectorId"], row["status"]) for row in found)
    for row in connectors(reader, failing.execution_id):
        assert counted[row["id"], "SUCCESS"] == row["successCount"]
        assert counted[row["id"], "ERROR"] == row["errorCount"]


def test_failed_records_have_a_text_and_only_start_documents_can_be_rerun(reader, failing):
    found = records(reader, failing.execution_id, simple("status", "EQUALS", "ERROR"))
    assert found
    assert all("Code 401" in row["errorMessage"] for row in found)
    assert {row["retryable"] for row in found if row["startShape"]} == {True}
    assert {row["retryable"] for row in found if not row["startShape"]} == {False}


def test_ids_lead_to_components_of_the_account(reader, failing):
    known = {c.component_id: c for c in COMPONENTS if c.account_id == PRIMARY.account_id}
    for row in records(reader, failing.execution_id):
        assert known[row["connectionId"]].name == row["connectionName"]
        assert known[row["operationId"]].name == row["operationName"]


def test_records_know_no_operator_but_equals(reader, failing):
    expression = group(
        "and",
        simple("executionId", "EQUALS", failing.execution_id),
        simple("size", "GREATER_THAN", "1"),
    )
    config = {"QueryFilter": {"expression": expression}}
    assert reader.post("GenericConnectorRecord/query", config).status_code == 400


def test_a_document_can_be_fetched_once(reader, failing):
    row = records(reader, failing.execution_id)[0]
    told = reader.post("ConnectorDocument", {"genericConnectorRecordId": row["id"]}).json()
    assert (told["@type"], told["statusCode"]) == ("ConnectorDocumentDownload", 202)
    statuses = [reader.get(told["url"]) for _ in range(4)]
    assert [answer.status_code for answer in statuses] == [202, 202, 200, 204]
    assert statuses[2].json()["lines"]


def test_what_is_unknown_or_not_ours_is_refused_or_empty(reader, failing):
    stranger = Caller(reader.sandbox, CLIENT)
    row = records(reader, failing.execution_id)[0]
    assert connectors(stranger, failing.execution_id) == []
    assert connectors(reader, "execution-none") == []
    assert stranger.get(f"GenericConnectorRecord/{row['id']}").status_code == 400
    wanted = {"genericConnectorRecordId": row["id"]}
    assert stranger.post("ConnectorDocument", wanted).status_code == 400


def test_tests_in_a_dev_account_have_connectors_though_no_log(reader):
    caller = Caller(reader.sandbox, ORDERS_DEV)
    rows = caller.query("ExecutionRecord", simple("executionType", "EQUALS", "test_manual"))
    execution_id = rows["result"][0]["executionId"]
    assert connectors(caller, execution_id)
    assert caller.post("ProcessLog", {"executionId": execution_id}).status_code == 400


def test_the_big_runs_thousands_of_records_come_in_pages(reader):
    execution_id = reader.sandbox.truth.big_logs[0].execution_id
    first = reader.query("GenericConnectorRecord", simple("executionId", "EQUALS", execution_id))
    assert first["numberOfResults"] > 30_000
    second = reader.more("GenericConnectorRecord", first["queryToken"])
    ids = [row["id"] for row in first["result"] + second["result"]]
    assert len(set(ids)) == 200
