"""Components and packages in the REST API."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from boomi.models import Account
from boomi.services import documents
from common.models import User
from tests.boomi import rows
from tests.boomi.component_rows import (
    component_document,
    make_component,
    make_package,
    make_reference,
    make_version,
)

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/components/"
TEXT = component_document("crossref-01-country-region")


@pytest.fixture
def account(operator: User) -> Account:
    account = rows.make_account()
    rows.connect(operator, account)
    return account


@pytest.fixture
def api(operator: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(operator)
    return client


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["component_id"] for row in answer.json()["results"]]


def test_a_stranger_sees_nothing(api: APIClient, account: Account, stranger: User) -> None:
    row, package = make_component(account), make_package(account)
    api.force_authenticate(stranger)
    assert ids(api.get(ADDRESS)) == ids(api.get("/api/v1/packages/")) == []
    for part in ("", "xml/", "references/", "where-used/"):
        assert api.get(f"{ADDRESS}{row.pk}/{part}").status_code == 404
    assert api.post(f"{ADDRESS}{row.pk}/xml/").status_code == 404
    assert api.get(f"/api/v1/packages/{package.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["component-1", "component-2"]),
        ("type=queue", ["component-2"]),
        ("deleted=true", ["component-2"]),
        ("q=Component 1", ["component-1"]),
        ("component_id=component-2", ["component-2"]),
        ("ordering=-name", ["component-2", "component-1"]),
        ("modified_before=2000-01-01", []),
    ],
)
def test_the_list_is_filtered_like_the_page(
    api: APIClient, account: Account, query: str, found: list[str]
) -> None:
    make_component(account, 1)
    make_component(account, 2, type="queue", deleted=True)
    assert ids(api.get(f"{ADDRESS}?{query}")) == found


def test_a_misspelt_filter_is_refused(api: APIClient, account: Account) -> None:
    assert api.get(f"{ADDRESS}?typ=queue").status_code == 400


def test_a_component_comes_with_its_versions(api: APIClient, account: Account) -> None:
    row = make_component(account)
    documents.store(make_version(row), TEXT, now=timezone.now())
    make_version(row, 2)
    answer = api.get(f"{ADDRESS}{row.pk}/").json()
    assert [(one["version"], one["is_stored"]) for one in answer["versions"]] == [
        (3, True), (2, False),
    ]  # fmt: skip


def test_the_document_is_read_by_version(api: APIClient, account: Account) -> None:
    row = make_component(account)
    documents.store(make_version(row), TEXT, now=timezone.now())
    make_version(row, 2)
    answer = api.get(f"{ADDRESS}{row.pk}/xml/", HTTP_ACCEPT="*/*")
    assert (answer.content.decode(), answer["Cache-Control"]) == (TEXT, "no-store")
    assert api.get(f"{ADDRESS}{row.pk}/xml/?version=2").status_code == 404
    assert api.get(f"{ADDRESS}{row.pk}/xml/?version=two").status_code == 400


def test_a_post_has_it_fetched_only_when_it_must(api: APIClient, account: Account) -> None:
    row = make_component(account)
    version = make_version(row)
    answer = api.post(f"{ADDRESS}{row.pk}/xml/")
    assert answer.status_code == 202
    assert answer["Location"].startswith("/api/v1/jobs/")
    documents.store(version, TEXT, now=timezone.now())
    again = api.post(f"{ADDRESS}{row.pk}/xml/")
    assert (again.status_code, again.json()["is_stored"]) == (200, True)
    assert api.post(f"{ADDRESS}{row.pk}/xml/?version=77").status_code == 404


def test_references_go_both_ways(api: APIClient, account: Account) -> None:
    first, second = make_component(account, 1), make_component(account, 2, type="queue")
    make_reference(account, "component-1", "component-2")
    make_reference(account, "component-1", "elsewhere")
    uses = api.get(f"{ADDRESS}{first.pk}/references/").json()
    assert [(one["component_id"], one["id"], one["type"]) for one in uses] == [
        ("component-2", second.pk, "queue"), ("elsewhere", None, None),
    ]  # fmt: skip
    (user,) = api.get(f"{ADDRESS}{second.pk}/where-used/").json()
    assert (user["component_id"], user["version"]) == ("component-1", 3)


def test_packages_hold_their_manifest_only_one_by_one(api: APIClient, account: Account) -> None:
    package = make_package(account, manifest=[{"id": "component-1", "version": 3}])
    (row,) = api.get("/api/v1/packages/?component_id=component-1").json()["results"]
    assert "manifest" not in row
    whole = api.get(f"/api/v1/packages/{package.pk}/").json()
    assert whole["manifest"] == [{"id": "component-1", "version": 3}]


def test_exports_are_whole(api: APIClient, account: Account) -> None:
    for number in (1, 2, 3):
        make_component(account, number)
        make_package(account, number)
    for kind in ("components", "packages"):
        lines = b"".join(api.get(f"/api/v1/{kind}/?export=csv")).decode().splitlines()
        assert len(lines) == 4
