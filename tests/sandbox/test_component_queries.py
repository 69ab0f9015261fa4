"""Queries over components and what belongs to them, compared with plain Python."""

import itertools

import pytest

from sandbox.company import ACCOUNTS, CRM_DEV, ORDERS_DEV, PRIMARY
from sandbox.faults import Faults
from sandbox.server import Sandbox
from tests.sandbox.caller import Caller, group, simple
from tests.sandbox.conftest import EPOCH

MAIN = "5b1e7c40-9a3d-4f62-8c15-0d7f2a96b3e1"


def key(row):
    return row["componentId"], row["version"]


@pytest.fixture(scope="module")
def versions(read_only):
    """Every version of every component of the CRM account."""
    read_only.clock.set(EPOCH)
    return Caller(read_only, CRM_DEV).everything("ComponentMetadata")


@pytest.fixture
def crm(reader):
    return Caller(reader.sandbox, CRM_DEV)


COMPARISONS = {
    "EQUALS": lambda value, a: value == a,
    "NOT_EQUALS": lambda value, a: value != a,
    "GREATER_THAN": lambda value, a: value is not None and value > a,
    "GREATER_THAN_OR_EQUAL": lambda value, a: value is not None and value >= a,
    "LESS_THAN": lambda value, a: value is not None and value < a,
    "LESS_THAN_OR_EQUAL": lambda value, a: value is not None and value <= a,
}
# One property of each kind, with the value in its middle.
MIDDLES = {
    "string": ("name", lambda rows: sorted(row["name"] for row in rows)),
    "integer": ("version", lambda rows: sorted(row["version"] for row in rows)),
    "date": ("modifiedDate", lambda rows: sorted(row["modifiedDate"] for row in rows)),
}


@pytest.mark.parametrize(
    ("kind", "operator"), list(itertools.product(MIDDLES, COMPARISONS)), ids=lambda value: value
)
def test_every_comparison_on_every_kind_of_property(crm, versions, kind, operator):
    property_, sorted_values = MIDDLES[kind]
    values = sorted_values(versions)
    middle = values[len(values) // 2]
    asked = [simple(property_, operator, str(middle))]
    if property_ == "version":
        asked.append(simple("componentId", "IS_NOT_NULL"))
    rows = crm.everything("ComponentMetadata", group("and", *asked))
    wanted = {key(row) for row in versions if COMPARISONS[operator](row[property_], middle)}
    assert {key(row) for row in rows} == wanted
    assert 0 < len(wanted) < len(versions)


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        (simple("deleted", "EQUALS", "true"), lambda r: r["deleted"]),
        (simple("currentVersion", "NOT_EQUALS", "true"), lambda r: not r["currentVersion"]),
        (simple("subType", "IS_NULL"), lambda r: "subType" not in r),
        (simple("subType", "IS_NOT_NULL"), lambda r: "subType" in r),
        (simple("name", "LIKE", "%merge%"), lambda r: "Merge" in r["name"]),
        (simple("name", "CONTAINS", "Merge"), lambda r: "Merge" in r["name"]),
        (simple("name", "NOT_CONTAINS", "C"), lambda r: "C" not in r["name"]),
        (simple("version", "BETWEEN", "2", "3"), lambda r: 2 <= r["version"] <= 3),
        (simple("type", "LIKE", "profile.%"), lambda r: r["type"].startswith("profile.")),
        (simple("folderName", "EQUALS", "Archive"), lambda r: r["folderName"] == "Archive"),
        (simple("copiedFromComponentId", "IS_NOT_NULL"), lambda r: "copiedFromComponentId" in r),
        (simple("copiedFromComponentVersion", "EQUALS", "4"),
         lambda r: r.get("copiedFromComponentVersion") == 4),
    ],
    ids=lambda value: value["property"] + value["operator"] if isinstance(value, dict) else "",
)  # fmt: skip
def test_other_operators(crm, versions, expression, wanted):
    companion = {"version": "componentId", "copiedFromComponentVersion": "copiedFromComponentId"}
    parts = [expression]
    if expression["property"] in companion:
        parts.append(simple(companion[expression["property"]], "IS_NOT_NULL"))
    rows = crm.everything("ComponentMetadata", group("and", *parts))
    expected = {key(row) for row in versions if wanted(row)}
    assert {key(row) for row in rows} == expected
    assert 0 < len(expected) < len(versions)


@pytest.mark.parametrize("property_", ["accountId", "branchName", "branchId", "createdBy"])
def test_properties_that_are_the_same_everywhere(crm, versions, property_):
    value = {**versions[0], "accountId": CRM_DEV.account_id}[property_]
    found = crm.query("ComponentMetadata", simple(property_, "EQUALS", value))
    assert found["numberOfResults"] == len(versions)
    assert crm.query("ComponentMetadata", simple(property_, "NOT_EQUALS", value))["result"] == []


def test_groups_nest(crm, versions):
    old = group(
        "and", simple("currentVersion", "EQUALS", "false"), simple("deleted", "EQUALS", "false")
    )
    maps = group("or", simple("type", "EQUALS", "transform.map"), simple("name", "LIKE", "%json%"))
    rows = crm.everything("ComponentMetadata", group("and", old, group("and", maps)))
    expected = {
        key(row)
        for row in versions
        if not row["currentVersion"]
        and (row["type"] == "transform.map" or "json" in row["name"].lower())
    }
    assert {key(row) for row in rows} == expected
    assert expected


@pytest.mark.parametrize(
    ("name", "property_"),
    [
        ("ComponentMetadata", "folderFullPath"),
        ("ComponentMetadata", "version"),
        ("ComponentMetadata", "copiedFromComponentVersion"),
        ("Folder", "fullPath"),
        ("Process", "type"),
        ("Connector", "id"),
        ("PackagedComponent", "notes"),
        ("DeployedPackage", "status"),
        ("Environment", "parentAccount"),
        ("EnvironmentAtomAttachment", "id"),
        ("Atom", "dateInstalled"),
    ],
)
def test_a_property_that_cannot_be_asked_for_is_400(reader, name, property_):
    asked = {"QueryFilter": {"expression": simple(property_, "EQUALS", "1")}}
    response = reader.post(f"{name}/query", asked)
    assert response.status_code == 400
    assert property_ in response.json()["message"]


@pytest.mark.parametrize("name", ["ComponentMetadata", "Folder", "Process", "PackagedComponent"])
def test_only_executions_can_be_sorted(reader, name):
    sort = {"sortField": [{"fieldName": "name", "sortOrder": "ASC"}]}
    assert reader.post(f"{name}/query", {"QuerySort": sort}).status_code == 400


def test_every_version_comes_without_a_filter(reader):
    orders = Caller(reader.sandbox, ORDERS_DEV)
    rows = orders.everything("ComponentMetadata", simple("componentId", "EQUALS", MAIN))
    assert sorted(row["version"] for row in rows) == list(range(1, 13))
    assert [row["version"] for row in rows if row["currentVersion"]] == [12]


def test_paging_gives_every_version_once(reader):
    page = reader.query("ComponentMetadata")
    rows = reader.everything("ComponentMetadata")
    assert len(page["result"]) == 100
    assert len({key(row) for row in rows}) == len(rows) == page["numberOfResults"] > 100


def test_several_people_change_the_components_of_the_primary_account(reader):
    rows = reader.everything("ComponentMetadata")
    first = {row["componentId"]: row["createdBy"] for row in rows if row["version"] == 1}
    assert {row["modifiedBy"] for row in rows} > {"ada@northwind.example", "dan@northwind.example"}
    assert all(row["createdBy"] == first[row["componentId"]] for row in rows)


# --- folders, processes, connectors, packages, deployments ----------------------


def test_folders_form_a_tree(reader):
    for account in ACCOUNTS:
        rows = Caller(reader.sandbox, account).everything("Folder")
        by_id = {row["id"]: row for row in rows}
        assert len(by_id) == len(rows)
        assert [row["name"] for row in rows if "parentId" not in row] == [account.name]
        for row in rows:
            assert row["id"].startswith("Rjo")
            if "parentId" in row:
                parent = by_id[row["parentId"]]
                assert row["fullPath"] == f"{parent['fullPath']}/{row['name']}"
                assert row["parentName"] == parent["name"]


def test_every_component_lies_in_a_folder_that_exists(reader):
    for account in ACCOUNTS:
        caller = Caller(reader.sandbox, account)
        folders = {row["id"]: row["name"] for row in caller.everything("Folder")}
        for row in caller.everything("ComponentMetadata"):
            assert folders[row["folderId"]] == row["folderName"]


@pytest.mark.parametrize(
    ("property_", "value", "names"),
    [
        ("deleted", "true", {"Old releases"}),
        ("name", "Maps", {"Maps"}),
        ("parentName", "Nobody", set()),
        ("accountId", "nobody", set()),
    ],
)
def test_folders_are_found_by(reader, property_, value, names):
    rows = reader.query("Folder", simple(property_, "EQUALS", value))["result"]
    assert {row["name"] for row in rows} == names


def test_the_processes_are_the_process_components(reader):
    current = group(
        "and",
        simple("type", "EQUALS", "process"),
        simple("currentVersion", "EQUALS", "true"),
        simple("deleted", "EQUALS", "false"),
    )
    for account in ACCOUNTS:
        caller = Caller(reader.sandbox, account)
        components = caller.everything("ComponentMetadata", current)
        processes = caller.everything("Process")
        shown = {(row["id"], row["name"]) for row in processes}
        assert shown == {(row["componentId"], row["name"]) for row in components}


def test_a_process_of_an_integration_pack_is_not_found(reader):
    assert reader.query("Process", simple("integrationPackId", "IS_NOT_NULL"))["result"] == []


def test_connectors_are_those_of_the_connections(reader):
    rows = reader.everything("ComponentMetadata", simple("type", "LIKE", "connector-%"))
    connectors = reader.query("Connector")["result"]
    assert {row["type"] for row in connectors} == {row["subType"] for row in rows}
    found = reader.get("Connector/database").json()
    assert found == next(row for row in connectors if row["type"] == "database")


@pytest.mark.parametrize(
    ("property_", "value"),
    [
        ("shareable", "false"),
        ("deleted", "true"),
        ("componentType", "webservice"),
        ("packageVersion", "1.0"),
        ("createdBy", "integration@northwind.example"),
        ("componentVersion", "2"),
    ],
)
def test_packages_are_found_by(reader, property_, value):
    rows = reader.everything("PackagedComponent", simple(property_, "EQUALS", value))
    everything = reader.everything("PackagedComponent")
    assert rows == [row for row in everything if str(row[property_]).lower() == value]
    assert rows


@pytest.mark.parametrize(
    ("property_", "field"),
    [("uid", "deploymentId"), ("current", "active"), ("branch", "branchName"), ("notes", "notes")],
)
def test_deployments_are_found_by_properties_with_other_names(reader, property_, field):
    everything = reader.everything("DeployedPackage")
    value = everything[0][field]
    text = str(value).lower() if isinstance(value, bool) else value
    rows = reader.everything("DeployedPackage", simple(property_, "EQUALS", text))
    assert rows == [row for row in everything if row[field] == value]


@pytest.mark.parametrize("property_", ["componentName", "environmentName", "packageNotes"])
def test_deployments_are_found_by_what_they_do_not_show(reader, property_):
    asked = simple(property_, "IS_NOT_NULL")
    assert reader.query("DeployedPackage", asked)["result"]
    assert property_ not in reader.query("DeployedPackage", asked)["result"][0]


def test_no_deployment_has_a_message(reader):
    assert all("message" not in row for row in reader.everything("DeployedPackage"))


def test_every_package_names_a_component_version_that_exists(reader):
    for account in ACCOUNTS:
        caller = Caller(reader.sandbox, account)
        for row in caller.everything("PackagedComponent"):
            path = f"ComponentMetadata/{row['componentId']}~{row['componentVersion']}"
            assert caller.get(path).json()["type"] == row["componentType"]


def test_every_deployment_names_a_package_that_exists(reader):
    for account in ACCOUNTS:
        caller = Caller(reader.sandbox, account)
        known = {row["packageId"]: row for row in caller.everything("PackagedComponent")}
        for row in caller.everything("DeployedPackage"):
            package = known[row["packageId"]]
            assert package["packageVersion"] == row["packageVersion"]
            assert package["componentId"] == row["componentId"]
            assert package["deleted"] is False


# --- query tokens ------------------------------------------------------------------


@pytest.fixture
def bulk():
    with Sandbox(scenario="bulk:250", rate_limit=0, epoch=EPOCH) as running:
        running.clock.set(EPOCH)
        yield running


def more(caller, token):
    headers = {"Content-Type": "text/plain"}
    return caller.post("ExecutionRecord/queryMore", data=token, headers=headers)


def test_a_token_may_serve_only_once(bulk):
    bulk.faults = Faults(single_use_tokens=True)
    caller = Caller(bulk, PRIMARY)
    token = caller.query("ExecutionRecord")["queryToken"]
    second = more(caller, token).json()
    assert more(caller, token).status_code == 400
    assert len(more(caller, second["queryToken"]).json()["result"]) == 50
    assert caller.query("ExecutionRecord")["queryToken"] != token


def test_a_token_may_expire(bulk):
    bulk.faults = Faults(token_seconds=60)
    caller = Caller(bulk, PRIMARY)
    token = caller.query("ExecutionRecord")["queryToken"]
    assert more(caller, token).status_code == 200
    bulk.clock.set(EPOCH.replace(hour=16))
    assert more(caller, token).json()["message"] == "The queryToken is invalid."
