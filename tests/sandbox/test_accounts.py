"""Accounts, their groups and people, and the partner form of every request."""

import pytest

from sandbox.account_objects import GROUPS
from sandbox.company import (
    CLIENT,
    CRM_DEV,
    ORDERS_DEV,
    ORDERS_DEV_ATOM,
    PRIMARY,
    STRANGER,
)
from sandbox.dispatch import ALL_SHAPES
from sandbox.processes import ORDERS_DEV_INTAKE
from sandbox.shapes import ACCOUNT
from tests.sandbox.caller import Caller, simple

ASKED = {
    "ComponentReference": simple("componentId", "EQUALS", ORDERS_DEV_INTAKE.process_id),
    "ExecutionConnector": simple("executionId", "EQUALS", "execution-x"),
    "GenericConnectorRecord": simple("executionId", "EQUALS", "execution-x"),
}


def partner(caller, account, path, body=None, method="POST"):
    base = caller.base.replace("/api/rest", "/partner/api/rest")
    params = {"overrideAccount": account.account_id}
    return caller.session.request(method, f"{base}/{path}", json=body, params=params, timeout=10)


def asked(name):
    if name.endswith("Group") and name != "AccountGroup":
        return simple("accountGroupId", "EQUALS", GROUPS[2].group_id)
    return ASKED.get(name)


def test_an_account_has_every_field(reader):
    account = reader.get(f"Account/{PRIMARY.account_id}").json()
    assert account.keys() - {"@type"} == {field.name for field in ACCOUNT.fields}
    assert account["licensing"]["standard"]["purchased"] >= account["licensing"]["standard"]["used"]


def test_a_query_lists_the_accounts_beneath_only(reader):
    names = {row["accountId"] for row in reader.everything("Account")}
    assert names == {a.account_id for a in (ORDERS_DEV, CRM_DEV, CLIENT)}
    assert Caller(reader.sandbox, CLIENT).everything("Account") == []


def test_resources_of_a_group_are_shown_on_a_single_read_only(reader):
    rows = reader.everything("AccountGroup")
    assert [row for row in rows if "Resources" in row] == []
    customers = next(row for row in rows if row["name"] == "Customers")
    resources = reader.get(f"AccountGroup/{customers['id']}").json()["Resources"]["Resource"]
    assert {found["objectType"] for found in resources} == {"Integration Pack", "Cloud"}


def test_members_of_a_group_can_be_listed(reader):
    for group in GROUPS:
        expression = simple("accountGroupId", "EQUALS", group.group_id)
        rows = reader.everything("AccountGroupAccount", expression)
        assert {row["accountId"] for row in rows} == {a.account_id for a in group.members}


def test_every_user_has_a_role_that_exists(reader):
    roles = {row["id"]: row for row in reader.everything("Role")}
    for row in reader.everything("AccountUserRole"):
        assert roles[row["roleId"]]["Privileges"]["Privilege"]


@pytest.mark.parametrize("name", ALL_SHAPES)
def test_the_partner_form_asks_about_the_account_beneath(reader, name):
    expression = asked(name)
    body = {"QueryFilter": {} if expression is None else {"expression": expression}}
    through_parent = partner(reader, ORDERS_DEV, f"{name}/query", body)
    assert through_parent.status_code == 200
    own = Caller(reader.sandbox, ORDERS_DEV).query(name, expression)
    assert through_parent.json()["numberOfResults"] == own["numberOfResults"]
    assert through_parent.json()["result"] == own["result"]


@pytest.mark.parametrize("name", ALL_SHAPES)
def test_strangers_and_unknown_accounts_are_refused(reader, name):
    body = {"QueryFilter": {}}
    assert partner(reader, STRANGER, f"{name}/query", body).status_code == 403
    client = Caller(reader.sandbox, CLIENT)
    assert partner(client, PRIMARY, f"{name}/query", body).status_code == 403


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("AtomLog", {"atomId": ORDERS_DEV_ATOM.atom_id, "logDate": "2026-03-11"}),
        ("ExecutionArtifacts", {"executionId": ""}),
        ("ProcessLog", {"executionId": ""}),
        ("ConnectorDocument", {"genericConnectorRecordId": ""}),
    ],
)
def test_downloads_work_through_the_parent_and_for_nobody_else(reader, name, body):
    developer = Caller(reader.sandbox, ORDERS_DEV)
    scheduled = simple("executionType", "EQUALS", "exec_sched")
    execution_id = developer.query("ExecutionRecord", scheduled)["result"][3]["executionId"]
    if "executionId" in body:
        body = {"executionId": execution_id}
    elif "genericConnectorRecordId" in body:
        of_run = simple("executionId", "EQUALS", execution_id)
        records = developer.query("GenericConnectorRecord", of_run)["result"]
        body = {"genericConnectorRecordId": records[0]["id"]}
    told = partner(reader, ORDERS_DEV, name, body).json()
    assert f"/account/{ORDERS_DEV.account_id}/" in told["url"]
    stranger = Caller(reader.sandbox, STRANGER)
    assert stranger.get(told["url"]).status_code == 403
    assert [reader.get(told["url"]).status_code for _ in range(3)] == [202, 202, 200]
