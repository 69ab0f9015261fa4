"""Who may ask what, in which format, and what an error looks like."""

import base64

import pytest
import requests

from sandbox.company import (
    CLIENT,
    CRM_DEV,
    ORDERS_DEV,
    PRIMARY,
    PRODUCTION,
    STRANGER,
    credential_of,
)
from sandbox.shapes import SHAPES
from tests.sandbox.caller import Caller, simple

FORBIDDEN = "Access denied due to insufficient permissions."


def raw(sandbox, path, method="GET", **options):
    """A call without the account's credentials."""
    options.setdefault("headers", {"Accept": "application/json"})
    return requests.request(method, sandbox.url + path, timeout=10, **options)


def path(account, rest, *, partner=False):
    return f"{'/partner' if partner else ''}/api/rest/v1/{account.account_id}/{rest}"


def basic(text):
    return {
        "Accept": "application/json",
        "Authorization": "Basic " + base64.b64encode(text).decode(),
    }


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer abc"},
        {"Authorization": "Basic not-base64!"},
        basic(b"BOOMI_TOKEN.integration@northwind.example:wrong"),
        basic(b"integration@northwind.example:5a4db0c5-demo-4000-8000-000000000001"),
        basic(b"\xff\xfe:x"),
    ],
)
def test_wrong_credentials_are_401(read_only, headers):
    response = raw(read_only, path(PRIMARY, "Environment/query"), "POST", headers=headers)
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Basic")


def test_another_account_in_the_path_is_403(read_only):
    caller = Caller(read_only, ORDERS_DEV)
    for account in (PRIMARY, STRANGER):
        response = caller.get(read_only.url + path(account, f"Account/{account.account_id}"))
        assert response.status_code == 403
        assert response.json() == {"@type": "Error", "message": FORBIDDEN}


def test_an_unknown_account_is_403(reader, read_only):
    url = f"{read_only.url}/api/rest/v1/nobody-000000/Environment/query"
    assert reader.post(url, {}).status_code == 403


@pytest.mark.parametrize(
    "rest",
    [
        "Nothing/query",
        "Environment",
        "Environment/query/x",
        "ExecutionRecord/some-id",
        "executionrecord/query",
    ],
)
def test_an_unknown_endpoint_is_404(reader, rest):
    assert reader.post(rest, {}).status_code == 404


@pytest.mark.parametrize(
    "url", ["/", "/api/rest/v1/", "/api/rest/v2/x/Environment/query", "/favicon.ico"]
)
def test_an_address_outside_the_api_is_404(read_only, url):
    assert raw(read_only, url).status_code == 404


def test_a_partner_reaches_its_sub_accounts(reader, read_only):
    base = read_only.url + path(PRIMARY, "Environment/query", partner=True)
    response = reader.post(f"{base}?overrideAccount={ORDERS_DEV.account_id}", {})
    assert [row["name"] for row in response.json()["result"]] == ["Orders Development"]
    assert len(reader.post(base, {}).json()["result"]) == 3


@pytest.mark.parametrize("account", [STRANGER.account_id, "nobody-000000"])
def test_a_partner_does_not_reach_others(reader, read_only, account):
    base = read_only.url + path(PRIMARY, "Environment/query", partner=True)
    response = reader.post(f"{base}?overrideAccount={account}", {})
    assert response.status_code == 403


def test_partner_access_must_be_switched_on(read_only):
    caller = Caller(read_only, CRM_DEV)
    response = caller.post(read_only.url + path(CRM_DEV, "Environment/query", partner=True), {})
    assert response.status_code == 403


def test_the_override_means_nothing_without_the_partner_prefix(reader):
    response = reader.post(f"Environment/query?overrideAccount={CLIENT.account_id}", {})
    assert {row["name"] for row in response.json()["result"]} >= {"Production", "Test"}


@pytest.mark.parametrize(
    "accept", ["", "*/*", "application/xml", "application/xml, application/json"]
)
def test_xml_is_the_default(reader, accept):
    path_ = f"Environment/{PRODUCTION.environment_id}"
    response = reader.get(path_, headers={"Accept": accept})
    assert response.headers["Content-Type"] == "application/xml;charset=UTF-8"
    assert response.text.startswith('<?xml version="1.0" encoding="UTF-8" standalone="yes"?>')
    assert 'name="Production"' in response.text


def test_an_xml_request_may_ask_for_json(reader):
    body = '<QueryConfig xmlns="http://api.platform.boomi.com/"><QueryFilter/></QueryConfig>'
    headers = {"Content-Type": "application/xml"}
    response = reader.post("Environment/query", data=body, headers=headers)
    assert response.headers["Content-Type"] == "application/json;charset=UTF-8"
    assert response.json()["numberOfResults"] == 3


def test_errors_follow_accept(reader):
    response = reader.get("Environment/nope", headers={"Accept": "application/xml"})
    assert response.status_code == 400
    assert "<error><message>EnvironmentId nope is invalid.</message></error>" in response.text


@pytest.mark.parametrize("body", [b"{", b"[1", b"\xff"])
def test_a_body_that_is_no_json_is_400(reader, body):
    headers = {"Content-Type": "application/json"}
    response = reader.post("Environment/query", data=body, headers=headers)
    assert response.status_code == 400
    assert "JSON" in response.json()["message"]


@pytest.mark.parametrize("suffix", ["/", "/update"])
def test_trailing_variants_of_an_address_are_the_same(reader, suffix):
    assert reader.get(f"Environment/{PRODUCTION.environment_id}{suffix}").status_code == 200


@pytest.mark.parametrize("name", [name for name, shape in SHAPES.items() if shape.get])
def test_an_object_is_found_by_its_id(reader, name):
    shape = SHAPES[name]
    row = reader.query(name)["result"][0]
    found = reader.get(f"{name}/{row[shape.key]}").json()
    assert found[shape.key] == row[shape.key]


def test_a_component_is_found_by_version_and_branch(reader):
    id_ = "5b1e7c40-9a3d-4f62-8c15-0d7f2a96b3e1"
    caller = Caller(reader.sandbox, ORDERS_DEV)
    latest = caller.get(f"ComponentMetadata/{id_}").json()
    assert (latest["version"], latest["currentVersion"]) == (12, True)
    for tilde in ("~", "%7E"):
        old = caller.get(f"ComponentMetadata/{id_}{tilde}3").json()
        assert (old["version"], old["currentVersion"]) == (3, False)
    assert caller.get(f"ComponentMetadata/{id_}~{latest['branchId']}").json() == latest
    response = caller.get(f"ComponentMetadata/{id_}~99")
    assert response.status_code == 400
    assert response.json()["message"].endswith("is invalid.")


def test_a_bulk_request_answers_per_item(reader):
    ids = [PRODUCTION.environment_id, "nope"]
    asked = {"type": "GET", "request": [{"id": id_} for id_ in ids]}
    found, missing = reader.post("Environment/bulk", asked).json()["response"]
    assert (found["statusCode"], found["Result"]["name"]) == (200, "Production")
    assert missing == {
        "@type": "BulkResponse",
        "id": "nope",
        "statusCode": 400,
        "errorMessage": "No such environment",
    }


def test_a_bulk_request_in_xml(reader):
    body = (
        '<api:BulkRequest xmlns:api="http://api.platform.boomi.com/" type="GET">'
        f'<api:request id="{PRODUCTION.environment_id}"/><api:request id="nope"/></api:BulkRequest>'
    )
    headers = {"Content-Type": "application/xml", "Accept": "application/xml"}
    text = reader.post("Environment/bulk", data=body, headers=headers).text
    assert '<bns:response statusCode="200"><bns:Result xsi:type="bns:Environment"' in text
    assert '<bns:response errorMessage="No such environment" statusCode="400" id="nope"/>' in text


def test_a_bulk_request_of_more_than_100_is_refused(reader):
    asked = {"type": "GET", "request": [{"id": str(number)} for number in range(101)]}
    assert reader.post("Environment/bulk", asked).status_code == 400


def test_an_account_lists_those_beneath_it(reader, read_only):
    rows = reader.query("Account")["result"]
    names = {row["accountId"] for row in rows}
    assert names == {a.account_id for a in (ORDERS_DEV, CRM_DEV, CLIENT)}
    assert reader.get(f"Account/{PRIMARY.account_id}").json()["name"] == PRIMARY.name
    assert Caller(read_only, CLIENT).query("Account")["result"] == []


def test_credentials_are_not_shown_in_answers(reader):
    token = credential_of(PRIMARY).token
    for name in SHAPES:
        assert token not in reader.post(f"{name}/query", {}).text


def test_only_a_get_tells_of_the_nodes_of_a_molecule(reader):
    rows = reader.query("Atom", simple("type", "EQUALS", "MOLECULE"))["result"]
    assert [row.get("cluster") for row in rows] == [None]
    nodes = reader.get(f"Atom/{rows[0]['id']}").json()["cluster"]["node"]
    assert [node["hostName"] for node in nodes] == ["nw-int-01", "nw-int-02"]
    text = reader.get(f"Atom/{rows[0]['id']}", headers={"Accept": "application/xml"}).text
    assert "<bns:node><bns:nodeId>nw_int_01</bns:nodeId>" in text
