"""Component, ComponentReference and manifests: addresses, bulk requests and switches."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from sandbox.company import CRM_DEV, ORDERS_DEV
from sandbox.faults import Faults
from sandbox.processes import INVOICE_EXPORT, ORDER_INTAKE
from tests.sandbox.caller import Caller, group, simple
from tests.sandbox.documents import BNS, parsed

MAIN = "5b1e7c40-9a3d-4f62-8c15-0d7f2a96b3e1"
LISTENER = "81f3a6d4-2c5e-47b9-9e10-64b8d3c7f520"
ORDER_JSON = "f1b02c6e-e957-4a83-8d46-7c0e9f35b2a8"
ROUTER = "27bd58e3-f6a0-4c19-90d7-ae41b8f362c5"
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
EXPECTED = json.loads((Path(__file__).parent / "orders_references.json").read_text())


@pytest.fixture
def orders(reader):
    return Caller(reader.sandbox, ORDERS_DEV)


@pytest.fixture
def changed(caller):
    """Sets switches, and gives a caller of the Orders account."""

    def set_(**switches):
        caller.sandbox.faults = Faults(**switches)
        return Caller(caller.sandbox, ORDERS_DEV)

    return set_


def message(response):
    assert response.status_code == 400
    return response.json()["message"]


def bulk(*ids):
    return {"type": "GET", "request": [{"id": id_} for id_ in ids]}


# --- Component ------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["", "/", "~12", "%7E12", "~QjoxMjM0NTY", "~12/"])
def test_the_addresses_of_one_document(orders, suffix):
    document = ET.fromstring(orders.get(f"Component/{MAIN}{suffix}").content)
    assert (document.get("componentId"), document.get("version")) == (MAIN, "12")


@pytest.mark.parametrize("id_", ["nope", f"{MAIN}~99", f"{MAIN}~Qjox", f"{MAIN}~0"])
def test_an_id_version_or_branch_that_is_wrong_is_400(orders, id_):
    assert message(orders.get(f"Component/{id_}")) == f"ComponentId {id_} is invalid."


def test_the_component_of_another_account_is_400(reader):
    assert reader.get(f"Component/{MAIN}").status_code == 400


@pytest.mark.parametrize(("path", "body"), [("Component/query", {}), ("Component", {})])
def test_a_component_has_no_query(orders, path, body):
    assert orders.post(path, body).status_code == 404


def test_a_bulk_request_answers_in_xml_per_item(orders):
    response = orders.post("Component/bulk", bulk(MAIN, "nope", f"{ORDER_JSON}~2"))
    first, second, third = ET.fromstring(response.content)
    assert response.status_code == 200
    assert first[0].get(XSI_TYPE) == "bns:Component"
    assert (first.get("statusCode"), first[0].get("version")) == ("200", "12")
    assert (second.get("statusCode"), second.get("id"), len(second)) == ("400", "nope", 0)
    assert third[0].get("version") == "2"


def test_a_bulk_request_may_be_xml(orders):
    body = (
        '<api:BulkRequest xmlns:api="http://api.platform.boomi.com/" type="GET">'
        f'<api:request id="{MAIN}"/></api:BulkRequest>'
    )
    headers = {"Content-Type": "application/xml"}
    answer = ET.fromstring(orders.post("Component/bulk", data=body, headers=headers).content)
    assert answer[0][0].find(f"{BNS}object") is not None


def test_a_bulk_request_holds_five_documents(orders):
    assert orders.post("Component/bulk", bulk(*[MAIN] * 5)).status_code == 200
    assert "5 ids" in message(orders.post("Component/bulk", bulk(*[MAIN] * 6)))


def test_a_deleted_component_can_be_read_or_not(caller):
    crm = Caller(caller.sandbox, CRM_DEV)
    row = crm.query("ComponentMetadata", simple("deleted", "EQUALS", "true"))["result"][0]
    assert parsed(crm, row["componentId"]).get("deleted") == "true"
    caller.sandbox.faults = Faults(get_deleted_component_refused=True)
    assert crm.get(f"Component/{row['componentId']}").status_code == 400
    assert parsed(crm, f"{row['componentId']}~1").get("deleted") == "false"


def test_versions_in_a_bulk_request_may_be_refused(changed):
    orders = changed(bulk_versions_refused=True)
    documents = ET.fromstring(orders.post("Component/bulk", bulk(MAIN, f"{MAIN}~2")).content)
    assert [item.get("statusCode") for item in documents] == ["200", "400"]
    rows = orders.post("ComponentMetadata/bulk", bulk(MAIN, f"{MAIN}~2")).json()["response"]
    assert [item["statusCode"] for item in rows] == [200, 400]


def test_versions_in_a_bulk_request_of_metadata(orders):
    rows = orders.post("ComponentMetadata/bulk", bulk(MAIN, f"{MAIN}~2")).json()["response"]
    assert [item["Result"]["version"] for item in rows] == [12, 2]


@pytest.mark.parametrize("name", ["Component", "ComponentMetadata", "Folder", "Process"])
def test_the_text_for_too_many_ids_is_a_switch(changed, name):
    orders = changed(over_limit_text="Too many objects requested.")
    response = orders.post(f"{name}/bulk", bulk(*[MAIN] * 101))
    assert message(response) == "Too many objects requested."


def test_documents_need_the_right_to_read_builds(changed):
    orders = changed(missing_privileges={"BUILD_READ_ACCESS"})
    for path in (f"Component/{MAIN}", f"ComponentReference/{MAIN}", f"ComponentMetadata/{MAIN}"):
        assert orders.get(path).status_code == 403


# --- ComponentReference -------------------------------------------------------------


def by_parent(parent, version, *more):
    parts = (
        simple("parentComponentId", "EQUALS", parent),
        simple("parentVersion", "EQUALS", version),
    )
    return group("and", *parts, *more)


def entries(rows):
    found = [entry for row in rows for entry in row["references"]]
    return {(entry["componentId"], entry["type"]) for entry in found}


@pytest.mark.parametrize("parent", EXPECTED, ids=lambda parent: parent[:8])
def test_the_references_of_each_sample_are_the_known_ones(orders, parent):
    version = str(orders.get(f"ComponentMetadata/{parent}").json()["version"])
    rows = orders.everything("ComponentReference", by_parent(parent, version))
    assert entries(rows) == {tuple(child) for child in EXPECTED[parent]}
    assert {row["references"][0]["parentVersion"] for row in rows} == {int(version)}


def test_a_sample_that_is_not_listed_uses_nothing(orders):
    for row in orders.everything("ComponentMetadata", simple("currentVersion", "EQUALS", "true")):
        if row["componentId"] not in EXPECTED:
            asked = by_parent(row["componentId"], str(row["version"]))
            assert orders.query("ComponentReference", asked)["result"] == []


def test_users_are_those_whose_current_version_uses_it(orders):
    rows = orders.everything("ComponentReference", simple("componentId", "EQUALS", ORDER_JSON))
    users = [row["references"][0] for row in rows]
    assert len(users) == 7
    current = {u["parentComponentId"]: u["parentVersion"] for u in users}
    assert (current[MAIN], current[LISTENER]) == (12, 7)


def test_a_process_route_is_used_independently(orders):
    asked = by_parent(LISTENER, "7", simple("type", "EQUALS", "INDEPENDENT"))
    rows = orders.query("ComponentReference", asked)["result"]
    assert entries(rows) == {(ROUTER, "INDEPENDENT")}


@pytest.mark.parametrize(
    "expression",
    [
        None,
        simple("parentComponentId", "EQUALS", MAIN),
        simple("parentVersion", "EQUALS", "12"),
        simple("type", "EQUALS", "DEPENDENT"),
        simple("name", "EQUALS", "x"),
    ],
)
def test_a_query_without_component_or_whole_parent_is_400(orders, expression):
    filter_ = {} if expression is None else {"expression": expression}
    message(orders.post("ComponentReference/query", {"QueryFilter": filter_}))


def test_several_components_at_once_may_be_refused(changed):
    asked = group("or", *(simple("componentId", "EQUALS", id_) for id_ in (ORDER_JSON, ROUTER)))
    rows = changed().everything("ComponentReference", asked)
    assert {row["references"][0]["componentId"] for row in rows} == {ORDER_JSON, ROUTER}
    response = changed(nested_or_refused=True).post(
        "ComponentReference/query", {"QueryFilter": {"expression": asked}}
    )
    assert "'or'" in message(response)


def test_all_users_come_in_one_object(orders):
    for id_ in (ORDER_JSON, f"{ORDER_JSON}~QjoxMjM0NTY"):
        row = orders.get(f"ComponentReference/{id_}").json()
        assert len(row["references"]) == 7
        assert {entry["componentId"] for entry in row["references"]} == {ORDER_JSON}


@pytest.mark.parametrize("id_", [MAIN, "nope", f"{ORDER_JSON}~Qjox"])
def test_a_component_without_users_is_400(orders, id_):
    assert "No references" in message(orders.get(f"ComponentReference/{id_}"))


def test_a_deleted_component_has_no_users_but_is_still_named(reader):
    crm = Caller(reader.sandbox, CRM_DEV)
    gone = crm.query("ComponentMetadata", simple("deleted", "EQUALS", "true"))["result"][0]
    id_ = gone["componentId"]
    assert crm.query("ComponentReference", simple("componentId", "EQUALS", id_))["result"] == []
    assert "No references" in message(crm.get(f"ComponentReference/{id_}"))
    caller_of_it = crm.query("ComponentMetadata", simple("name", "EQUALS", "(sub) Retry leads"))
    row = caller_of_it["result"][-1]
    rows = crm.everything("ComponentReference", by_parent(row["componentId"], str(row["version"])))
    assert entries(rows) == {(id_, "DEPENDENT")}


def test_users_of_many_components_in_one_request(orders):
    found, none = orders.post("ComponentReference/bulk", bulk(ORDER_JSON, MAIN)).json()["response"]
    assert (found["statusCode"], len(found["Result"]["references"])) == (200, 7)
    assert (none["statusCode"], none["id"]) == (400, MAIN)


# --- PackagedComponentManifest -------------------------------------------------------


def manifest(caller, process, version):
    asked = group(
        "and",
        simple("componentId", "EQUALS", process.process_id),
        simple("packageVersion", "EQUALS", version),
    )
    package = caller.query("PackagedComponent", asked)["result"][0]
    row = caller.get(f"PackagedComponentManifest/{package['packageId']}").json()
    return package, {item["id"]: item["version"] for item in row["componentInfo"]}


def test_a_manifest_is_everything_the_package_depends_on(reader):
    package, inside = manifest(reader, ORDER_INTAKE, "2.0")
    assert inside[ORDER_INTAKE.process_id] == package["componentVersion"]
    for id_, version in inside.items():
        rows = reader.everything("ComponentReference", by_parent(id_, str(version)))
        needed = {child for child, type_ in entries(rows) if type_ == "DEPENDENT"}
        assert needed <= set(inside)


def test_a_manifest_pins_the_versions_of_its_day(reader):
    package, inside = manifest(reader, INVOICE_EXPORT, "2.0")
    for id_, version in inside.items():
        row = reader.get(f"ComponentMetadata/{id_}~{version}").json()
        assert row["modifiedDate"] <= package["createdDate"]


def test_what_is_packaged_on_its_own_is_not_inside(reader):
    asked = simple("componentType", "EQUALS", "webservice")
    package = reader.query("PackagedComponent", asked)["result"][0]
    row = reader.get(f"PackagedComponentManifest/{package['packageId']}").json()
    assert [item["id"] for item in row["componentInfo"]] == [package["componentId"]]


def test_a_deleted_package_still_tells_what_was_inside(reader):
    package = reader.query("PackagedComponent", simple("deleted", "EQUALS", "true"))["result"][0]
    assert reader.get(f"PackagedComponentManifest/{package['packageId']}").status_code == 200


def test_manifests_in_bulk(reader):
    package, inside = manifest(reader, ORDER_INTAKE, "1.0")
    asked = bulk(package["packageId"], "nope")
    found, none = reader.post("PackagedComponentManifest/bulk", asked).json()["response"]
    assert len(found["Result"]["componentInfo"]) == len(inside)
    assert none["statusCode"] == 400
    assert message(reader.get("PackagedComponentManifest/nope")) == "PackageId nope is invalid."
