import pytest

from tests.analysis.engine.writing import (
    CRM,
    END,
    FAILED_END,
    HEADER,
    analyze,
    closed,
    opened,
    sent_down,
    try_path,
)

CONFLICT = "Error message received from Http Server, Code 409: Conflict"
SEVERE_CONFLICT = ("Post", CRM, CONFLICT, "SEVERE")
POST = opened("Post", CRM, "Connector")
POST_FAILED = closed("Post", CRM, 8, failed=True)
POST_OK = closed("Post", CRM, 8)
HALT = (
    "Process terminating -- some documents reached an exception "
    "which is set to halt all documents: "
)
BOOM = ("Post", CRM, "Unexpected error executing process: a.B: no", "SEVERE")
NOT_SENT = ("Post", CRM, "Cannot send", "SEVERE")


def facts(result, *names):
    return [tuple(fault[name] for name in names) for fault in result["faults"]]


@pytest.mark.parametrize(
    ("records", "outcome"),
    [
        ([HEADER, END], "completed"),
        ([HEADER, FAILED_END], "completed_with_errors"),
        ([HEADER], "running"),
        ([HEADER, POST, POST_OK], "running"),
        ([HEADER, POST, BOOM], "aborted"),
        ([HEADER, *try_path("Guard", "f_0"), END], "running"),
        ([POST, POST_OK, END], "completed"),
        ([HEADER, END, HEADER, FAILED_END, HEADER, END], "completed_with_errors"),
        ([("Map", "", "Disk full", "WARNING")], None),
    ],
)  # fmt: skip
def test_the_outcome_is_that_of_the_outermost_frame(records, outcome):
    assert analyze(*records)["process"]["outcome"] == outcome


def test_a_caught_failure_ends_normally_and_is_one_fault():
    result = analyze(
        HEADER,
        *try_path("Guard", "f_0", POST, SEVERE_CONFLICT, POST_FAILED),
        *sent_down("Guard", "f_0"),
        END,
    )
    assert result["process"]["outcome"] == "completed"
    assert result["process"]["document_errors"] == 1
    assert facts(
        result, "outcome", "http_code", "severe_records", "warning_records", "documents"
    ) == [("caught", 409, 1, 2, 1)]
    assert result["verdict"] == "Completed; 1 error was caught on the way"


def test_a_failure_without_text_takes_it_from_the_exception_that_follows():
    result = analyze(
        HEADER,
        *try_path("Guard", "f_0", POST, POST_FAILED),
        *sent_down("Guard", "f_0"),
        opened("Give up", "", "Exception"),
        ("Give up", "", HALT + "Order 4711: [404] Not Found", "SEVERE"),
        closed("Give up", "", 2, failed=True),
        FAILED_END,
    )
    assert result["first_fault"] == {
        "line": 9,
        "step": "Post",
        "info": CRM,
        "connection": "Northwind CRM",
        "http_code": 404,
        "text": "Order 4711: [404] Not Found",
        "time": "2026-04-14T06:00:00Z",
        "outcome": "fatal",
    }
    assert facts(result, "first_line", "last_line") == [(9, 16)]
    assert result["http_errors"] == {"404": 1}
    assert result["verdict"] == (
        "Failed in step 'Post' – HTTP 404 Not Found from Northwind CRM, line 9"
    )


def test_what_halts_the_run_is_told_from_its_first_occurrence():
    caught = [
        *try_path("Guard", "f_0", POST, SEVERE_CONFLICT, POST_FAILED),
        *sent_down("Guard", "f_0"),
    ]
    result = analyze(
        HEADER,
        *caught,
        *try_path("Guard", "f_1", POST, SEVERE_CONFLICT, POST_FAILED),
        *sent_down("Guard", "f_1"),
        opened("Give up", "", "Exception"),
        ("Give up", "", f"{HALT}{CONFLICT}", "SEVERE"),
        closed("Give up", "", 2, failed=True),
        FAILED_END,
    )
    assert facts(result, "first_line", "outcome") == [(9, "caught"), (22, "fatal")]
    assert (result["first_fault"]["line"], result["first_fault"]["outcome"]) == (9, "fatal")
    assert result["verdict"].endswith("HTTP 409 Conflict from Northwind CRM, line 9")


def test_another_cause_or_step_before_the_halt_is_not_its_first_occurrence():
    gone = ("Post", CRM, "Error message received from Http Server, Code 410: Gone", "SEVERE")
    other = ("Put", CRM, CONFLICT, "SEVERE")
    result = analyze(
        HEADER,
        *try_path("Guard", "f_0", POST, gone, POST_FAILED),
        *sent_down("Guard", "f_0"),
        *try_path("Guard", "f_1", other, closed("Put", CRM, 3, failed=True)),
        *sent_down("Guard", "f_1"),
        *try_path("Guard", "f_2", POST, SEVERE_CONFLICT, POST_FAILED),
        *sent_down("Guard", "f_2"),
        ("Give up", "", f"{HALT}{CONFLICT}", "SEVERE"),
        FAILED_END,
    )
    lines = [line for line, outcome in facts(result, "first_line", "outcome") if outcome == "fatal"]
    assert [result["first_fault"]["line"]] == lines


def test_a_failure_without_text_takes_it_from_the_first_document_failure():
    result = analyze(
        HEADER,
        POST,
        POST_FAILED,
        ("cleanup...", "", "Sync customers encountered 2 document error(s)", "WARNING"),
        ("cleanup...", "", "First document failure: A; Caused by: a.b.C: no route", "SEVERE"),
        FAILED_END,
    )
    assert facts(result, "root_cause", "outcome", "documents") == [("no route", "fatal", 2)]
    assert result["process"]["document_errors"] == 2


def test_the_text_of_the_failing_step_wins_over_that_of_its_consequences():
    first = ("cleanup...", "", "First document failure: something vague", "SEVERE")
    result = analyze(HEADER, POST, SEVERE_CONFLICT, POST_FAILED, first, FAILED_END)
    assert facts(result, "root_cause", "severe_records") == [(CONFLICT, 2)]
    assert result["http_errors"] == {"409": 1}


def test_an_exception_without_a_failure_before_it_is_the_root():
    result = analyze(
        HEADER,
        opened("Give up", "", "Exception"),
        ("Give up", "", HALT + "No customer number", "SEVERE"),
        closed("Give up", "", 2, failed=True),
        FAILED_END,
    )
    assert facts(result, "step", "root_cause", "outcome") == [
        ("Give up", "No customer number", "fatal")
    ]


def test_an_exception_on_an_inner_error_path_can_be_caught_outside():
    inner = try_path("Inner", "f_0_0", POST, SEVERE_CONFLICT, POST_FAILED)
    result = analyze(
        HEADER,
        *try_path("Outer", "f_0", *inner),
        *sent_down("Inner", "f_0_0"),
        opened("Give up", "", "Exception"),
        ("Give up", "", HALT + CONFLICT, "SEVERE"),
        closed("Give up", "", 2, failed=True),
        *sent_down("Outer", "f_0"),
        END,
    )
    assert facts(result, "outcome", "severe_records") == [("caught", 2)]
    assert result["process"]["outcome"] == "completed"
    assert result["http_errors"] == {"409": 1}


def test_a_step_that_went_through_on_a_retry_has_recovered():
    result = analyze(
        HEADER,
        *try_path("Guard", "f_0", POST, SEVERE_CONFLICT, POST_FAILED, POST, POST_FAILED),
        POST,
        SEVERE_CONFLICT,
        POST_FAILED,
        POST,
        POST_OK,
        END,
        closed("Guard", "", 3),
        END,
    )
    assert facts(result, "outcome", "attempts", "root_cause") == [
        ("recovered", 2, CONFLICT),
        ("recovered", 1, "Step 'Post' executed with errors"),
    ]


def test_a_second_document_that_went_through_does_not_recover_the_first():
    result = analyze(
        HEADER,
        *try_path("Guard", "f_0", POST, SEVERE_CONFLICT, POST_FAILED, POST, POST_OK),
        *sent_down("Guard", "f_0"),
        END,
    )
    assert facts(result, "outcome") == [("caught",)]


def test_a_refused_call_in_a_step_that_closes_well_has_recovered():
    result = analyze(HEADER, POST, SEVERE_CONFLICT, SEVERE_CONFLICT, POST_OK, END)
    assert facts(result, "outcome", "severe_records") == [("recovered", 2)]
    assert result["http_errors"] == {"409": 2}


def test_each_failing_pass_is_a_fault_and_equal_causes_are_one_group():
    passes = []
    for number in range(3):
        fiber = f"f_{number}"
        passes += try_path("Guard", fiber, POST, SEVERE_CONFLICT, POST_FAILED)
        passes += sent_down("Guard", fiber)
    result = analyze(HEADER, *passes, END)
    assert facts(result, "outcome", "attempts") == [("caught", 1)] * 3
    group = result["fault_groups"][0]
    assert (group["count"], group["http_code"], group["first_line"]) == (3, 409, 9)
    assert result["process"]["document_errors"] == 3
    assert result["verdict"] == "Completed; 3 errors were caught on the way"


def test_a_message_a_process_writes_at_severe_is_no_fault():
    result = analyze(
        HEADER,
        opened("Tell", "", "Notify"),
        ("Tell", "", "Stock: Code 409: only 3 left", "SEVERE"),
        closed("Tell", "", 1),
        ("Split", "[1] Scripting: groovy2", "odd line 7", "SEVERE"),
        END,
    )
    assert result["faults"] == []
    assert result["http_errors"] == {}
    assert result["severe"]["total"] == 2


def test_a_script_that_fails_tells_the_cause_of_its_step():
    result = analyze(
        HEADER,
        opened("Split", "", "Data Process"),
        ("Split", "[1] Scripting: groovy2", "No such property: total", "SEVERE"),
        closed("Split", "", 9, failed=True),
        FAILED_END,
    )
    assert facts(result, "step", "root_cause", "first_line", "last_line") == [
        ("Split", "No such property: total", 3, 4)
    ]


def test_an_unexpected_error_leaves_its_step_open():
    result = analyze(
        HEADER,
        opened("Map", "A to B", "Map"),
        ("Map", "A to B", "Unexpected error executing process: java.lang.X: boom", "SEVERE"),
        FAILED_END,
    )
    assert facts(result, "root_cause", "outcome") == [("boom", "fatal")]
    assert result["shape_executions"]["started_without_completion"] == 1


def test_a_cause_in_the_lines_below_a_severe_record_is_the_root():
    result = analyze(
        HEADER,
        POST,
        NOT_SENT,
        "\tat x",
        "Caused by: a.B: no route",
        END,
    )
    assert facts(result, "root_cause") == [("no route",)]


def test_a_cause_below_another_record_is_nobody_s_root():
    result = analyze(HEADER, POST, NOT_SENT, POST_FAILED, "Caused by: x", END)
    assert facts(result, "root_cause") == [("Cannot send",)]


def test_fiber_errors_nobody_caught_are_counted_once():
    fiber = try_path("Guard", "f_0", POST, SEVERE_CONFLICT, POST_FAILED)
    result = analyze(
        HEADER,
        *fiber,
        sent_down("Guard", "f_0")[0],
        END,
        ("cleanup...", "", "Sync customers encountered 1 document error(s)", "WARNING"),
        FAILED_END,
    )
    assert result["process"]["document_errors"] == 1
    assert facts(result, "outcome", "warning_records") == [("fatal", 2)]


def test_a_lost_end_of_a_fiber_does_not_swallow_the_end_of_the_run():
    result = analyze(
        HEADER, *try_path("Guard", "f_0", POST), *try_path("Guard", "f_1", POST), END, END
    )
    assert result["process"]["outcome"] == "completed"


def test_the_undecided_fault_of_a_running_log_has_no_outcome():
    result = analyze(HEADER, POST, SEVERE_CONFLICT, POST_FAILED)
    assert facts(result, "outcome") == [(None,)]
    assert result["verdict"] == (
        "The log ends before the run does, at line 4; "
        "1 error in step 'Post' – HTTP 409 Conflict from Northwind CRM, line 3"
    )


def test_an_appended_subprocess_does_not_end_its_parent():
    child = [("initializing...", "", "Executing Process Print labels"), END]
    waited = ("cleanup...", "", "Waited for 1 child process(es) in 48 ms.")
    assert analyze(HEADER, waited, *child)["process"]["outcome"] == "running"
    result = analyze(HEADER, waited, *child, FAILED_END)
    assert result["process"] == {
        "name": "Sync customers",
        "outcome": "completed_with_errors",
        "document_errors": 0,
    }


def test_in_a_filtered_log_each_severe_line_is_a_fault():
    result = analyze(SEVERE_CONFLICT, SEVERE_CONFLICT)
    assert facts(result, "outcome", "severe_records") == [(None, 1), (None, 1)]
    assert result["http_errors"] == {"409": 2}
    assert result["verdict"].startswith("Filtered log: no INFO records; 2 errors, the first in")
