"""Every operator against the served records, compared with plain Python."""

import itertools
from datetime import datetime, timedelta

import pytest

from sandbox.clock import parse_stamp, stamp
from sandbox.company import CLIENT
from tests.sandbox.caller import Caller, group, simple
from tests.sandbox.conftest import EPOCH


@pytest.fixture(scope="module")
def records(read_only):
    """All records of the last days, by plain reading of unfiltered pages."""
    read_only.clock.set(EPOCH)
    return Caller(read_only).everything(
        "ExecutionRecord", simple("executionTime", "GREATER_THAN", at(-4))
    )


def at(days: float) -> str:
    return stamp(EPOCH + timedelta(days=days))


def ids(rows):
    return {row["executionId"] for row in rows}


def check(reader, records, expression, wanted):
    """The served rows are those for which `wanted` holds, and there are some of either kind."""
    recent = simple("executionTime", "GREATER_THAN", at(-4))
    found = ids(reader.everything("ExecutionRecord", group("and", recent, expression)))
    expected = {row["executionId"] for row in records if wanted(row)}
    assert found == expected
    assert expected
    assert len(expected) < len(records)


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        (simple("status", "EQUALS", "ERROR"), lambda r: r["status"] == "ERROR"),
        (simple("status", "NOT_EQUALS", "COMPLETE"), lambda r: r["status"] != "COMPLETE"),
        (simple("processName", "LIKE", "%intake%"), lambda r: "Intake" in r["processName"]),
        (simple("processName", "LIKE", "[crm]%"), lambda r: "[CRM]" in r["processName"]),
        (simple("processName", "CONTAINS", "Intake"), lambda r: "Intake" in r["processName"]),
        (simple("processName", "NOT_CONTAINS", "Sync"), lambda r: "Sync" not in r["processName"]),
        (simple("message", "IS_NULL"), lambda r: "message" not in r),
        (simple("message", "IS_NOT_NULL"), lambda r: "message" in r),
        (simple("message", "CONTAINS", "Code 401"), lambda r: "Code 401" in r.get("message", "")),
        (
            simple("inboundDocumentCount", "BETWEEN", "10", "20"),
            lambda r: 10 <= r["inboundDocumentCount"] <= 20,
        ),
        (
            simple("inboundDocumentCount", "GREATER_THAN", "20"),
            lambda r: r["inboundDocumentCount"] > 20,
        ),
        (
            simple("inboundDocumentCount", "GREATER_THAN_OR_EQUAL", "20"),
            lambda r: r["inboundDocumentCount"] >= 20,
        ),
        (
            simple("executionDuration", "LESS_THAN", "3000"),
            lambda r: r["executionDuration"][1] < 3000,
        ),
        (
            simple("executionDuration", "LESS_THAN_OR_EQUAL", "3000"),
            lambda r: r["executionDuration"][1] <= 3000,
        ),
        (
            simple("executionTime", "BETWEEN", at(-2), at(-1)),
            lambda r: at(-2) <= r["executionTime"] <= at(-1),
        ),
        (simple("recordedDate", "LESS_THAN", at(-1)), lambda r: r["recordedDate"] < at(-1)),
        (simple("nodeId", "IS_NULL"), lambda r: "nodeId" not in r),
        (simple("originalExecutionId", "IS_NOT_NULL"), lambda r: "originalExecutionId" in r),
    ],
)
def test_an_operator_selects_what_it_says(reader, records, expression, wanted):
    check(reader, records, expression, wanted)


def test_groups_nest(reader, records):
    expression = group(
        "or",
        group("and", simple("status", "EQUALS", "ERROR"), simple("atomName", "LIKE", "prod%")),
        group("and", simple("executionType", "EQUALS", "test_manual")),
    )
    check(
        reader,
        records,
        expression,
        lambda r: (
            (r["status"] == "ERROR" and r["atomName"].startswith("Prod"))
            or r["executionType"] == "test_manual"
        ),
    )


def test_an_underscore_is_no_wildcard(reader):
    assert reader.query("ExecutionRecord", simple("executionType", "LIKE", "exec_s%"))["result"]
    assert not reader.query("ExecutionRecord", simple("status", "LIKE", "ERRO_"))["result"]


def test_like_ignores_case_beyond_ascii(reader):
    page = reader.query("Environment", simple("name", "LIKE", "PRODUCTION"))
    assert [row["name"] for row in page["result"]] == ["Production"]
    page = reader.query("ExecutionRecord", simple("processName", "LIKE", "%LÖHNE%"))
    assert page["numberOfResults"] > 0


def test_fractions_of_a_second_do_not_move_a_border(reader, read_only):
    run = read_only.truth.failing_run
    exact = run.start
    before, after = exact - timedelta(milliseconds=1), exact + timedelta(milliseconds=1)

    def hits(low: datetime, high: datetime) -> int:
        text = [moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z" for moment in (low, high)]
        between = simple("executionTime", "BETWEEN", *text)
        only = group("and", between, simple("executionId", "EQUALS", run.execution_id))
        return int(reader.query("ExecutionRecord", only)["numberOfResults"])

    assert hits(before, after) == 1
    assert hits(after, after + timedelta(milliseconds=5)) == 0
    assert hits(before - timedelta(milliseconds=5), before) == 0


@pytest.mark.parametrize(
    ("name", "expression", "said"),
    [
        ("ExecutionRecord", simple("environmentId", "EQUALS", "x"), "environmentId"),
        ("ExecutionRecord", simple("inboundErrorDocumentCount", "EQUALS", "1"), "invalid"),
        ("ExecutionRecord", simple("status", "STARTS_WITH", "E"), "STARTS_WITH"),
        ("ExecutionRecord", simple("executionTime", "CONTAINS", "2026"), "CONTAINS"),
        ("ExecutionRecord", simple("executionTime", "EQUALS", "yesterday"), "yesterday"),
        ("ExecutionRecord", simple("executionTime", "BETWEEN", at(0)), "2 argument"),
        ("ExecutionRecord", simple("executionDuration", "EQUALS", "long"), "long"),
        ("Atom", simple("name", "LIKE", "P%"), "LIKE"),
        ("ComponentMetadata", simple("version", "EQUALS", "1"), "componentId"),
        ("ComponentMetadata", simple("deleted", "EQUALS", "maybe"), "maybe"),
    ],
)
def test_what_the_object_does_not_allow_is_refused_by_name(reader, name, expression, said):
    response = reader.post(f"{name}/query", {"QueryFilter": {"expression": expression}})
    assert response.status_code == 400
    assert response.json()["@type"] == "Error"
    assert said in response.json()["message"]


def test_only_executions_can_be_sorted(reader):
    config = {"QuerySort": {"sortField": [{"fieldName": "name", "sortOrder": "ASC"}]}}
    response = reader.post("Environment/query", config)
    assert response.status_code == 400
    assert "QuerySort" in response.json()["message"]


@pytest.mark.parametrize("order", ["ASC", "DESC"])
@pytest.mark.parametrize("field", ["executionTime", "executionDuration", "message", "processName"])
def test_sorting_holds_over_all_pages(reader, records, field, order):
    recent = simple("executionTime", "GREATER_THAN", at(-4))
    sort = [{"fieldName": field, "sortOrder": order}]
    rows = reader.everything("ExecutionRecord", recent, sort)
    keys = [row.get(field, "") for row in rows]
    assert keys == sorted(keys, reverse=order == "DESC")
    assert ids(rows) == ids(records)
    assert len(rows) == len(records)


def test_two_sort_fields_with_different_directions(reader, records):
    recent = simple("executionTime", "GREATER_THAN", at(-4))
    sort = [
        {"fieldName": "status", "sortOrder": "DESC"},
        {"fieldName": "executionTime", "sortOrder": "ASC"},
    ]
    rows = reader.everything("ExecutionRecord", recent, sort)
    assert len(rows) == len(records)
    for before, after in itertools.pairwise(rows):
        assert before["status"] >= after["status"]
        if before["status"] == after["status"]:
            assert before["executionTime"] <= after["executionTime"]


def test_filters_that_are_not_fields_work(reader, read_only):
    story = read_only.truth.slower
    page = reader.query("DeployedPackage", simple("uid", "EQUALS", story.deployment_id))
    deployment = page["result"][0]
    assert parse_stamp(deployment["deployedDate"]) == story.at
    live = group(
        "and",
        simple("environmentName", "EQUALS", "Production"),
        simple("componentName", "EQUALS", story.process_name),
        simple("current", "EQUALS", "true"),
    )
    assert [d["deploymentId"] for d in reader.query("DeployedPackage", live)["result"]] == [
        story.deployment_id
    ]


def test_another_account_has_its_own_records(read_only):
    rows = Caller(read_only, CLIENT).everything("ExecutionRecord")
    assert rows
    assert {row["account"] for row in rows} == {CLIENT.account_id}
