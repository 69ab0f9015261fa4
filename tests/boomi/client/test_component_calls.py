import json

import pytest
from responses import matchers

from boomi.client import (
    Broken,
    ComponentXml,
    Forbidden,
    Missing,
    ReferenceRecord,
    Rejected,
    field,
)
from tests.boomi.client.conftest import BASE, CANARY
from tests.boomi.client.samples import bulk, component_xml, result

DOCUMENT = f"{BASE}/Component/c1"
DOCUMENTS = f"{BASE}/Component/bulk"
XML = "application/xml"


def reference(parent: str, component: str, version: int = 7) -> dict[str, object]:
    line = {"parentComponentId": parent, "parentVersion": version, "componentId": component}
    return {"@type": "ComponentReference", "references": [{**line, "type": "DEPENDENT"}]}


@pytest.mark.parametrize(
    ("method", "kind", "row"),
    [
        ("folders", "Folder", {"id": "f1"}),
        ("processes", "Process", {"id": "p1"}),
        ("connectors", "Connector", {"type": "http"}),
        ("schedules", "ProcessSchedules", {"id": "s1"}),
        ("schedule_statuses", "ProcessScheduleStatus", {"id": "s1"}),
    ],
)
def test_a_list_is_read_over_all_pages_and_once_each(platform, client, method, kind, row):
    other = dict.fromkeys(row, "other")
    platform.post(f"{BASE}/{kind}/query", json=result(row, token="t"))
    platform.post(f"{BASE}/{kind}/queryMore", json=result(row, other))
    assert len(getattr(client, method)()) == 2


@pytest.mark.parametrize(
    ("method", "kind", "row"),
    [
        ("component_metadata_page", "ComponentMetadata", {"componentId": "c1"}),
        ("packages_page", "PackagedComponent", {"packageId": "p1"}),
        ("deployed_packages_page", "DeployedPackage", {"deploymentId": "d1"}),
    ],
)
def test_a_page_goes_on_with_the_bare_token(platform, client, method, kind, row):
    platform.post(f"{BASE}/{kind}/query", json=result(row, token="t/+=", total=2))
    body = matchers.body_matcher("t/+=")
    platform.post(f"{BASE}/{kind}/queryMore", json=result(row), match=[body])
    page = getattr(client, method)(field("deleted").eq(False))
    assert (page.total, len(page.items)) == (2, 1)
    assert getattr(client, method)(None, page.next_token).next_token is None


def test_groups_of_accounts_come_with_their_resources(platform, client):
    group = {"@type": "AccountGroup", "id": "g1", "name": "Retail", "defaultGroup": False}
    resource = {"resourceId": "e1", "resourceName": "Production", "objectType": "environment"}
    platform.post(f"{BASE}/AccountGroup/query", json=result(group))
    full = {**group, "Resources": {"@type": "Resources", "Resource": [resource]}}
    platform.get(f"{BASE}/AccountGroup/g1", json=full)
    (found,) = client.account_groups()
    assert [one.name for one in found.resources] == ["Production"]
    assert (found.name, found.is_default, found.raw) == ("Retail", False, {})


def test_a_document_is_kept_as_it_was_sent(platform, client):
    text = component_xml("c1", 3)
    asks_for_xml = matchers.header_matcher({"Accept": XML})
    platform.get(DOCUMENT, body=text, content_type=XML, match=[asks_for_xml])
    found = client.component_xml("c1")
    assert found == ComponentXml("c1", 3, text)


def test_a_version_is_asked_for_with_a_tilde(platform, client):
    platform.get(f"{DOCUMENT}~2", body=component_xml("c1", 2), content_type=XML)
    assert client.component_xml("c1", 2).version == 2


def test_a_document_does_not_show_itself():
    assert "secret" not in repr(ComponentXml("c1", 1, "<secret/>"))


def test_an_unknown_component_is_missing(platform, client):
    body = "<error><message>ComponentId c1 is invalid.</message></error>"
    platform.get(DOCUMENT, status=400, body=body, content_type=XML)
    with pytest.raises(Missing) as caught:
        client.component_xml("c1")
    assert (caught.value.code, caught.value.status) == ("NOT_FOUND", 400)


def test_another_refusal_of_a_component_stays_one(platform, client):
    platform.get(DOCUMENT, status=400, body="<error><message>No branches here.</message></error>")
    with pytest.raises(Rejected, match="No branches"):
        client.component_xml("c1")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"<other/>",
        b"<bns:Component",
        b'<Component componentId="c1"/>',
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><Component>&e;</Component>',
        b'<!DOCTYPE Component><Component componentId="c1" version="1"/>',
    ],
)
def test_what_is_no_document_is_broken(platform, client, body):
    platform.get(DOCUMENT, body=body, content_type=XML)
    with pytest.raises(Broken) as caught:
        client.component_xml("c1")
    assert caught.value.__cause__ is None
    assert caught.value.path.endswith("/Component/c1")


def test_five_documents_are_read_in_one_call(platform, client):
    body = bulk_xml(component_xml("c1", 3), component_xml("c2", 9), refused="c3")
    platform.post(DOCUMENTS, body=body, content_type=XML)
    found = client.component_xmls([("c1", None), ("c2", 9), ("c3", None)])
    assert sorted(found) == ["c1", "c2~9"]
    assert found["c2~9"].version == 9
    sent = json.loads(platform.calls[0].request.body)
    assert sent == {"type": "GET", "request": [{"id": "c1"}, {"id": "c2~9"}, {"id": "c3"}]}


def test_a_document_of_a_bulk_answer_stands_alone(platform, client):
    platform.post(DOCUMENTS, body=bulk_xml(component_xml("c1", 3)), content_type=XML)
    platform.get(DOCUMENT, body=component_xml("c1", 3), content_type=XML)
    alone = client.component_xml("c1").text
    text = client.component_xmls([("c1", 3)])["c1~3"].text
    assert "xsi:type" not in text
    assert "<bns:Component" in text
    assert text.count("<process ") == alone.count("<process ") == 1


def test_more_than_five_documents_are_refused_before_the_call(client):
    with pytest.raises(ValueError, match="5"):
        client.component_xmls([("c", n) for n in range(6)])


def test_no_documents_need_no_call(platform, client):
    assert client.component_xmls([]) == {}


def bulk_xml(*documents: str, refused: str = "") -> str:
    """The way Boomi nests components: the envelope is called Result and carries a type."""
    inner = "".join(
        '<bns:response statusCode="200">'
        + text.partition("?>")[2]
        .replace("<bns:Component ", '<bns:Result xsi:type="bns:Component" ')
        .replace("</bns:Component>", "</bns:Result>")
        + "</bns:response>"
        for text in documents
    )
    if refused:
        inner += f'<bns:response errorMessage="No." statusCode="400" id="{refused}"/>'
    return (
        '<bns:BulkResult xmlns:bns="http://api.platform.boomi.com/" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{inner}</bns:BulkResult>'
    )


def test_what_a_version_uses_is_asked_by_parent_and_version(platform, client):
    condition = matchers.json_params_matcher(
        {
            "QueryFilter": {
                "expression": {
                    "operator": "and",
                    "nestedExpression": [
                        {"operator": "EQUALS", "property": "parentComponentId", "argument": ["P"]},
                        {"operator": "EQUALS", "property": "parentVersion", "argument": ["7"]},
                    ],
                }
            }
        }
    )
    rows = result(reference("P", "c1"), reference("P", "c2"), reference("P", "c1"))
    platform.post(f"{BASE}/ComponentReference/query", json=rows, match=[condition])
    found = client.references_of("P", 7)
    assert found == [
        ReferenceRecord("P", 7, "c1", "DEPENDENT", ""),
        ReferenceRecord("P", 7, "c2", "DEPENDENT", ""),
    ]


def test_a_component_without_users_has_an_empty_list(platform, client):
    body = bulk(reference("P", "c1"), refused={"c2": 400})
    platform.post(f"{BASE}/ComponentReference/bulk", json=body)
    found = client.users_of(["c1", "c2"])
    assert [one.parent_id for one in found["c1"]] == ["P"]
    assert found["c2"] == []


def test_a_part_of_a_bulk_read_that_failed_fails_it_after_repeats(platform, client):
    url = f"{BASE}/ComponentReference/bulk"
    platform.post(url, json=bulk(reference("P", "c1"), refused={"c2": 500}))
    platform.post(url, json=bulk(reference("P", "c1"), refused={"c2": 400}))
    assert len(client.users_of(["c1", "c2"])["c1"]) == 1
    assert len(platform.calls) == 2


def test_a_part_that_is_denied_denies_the_whole(platform, client):
    body = bulk(refused={"c1": 403}, said=f"No right with {CANARY}")
    platform.post(f"{BASE}/ComponentReference/bulk", json=body)
    with pytest.raises(Forbidden) as caught:
        client.users_of(["c1"])
    assert CANARY not in caught.value.message + caught.value.said


@pytest.mark.parametrize("body", [{}, {"response": ["x"]}, {"response": None}])
def test_what_is_no_bulk_answer_is_broken(platform, client, body):
    platform.post(f"{BASE}/ComponentReference/bulk", json=body)
    with pytest.raises(Broken, match="bulk result"):
        client.users_of(["c1"])


@pytest.mark.parametrize("method", ["users_of", "manifests"])
def test_more_than_a_hundred_ids_are_refused_before_the_call(client, method):
    with pytest.raises(ValueError, match="100"):
        getattr(client, method)([str(n) for n in range(101)])


def test_manifests_say_what_is_inside_each_package(platform, client):
    info = [{"@type": "ComponentInfo", "id": "c1", "version": 4}, {"id": "c2", "version": "5"}]
    manifest = {"@type": "PackagedComponentManifest", "packageId": "p1", "componentInfo": info}
    body = bulk(manifest, refused={"p2": 400})
    platform.post(f"{BASE}/PackagedComponentManifest/bulk", json=body)
    found = client.manifests(["p1", "p2"])
    assert sorted(found) == ["p1"]
    assert [(one.component_id, one.version) for one in found["p1"].items] == [("c1", 4), ("c2", 5)]
