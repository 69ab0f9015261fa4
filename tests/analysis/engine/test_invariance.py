"""Equal log bytes give equal results, however they arrive."""

import codecs
import gzip
import io
import zipfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.engine import analyze_stream, open_log
from tests.analysis.engine.writing import (
    CRM,
    END,
    FAILED_END,
    HEADER,
    LOGS,
    analyze_bytes,
    closed,
    log,
    opened,
    sent_down,
    try_path,
)

REFUSED = ("Post", CRM, "Error message received from Http Server, Code 400: Bad Request", "SEVERE")
FAILING = [opened("Post", CRM, "Connector"), REFUSED, closed("Post", CRM, 5, failed=True)]
PARTS = [
    [HEADER],
    [END],
    [FAILED_END],
    [opened("Karte prüfen", "", "Map", 3), closed("Karte prüfen", "", 12)],
    [opened("Karte prüfen", "", "Map", 3)],
    [closed("Document Cache Load", "", 7)],
    FAILING,
    [*try_path("Guard", "f_0", *FAILING), *sent_down("Guard", "f_0")],
    [*try_path("Guard", "f_1", *FAILING)],
    [("cleanup...", "", "First document failure: no route", "SEVERE")],
    [("Note", "", "customer 7 is odd", "WARNING")],
    ["\tat a.B(B.java:1)", "Caused by: c.D: no way", ""],
    ["2026-04-14T06:00:01Z\tINFO\tbroken", "just text"],
    ["2026-04-14T05:59:00Z\tINFO\tMap\t\ttime goes back"],
]
logs = st.lists(st.sampled_from(PARTS), max_size=12).map(
    lambda parts: log(HEADER, *(line for part in parts for line in part))
)


def totals(result):
    """The result without what tells of the bytes themselves."""
    return {key: value for key, value in result.items() if key != "source"}


@settings(max_examples=60, deadline=None)
@given(logs, st.integers(min_value=1, max_value=400))
def test_the_size_of_the_blocks_changes_nothing(text, size):
    content = text.encode()
    assert analyze_bytes(content, block_bytes=size) == analyze_bytes(content)


@settings(max_examples=40, deadline=None)
@given(logs, st.sampled_from(["crlf", "bom", "utf-16-le", "utf-16-be"]), st.integers(1, 400))
def test_line_ends_and_encodings_change_no_total(text, form, size):
    content = {
        "crlf": text.replace("\n", "\r\n").encode(),
        "bom": codecs.BOM_UTF8 + text.encode(),
        "utf-16-le": codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
        "utf-16-be": text.encode("utf-16-be"),
    }[form]
    assert totals(analyze_bytes(content, block_bytes=size)) == totals(analyze_bytes(text.encode()))


@settings(max_examples=20, deadline=None)
@given(logs, st.booleans())
def test_the_container_changes_nothing(text, gzipped):
    content = text.encode()
    file = io.BytesIO(gzip.compress(content) if gzipped else b"")
    if not gzipped:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("ProcessLog_1.log", content)
        file.seek(0)
    with open_log(file, name="test.log") as opened_log:
        assert analyze_stream(opened_log.stream, name="test.log") == analyze_bytes(content)


def test_every_cut_of_a_log_is_analysed_and_only_the_whole_one_has_ended():
    lines = (LOGS / "orders-failed.log").read_bytes().splitlines(keepends=True)
    outcomes = [
        analyze_bytes(b"".join(lines[:count]))["process"]["outcome"]
        for count in range(1, len(lines) + 1)
    ]
    assert outcomes == ["running"] * 17 + ["aborted"] * 2 + ["completed_with_errors"]


def test_every_byte_a_log_is_cut_at_gives_a_result():
    content = Path(LOGS / "invoices-stack-trace.log").read_bytes()
    first_record = content.find(b"\n")
    for size in range(first_record, len(content), 7):
        assert analyze_bytes(content[:size])["source"]["bytes"] == size
