"""Each switch, over a real socket; and switches that cannot be read."""

import time
from datetime import timedelta

import pytest
import requests

from sandbox.clock import stamp
from sandbox.company import PRIMARY, credential_of
from sandbox.faults import FaultBox, FaultError, Faults, faults_as_json, faults_from_json

QUERY = "Environment/query"


def statuses(caller, count):
    return [caller.post(QUERY, {}).status_code for _ in range(count)]


@pytest.mark.parametrize(
    ("switch", "status"), [("next_503", 503), ("next_429", 429), ("next_500", 500)]
)
def test_a_count_hits_the_next_requests_and_runs_out(sandbox, caller, switch, status):
    setattr(sandbox.faults, switch, 2)
    assert statuses(caller, 4) == [status, status, 200, 200]


def test_a_share_of_requests_is_throttled_and_repeats_with_its_seed(sandbox, caller):
    sandbox.faults = Faults(throttle_503=0.5, seed=4)
    first = statuses(caller, 20)
    sandbox.faults = Faults(throttle_503=0.5, seed=4)
    assert statuses(caller, 20) == first
    assert {200, 503} == set(first)


@pytest.mark.parametrize("switch", ["next_503", "next_429"])
def test_retry_after_is_sent_only_when_asked_for(sandbox, caller, switch):
    setattr(sandbox.faults, switch, 2)
    assert "Retry-After" not in caller.post(QUERY, {}).headers
    sandbox.faults.retry_after = 7
    assert caller.post(QUERY, {}).headers["Retry-After"] == "7"


def test_the_throttle_has_the_standard_text(sandbox, caller):
    sandbox.faults.next_503 = 1
    message = caller.post(QUERY, {}).json()["message"]
    assert message.startswith("The Boomi server is currently unavailable or your account's rate")


def test_a_time_out_holds_the_request_and_then_closes(sandbox, caller):
    sandbox.faults = Faults(next_timeouts=1, timeout_seconds=0.1)
    begun = time.monotonic()
    with pytest.raises(requests.ConnectionError):
        caller.post(QUERY, {})
    assert time.monotonic() - begun >= 0.1
    assert statuses(caller, 1) == [200]


def test_a_dropped_connection_has_no_answer(sandbox, caller):
    sandbox.faults.next_drops = 1
    with pytest.raises(requests.ConnectionError):
        caller.post(QUERY, {})
    assert sandbox.counters.requests[-1].status == 0
    assert statuses(caller, 1) == [200]


def test_broken_json_is_a_200_that_cannot_be_parsed(sandbox, caller):
    sandbox.faults.next_broken_json = 1
    response = caller.post(QUERY, {})
    assert response.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        response.json()


def test_an_html_page_comes_from_in_front_of_the_api(sandbox, caller):
    sandbox.faults.next_html_errors = 1
    response = caller.post(QUERY, {})
    assert (response.status_code, response.headers["Content-Type"]) == (
        502,
        "text/html;charset=UTF-8",
    )


def test_tokens_can_be_rejected(sandbox, caller):
    sandbox.faults.reject_tokens = {credential_of(PRIMARY).token}
    assert statuses(caller, 1) == [401]
    sandbox.faults = Faults(reject_all_tokens=True)
    assert statuses(caller, 1) == [401]
    sandbox.faults = Faults()
    assert statuses(caller, 1) == [200]


@pytest.mark.parametrize(
    ("privilege", "refused", "allowed"),
    [
        ("VIEW_RESULT", ("ExecutionRecord/query", "ProcessLog"), "Atom/query"),
        ("DEPLOY", ("DeployedPackage/query",), "ExecutionRecord/query"),
        ("API", ("Account/query",), "Atom/query"),
    ],
)
def test_a_missing_privilege_is_403_on_its_objects_only(
    sandbox, caller, privilege, refused, allowed
):
    sandbox.faults.missing_privileges = {privilege}
    assert [caller.post(path, {}).status_code for path in refused] == [403] * len(refused)
    assert caller.post(allowed, {}).status_code == 200


def test_duplicate_rows_repeat_the_last_row_of_the_page_before(sandbox, caller):
    sort = [{"fieldName": "executionTime", "sortOrder": "ASC"}]
    whole = caller.everything("ExecutionRecord", sort=sort)
    sandbox.faults.duplicate_rows = True
    shown = [row["executionId"] for row in caller.everything("ExecutionRecord", sort=sort)]
    assert len(shown) > len(set(shown)) == len(whole)
    assert shown[99] == shown[100]


def test_late_records_show_up_after_newer_ones(sandbox, caller):
    def times():
        rows = caller.everything("ExecutionRecord")
        return {row["executionId"]: row["executionTime"] for row in rows}

    everything = times()
    sandbox.faults = Faults(late_records=0.5, late_by_seconds=4 * 3600)
    shown = times()
    missing = set(everything) - set(shown)
    assert min(everything[id_] for id_ in missing) < max(shown.values())
    sandbox.faults = Faults()
    assert set(times()) >= missing


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([], "JSON object"),
        ({"colour": 1}, "no switch 'colour'"),
        ({"throttle_503": 2}, "from 0 to 1"),
        ({"next_503": -1}, "not negative"),
        ({"next_503": 1.5}, "whole number"),
        ({"next_503": True}, "number"),
        ({"reject_tokens": "x"}, "list of strings"),
        ({"log_expired": 1}, "true or false"),
        ({"foreign_log_url": 1}, "string or null"),
        ({"outage": "rain"}, "one of 503, drop, html"),
        ({"outage_until": "soon"}, "ISO time"),
        ({"outage_until": -5}, "not negative"),
    ],
)
def test_switches_that_cannot_be_read_are_named(values, said):
    with pytest.raises(FaultError, match=said):
        faults_from_json(values)


def test_switches_survive_the_way_through_json():
    faults = Faults(
        next_503=3, retry_after=2, offline_runtimes={"b", "a"}, late_records=0.1, outage="html"
    )
    assert faults_from_json(faults_as_json(faults)) == faults


def test_replacing_switches_keeps_the_object_others_hold():
    box = FaultBox()
    held = box.faults
    box.replace(Faults(next_drops=4))
    assert held.next_drops == 4


@pytest.mark.parametrize(("mode", "status"), [("503", 503), ("html", 502), ("drop", 0)])
def test_an_outage_ends_every_request_until_its_time(sandbox, caller, mode, status):
    sandbox.faults = Faults(outage=mode, outage_until=600)
    if status:
        assert statuses(caller, 3) == [status] * 3
    else:
        with pytest.raises(requests.ConnectionError):
            caller.post(QUERY, {})
    assert sandbox.counters.by_status[status] == (3 if status else 1)
    sandbox.clock.advance(timedelta(seconds=601))
    assert statuses(caller, 1) == [200]


def test_an_outage_spares_nobody_and_asks_for_no_credentials(sandbox, caller):
    sandbox.faults = Faults(outage="503")
    caller.session.auth = ("nobody", "wrong")
    assert statuses(caller, 1) == [503]
    control = requests.get(f"{sandbox.url}/_sandbox/state", timeout=5)
    assert control.status_code == 200


def test_an_outage_can_be_planned_by_the_sandbox_clock(sandbox, caller):
    begin, end = (stamp(sandbox.clock.now() + timedelta(minutes=m)) for m in (10, 20))
    requests.post(
        f"{sandbox.url}/_sandbox/faults",
        json={"outage": "503", "outage_from": begin, "outage_until": end},
        timeout=5,
    )
    found = []
    for _ in range(3):
        found += statuses(caller, 1)
        sandbox.clock.advance(timedelta(minutes=11))
    assert found == [200, 503, 200]


def test_seconds_of_an_outage_count_from_when_it_was_set(sandbox):
    now = sandbox.clock.now()
    box = FaultBox()
    box.replace(Faults(outage="drop", outage_from=60, outage_until=120.0), now)
    seen = [box.outage_at(now + timedelta(seconds=s)) for s in (0, 61, 119, 121)]
    assert seen == [None, "drop", "drop", None]


@pytest.mark.parametrize(
    ("form", "body"),
    [
        (None, {"@type": "Error", "message": "Endpoint is invalid or no longer exists."}),
        ("plain", {"message": "Endpoint is invalid or no longer exists."}),
        ("nested", {"error": {"message": "Endpoint is invalid or no longer exists."}}),
    ],
)
def test_errors_can_take_every_documented_form(sandbox, caller, form, body):
    sandbox.faults.error_form = form
    assert caller.get("Nothing/x").json() == body


def test_totals_can_be_those_of_the_page(sandbox, caller):
    everything = caller.query("ExecutionRecord")["numberOfResults"]
    sandbox.faults.page_totals = True
    first = caller.query("ExecutionRecord")
    assert first["numberOfResults"] == 100 < everything
    assert caller.more("ExecutionRecord", first["queryToken"])["numberOfResults"] <= 100


def test_nothing_found_can_come_without_a_list(sandbox, caller):
    nothing = {"property": "name", "operator": "EQUALS", "argument": ["nowhere"]}
    assert caller.query("Environment", nothing)["result"] == []
    sandbox.faults.bare_empty = True
    assert "result" not in caller.query("Environment", nothing)


def test_a_download_that_is_not_ready_can_answer_204(sandbox, caller):
    sandbox.faults = Faults(early_204=True, text_status_codes=True)
    wanted = {"executionId": sandbox.truth.failing_run.execution_id}
    told = caller.post("ProcessLog", wanted).json()
    assert told["statusCode"] == "202"
    assert [caller.get(told["url"]).status_code for _ in range(4)] == [204, 204, 200, 204]


def test_tokens_of_made_rows_can_be_for_one_use(sandbox, caller):
    sandbox.faults.single_use_tokens = True
    first = caller.query("ExecutionSummaryRecord")
    headers = {"Content-Type": "text/plain"}
    answers = [
        caller.post("ExecutionSummaryRecord/queryMore", data=first["queryToken"], headers=headers)
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [200, 400]
