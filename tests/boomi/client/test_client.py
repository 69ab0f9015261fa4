import json

import pytest
from responses import matchers

from boomi.client import (
    BadAddress,
    Broken,
    Credentials,
    LogNotThere,
    Missing,
    NotReady,
    Rejected,
    RuntimeUnavailable,
    Sort,
    field,
)
from tests.boomi.client.conftest import BASE, CANARY, DOWNLOAD
from tests.boomi.client.samples import account, execution, log_download, result

QUERY = f"{BASE}/ExecutionRecord/query"
MORE = f"{BASE}/ExecutionRecord/queryMore"
LOG = f"{BASE}/ProcessLog"
FAILED = field("status").eq("ERROR")


@pytest.mark.parametrize(
    "base_url",
    [
        "https://api.boomi.com",
        "https://API.boomi.com:443/",
        "https://api.boomi.com/api/rest/v1/other-Z9Y8X7",
        "https://api.boomi.com/partner/api/rest/v1/other-Z9Y8X7/",
    ],
)
def test_a_path_in_the_base_address_is_dropped(platform, make_client, base_url):
    platform.get(f"{BASE}/Account/acme-A1B2C3", json=account())
    assert make_client(base_url=base_url).account().name == "Acme"


@pytest.mark.parametrize("base_url", ["", "api.boomi.com", "https://jo@api.boomi.com", "ftp://x"])
def test_a_base_address_that_is_none_is_refused(make_client, base_url):
    with pytest.raises(BadAddress):
        make_client(base_url=base_url)


def test_a_sub_account_is_reached_through_the_partner_api(platform, make_client):
    url = "https://api.boomi.com/partner/api/rest/v1/acme-A1B2C3/Account/sub-XYZ123"
    match = [matchers.query_param_matcher({"overrideAccount": "sub-XYZ123"})]
    platform.get(url, json=account(accountId="sub-XYZ123"), match=match)
    client = make_client(override_account="sub-XYZ123")
    assert client.account_id == client.account().account_id == "sub-XYZ123"


def test_a_sub_account_id_that_cannot_be_right_is_refused(make_client):
    with pytest.raises(ValueError, match="account id"):
        make_client(override_account="sub&x=1")


def test_an_unknown_account_is_said_so(platform, client):
    platform.get(f"{BASE}/Account/acme-A1B2C3", status=404, json={"message": "Unknown."})
    with pytest.raises(Missing) as caught:
        client.account()
    assert caught.value.code == "ACCOUNT_NOT_FOUND"
    assert "acme-A1B2C3" in caught.value.message


@pytest.mark.parametrize(
    ("method", "kind", "row"),
    [
        ("environments", "Environment", {"id": "e1", "name": "Test", "classification": "TEST"}),
        ("atoms", "Atom", {"id": "a1", "name": "Harbour"}),
        (
            "attachments",
            "EnvironmentAtomAttachment",
            {"id": "x", "atomId": "a1", "environmentId": "e1"},
        ),
        ("deployed_packages", "DeployedPackage", {"deploymentId": "d1", "active": True}),
    ],
)
def test_a_list_is_read_over_all_pages_and_once_each(platform, client, method, kind, row):
    every = [matchers.json_params_matcher({"QueryFilter": {}})]
    other = {**row, "id": "2", "deploymentId": "2", "atomId": "2"}
    platform.post(f"{BASE}/{kind}/query", json=result(row, token="t/+="), match=every)
    platform.post(f"{BASE}/{kind}/queryMore", json=result(row, other))
    assert len(getattr(client, method)()) == 2


def test_components_are_asked_for_with_the_given_condition(platform, client):
    expr = field("currentVersion").eq(True) & field("deleted").eq(False)
    row = {"componentId": "c1", "version": 3, "name": "Order map", "type": "transform.map"}
    platform.post(f"{BASE}/ComponentMetadata/query", json=result(row))
    assert [r.name for r in client.component_metadata(expr)] == ["Order map"]
    sent = json.loads(platform.calls[0].request.body)
    assert sent == {"QueryFilter": {"expression": expr.to_api()}}


def test_pages_of_executions_are_fetched_on_demand(platform, client):
    platform.post(QUERY, json=result(execution(1), token="/nd0+x=", total=2))
    pages = client.execution_pages(FAILED, sort=Sort("executionTime"))
    first = next(pages)
    assert (len(first.items), first.next_token, first.total) == (1, "/nd0+x=", 2)
    assert len(platform.calls) == 1
    platform.post(
        MORE,
        json=result(execution(2)),
        match=[matchers.header_matcher({"Content-Type": "text/plain"})],
    )
    assert [page.next_token for page in pages] == [None]
    assert platform.calls[1].request.body == b"/nd0+x="


def test_reading_goes_on_from_a_stored_token(platform, client):
    platform.post(MORE, json=result(execution(2)))
    (page,) = client.execution_pages(FAILED, token="stored")
    assert page.items[0].execution_id == execution(2)["executionId"]


def test_an_old_token_is_refused_for_good(platform, client):
    platform.post(MORE, status=400, json={"message": "Invalid query token."})
    with pytest.raises(Rejected, match="Invalid query token"):
        client.execution_page(FAILED, token="old")


@pytest.mark.parametrize(
    ("found", "count"),
    [
        ({"@type": "QueryResult", "numberOfResults": 0}, 0),
        ({"@type": "QueryResult", "numberOfResults": "0", "result": []}, 0),
        ({"result": execution()}, 1),
        ({"result": [execution()], "queryToken": ""}, 1),
    ],
)
def test_a_page_is_read_in_every_form(platform, client, found, count):
    platform.post(QUERY, json=found)
    page = client.execution_page(None)
    assert (len(page.items), page.next_token) == (count, None)


@pytest.mark.parametrize("found", [{}, {"@type": "Account"}, {"result": ["x"]}, {"result": None}])
def test_an_answer_that_is_no_page_is_broken(platform, client, found):
    platform.post(QUERY, json=found)
    with pytest.raises(Broken) as caught:
        client.execution_page(None)
    assert caught.value.path.endswith("/ExecutionRecord/query")


@pytest.mark.parametrize("field_name", ["executionTime", "executionId"])
def test_a_record_that_cannot_be_read_is_left_out_and_told(platform, make_client, field_name):
    told: list[str] = []
    platform.post(QUERY, json=result(execution(1), execution(2, **{field_name: ""}), execution(3)))
    page = make_client(on_unreadable=told.append).execution_page(None)
    assert [r.execution_id[:18] for r in page.items] == ["execution-00000001", "execution-00000003"]
    assert told == list(page.unreadable)
    assert field_name in told[0]


def test_many_records_of_which_none_can_be_read_name_field_and_call(platform, client):
    platform.post(QUERY, json=result(*(execution(n, executionTime="") for n in range(10))))
    with pytest.raises(Broken, match="executionTime") as caught:
        client.execution_page(None)
    assert (caught.value.method, caught.value.status) == ("POST", 200)
    assert len(platform.calls) == 1


def test_a_list_goes_on_after_a_record_that_cannot_be_read(platform, make_client):
    told: list[str] = []
    broken = {"@type": "Environment", "name": "no id"}
    platform.post(f"{BASE}/Environment/query", json=result(broken, {"id": "e-1", "name": "Prod"}))
    found = make_client(on_unreadable=told.append).environments()
    assert [record.environment_id for record in found] == ["e-1"]
    assert told == ["The platform sent an Environment with no id."]


def test_the_same_page_again_and_again_is_broken(platform, client):
    platform.post(QUERY, json=result(execution(), token="t"))
    platform.post(MORE, json=result(execution(), token="t"))
    with pytest.raises(Broken, match="again and again"):
        list(client.execution_pages(None))


def test_one_execution_is_found_by_a_query(platform, client):
    wanted = str(execution(1)["executionId"])
    expr = field("executionId").eq(wanted)
    match = [matchers.json_params_matcher({"QueryFilter": {"expression": expr.to_api()}})]
    platform.post(QUERY, json=result(execution(1)), match=match)
    assert client.execution(wanted).execution_id == wanted
    platform.post(QUERY, json=result())
    assert client.execution("execution-none") is None


def test_a_log_is_asked_for_with_its_level(platform, client):
    match = [matchers.json_params_matcher({"executionId": "e", "logLevel": "WARNING"})]
    platform.post(LOG, json=log_download(DOWNLOAD, "202"), match=match)
    found = client.request_process_log("e", "WARNING")
    assert (found.status_code, found.url) == (202, DOWNLOAD)


def test_asking_for_a_log_is_repeated_when_throttled(platform, client):
    platform.post(LOG, status=503)
    platform.post(LOG, status=202, json=log_download(DOWNLOAD))
    assert client.request_process_log("e").url == DOWNLOAD


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (
            {"json": log_download(status=504, message="Runtime is unavailable.")},
            RuntimeUnavailable,
            "RUNTIME_UNAVAILABLE",
        ),
        (
            {"json": log_download(status="504", message="Atom is unavailable.")},
            RuntimeUnavailable,
            "RUNTIME_UNAVAILABLE",
        ),
        ({"status": 504, "body": "gateway"}, RuntimeUnavailable, "RUNTIME_UNAVAILABLE"),
        ({"status": 410, "json": {"message": "Gone."}}, RuntimeUnavailable, "RUNTIME_UNAVAILABLE"),
        (
            {"status": 400, "json": {"message": "executionId e is invalid"}},
            LogNotThere,
            "LOG_NOT_THERE",
        ),
        ({"status": 400, "json": {"message": "Log level unknown"}}, Rejected, "REQUEST_REJECTED"),
        ({"json": log_download(status=202)}, Broken, "BROKEN_ANSWER"),
        ({"json": log_download(status=200)}, NotReady, "NOT_READY"),
    ],
)
def test_a_log_that_cannot_be_had_is_told_apart(platform, client, answer, kind, code):
    once = platform.post(LOG, **answer)
    with pytest.raises(kind) as caught:
        client.request_process_log("e")
    assert type(caught.value) is kind
    assert caught.value.code == code
    assert once.call_count == 1


def test_an_unknown_log_level_is_refused_without_a_call(client):
    with pytest.raises(ValueError, match="SEVERE"):
        client.request_process_log("e", "all")


def test_the_client_shows_neither_token_nor_user(client):
    assert repr(client) == "<BoomiClient acme-A1B2C3 at https://api.boomi.com>"


def test_an_id_cannot_leave_its_place_in_the_path():
    with pytest.raises(ValueError):
        Credentials("../../other", "jo@acme.example", CANARY)
