"""Whole logs of tests/data/logs against what a person reads in them."""

import pytest

from analysis.engine import analyze_file
from tests.analysis.engine.writing import LOGS

VERDICTS = {
    "carrier-codes-completed.log": "Completed normally: 7 steps in 3 s",
    "check-copied-from-page.txt": "Completed normally: 1 step in 1 h 0 min",
    "customers-caught.log": "Completed; 1 error was caught on the way",
    "customers-filtered.log": (
        "Filtered log: no INFO records; 2 errors, the fatal one in step 'Connector' – "
        "HTTP 400 Bad Request from Northwind CRM, line 1"
    ),
    "dispatch-appended-child.log": "Completed normally: 5 steps in 10 s",
    "export-aborted.log": (
        "Aborted in step 'Map' – Process exceeded maximum execution time limit, line 8"
    ),
    "import-torn.log": "The log ends before the run does, at line 7",
    "invoices-stack-trace.log": (
        "Failed in step 'Read' – Connection timed out after 30000 ms from Invoice store, line 6"
    ),
    "orders-failed.log": (
        "Failed in step 'Post order' – HTTP 401 Unauthorized from Northwind ERP (EU), line 12"
    ),
    "orders-failed-process_log.xml": (
        "Failed in step 'Post order' – HTTP 401 Unauthorized from Northwind ERP (EU), line 36"
    ),
    "stock-recovered.log": "Completed; 1 error was recovered on the way",
}


def result_of(name):
    return analyze_file(LOGS / name)


@pytest.mark.parametrize("name", sorted(VERDICTS))
def test_each_log_comes_down_to_one_sentence(name):
    assert result_of(name)["verdict"] == VERDICTS[name]


def test_every_log_has_a_verdict_here():
    assert {path.name for path in LOGS.iterdir()} == set(VERDICTS)


def test_a_run_with_caches_and_a_skipped_step():
    result = result_of("carrier-codes-completed.log")
    assert result["levels"] == {"INFO": 18, "FINE": 1}
    assert result["shape_executions"] == {
        "total": 7,
        "with_errors": 0,
        "total_ms": 55,
        "started_without_completion": 0,
    }
    assert [(row["type"], row["total_ms"], row["documents"]) for row in result["types"]] == [
        ("Connector", 31, 1),
        ("Document Cache Load", 12, 0),
        ("Map", 5, 6),
        ("Start", 4, 1),
        ("Remove from Cache", 2, 1),
        ("Decision", 1, 6),
        ("Branch", 0, 1),
    ]
    assert result["skipped"] == [{"step": "Send to carrier portal", "count": 1}]
    assert result["first_fault"] is None
    assert result["histogram"] == {
        "bucket_seconds": 1,
        "start": "2026-04-14T06:00:00Z",
        "records": [8, 8, 0, 3],
        "errors": [0, 0, 0, 0],
    }


def test_a_run_with_a_caught_error():
    result = result_of("customers-caught.log")
    assert result["process"] == {
        "name": "Sync customers (CRM & ERP)",
        "outcome": "completed",
        "document_errors": 1,
    }
    assert result["faults"] == [
        {
            "root_cause": "Error message received from Http Server, Code 409: Conflict",
            "template": "Error message received from Http Server, Code 409: Conflict",
            "http_code": 409,
            "step": "Connector",
            "info": "Northwind CRM: http Connector; Update customer",
            "connection": "Northwind CRM",
            "documents": 1,
            "first_line": 32,
            "last_line": 39,
            "attempts": 1,
            "outcome": "caught",
            "severe_records": 2,
            "warning_records": 2,
            "fingerprint": result["fault_groups"][0]["fingerprint"],
        }
    ]
    assert result["http_errors"] == {"409": 1}
    assert result["severe"]["total"] == 2
    assert result["warnings"]["by_template"][0] == {
        "template": "customer without e-mail: <n>",
        "count": 1,
        "first_line": 9,
    }
    assert result["connector_calls"] == {
        "total": 3,
        "with_errors": 1,
        "documents": 3,
        "total_ms": 1_130,
    }


def test_a_log_copied_from_the_page_has_local_times_of_no_known_zone():
    result = result_of("check-copied-from-page.txt")
    assert result["time"] == {
        "first": "2026-04-14T11:59:58",
        "last": "2026-04-14T13:00:02",
        "earliest": "2026-04-14T11:59:58",
        "latest": "2026-04-14T13:00:02",
        "span_seconds": 3_604,
        "backward_jumps": 0,
        "zone": "unknown",
    }
    assert result["unparsed"]["first_lines"] == [
        {"line": 1, "text": "Time\tLevel\tShape\tExt Info\tMessage"}
    ]
    assert result["source"]["continuation_lines"] == 1


def test_a_filtered_log_knows_its_errors_and_not_its_outcome():
    result = result_of("customers-filtered.log")
    assert result["source"]["filtered"] is True
    assert result["process"] == {"name": None, "outcome": None, "document_errors": 2}
    assert [fault["outcome"] for fault in result["faults"]] == ["caught", "fatal"]
    assert result["http_errors"] == {"400": 2}


def test_an_appended_subprocess_takes_the_time_back():
    result = result_of("dispatch-appended-child.log")
    assert result["time"]["backward_jumps"] == 1
    assert result["time"]["span_seconds"] == 10
    assert result["connectors"][0]["connection"] == "Printers: Depot"


def test_a_retry_that_went_well_is_one_fault_with_its_attempts():
    fault = result_of("stock-recovered.log")["faults"][0]
    assert (fault["outcome"], fault["attempts"], fault["severe_records"]) == ("recovered", 2, 2)


def test_a_torn_log_keeps_what_came_before():
    result = result_of("import-torn.log")
    assert result["source"]["torn_last_line"] is True
    assert result["shape_executions"]["total"] == 2
