import pytest

from analysis.engine.faults import CAUGHT, FATAL, Fault
from analysis.engine.verdict import Ending, duration, verdict


def ending(**changes):
    values = {
        "outcome": "completed", "filtered": False, "fault": None, "faults": 0, "caught": 0,
        "lines": 2_000, "steps": 81, "seconds": 4,
    }  # fmt: skip
    return Ending(**values | changes)


def fault(text="", info="CRM API: http Connector; POST", outcome=FATAL):
    return Fault(("Post order", info), 1_204, 1_210, 0, text, outcome=outcome)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "Completed normally: 81 steps in 4 s"),
        ({"faults": 36, "caught": 36}, "Completed; 36 errors were caught on the way"),
        ({"faults": 3, "caught": 1}, "Completed; 1 error was caught on the way, 2 recovered"),
        ({"faults": 2}, "Completed; 2 errors were recovered on the way"),
        ({"outcome": "running"}, "The log ends before the run does, at line 2,000"),
        ({"outcome": None, "filtered": True}, "Filtered log: no INFO records"),
        ({"outcome": "completed_with_errors"}, "Failed; the log does not name the cause"),
    ],
)
def test_a_run_without_a_fatal_fault_has_its_sentence(changes, sentence):
    assert verdict(ending(**changes)) == sentence


@pytest.mark.parametrize(
    ("failed", "end"),
    [
        (fault("Http Server, Code 401: No"), "HTTP 401 No from CRM API, line 1,204"),
        (fault("x [401]"), "HTTP 401 Unauthorized from CRM API, line 1,204"),
        (fault("HTTP status 599"), "HTTP 599 from CRM API, line 1,204"),
        (fault("No customer", info=""), "No customer, line 1,204"),
        (fault(""), "executed with errors from CRM API, line 1,204"),
    ],
)  # fmt: skip
def test_a_failure_names_step_cause_connection_and_line(failed, end):
    sentence = verdict(ending(outcome="completed_with_errors", fault=failed, faults=1))
    assert sentence == f"Failed in step 'Post order' – {end}"


def test_a_failure_is_not_blamed_on_a_fault_that_was_caught():
    sentence = verdict(ending(outcome="aborted", fault=fault("x", outcome=CAUGHT), faults=1))
    assert sentence == "Failed; the log does not name the cause"


def test_a_long_cause_is_cut():
    sentence = verdict(ending(outcome="aborted", fault=fault("word " * 200, info=""), faults=1))
    assert len(sentence) < 220
    assert "…, line 1,204" in sentence


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (59, "59 s"), (125, "2 min 5 s"), (3_780, "1 h 3 min")]
)
def test_a_duration_is_said_as_people_say_it(seconds, words):
    assert duration(seconds) == words
