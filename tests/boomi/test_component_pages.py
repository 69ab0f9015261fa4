"""The pages of components: who sees what, what the address narrows, and what it costs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from boomi.components import TYPES
from boomi.models import (
    Account,
    AccountGrant,
    Component,
    ComponentDocument,
    ComponentReference,
    Environment,
)
from boomi.services import documents
from common.models import Team, User
from scheduling.models import JobRun
from tests.boomi import rows
from tests.boomi.component_rows import (
    DOCUMENTS,
    component,
    component_document,
    envelope,
    make_component,
    make_folder,
    make_package,
    make_reference,
    make_version,
)

pytestmark = pytest.mark.django_db
SAMPLES = sorted(path.stem for path in DOCUMENTS.glob("*.xml"))
TABS = ("", "fields", "xml", "versions", "uses", "used-by")
CANARY = "c4n4ry-4f8e-secret"


@pytest.fixture
def account(operator: User, viewer: User) -> Account:
    """An account that Olga and Vic see through their team, and Olga is connected to."""
    team = Team.objects.create(name="Integration")
    team.members.add(operator, viewer)
    account = rows.make_account()
    AccountGrant.objects.create(account=account, team=team)
    rows.connect(operator, account)
    return account


@pytest.fixture
def page(client: Client, operator: User) -> Client:
    client.force_login(operator)
    return client


def stored(account: Account, text: str, number: int = 1, **fields: Any) -> Component:
    row = make_component(account, number, **fields)
    documents.store(make_version(row), text, now=timezone.now())
    row.refresh_from_db()
    return row


def names(answer: Any) -> list[str]:
    return [row.component.name for row in answer.context["table"]]


def body(answer: Any) -> str:
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_stranger_finds_no_component(client: Client, account: Account, stranger: User) -> None:
    row = make_component(account)
    client.force_login(stranger)
    assert "No components to see" in body(client.get("/components/"))
    for path in (f"{row.pk}/", f"{row.pk}/xml/", f"by-id/{row.component_id}/"):
        assert client.get(f"/components/{path}").status_code == 404
    assert client.post(f"/components/{row.pk}/refresh/").status_code == 404


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=invoice", ["Send invoices"]),
        ("q=COMPONENT-2", ["Load orders"]),
        ("q=Finance", ["Send invoices"]),
        ("type=transform.map", ["Load orders"]),
        ("type=process&type=transform.map", ["Load orders", "Send invoices"]),
        ("folder=folder-1", ["Load orders", "Send invoices"]),
        ("folder=folder-2", ["Send invoices"]),
        ("show=deleted", ["Gone"]),
        ("show=all&sort=-name", ["Send invoices", "Load orders", "Gone"]),
        ("modified_by=LENA", ["Send invoices"]),
        ("modified_after=2199-01-01T00:00", []),
        ("type=grown.since", []),
        ("sort=version", ["Send invoices", "Load orders"]),
    ],
)
def test_the_address_narrows_the_list(
    page: Client, account: Account, query: str, found: list[str]
) -> None:
    make_folder(account, 1, full_path="Root/Sales")
    make_folder(account, 2, full_path="Root/Sales/Finance")
    make_component(account, 1, name="Send invoices", folder_id="folder-2", version=1,
                   modified_by="lena@northwind.example")  # fmt: skip
    make_component(account, 2, name="Load orders", folder_id="folder-1", type="transform.map")
    make_component(account, 3, name="Gone", deleted=True)
    assert names(page.get(f"/components/?{query}")) == found


@pytest.mark.parametrize("query", ["account=nope", "folder=x", "modified_after=soon", "show=some"])
def test_an_address_that_makes_no_sense_says_so(page: Client, account: Account, query: str) -> None:
    answer = page.get(f"/components/?{query}")
    assert answer.status_code == 400
    assert "does not exist" in answer.content.decode()
    assert page.get(f"/components/?{query}&export=csv").status_code == 400


def test_the_tabs_count_by_type_under_the_other_filters(page: Client, account: Account) -> None:
    for number, kind in enumerate(["process", "process", "queue", "grown.since"]):
        make_component(account, number, type=kind, name=f"Order {number % 2}")
    tabs = page.get("/components/?q=Order 0&type=queue").context["tabs"]
    assert [(tab["label"], tab["count"], tab["active"]) for tab in tabs] == [
        ("All", 2, False), ("Processes", 1, False), ("Queues", 1, True),
    ]  # fmt: skip


def test_used_by_counts_components_and_not_references(page: Client, account: Account) -> None:
    make_component(account, 1)
    for number, current in ((2, True), (3, True), (4, False)):
        make_reference(account, f"component-{number}", "component-1", current=current)
    make_reference(account, "component-2", "component-1", version=4)
    (row,) = page.get("/components/").context["table"]
    assert row.used_by == 2


def test_exports_hold_what_the_filter_selects(page: Client, account: Account) -> None:
    make_component(account, 1, name="=Formula")
    make_component(account, 2, type="queue")
    exported = json.loads(b"".join(page.get("/components/?type=queue&export=json")))
    assert [row["component_id"] for row in exported] == ["component-2"]
    assert "'=Formula" in b"".join(page.get("/components/?export=csv")).decode()


def test_five_thousand_components_cost_the_same_queries_as_five(
    page: Client, account: Account
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            body(page.get("/components/?q=Component"))
        return len(queries)

    for number in range(5):
        make_component(account, number)
    few = cost()
    Component.objects.bulk_create(
        [component(account, number) for number in range(10, 5000)], batch_size=500
    )
    ComponentReference.objects.bulk_create(
        [
            ComponentReference(account=account, parent_component_id=f"component-{number}",
                               parent_version=3, component_id=f"component-{number // 7}")
            for number in range(10, 5000)
        ],
        batch_size=500,
    )  # fmt: skip
    assert cost() == few <= 16


@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_renders_on_every_tab(page: Client, account: Account, name: str) -> None:
    text = component_document(name)
    kind = name.rpartition("-0")[0].partition("-0")[0]
    row = stored(account, text, type=kind)
    for tab in TABS:
        assert row.name in body(page.get(f"/components/{row.pk}/?tab={tab}"))


@pytest.mark.parametrize("kind", [entry.name for entry in TYPES] + ["grown.since"])
def test_every_type_has_a_page_deleted_or_not(page: Client, account: Account, kind: str) -> None:
    row = stored(account, envelope(kind, "<Any a='1'/>"), type=kind, deleted=True)
    text = body(page.get(f"/components/{row.pk}/?tab=fields"))
    assert "Deleted on the platform" in text


def test_fields_name_the_components_they_use(page: Client, account: Account) -> None:
    make_component(account, 7, component_id="3ce97a05-d2b8-4614-97fa-e0468b1d2c5f", name="My map")
    row = stored(account, component_document("process-01-order-intake-main"))
    text = body(page.get(f"/components/{row.pk}/?tab=fields"))
    assert "My map" in text
    assert "a6507df1-8c3e-4b29-b0d4-2957e8fc13ba" in text  # not mirrored: its id stands there


def test_a_secret_is_on_no_page_and_in_no_answer(
    page: Client, account: Account, admin_user: User
) -> None:
    content = (
        f'<HttpSettings url="https://a:{CANARY}@x.example"><AuthSettings password="{CANARY}"/>'
        f'<field id="a" type="password" value="{CANARY}"/></HttpSettings>'
    )
    row = stored(account, envelope("connector-settings", content), type="connector-settings")
    version, document = row.versions.get(), ComponentDocument.objects.get()
    paths = [f"/components/{row.pk}/?tab={tab}" for tab in TABS]
    paths += [f"/components/{row.pk}/xml/", f"/api/v1/components/{row.pk}/xml/",
              f"/api/v1/components/{row.pk}/", "/components/?export=json",
              f"/admin/boomi/componentversion/{version.pk}/change/",
              f"/admin/boomi/componentdocument/{document.pk}/change/"]  # fmt: skip
    page.force_login(admin_user)
    for path in paths:
        answer = page.get(path)
        assert answer.status_code == 200, path
        sent = b"".join(answer) if answer.streaming else answer.content
        assert CANARY.encode() not in sent, path


def test_a_document_that_is_not_stored_can_be_fetched(page: Client, account: Account) -> None:
    row = make_component(account)
    make_version(row)
    for tab in ("fields", "xml"):
        text = body(page.get(f"/components/{row.pk}/?tab={tab}"))
        assert "is not stored yet" in text
        assert "data-live-final" in text
    answer = page.post(f"/components/{row.pk}/refresh/", {"tab": "xml"})
    assert answer["Location"] == f"/components/{row.pk}/?tab=xml"
    run = JobRun.objects.get(job="boomi.fetch_document")
    text = body(page.get(f"/components/{row.pk}/?tab=xml"))
    assert run.title in text
    assert "data-live-final" not in text


def test_a_viewer_is_told_why_he_cannot_fetch(
    client: Client, account: Account, viewer: User
) -> None:
    row = make_component(account)
    make_version(row)
    client.force_login(viewer)
    assert "This needs the role Operator." in body(client.get(f"/components/{row.pk}/?tab=xml"))
    assert client.post(f"/components/{row.pk}/refresh/").status_code == 403
    assert not JobRun.objects.exists()


def test_the_way_back_from_the_button_is_one_the_page_knows(page: Client, account: Account) -> None:
    row = make_component(account)
    make_version(row)
    sent = {"tab": "//evil.example", "show": "x", "from": "1&a=b"}
    assert page.post(f"/components/{row.pk}/refresh/", sent)["Location"] == f"/components/{row.pk}/"


def test_two_versions_are_fetched_and_compared(page: Client, account: Account) -> None:
    text = component_document("crossref-01-country-region")
    row = stored(account, text, type="crossref")
    old = make_version(row, 2)
    address = f"/components/{row.pk}/?tab=versions&from=2&to=3"
    assert "Missing: version 2" in body(page.get(address))
    page.post(f"/components/{row.pk}/refresh/", {"tab": "versions", "version": ["2", "3"]})
    assert JobRun.objects.get().params == {"component": row.pk, "version": 2}
    documents.store(old, text.replace('value="EMEA"', 'value="EU"'), now=timezone.now())
    text = body(page.get(address))
    assert "1 line added, 1 removed" in text


def test_an_old_version_says_that_it_is_one(page: Client, account: Account) -> None:
    row = stored(account, component_document("crossref-01-country-region"), type="crossref")
    documents.store(make_version(row, 2), component_document("crossref-02-carrier-regex"),
                    now=timezone.now())  # fmt: skip
    text = body(page.get(f"/components/{row.pk}/?tab=fields&version=2"))
    assert "This is an older version." in text
    assert "regex" in text
    assert page.get(f"/components/{row.pk}/?tab=xml&version=9").status_code == 404


def test_what_went_wrong_stands_on_the_page(page: Client, account: Account) -> None:
    row = make_component(account, document_error="The platform knows no such component.")
    assert "The platform knows no such component." in body(page.get(f"/components/{row.pk}/"))


def test_uses_and_used_by_mark_what_the_mirror_lacks(page: Client, account: Account) -> None:
    row = make_component(account, 1, references_version=3)
    make_component(account, 2, name="Shared map", type="transform.map", deleted=True)
    make_reference(account, "component-1", "component-2")
    make_reference(account, "component-1", "elsewhere-9")
    make_reference(account, "component-1", "component-5", version=2)
    text = body(page.get(f"/components/{row.pk}/?tab=uses"))
    assert "Shared map" in text
    assert "elsewhere-9" in text
    assert "Missing" in text
    assert "component-5" not in text
    other = Component.objects.get(component_id="component-2")
    assert "Component 1" in body(page.get(f"/components/{other.pk}/?tab=used-by"))


def test_uses_come_from_the_document_while_references_are_not_mirrored(
    page: Client, account: Account
) -> None:
    make_component(account, 7, component_id="f1b02c6e-e957-4a83-8d46-7c0e9f35b2a8", name="Profile")
    row = stored(account, component_document("documentcache-01-retry-orders"))
    text = body(page.get(f"/components/{row.pk}/?tab=uses"))
    assert "Read from the stored document" in text
    assert "Profile" in text


def test_the_overview_shows_packages_deployments_and_runs(page: Client, account: Account) -> None:
    row = make_component(account, copied_from_id="component-2")
    make_component(account, 2, name="The original")
    make_package(account, notes="For the autumn")
    rows.make_environment(account)
    rows.make_deployment(account, component_id="component-1", active=True)
    rows.make_execution(account, process_id="component-1")
    answer = page.get(f"/components/{row.pk}/")
    text = body(answer)
    for part in ("The original", "For the autumn", Environment.objects.get().name, "Active"):
        assert part in text
    assert len(answer.context["runs"]) == 1


def test_the_xml_is_sent_as_it_is_stored(page: Client, account: Account) -> None:
    text = component_document("crossref-01-country-region")
    row = stored(account, text, name='Länder "x"/../y')
    answer = page.get(f"/components/{row.pk}/xml/")
    assert answer.content.decode() == text
    assert answer["Content-Disposition"] == 'attachment; filename="L-nder-x-..-y-v3.xml"'
    assert page.get(f"/components/{make_component(account, 2).pk}/xml/").status_code == 404


def test_a_long_document_is_shown_in_pages(page: Client, account: Account) -> None:
    many = "".join(f'<row n="{number}"/>' for number in range(2500))
    row = stored(account, envelope("queue", f"<Rows>{many}</Rows>"), type="queue")
    first = page.get(f"/components/{row.pk}/?tab=xml")
    assert len(first.context["lines"]) == 1000
    assert "&quot;2400&quot;" in body(page.get(f"/components/{row.pk}/?tab=xml&page=3"))


def test_a_component_costs_a_fixed_number_of_queries(page: Client, account: Account) -> None:
    row = stored(account, component_document("process-01-order-intake-main"))

    def cost(tab: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            body(page.get(f"/components/{row.pk}/?tab={tab}"))
        return len(queries)

    before = {tab: cost(tab) for tab in TABS}
    for number in range(2, 40):
        make_component(account, number)
        make_reference(account, "component-1", f"component-{number}")
        make_reference(account, f"component-{number}", "component-1")
        make_package(account, number)
        rows.make_deployment(account, number, component_id="component-1")
        make_version(row, 100 + number)
    after = {tab: cost(tab) for tab in TABS}
    assert all(after[tab] <= before[tab] + 2 for tab in TABS), (before, after)
    assert max(after.values()) <= 26


def test_an_unchanged_page_is_not_sent_again(page: Client, account: Account) -> None:
    row = make_component(account)
    headers = {"HX-Request": "true"}
    first = page.get(f"/components/{row.pk}/", headers=headers)
    again = page.get(f"/components/{row.pk}/", headers={**headers, "If-None-Match": first["ETag"]})
    assert again.status_code == 304
    Component.objects.update(document_error="x")
    later = page.get(f"/components/{row.pk}/", headers={**headers, "If-None-Match": first["ETag"]})
    assert later.status_code == 200


def test_the_types_are_listed_with_counts_and_verbs(page: Client, account: Account) -> None:
    make_component(account, 1, type="queue")
    make_component(account, 2, type="grown.since")
    make_component(account, 3, type="queue", deleted=True)
    answer = page.get("/components/types/")
    counts = {one.type.name: one.count for one in answer.context["types"]}
    assert len(counts) == 30
    assert (counts["queue"], counts["grown.since"], counts["process"]) == (1, 1, 0)
    objects = {one.name: one for one in answer.context["objects"]}
    assert objects["ExecutionRecord"].verbs == {"GET", "QUERY"}
    assert objects["Component"].verbs == {"CREATE", "GET", "UPDATE", "BULK"}


def test_an_execution_leads_to_the_component_of_its_process(page: Client, account: Account) -> None:
    row = make_component(account, name="The process")
    run = rows.make_execution(account, process_id="component-1")
    assert f'href="/components/{row.pk}/">The process' in body(page.get(f"/executions/{run.pk}/"))
    assert page.get("/components/by-id/component-1/")["Location"] == f"/components/{row.pk}/"
