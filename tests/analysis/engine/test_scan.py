"""What a line is taken for: the traps of the format, one test each."""

from tests.analysis.engine.writing import CRM, END, HEADER, analyze, closed, opened, record


def shape(result, step, info=""):
    return next(row for row in result["shapes"] if (row["step"], row["info"]) == (step, info))


def test_every_execution_of_a_step_is_one_row_with_exact_figures():
    runs = [
        r
        for ms in (7, 1, 3, 9)
        for r in (opened("Map", "A to B", "Map", 2), closed("Map", "A to B", ms))
    ]
    row = shape(analyze(HEADER, *runs, END), "Map", "A to B")
    assert row == {
        "step": "Map", "info": "A to B", "type": "Map", "executions": 4, "with_errors": 0,
        "total_ms": 20, "min_ms": 1, "mean_ms": 5, "p50_ms": 3, "p95_ms": 9, "p99_ms": 9,
        "max_ms": 9, "max_line": 9, "documents": 8,
    }  # fmt: skip


def test_a_label_hides_the_type_and_the_opening_line_gives_it_back():
    result = analyze(HEADER, opened("Connector", "", "Message"), closed("Connector", "", 1), END)
    assert shape(result, "Connector")["type"] == "Message"
    assert result["connectors"] == []


def test_milliseconds_in_a_script_message_are_not_a_duration():
    script = ("Split", "[1] Scripting: groovy2", "Elapsed time: 184 ms")
    assert analyze(HEADER, script, END)["shape_executions"]["total"] == 0


def test_a_script_that_writes_like_the_engine_is_not_believed():
    script = "[1] Scripting: groovy2"
    result = analyze(
        HEADER,
        opened("Split", "", "Data Process"),
        closed("Split", script, 99_999),
        opened("Split", script, "Connector", 500),
        ("Split", script, "No documents found. Skipping execution for the Map step."),
        closed("Split", "", 4),
        END,
    )
    assert result["shape_executions"]["total_ms"] == 4
    assert [row["documents"] for row in result["shapes"]] == [1]
    assert result["skipped"] == []


def test_a_process_call_is_not_the_header_of_a_run():
    result = analyze(
        HEADER, opened("Process Call", "", "Process Call", 3), closed("Process Call", "", 2), END
    )
    assert result["process"]["name"] == "Sync customers"
    assert shape(result, "Process Call")["documents"] == 3


def test_a_level_or_step_name_in_a_message_counts_for_nothing():
    message = "SEVERE Connector\tShape executed with errors in 5 ms.\t2026-04-14T06:00:00Z"
    result = analyze(HEADER, ("Note", "", message), END)
    assert result["levels"] == {"INFO": 3}
    assert result["shape_executions"]["total"] == 0


def test_a_connector_that_fails_at_info_level_is_an_error():
    result = analyze(
        HEADER, opened("Post", CRM, "Connector"), closed("Post", CRM, 8, failed=True), END
    )
    assert result["shape_executions"]["with_errors"] == 1
    assert result["connectors"][0]["with_errors"] == 1
    assert "SEVERE" not in result["levels"]


def test_a_cache_step_has_a_closing_line_only():
    result = analyze(HEADER, closed("Document Cache Load", "", 12), END)
    assert shape(result, "Document Cache Load")["type"] == "Document Cache Load"
    assert result["shape_executions"]["started_without_completion"] == 0


def test_a_step_without_a_closing_line_is_counted_as_started():
    result = analyze(
        HEADER, opened("Map", "", "Map"), opened("Post", CRM, "Connector"), closed("Post", CRM, 1)
    )
    assert result["shape_executions"]["started_without_completion"] == 1


def test_a_lost_opening_line_does_not_hide_a_lost_closing_line():
    result = analyze(HEADER, closed("Map", "", 1), opened("Map", "", "Map"), END)
    assert result["shape_executions"]["started_without_completion"] == 1


def test_a_try_catch_resumed_in_its_fiber_counts_its_documents_once():
    result = analyze(
        HEADER,
        opened("Guard", "", "Try/Catch", 5),
        ("Guard", "", "Executing Try/Catch Shape continuation as f_0 with 5 document(s)."),
        closed("Guard", "", 1),
        closed("Guard", "", 2),
        END,
    )
    row = shape(result, "Guard")
    assert (row["executions"], row["documents"]) == (2, 5)
    assert result["shape_executions"]["started_without_completion"] == 0


def test_the_start_step_counts_the_documents_it_found():
    found = ("Start", "NoData", "25 document(s) found for processing.")
    start = ("Start", "NoData", "Executing Start Shape")
    result = analyze(HEADER, start, found, closed("Start", "NoData", 4), END)
    assert shape(result, "Start", "NoData")["documents"] == 25


def test_lines_under_a_record_belong_to_it():
    result = analyze(HEADER, "\tat a.b.C(C.java:1)\tx\ty\tz", "Caused by: d.E: no", "", END)
    assert result["source"]["continuation_lines"] == 3
    assert result["unparsed"] == {"count": 0, "first_lines": []}


def test_what_stands_before_the_first_record_is_unparsed():
    result = analyze("Time\tLevel\tShape", "", HEADER, END)
    assert result["unparsed"] == {
        "count": 1,
        "first_lines": [{"line": 1, "text": "Time\tLevel\tShape"}],
    }


def test_a_broken_record_is_unparsed_and_not_lost_in_the_message_before_it():
    broken = "2026-04-14T06:00:00Z\tINFO\tMap"
    result = analyze(HEADER, broken, "INFO    Map    Executing", END)
    assert [row["line"] for row in result["unparsed"]["first_lines"]] == [2, 3]
    assert result["source"]["continuation_lines"] == 0


def test_every_physical_line_is_counted_once():
    result = analyze("x", "", HEADER, "\tat y", "2026-04-14T06:00:00Z\tno", "", END)
    source = result["source"]
    parts = source["records"] + source["continuation_lines"] + result["unparsed"]["count"]
    assert parts == source["physical_lines"] == 7


def test_time_going_back_is_counted_and_never_sorted():
    lines = [record("Map", "", "x", second=second) for second in (5, 9, 2, 3, 3)]
    time = analyze(*lines)["time"]
    assert (time["first"], time["last"]) == ("2026-04-14T06:00:05Z", "2026-04-14T06:00:03Z")
    assert (time["earliest"], time["latest"]) == ("2026-04-14T06:00:02Z", "2026-04-14T06:00:09Z")
    assert (time["span_seconds"], time["backward_jumps"]) == (7, 1)


def test_the_slowest_executions_are_ordered_by_time_and_then_by_line():
    lines = [closed("Map", "", ms) for ms in [*range(60), 59]]
    slowest = analyze(HEADER, *lines)["slowest"]
    assert len(slowest) == 50
    assert [(row["ms"], row["line"]) for row in slowest[:3]] == [(59, 61), (59, 62), (58, 60)]


def test_alarms_are_counted_by_template():
    texts = [("Map", "", f"Order {number} is late", "WARNING") for number in (4711, 4712)]
    result = analyze(HEADER, *texts, ("Map", "", "Disk full", "WARNING"), END)
    assert result["warnings"] == {
        "total": 3,
        "by_template": [
            {"template": "Order <n> is late", "count": 2, "first_line": 2},
            {"template": "Disk full", "count": 1, "first_line": 4},
        ],
    }


def test_skipped_steps_are_counted_by_label():
    skip = ("Read", "", "No documents found. Skipping execution for the Send step.")
    assert analyze(HEADER, skip, skip, END)["skipped"] == [{"step": "Send", "count": 2}]


def test_two_connections_are_told_apart_by_operation_too():
    other = CRM.replace("Update", "Create")
    result = analyze(
        HEADER,
        *(r for ms in (10, 30) for r in (opened("A", CRM, "Connector", 3), closed("A", CRM, ms))),
        opened("B", CRM, "Connector", 1),
        closed("B", CRM, 20, failed=True),
        opened("C", other, "Connector", 2),
        closed("C", other, 140),
        END,
    )
    assert result["connectors"] == [
        {
            "connection": "Northwind CRM", "connector_type": "http", "operation": "Create customer",
            "calls": 1, "with_errors": 0, "documents": 2, "total_ms": 140, "mean_ms": 140,
            "p50_ms": 140, "p95_ms": 140, "p99_ms": 140, "max_ms": 140, "share": 0.7,
        },
        {
            "connection": "Northwind CRM", "connector_type": "http", "operation": "Update customer",
            "calls": 3, "with_errors": 1, "documents": 7, "total_ms": 60, "mean_ms": 20,
            "p50_ms": 20, "p95_ms": 30, "p99_ms": 30, "max_ms": 30, "share": 0.3,
        },
    ]  # fmt: skip
    assert result["connector_calls"] == {
        "total": 4, "with_errors": 1, "documents": 9, "total_ms": 200,
    }  # fmt: skip


def test_a_connector_whose_information_was_shortened_is_still_one():
    result = analyze(
        HEADER, opened("Connector", "Stock…", "Connector"), closed("Connector", "Stock…", 3)
    )
    row = result["connectors"][0]
    assert (row["connection"], row["connector_type"], row["operation"]) == ("Stock…", None, None)
