"""Pages and query tokens."""

import pytest

from sandbox.company import CLIENT
from sandbox.query import Query, Simple
from sandbox.results import Token, read_token, write_token
from sandbox.server import Sandbox
from sandbox.wire import BadRequest
from tests.sandbox.caller import Caller, simple
from tests.sandbox.conftest import EPOCH


@pytest.fixture(scope="module")
def bulk():
    with Sandbox(scenario="bulk:350", rate_limit=0, epoch=EPOCH) as running:
        running.clock.set(EPOCH)
        yield running


@pytest.mark.parametrize("order", ["ASC", "DESC"])
def test_350_rows_are_four_pages(bulk, order):
    caller = Caller(bulk)
    bulk.counters.reset()
    sort = [{"fieldName": "executionTime", "sortOrder": order}]
    page = caller.query("ExecutionRecord", sort=sort)
    sizes, seen = [len(page["result"])], {row["executionId"] for row in page["result"]}
    while "queryToken" in page:
        page = caller.more("ExecutionRecord", page["queryToken"])
        assert page["numberOfResults"] == 350
        sizes.append(len(page["result"]))
        seen |= {row["executionId"] for row in page["result"]}
    assert sizes == [100, 100, 100, 50]
    assert len(seen) == 350
    assert (bulk.counters.total, bulk.counters.query_more_calls) == (4, 3)


def test_a_page_that_is_exactly_full_has_no_token():
    with Sandbox(scenario="bulk:100", rate_limit=0, epoch=EPOCH) as running:
        running.clock.set(EPOCH)
        page = Caller(running).query("ExecutionRecord")
    assert len(page["result"]) == 100
    assert "queryToken" not in page


def test_no_match_is_an_empty_list(bulk):
    page = Caller(bulk).query("ExecutionRecord", simple("status", "EQUALS", "ABORTED"))
    assert page == {"@type": "QueryResult", "result": [], "numberOfResults": 0}


def test_a_token_can_be_used_again(bulk):
    caller = Caller(bulk)
    token = caller.query("ExecutionRecord")["queryToken"]
    assert caller.more("ExecutionRecord", token) == caller.more("ExecutionRecord", token)


def test_a_token_body_may_have_any_content_type(bulk):
    caller = Caller(bulk)
    token = caller.query("ExecutionRecord")["queryToken"]
    for type_ in ("text/plain", "application/json", "application/xml"):
        answer = caller.post(
            "ExecutionRecord/queryMore", data=token, headers={"Content-Type": type_}
        )
        assert answer.status_code == 200


@pytest.mark.parametrize("token", ["", "nonsense", "AAAA" * 20])
def test_a_token_nobody_gave_is_refused(bulk, token):
    answer = Caller(bulk).post("ExecutionRecord/queryMore", data=token)
    assert answer.status_code == 400
    assert "queryToken" in answer.json()["message"]


def test_a_token_of_another_object_or_account_is_refused(bulk):
    caller = Caller(bulk)
    token = caller.query("ExecutionRecord")["queryToken"]
    assert caller.post("Environment/queryMore", data=token).status_code == 400
    assert Caller(bulk, CLIENT).post("ExecutionRecord/queryMore", data=token).status_code == 400


def test_a_token_carries_its_query():
    query = Query(Simple("status", "EQUALS", ("ERROR",)))
    token = Token("ExecutionRecord", "a-1", query, ("2026-01-01T00:00:00Z", 7), 350)
    assert read_token(write_token(token, b"s"), b"s") == token


def test_a_changed_token_is_refused():
    text = write_token(Token("ExecutionRecord", "a-1", Query(), (1,), 2), b"s")
    with pytest.raises(BadRequest):
        read_token(text, b"another secret")


def test_rows_that_arrive_while_paging_do_not_disturb_the_rest(bulk):
    bulk.clock.set(EPOCH)
    caller = Caller(bulk)
    sort = [{"fieldName": "executionTime", "sortOrder": "ASC"}]
    whole = [row["executionId"] for row in caller.everything("ExecutionRecord", sort=sort)]
    first = caller.query("ExecutionRecord", sort=sort)
    second = caller.more("ExecutionRecord", first["queryToken"])
    found = [row["executionId"] for row in first["result"] + second["result"]]
    assert found == whole[:200]
