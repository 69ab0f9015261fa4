"""Retries, limits, redirects and what is told about a call, over a mock transport."""

import json
from datetime import UTC, datetime

import pytest
import requests
import responses

from boomi.client import (
    Broken,
    CallRecord,
    Forbidden,
    ForeignHost,
    Missing,
    Policy,
    RateLimited,
    Rejected,
    Throttled,
    Timeout,
    TooLarge,
    Unauthorised,
    Unreachable,
    http,
)
from boomi.client.answers import read_object
from boomi.client.failures import retry_after
from boomi.client.messages import Request
from tests.boomi.client.conftest import BASE
from tests.boomi.client.samples import account, result

ACCOUNT = f"{BASE}/Account/acme-A1B2C3"
ENVIRONMENTS = f"{BASE}/Environment/query"


def test_a_call_carries_the_header_and_asks_for_json(platform, client, credentials):
    platform.get(ACCOUNT, json=account())
    client.account()
    sent = platform.calls[0].request.headers
    assert sent["Authorization"] == credentials.authorization
    assert sent["Accept"] == "application/json"


def test_a_netrc_entry_does_not_replace_the_header(
    platform, client, credentials, tmp_path, monkeypatch
):
    (tmp_path / "netrc").write_text("machine api.boomi.com login other password wrong\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    platform.get(ACCOUNT, json=account())
    client.account()
    assert platform.calls[0].request.headers["Authorization"] == credentials.authorization


@pytest.mark.parametrize("status", [503, 429])
def test_throttling_is_waited_out_with_growing_pauses(platform, client, passing, limiter, status):
    platform.get(ACCOUNT, status=status)
    platform.get(ACCOUNT, status=status)
    platform.get(ACCOUNT, json=account())
    assert client.account().name == "Acme"
    assert passing.slept == sorted(set(passing.slept))
    assert len(passing.slept) == 2
    assert limiter.backed_off == passing.slept


def test_a_retry_after_that_fits_is_honoured(platform, client, passing, limiter):
    platform.get(ACCOUNT, status=429, headers={"Retry-After": "2"})
    platform.get(ACCOUNT, json=account())
    client.account()
    assert passing.slept == limiter.backed_off == [2.0]


def test_a_long_retry_after_ends_the_call_instead_of_sleeping(platform, client, passing, limiter):
    platform.get(ACCOUNT, status=503, headers={"Retry-After": "30"})
    with pytest.raises(Throttled) as caught:
        client.account()
    assert (caught.value.wait_seconds, caught.value.code) == (30.0, "API_RATE_LIMIT")
    assert passing.slept == []
    assert limiter.backed_off == [30.0]


def test_lasting_throttling_ends_after_five_attempts(platform, client, passing):
    gone = platform.get(ACCOUNT, status=503)
    with pytest.raises(Throttled) as caught:
        client.account()
    assert gone.call_count == caught.value.attempts == 5
    assert max(passing.slept) <= 2.0
    assert caught.value.wait_seconds > 2.0


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        ("999999", 3600.0),
        ("Wed, 04 Mar 2026 05:06:37 GMT", 30.0),
        ("Wed, 04 Mar 2020 05:06:37 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("nan", None),
        ("", None),
        (None, None),
    ],
)
def test_a_retry_after_is_read_as_seconds_or_date(value, seconds):
    assert retry_after(value, datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)) == seconds


@pytest.mark.parametrize(
    "first",
    [
        {"status": 500},
        {"status": 502, "body": "<html>bad gateway</html>"},
        {"body": requests.ReadTimeout()},
        {"body": requests.ConnectionError("Connection aborted.")},
        {"body": '{"@type": "Acc'},
        {"body": "<html>sign in</html>"},
        {"json": ["a list"]},
        {"body": b"\xff\xfe\xfa"},
    ],
)
def test_a_read_is_repeated_after_a_fault_that_may_pass(platform, client, first):
    platform.get(ACCOUNT, **first)
    platform.get(ACCOUNT, json=account())
    assert client.account().name == "Acme"


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (400, Missing, "ACCOUNT_NOT_FOUND"),
        (401, Unauthorised, "AUTH_FAILED"),
        (403, Forbidden, "ACCESS_DENIED"),
        (404, Missing, "ACCOUNT_NOT_FOUND"),
        (409, Rejected, "REQUEST_REJECTED"),
        (410, Missing, "ACCOUNT_NOT_FOUND"),
    ],
)
def test_a_refusal_is_never_repeated(platform, client, passing, status, kind, code):
    once = platform.get(ACCOUNT, status=status, json={"message": "No."})
    with pytest.raises(kind) as caught:
        client.account()
    assert (once.call_count, passing.slept) == (1, [])
    assert (caught.value.code, caught.value.status) == (code, status)


@pytest.mark.parametrize(
    ("exc", "kind", "code"),
    [
        (requests.ConnectTimeout(), Timeout, "TIMEOUT"),
        (requests.ReadTimeout(), Timeout, "TIMEOUT"),
        (requests.exceptions.SSLError("certificate verify failed"), Unreachable, "TLS_FAILED"),
        (requests.exceptions.ProxyError("no"), Unreachable, "PROXY_FAILED"),
        (requests.ConnectionError("Connection aborted."), Unreachable, "CONNECTION_DROPPED"),
        (ConnectionResetError(104, "reset"), Unreachable, "CONNECTION_DROPPED"),
    ],
)
def test_a_fault_of_the_network_is_named(platform, client, exc, kind, code):
    platform.get(ACCOUNT, body=exc)
    with pytest.raises(kind) as caught:
        client.account()
    assert (caught.value.code, caught.value.path) == (
        code,
        "/api/rest/v1/acme-A1B2C3/Account/acme-A1B2C3",
    )
    assert "api.boomi.com" in caught.value.message
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_a_bad_certificate_is_not_tried_again(platform, client):
    once = platform.get(ACCOUNT, body=requests.exceptions.SSLError("certificate verify failed"))
    with pytest.raises(Unreachable):
        client.account()
    assert once.call_count == 1


def test_a_create_is_not_repeated(platform, client):
    once = platform.post(f"{BASE}/Environment", status=503)
    request = Request("POST", f"{BASE}/Environment", b"{}", safe=False)
    with pytest.raises(Throttled):
        client._transport.fetch(request, lambda answer: read_object(answer, ()))
    assert once.call_count == 1


def test_a_call_ends_when_its_time_is_used_up(platform, make_client, passing):
    platform.get(ACCOUNT, status=500)
    with pytest.raises(Broken):
        make_client(policy=Policy(total_seconds=1.0)).account()
    assert sum(passing.slept) < 1.0


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('{"@type": "Error", "message": "Id 1 is invalid."}', "Id 1 is invalid."),
        ('{"error": {"message": "Id 1 is invalid."}}', "Id 1 is invalid."),
        ('{"errorMessage": "Id 1 is invalid."}', "Id 1 is invalid."),
        ("<error><message>Id &lt;1&gt; is invalid.</message></error>", "Id <1> is invalid."),
        ('<b:error xmlns:b="x"><b:message>No.</b:message></b:error>', "No."),
        ("Id 1\n is   invalid.", "Id 1 is invalid."),
        ("<html><body><message>x</message></body></html>", ""),
        ('{"other": 1}', ""),
        ("", ""),
    ],
)
def test_the_reason_is_found_in_every_form_of_error(platform, client, body, said):
    platform.post(ENVIRONMENTS, status=400, body=body)
    with pytest.raises(Rejected) as caught:
        client.environments()
    assert caught.value.said == said
    assert caught.value.excerpt == body


def test_an_error_object_with_a_good_status_is_a_refusal(platform, client):
    platform.post(ENVIRONMENTS, json={"@type": "Error", "message": "Feature not enabled."})
    with pytest.raises(Rejected, match="Feature not enabled"):
        client.environments()


def test_the_excerpt_is_short(platform, client):
    platform.post(ENVIRONMENTS, status=400, body="x" * 100_000)
    with pytest.raises(Rejected) as caught:
        client.environments()
    assert len(caught.value.excerpt) == 2048
    assert len(caught.value.message) < 600


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_get_follows_a_checked_redirect(platform, client, credentials, calls, status):
    moved = "https://eu.boomi.com/api/Account/1"
    platform.get(ACCOUNT, status=status, headers={"Location": moved})
    platform.get(moved, json=account())
    assert client.account().name == "Acme"
    assert platform.calls[1].request.headers["Authorization"] == credentials.authorization
    assert [(c.status, c.attempt) for c in calls] == [(status, 1), (200, 1)]
    assert [c.final for c in calls] == [False, True]


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/x", "http://api.boomi.com/x", "//evil.example/x", "https://a@b/"],
)
def test_a_redirect_off_the_list_is_refused_before_any_connection(platform, client, target):
    platform.get(ACCOUNT, status=302, headers={"Location": target})
    with pytest.raises((ForeignHost, http.BadAddress)):
        client.account()
    assert len(platform.calls) == 1


def test_a_relative_redirect_stays_on_the_host(platform, client):
    platform.get(ACCOUNT, status=302, headers={"Location": "/other?x=1"})
    platform.get("https://api.boomi.com/other?x=1", json=account())
    assert client.account().name == "Acme"


def test_redirects_do_not_go_on_forever(platform, client):
    circle = platform.get(ACCOUNT, status=302, headers={"Location": ACCOUNT})
    with pytest.raises(Rejected) as caught:
        client.account()
    assert (circle.call_count, caught.value.code) == (4, "REDIRECTED")


def test_a_query_is_sent_again_only_where_the_redirect_keeps_the_method(platform, client):
    platform.post(ENVIRONMENTS, status=308, headers={"Location": "/moved"})
    platform.post("https://api.boomi.com/moved", json=result())
    assert client.environments() == []
    platform.post(ENVIRONMENTS, status=302, headers={"Location": "/moved"})
    with pytest.raises(Rejected, match="moved"):
        client.environments()


def test_a_body_over_the_cap_is_not_read_to_the_end(platform, make_client):
    platform.get(ACCOUNT, json=account(name="x" * 5000))
    with pytest.raises(TooLarge) as caught:
        make_client(policy=Policy(max_body_bytes=1000)).account()
    assert caught.value.status == 200


def test_a_lease_is_taken_for_each_attempt_and_always_returned(platform, client, limiter, passing):
    def held_while_asleep(seconds):
        assert limiter.held == 0
        passing.now += seconds

    client._transport._sleep = held_while_asleep
    platform.get(ACCOUNT, status=500)
    platform.get(ACCOUNT, body=requests.ReadTimeout())
    platform.get(ACCOUNT, status=401)
    with pytest.raises(Unauthorised):
        client.account()
    assert limiter.purposes == ["background"] * 3
    assert limiter.held == 0


def test_a_short_wait_for_a_lease_is_slept_and_a_long_one_is_not(
    platform, client, limiter, passing
):
    platform.get(ACCOUNT, json=account())
    limiter.refusals = [0.5, 1.5]
    client.account()
    assert passing.slept == [0.5, 1.5]
    limiter.refusals = [40.0]
    with pytest.raises(RateLimited) as caught:
        client.account()
    assert caught.value.wait_seconds == 40.0
    assert len(platform.calls) == 1


def test_a_limiter_that_never_gives_way_does_not_hold_the_caller(client, limiter, passing):
    limiter.refusals = [1.0] * 1000
    with pytest.raises(RateLimited):
        client.account()
    assert sum(passing.slept) < 60


def test_the_purpose_reaches_the_limiter(platform, make_client, limiter):
    platform.get(ACCOUNT, json=account())
    make_client(purpose="interactive").account()
    assert limiter.purposes == ["interactive"]
    with pytest.raises(ValueError, match="purpose"):
        make_client(purpose="urgent")


def test_a_call_is_refused_where_somebody_objects(client, limiter, monkeypatch):
    def object_to_it() -> None:
        raise RuntimeError("a transaction is open")

    monkeypatch.setattr(http, "refuse_when", [object_to_it])
    with pytest.raises(RuntimeError, match="transaction"):
        client.account()
    assert limiter.purposes == []


def test_every_attempt_is_told(platform, make_client, calls):
    url = "https://api.boomi.com/partner/api/rest/v1/acme-A1B2C3/Environment/query"
    match = [responses.matchers.query_param_matcher({"overrideAccount": "sub-XYZ123"})]
    platform.post(url, status=500, body="down", match=match, headers={"X-Request-Id": "r-1"})
    platform.post(url, json=result(), match=match)
    make_client(override_account="sub-XYZ123").environments()
    sent = len(json.dumps({"QueryFilter": {}}))
    first, second = calls
    assert isinstance(first, CallRecord)
    assert (first.method, first.path) == (
        "POST",
        "/partner/api/rest/v1/acme-A1B2C3/Environment/query",
    )
    assert (first.status, first.error, first.attempt) == (500, "BROKEN_ANSWER", 1)
    assert (first.request_id, first.request_bytes, first.response_bytes) == ("r-1", sent, 4)
    assert (second.status, second.error, second.attempt) == (200, "", 2)
    assert (second.account_id, second.override_account) == ("acme-A1B2C3", "sub-XYZ123")
    assert first.at.tzinfo is UTC
    assert (first.final, second.final) == (False, True)


def test_an_attempt_without_an_answer_is_told_too(platform, client, calls):
    platform.get(ACCOUNT, body=requests.ReadTimeout())
    with pytest.raises(Timeout):
        client.account()
    assert {(c.status, c.error) for c in calls} == {(None, "TIMEOUT")}
    assert [c.attempt for c in calls] == [1, 2, 3, 4, 5]
    assert [c.final for c in calls] == [False] * 4 + [True]


def test_cookies_of_the_platform_are_not_kept(platform, client):
    platform.get(ACCOUNT, json=account(), headers={"Set-Cookie": "session=1; Path=/"})
    client.account()
    client.account()
    assert "Cookie" not in platform.calls[1].request.headers


def test_a_refusal_whose_text_breaks_off_is_still_a_refusal(platform, client):
    once = platform.get(ACCOUNT, status=401, body="Unau", headers={"Content-Length": "99"})
    with pytest.raises(Unauthorised):
        client.account()
    assert once.call_count == 1
