import json
from datetime import date

import pytest
import requests
from responses import matchers

from boomi.client import (
    Broken,
    LogNotThere,
    RuntimeUnavailable,
    Throttled,
    Unreachable,
    field,
)
from tests.boomi.client.conftest import BASE, DOWNLOAD
from tests.boomi.client.samples import execution, log_download, result

REQUEST = f"{BASE}/ExecutionRequest"
TICKET = f"{BASE}/ExecutionRecord/async/executionrecord-1"
ACCEPTED = {"@type": "ExecutionRequest", "requestId": "executionrecord-1", "recordUrl": TICKET}


@pytest.mark.parametrize(
    ("method", "kind", "row"),
    [
        ("events_page", "Event", {"eventId": "e", "eventDate": "2026-03-04T05:06:07Z"}),
        ("audit_log_page", "AuditLog", {"documentId": "d", "date": "2026-03-04T05:06:07Z"}),
        (
            "summaries_page",
            "ExecutionSummaryRecord",
            {"processID": "p", "timeBlock": "2026-03-04T05:00:00Z"},
        ),
    ],
)
def test_a_page_goes_on_with_the_bare_token(platform, client, method, kind, row):
    platform.post(f"{BASE}/{kind}/query", json=result(row, token="t"))
    more = matchers.body_matcher("t")
    platform.post(f"{BASE}/{kind}/queryMore", json=result(row), match=[more])
    page = getattr(client, method)(field("date").ge("2026-03-04"))
    assert len(page.items) == 1
    assert getattr(client, method)(None, page.next_token).next_token is None


def test_connectors_are_asked_for_by_their_run(platform, client):
    row = {"@type": "ExecutionConnector", "id": "x", "executionConnector": "Start", "size": "7"}
    platform.post(f"{BASE}/ExecutionConnector/query", json=result(row))
    (found,) = client.execution_connectors("execution-1")
    assert (found.name, found.bytes) == ("Start", 7)
    sent = json.loads(platform.calls[0].request.body)["QueryFilter"]["expression"]
    assert (sent["property"], sent["argument"]) == ("executionId", ["execution-1"])


def test_documents_are_asked_for_by_run_and_connector(platform, client):
    row = {"id": "d", "status": "ERROR", "errorMessage": "No stock.", "size": 12}
    platform.post(f"{BASE}/GenericConnectorRecord/query", json=result(row))
    (found,) = client.connector_documents("execution-1", "x")
    assert (found.error, found.kilobytes) == ("No stock.", 12)
    sent = json.loads(platform.calls[0].request.body)["QueryFilter"]["expression"]
    asked = {one["property"]: one["argument"] for one in sent["nestedExpression"]}
    assert asked == {"executionId": ["execution-1"], "executionConnectorId": ["x"]}


def test_counts_are_read_by_runtime_and_day(platform, client):
    row = {"atomId": "a", "date": "2026-03-04", "successes": 90, "failures": ["Long", 2]}
    platform.post(f"{BASE}/ExecutionCountAccount/query", json=result(row))
    (found,) = client.execution_counts(field("processDate").eq(date(2026, 3, 4)))
    assert (found.day, found.successes, found.failures) == (date(2026, 3, 4), 90, 2)


def test_a_total_costs_one_call(platform, client):
    row = {"eventId": "e"}
    platform.post(f"{BASE}/Event/query", json=result(row, token="t", total=4711))
    assert client.count("Event", None) == 4711


def test_a_process_is_asked_to_run(platform, client):
    platform.post(REQUEST, json=ACCEPTED)
    found = client.execute_process("p1", "a1", dynamic_properties={"DPP_X": "1"})
    assert found.request_id == "executionrecord-1"
    sent = json.loads(platform.calls[0].request.body)
    assert (sent["processId"], sent["atomId"]) == ("p1", "a1")
    asked = sent["DynamicProcessProperties"]["DynamicProcessProperty"]
    assert asked == [{"name": "DPP_X", "value": "1"}]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"status": 503}, Throttled),
        ({"status": 500}, Broken),
        ({"body": requests.ConnectionError("gone")}, Unreachable),
        ({"body": "no json"}, Broken),
    ],
)
def test_a_process_is_never_asked_twice(platform, client, answer, error):
    platform.post(REQUEST, **answer)
    with pytest.raises(error):
        client.execute_process("p1", "a1")
    assert len(platform.calls) == 1


@pytest.mark.parametrize(
    "found",
    [
        execution(),
        {"@type": "AsyncOperationResult", "responseStatusCode": 200, "result": [execution()]},
    ],
    ids=["bare", "wrapped"],
)
def test_the_run_that_was_asked_for_is_found(platform, client, found):
    platform.get(TICKET, json=found)
    assert client.requested_execution("executionrecord-1").status == "ERROR"


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 202},
        {"status": 202, "json": {"message": "Wait."}},
        {"status": 200, "json": {"@type": "AsyncOperationResult", "responseStatusCode": 202}},
        {"status": 200, "json": {"@type": "AsyncOperationResult", "result": []}},
        {"status": 200, "body": ""},
    ],
)
def test_a_run_without_a_record_yet_is_none(platform, client, answer):
    platform.get(TICKET, **answer)
    assert client.requested_execution("executionrecord-1") is None


def test_a_wrapped_answer_without_a_run_in_it_is_broken(platform, client):
    platform.get(TICKET, json={"result": ["x"]})
    with pytest.raises(Broken):
        client.requested_execution("executionrecord-1")


def test_a_runtime_log_is_asked_for_by_day(platform, client):
    body = {"atomId": "a1", "logDate": "2026-03-04", "includeBin": True}
    match = [matchers.json_params_matcher(body)]
    platform.post(f"{BASE}/AtomLog", json=log_download(DOWNLOAD), match=match)
    assert client.request_atom_log("a1", date(2026, 3, 4), include_bin=True).url == DOWNLOAD


def test_artifacts_are_asked_for_by_run(platform, client):
    match = [matchers.json_params_matcher({"executionId": "execution-1"})]
    answer = log_download(DOWNLOAD, status="202")
    platform.post(f"{BASE}/ExecutionArtifacts", json=answer, match=match)
    assert client.request_execution_artifacts("execution-1").status_code == 202


def test_files_that_are_not_there_are_told_apart_from_a_runtime_that_is_away(platform, client):
    url = f"{BASE}/ExecutionArtifacts"
    platform.post(url, status=400, json={"message": "Execution x is invalid."})
    with pytest.raises(LogNotThere, match="no files"):
        client.request_execution_artifacts("x")
    platform.post(url, json=log_download(status=504, message="Runtime is unavailable."))
    with pytest.raises(RuntimeUnavailable):
        client.request_execution_artifacts("x")


def test_calls_carry_what_they_are_made_for(platform, client, calls):
    platform.post(f"{BASE}/Event/query", json=result())
    platform.post(f"{BASE}/Event/query", json=result())
    client.with_feature("sync.events").events_page(None)
    client.events_page(None)
    assert [one.feature for one in calls] == ["sync.events", ""]
    assert {one.service for one in calls} == {"boomi"}
