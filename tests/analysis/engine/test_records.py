import pytest

from analysis.engine.records import (
    Connector,
    Kind,
    connector_of,
    frame_form,
    is_operation,
    is_record,
    parse_stamp,
    step_form,
)

LAUNCH = (
    "Launching Flow Control Shape fiber f_0_12 as "
    "execution-0c9d2f5e-7a31-4b8e-9d40-1f2e3d4c5b6a-2026.04.14 with 40 document(s)."
)

RESUME = "Executing Try/Catch Shape continuation as f_0 with 1 document(s)."


@pytest.mark.parametrize(
    ("message", "kind", "name", "documents"),
    [
        ("Executing Connector Shape with 12 document(s).", Kind.OPENED, "Connector", 12),
        ("Executing Set Properties Shape with 1 document(s).", Kind.OPENED, "Set Properties", 1),
        ("Executing Agent Shape with 2 document(s).", Kind.OPENED, "Agent", 2),
        ("Executing Remove from Cache Shape", Kind.OPENED, "Remove from Cache", 0),
        ("Executing Map with 3 document(s).", Kind.OPENED, "Map", 3),
        ("Executing Decision with 3 document(s).", Kind.OPENED, "Decision", 3),
        ("Executing Start Shape", Kind.OPENED, "Start", 0),
        ("Executing Process Call Shape with 3 document(s).", Kind.OPENED, "Process Call", 3),
        ("Executing Process Route Shape with 3 document(s).", Kind.OPENED, "Process Route", 3),
        ("Adding 4 document(s) to Return Documents.", Kind.OPENED, "Return Documents", 4),
        ("Executing Passthrough Shape with 3 passed in document(s).", Kind.OTHER, "", 0),
        ("Executing with 1 documents in", Kind.OTHER, "", 0),
        ("Completed with 3 documents out", Kind.OTHER, "", 0),
        ("Data Process Execution (SCRIPTING) produced 3 documents.", Kind.OTHER, "", 0),
        ("Split resulted in 100 document(s).", Kind.OTHER, "", 0),
        ("7 document(s) found for processing.", Kind.FOUND, "", 7),
        ("Completed Try/Catch initial execution (shape6)", Kind.OTHER, "", 0),
        ("Executing process Print labels", Kind.CALLED, "Print labels", 0),
        ("Executing process 'Audit trail", Kind.CALLED, "Audit trail", 0),
        ("Executing asynchronous process 'Print' with 3 document(s)", Kind.CALLED, "Print", 3),
        (
            "Executing process 'Orders' with 2 document(s) for route key 'EU'",
            Kind.CALLED,
            "Orders",
            2,
        ),
        (LAUNCH, Kind.LAUNCHED, "Flow Control", 40),
        (RESUME, Kind.RESUMED, "Try/Catch", 1),
        ("Try/Catch Shape sending 2 document(s) down error path", Kind.SENDING, "Try/Catch", 2),
        (
            "No documents found. Skipping execution for the Send (EU) step step.",
            Kind.SKIPPED,
            "Send (EU) step",
            0,
        ),
        ("Unexpected error executing process: a.b.C: no", Kind.UNEXPECTED, "a.b.C: no", 0),
        ("Elapsed time: 184 ms", Kind.OTHER, "", 0),
        ("", Kind.OTHER, "", 0),
    ],
)  # fmt: skip
def test_a_message_on_a_step_has_its_form(message, kind, name, documents):
    form = step_form(message)
    assert (form.kind, form.name, form.documents) == (kind, name, documents)


@pytest.mark.parametrize(
    ("message", "ms", "failed"),
    [
        ("Shape executed successfully in 0 ms.", 0, False),
        ("Shape executed successfully in 121766 ms.", 121_766, False),
        ("Shape executed successfully in 18ms.", 18, False),
        ("Shape executed with errors in 10 ms.", 10, True),
    ],
)
def test_a_closing_line_states_the_duration(message, ms, failed):
    form = step_form(message)
    assert (form.kind, form.ms, form.failed) == (Kind.CLOSED, ms, failed)


@pytest.mark.parametrize(
    "message",
    [
        "The Shape executed successfully in 5 ms.",
        "Shape executed successfully in 5 ms. Really.",
        "Shape executed successfully in -5 ms.",
        "Shape executed successfully in 99999999999 ms.",
        "Shape executed successfully in 5 m",
    ],
)
def test_a_text_around_a_closing_line_is_not_one(message):
    assert step_form(message).kind is Kind.OTHER


def test_an_exception_step_quotes_its_text():
    form = step_form(
        "Process terminating -- some documents reached an exception which is set to halt all "
        "documents: Order 4711: no customer: give up"
    )
    assert (form.kind, form.name) == (Kind.TERMINATING, "Order 4711: no customer: give up")


@pytest.mark.parametrize(
    ("message", "kind", "name", "fiber"),
    [
        ("Executing Process Sync (EU) & more", Kind.HEADER, "Sync (EU) & more", ""),
        ("Executing Process Sync (Continuation f_0_1)", Kind.HEADER, "Sync", "f_0_1"),
        ("Executing Process 注文 [Sub] (x)", Kind.HEADER, "注文 [Sub] (x)", ""),
        ("Loading Process Model Sync", Kind.OTHER, "", ""),
        ("Process execution completed normally.", Kind.ENDED, "", ""),
        ("Errors occurred in process.", Kind.ENDED, "", ""),
        ("Sync encountered 3 document error(s)", Kind.ENCOUNTERED, "Sync", ""),
        ("A (Continuation f_2) encountered 3 document error(s)", Kind.ENCOUNTERED, "A", "f_2"),
        ("First document failure: No such key", Kind.FIRST_FAILURE, "No such key", ""),
        ("Waited for 2 child process(es) in 48 ms.", Kind.WAITED, "", ""),
        ("Returning 1 document(s) in Return Documents", Kind.OTHER, "", ""),
    ],
)  # fmt: skip
def test_a_message_of_a_frame_has_its_form(message, kind, name, fiber):
    form = frame_form(message)
    assert (form.kind, form.name, form.fiber) == (kind, name, fiber)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-02T00:00:01Z", (86_401, True)),
        ("2026-04-14T06:00:00Z", (1_776_146_400, True)),
        ("2026-04-14T06:00:00.123Z", (1_776_146_400, True)),
        ("2026-04-14 06:00:00 AM", (1_776_146_400, False)),
        ("2026-04-14 12:00:00 AM", (1_776_146_400 - 6 * 3_600, False)),
        ("2026-04-14 12:00:00 PM", (1_776_146_400 + 6 * 3_600, False)),
        ("2026-04-14 13:00:00 PM", None),
        ("2026-04-14 00:00:00 AM", None),
        ("2026-02-30T06:00:00Z", None),
        ("2026-04-14T24:00:00Z", None),
        ("2026-04-14T06:00:00", None),
        ("2026-04-14", None),
        ("", None),
    ],
)
def test_a_time_is_read_or_refused(text, expected):
    assert parse_stamp(text) == expected


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        ("CRM: http Connector; GET all", Connector("CRM", "http", "GET all")),
        ("EU: Depot: X: ipp Connector; Print", Connector("EU: Depot: X", "ipp", "Print")),
        ("[1] All: http Connector; [HS] GET; all", Connector("[1] All", "http", "[HS] GET; all")),
        ("CRM: http Connector; ", Connector("CRM", "http", "")),
        ("continuing process", None),
        ("", None),
    ],
)  # fmt: skip
def test_a_connector_is_read_from_the_extended_information(info, expected):
    assert connector_of(info) == expected


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        ("[1] Scripting: groovy2", True),
        ("[12] Data Split: JSON", True),
        ("[1] Common: http Connector; GET", False),
        ("[Common] HTTP.01", False),
        ("", False),
    ],
)
def test_an_operation_inside_a_step_is_told_from_a_connector(info, expected):
    assert is_operation(info) is expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("2026-04-14T06:00:00Z\tINFO\tMap\t\t", True),
        ("2026-04-14T06:00:00Z\tINFO\tMap\t\ta\tb\tc", True),
        ("2026-04-14T06:00:00Z\tINFO\tMap\tmessage", False),
        ("2026-04-14T06:00:00Z\tDEBUG\tMap\t\tmessage", False),
        ("2026-04-14T06:00:00Z INFO Map  message", False),
        ("\tat a.b.C(C.java:1)\t\t\t", False),
    ],
)
def test_only_the_record_pattern_makes_a_record(line, expected):
    assert is_record(line) is expected
