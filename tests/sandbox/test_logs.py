"""Generated logs: their form line by line, their numbers, and their story."""

import io
import itertools
import re
import time
from collections import Counter
from datetime import timedelta

import pytest

from sandbox.causes import CAUSES, HALT_PREFIX, Ending
from sandbox.clock import stamp
from sandbox.logs import LogSpec, write_log
from sandbox.processes import (
    ALL,
    CATALOGUE_IMPORT,
    CUSTOMER_SYNC,
    INVOICE_EXPORT,
    NIGHTLY_MASTER,
    ORDER_INTAKE,
    RETURNS,
    STOCK_LEVELS,
)
from tests.sandbox.conftest import EPOCH

ID = "execution-6f1d2c3b-0000-4000-8000-0000000000aa-2026.03.11"
RECORD = re.compile(
    r"^(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)\t"
    r"(?P<level>SEVERE|WARNING|INFO|CONFIG|FINE|FINER|FINEST)\t"
    r"(?P<step>[^\t]*)\t(?P<info>[^\t]*)\t(?P<message>.*)$"
)
FIBER = r"f(?:_\d+)+"
SOME = r"\d+ document\(s\)"
EXECUTION = r"execution-[0-9a-f-]{36}-\d{4}\.\d\d\.\d\d"
MESSAGES = [
    re.compile(form)
    for form in (
        rf"^Executing Process (?P<name>.*?)(?: \(Continuation {FIBER}\))?$",
        r"^Executing (?:asynchronous )?process .+$",
        rf"^Executing (?:Try/Catch|Flow Control) Shape continuation as {FIBER} with {SOME}\.$",
        r"^Executing Passthrough Shape with \d+ passed in document\(s\)\.$",
        r"^Executing .+?(?: Shape)? with \d+ document\(s\)\.$",
        r"^Executing Start Shape$",
        r"^Executing with \d+ documents in$",
        r"^\d+ document\(s\) found for processing\.$",
        r"^Shape executed (?:successfully|with errors) in \d+ ms\.$",
        rf"^Launching .+ Shape fiber {FIBER} as {EXECUTION} with {SOME}\.$",
        r"^Completed Try/Catch initial execution \(shape\d+\)$",
        r"^Completed with \d+ documents out$",
        r"^Compiling code source: script_[0-9a-f]{8}_\d+$",
        r"^Data Process Execution \([A-Z]+\) produced \d+ documents\.$",
        r"^Split resulted in \d+ document\(s\)\.$",
        rf"^.*?(?: \(Continuation {FIBER}\))? encountered \d+ document error\(s\)$",
        r"^.+ Shape sending \d+ document\(s\) down error path$",
        r"^No documents found\. Skipping execution for the .* step\.$",
        r"^Waited for \d+ child process\(es\) in \d+ ms\.$",
        r"^Adding \d+ document\(s\) to Return Documents\.$",
        r"^Successfully Removed Documents from Cache$",
        r"^Error message received from Http Server, Code \d{3}: .+$",
        rf"^{re.escape(HALT_PREFIX)}.+$",
        r"^First document failure: .+$",
        r"^Unexpected error executing process: \S+: .+$",
        r"^Process execution completed normally\.$",
        r"^Errors occurred in process\.$",
        r"^\[Output ProfileLocation: .+\]: Invalid Data Element: MANDATORY_ELEMENT_MISSING$",
        r"^Not sent: .+$|^Record left out: .+$",
        r"^Elapsed time: \d+ ms$|^queue=orders\tstate=SEVERE backlog 0$|^segments: \d+$",
        r"^(?:Script execution failed|ORA-\d+|Interchange control number|Child Synchronous).*$",
    )
]


def make(process=ORDER_INTAKE, documents=6, failed=0, cause="", caught="", ms=20_000, **more):
    spec = LogSpec.of(ID, process, EPOCH, ms, documents, failed, cause, caught, more.get("seed", 1))
    out = io.BytesIO()
    truth = write_log(spec, out, more.get("level", "ALL"))
    return out.getvalue().decode(), truth


def records(text):
    return [RECORD.match(line) for line in text.split("\n")[:-1]]


def every_log():
    """One clean log per process and one for each of its causes."""
    for process in ALL:
        yield make(process, process.documents[1] % 60)
        for cause, _ in process.failures:
            yield make(process, 5, 2, cause)
        for cause, _ in process.caught:
            yield make(process, 5, 2, caught=cause)


def test_every_line_has_the_five_columns_of_a_download():
    for text, _ in every_log():
        assert text.endswith("\n")
        assert all(records(text))


def test_every_message_has_a_known_form():
    for text, _ in every_log():
        for found in records(text):
            message = found["message"]
            assert any(form.match(message) for form in MESSAGES), message


def test_the_truth_counts_what_is_in_the_text():
    for text, truth in every_log():
        found = records(text)
        messages = [record["message"] for record in found]
        assert truth.records == truth.physical_lines == len(found)
        assert truth.size_bytes == len(text.encode())
        assert truth.levels == Counter(record["level"] for record in found)
        closing = [m for m in messages if re.match(r"^Shape executed .* in \d+ ms\.$", m)]
        assert truth.shape_executions == len(closing)
        assert truth.shapes_with_errors == sum("with errors" in m for m in closing)
        assert truth.total_ms == sum(int(m.split()[-2]) for m in closing)
        launched = [m.split()[1] for m in messages if m.startswith("Launching")]
        assert sum(truth.fibers.values()) == len(launched)
        assert truth.skipped == sum(m.startswith("No documents found") for m in messages)
        codes = Counter(
            re.search(r"Code (\d+)", record["message"])[1]
            for record in found
            if record["message"].startswith("Error message received")
        )
        later = [re.match(r"(?:First document|Process term).*Code (\d+)", m) for m in messages]
        told = [quoted[1] for quoted in later if quoted][:1]  # where the failing call says nothing
        assert truth.http_codes == (codes or Counter(told))


def test_connector_calls_are_counted_by_their_closing_line():
    for text, truth in every_log():
        calls = [
            found
            for found in records(text)
            if found["message"].startswith("Shape executed")
            and re.match(r"^.+: [^:;]+ Connector; .+$", found["info"])
        ]
        assert truth.connector_calls == len(calls)


@pytest.mark.parametrize("key", CAUSES)
def test_the_first_fault_is_the_one_the_record_names(key):
    cause = CAUSES[key]
    text, truth = make(ORDER_INTAKE, 5, 2, key)
    line = records(text)[truth.first_error.line - 1]
    assert line["message"] == truth.first_error.text
    said = cause.message if cause.ending in (Ending.UNEXPECTED, Ending.CANCELLED) else cause.text
    assert truth.first_error.text == said
    assert said in cause.message


@pytest.mark.parametrize(
    ("cause", "outcome", "last"),
    [
        ("", "completed", "Process execution completed normally."),
        ("erp-401", "completed_with_errors", "Errors occurred in process."),
        ("bad-400", "completed_with_errors", "Errors occurred in process."),
        ("sftp-refused", "completed_with_errors", "Errors occurred in process."),
        ("time-limit", "aborted", None),
    ],
)
def test_a_log_ends_as_its_run_did(cause, outcome, last):
    text, truth = make(ORDER_INTAKE, 5, 2 if cause else 0, cause)
    assert truth.outcome == outcome
    final = records(text)[-1]
    if last is None:
        assert final["level"] == "SEVERE"
        assert "cleanup..." not in (final["step"],)
    else:
        assert (final["step"], final["message"]) == ("cleanup...", last)


def test_a_step_that_dies_has_no_closing_line():
    text, truth = make(ORDER_INTAKE, 5, 1, "sftp-refused")
    assert truth.started_without_completion == 1
    messages = [record["message"] for record in records(text)]
    at = next(i for i, m in enumerate(messages) if m.startswith("Unexpected error"))
    assert not messages[at + 1].startswith("Shape executed")


def test_a_caught_error_ends_normally():
    text, truth = make(ORDER_INTAKE, 5, 2, caught="duplicate-409")
    assert truth.outcome == "completed"
    assert truth.http_codes == {"409": 2}
    assert text.count("Try/Catch Shape sending 1 document(s) down error path") == 2


def test_a_try_catch_writes_its_six_lines():
    text, _ = make(ORDER_INTAKE, 1)
    found = [r for r in records(text) if r["step"] == "Try to send"]
    forms = ("Executing", "Launching", "Completed", "Executing", "Shape exec", "Shape exec")
    assert len(found) == 6
    assert all(r["message"].startswith(form) for r, form in zip(found, forms, strict=True))


def test_a_rest_connector_fails_without_a_text():
    _, truth = make(CUSTOMER_SYNC, 5, 1, caught="duplicate-409")
    assert truth.connector_errors == 1
    assert truth.http_codes == {}
    assert truth.first_error.text.startswith("Shape executed with errors")
    assert truth.first_error.connection == "CRM REST"


def test_the_status_of_a_silent_call_counts_where_it_is_told_later():
    _, truth = make(CUSTOMER_SYNC, 5, 2, "slow-429")
    assert truth.connector_errors == 2
    assert truth.http_codes == {"429": 1}


def test_a_document_that_fails_in_a_fiber_is_counted_once():
    lanes, truth = make(STOCK_LEVELS, 8, 2, "bad-400")
    assert lanes.count(" encountered 1 document error(s)") == 2
    assert truth.document_errors == 2


def test_pages_nest_to_twenty_fibers_and_start_over():
    text, _ = make(CATALOGUE_IMPORT, 2_500, ms=600_000)
    fibers = re.findall(r"Shape continuation as (f(?:_\d+)+)", text)
    assert max(fiber.count("_") for fiber in fibers) == 20
    assert len([f for f in fibers if f.count("_") == 1]) == 2


def test_parallel_blocks_stand_in_launch_order_and_overlap_in_time():
    text, _ = make(STOCK_LEVELS, 80, ms=40_000)
    found = records(text)
    order = [m[1] for r in found if (m := re.search(r"\(Continuation (f_\d)\)", r["message"]))]
    assert order == ["f_0", "f_1", "f_2", "f_3"]
    times = [record["time"] for record in found]
    assert any(after < before for before, after in itertools.pairwise(times))


def test_an_asynchronous_child_is_appended_after_the_wait():
    text, _ = make(INVOICE_EXPORT, 4)
    messages = [record["message"] for record in records(text)]
    waited = next(i for i, m in enumerate(messages) if m.startswith("Waited for 1 child"))
    assert messages[waited + 1] == "Executing Process (sub) Archive invoices"
    assert messages[-2:] == ["Process execution completed normally."] * 2


def test_the_closing_quote_of_a_standalone_call_is_missing():
    text, _ = make(NIGHTLY_MASTER, 2)
    assert "Executing process '(sub) Load Article Master\n" in text


def test_cache_steps_have_a_closing_line_only():
    text, _ = make(RETURNS, 2)
    found = [r for r in records(text) if r["step"] == "Document Cache Retrieve"]
    assert len(found) == 2
    assert all(r["message"].startswith("Shape executed") for r in found)


def test_a_run_without_documents_skips_and_ends_normally():
    text, truth = make(ORDER_INTAKE, 0)
    assert "0 document(s) found for processing." in text
    assert (truth.skipped, truth.outcome) == (1, "completed")


def test_times_stay_within_the_run():
    for text, _ in every_log():
        times = [record["time"] for record in records(text)]
        assert min(times) >= stamp(EPOCH)
        assert max(times) <= stamp(EPOCH + timedelta(seconds=20))


def test_equal_facts_give_equal_bytes():
    assert make(caught="duplicate-409", failed=2)[0] == make(caught="duplicate-409", failed=2)[0]
    assert make(seed=1)[0] != make(seed=2)[0]


def test_a_threshold_leaves_lower_levels_out():
    text, truth = make(failed=2, caught="duplicate-409", level="WARNING")
    assert {record["level"] for record in records(text)} == {"WARNING", "SEVERE"}
    assert truth.physical_lines < truth.records


def test_large_logs_are_made_at_fifteen_megabytes_a_second():
    spec = LogSpec.of(ID, CATALOGUE_IMPORT, EPOCH, 3_000_000, 20_000, 9, "", "bad-400", 1)
    out = io.BytesIO()
    begun = time.process_time()
    truth = write_log(spec, out)
    assert truth.size_bytes / (time.process_time() - begun) > 15_000_000
