"""The bounds of every table that grows with the input."""

import pytest

from analysis.engine import faults, story, totals
from analysis.engine.report import TOP_TEMPLATES
from tests.analysis.engine.writing import CRM, END, HEADER, analyze, closed, opened, record


def test_steps_beyond_the_bound_are_counted_and_left_out(monkeypatch):
    monkeypatch.setattr(totals, "MAX_SHAPES", 3)
    steps = [closed(f"Step {number}", "", 10) for number in range(5)]
    result = analyze(HEADER, *steps, *steps, END, block_bytes=64)
    assert len(result["shapes"]) == 3
    assert result["shape_executions"]["total"] == 10
    assert result["omitted"] == {"shapes": 4}


def test_skipped_steps_beyond_the_bound_are_counted(monkeypatch):
    monkeypatch.setattr(totals, "MAX_SKIPPED", 2)
    skips = [
        ("A", "", f"No documents found. Skipping execution for the S{n} step.") for n in range(5)
    ]
    result = analyze(HEADER, *skips, END)
    assert len(result["skipped"]) == 2
    assert result["omitted"] == {"skipped": 3}


def test_templates_beyond_the_bound_are_counted():
    words = ["".join(chr(97 + int(digit)) for digit in str(number)) for number in range(1_200)]
    result = analyze(HEADER, *(("A", "", word, "WARNING") for word in words), END)
    assert result["warnings"]["total"] == 1_200
    assert len(result["warnings"]["by_template"]) == TOP_TEMPLATES
    assert result["omitted"] == {"warnings": 1_200 - TOP_TEMPLATES}


def test_faults_beyond_the_bound_are_counted_in_their_groups(monkeypatch):
    monkeypatch.setattr(faults, "MAX_FAULTS", 4)
    calls = [opened("Post", CRM, "Connector"), closed("Post", CRM, 1, failed=True)] * 10
    result = analyze(HEADER, *calls, END)
    assert len(result["faults"]) == 4
    assert result["fault_groups"][0]["count"] == 10
    assert result["omitted"] == {"faults": 6}


def test_undecided_faults_beyond_the_bound_are_settled(monkeypatch):
    monkeypatch.setattr(story, "MAX_PENDING", 4)
    calls = [opened("Post", CRM, "Connector"), closed("Post", CRM, 1, failed=True)] * 10
    result = analyze(HEADER, *calls, ("cleanup...", "", "Errors occurred in process."))
    outcomes = [fault["outcome"] for fault in result["faults"]]
    assert outcomes == [None] * 6 + ["fatal"] * 4
    assert result["fault_groups"][0]["count"] == 10


@pytest.mark.parametrize(
    ("seconds", "width", "buckets"),
    [(0, 1, 1), (239, 1, 240), (240, 5, 49), (3_420, 15, 229), (7_200, 60, 121)],
)
def test_a_histogram_has_at_most_240_buckets(seconds, width, buckets):
    def at(second):
        moment = record("A", "", "x", second=second % 3_600)
        return moment.replace("T06:", f"T{6 + second // 3_600:02}:")

    histogram = analyze(at(0), at(seconds))["histogram"]
    assert histogram["bucket_seconds"] == width
    assert len(histogram["records"]) == len(histogram["errors"]) == buckets
    assert sum(histogram["records"]) == 2


def test_a_histogram_of_centuries_is_still_short():
    lines = ["0001-01-01T00:00:00Z\tINFO\tA\t\tx", "9999-12-31T23:59:59Z\tSEVERE\tA\t\tx"]
    histogram = analyze(*lines)["histogram"]
    assert len(histogram["records"]) <= totals.MAX_BUCKETS
    assert histogram["errors"][-1] == 1


def test_errors_of_a_histogram_are_the_severe_records():
    errors = [record("A", "", "x", "SEVERE", second) for second in (0, 3, 3)]
    assert analyze(*errors)["histogram"]["errors"] == [1, 0, 0, 2]
