"""The control address, for tests and demos in other processes."""

import pytest
import requests

from sandbox.company import ACCOUNTS, CREDENTIALS
from tests.sandbox.conftest import EPOCH


@pytest.fixture
def control(sandbox):
    def call(name, body=None):
        url = f"{sandbox.url}/_sandbox/{name}"
        if body is None:
            return requests.get(url, timeout=10)
        return requests.post(url, json=body, timeout=10)

    return call


def test_state_shows_accounts_tokens_and_truth(sandbox, control):
    state = control("state").json()
    assert {row["account_id"] for row in state["accounts"]} == {a.account_id for a in ACCOUNTS}
    assert {row["token"] for row in state["credentials"]} == {c.token for c in CREDENTIALS}
    assert state["truth"]["failing_run"]["execution_id"] == sandbox.truth.failing_run.execution_id
    assert (state["scenario"], state["epoch"]) == ("small", "2026-03-11T15:00:00Z")


@pytest.mark.parametrize(
    ("body", "day"),
    [
        ({"now": "2026-03-09T15:00:00Z"}, 9),
        ({"advance_seconds": 86_400}, 12),
        ({"advance_seconds": -86_400}, 10),
    ],
)
def test_the_clock_can_be_moved(sandbox, control, body, day):
    assert control("clock", body).json()["now"].startswith(f"2026-03-{day:02}T15:00")
    assert sandbox.clock.now().day == day


def test_the_clock_can_run_beside_real_time(sandbox, control):
    assert control("clock", {"offset_seconds": -60}).json()["offset_seconds"] == -60


@pytest.mark.parametrize(
    "body",
    [{}, [], {"now": "soon"}, {"now": 1}, {"advance_seconds": "1"}, {"advance_seconds": 1e300}],
)
def test_a_time_that_makes_no_sense_is_refused(sandbox, control, body):
    response = control("clock", body)
    assert response.status_code == 400
    assert response.json()["message"]
    assert sandbox.clock.now().date() == EPOCH.date()


def test_switches_are_replaced_as_a_whole(sandbox, control):
    control("faults", {"next_503": 1, "reject_tokens": ["x"]})
    assert (sandbox.faults.next_503, sandbox.faults.reject_tokens) == (1, {"x"})
    shown = control("faults", {"log_expired": True}).json()
    assert (shown["log_expired"], sandbox.faults.next_503) == (True, 0)


def test_an_unknown_switch_is_named(control):
    response = control("faults", {"colour": 1})
    assert response.status_code == 400
    assert "colour" in response.json()["message"]


def test_counters_can_be_read_and_reset_and_do_not_count_themselves(sandbox, control, caller):
    caller.query("Environment")
    assert control("counters").json()["total"] == 1
    control("reset_counters", {})
    assert control("counters").json()["total"] == 0


def test_an_unknown_control_address_lists_those_there_are(control):
    response = control("nothing")
    assert response.status_code == 404
    assert "/_sandbox/clock" in response.json()["message"]
