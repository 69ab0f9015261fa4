"""The request limit per account, and what was counted."""

from concurrent.futures import ThreadPoolExecutor

from sandbox.company import CLIENT, PRIMARY, credential_of
from sandbox.counters import KEPT_REQUESTS, Counters
from sandbox.limits import RateLimit
from sandbox.server import Sandbox
from tests.sandbox.caller import Caller
from tests.sandbox.conftest import EPOCH


def test_a_burst_of_one_second_passes_and_the_rest_does_not():
    limit = RateLimit(5)
    assert [limit.take("a") for _ in range(7)] == [True] * 5 + [False] * 2
    assert limit.take("b")


def test_no_limit_lets_everything_pass():
    assert all(RateLimit(0).take("a") for _ in range(1000))


def test_over_the_limit_is_503_for_that_account_only():
    with Sandbox(scenario="small", rate_limit=4, epoch=EPOCH) as sandbox:
        caller = Caller(sandbox)
        found = [caller.post("Environment/query", {}).status_code for _ in range(6)]
        assert found[:4] == [200] * 4
        assert found[-1] == 503
        assert Caller(sandbox, CLIENT).post("Environment/query", {}).status_code == 200


def test_override_calls_are_charged_to_the_primary_account():
    with Sandbox(scenario="small", rate_limit=2, epoch=EPOCH) as sandbox:
        caller = Caller(sandbox)
        base = f"{sandbox.url}/partner/api/rest/v1/{PRIMARY.account_id}/Environment/query"
        url = f"{base}?overrideAccount={CLIENT.account_id}"
        assert [caller.post(url, {}).status_code for _ in range(3)] == [200, 200, 503]
        assert sandbox.counters.by_account == {PRIMARY.account_id: 3}


def test_counters_tell_verbs_statuses_and_accounts(sandbox, caller):
    caller.query("Environment")
    caller.get("Environment/nope")
    caller.log(sandbox.truth.failing_run.execution_id)
    counters = sandbox.counters
    assert counters.total == 6
    assert counters.by_verb == {
        "Environment.query": 1,
        "Environment.get": 1,
        "ProcessLog.create": 1,
        "download.get": 3,
    }
    assert counters.by_status == {200: 3, 400: 1, 202: 2}
    assert (counters.log_requests, counters.log_downloads) == (1, 3)
    assert counters.max_per_second(PRIMARY.account_id) == 6
    assert counters.max_per_minute("nobody") == 0


def test_counters_see_requests_that_overlap(sandbox):
    sandbox.latency_ms = 150
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: Caller(sandbox).query("Environment"), range(4)))
    assert sandbox.counters.max_in_flight == 4
    assert sandbox.counters.max_in_flight_by_account[PRIMARY.account_id] == 4
    assert sandbox.counters.in_flight == 0


def test_the_list_of_requests_holds_no_credentials_and_no_more_than_2000(sandbox, caller):
    caller.query("Environment")
    seen = sandbox.counters.requests[-1]
    assert (seen.account, seen.method, seen.status) == (PRIMARY.account_id, "POST", 200)
    assert seen.path.endswith("/Environment/query")
    assert credential_of(PRIMARY).token not in str(sandbox.counters.as_json())
    assert Counters().requests.maxlen == KEPT_REQUESTS == 2_000


def test_a_reset_starts_again(sandbox, caller):
    caller.query("Environment")
    sandbox.counters.reset()
    assert (sandbox.counters.total, len(sandbox.counters.requests)) == (0, 0)
