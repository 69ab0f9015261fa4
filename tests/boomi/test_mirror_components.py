"""Components, references and packages become rows: one current version, nothing written twice."""

from datetime import UTC, datetime

import pytest

from boomi.client import (
    ComponentMetadataRecord,
    FolderRecord,
    ManifestRecord,
    PackageRecord,
    ReferenceRecord,
)
from boomi.models import (
    Account,
    Component,
    ComponentReference,
    ComponentVersion,
    Folder,
    PackagedComponent,
)
from boomi.rows import components
from boomi.rows.upserts import expire, keys_of

pytestmark = [pytest.mark.django_db, pytest.mark.db]
NOW = datetime(2026, 1, 2, tzinfo=UTC)
LATER = datetime(2026, 1, 3, tzinfo=UTC)


@pytest.fixture
def account() -> Account:
    return Account.objects.create(account_id="acme-A1B2C3")


def version(number: int, component_id: str = "c-1", **fields: object) -> ComponentMetadataRecord:
    return ComponentMetadataRecord.from_api(
        {
            "componentId": component_id,
            "version": number,
            "name": f"Order v{number}",
            "type": "process",
            "currentVersion": False,
            "deleted": False,
            "modifiedDate": "2026-01-01T00:00:00Z",
            **fields,
        }
    )


def current(number: int, component_id: str = "c-1", **fields: object) -> ComponentMetadataRecord:
    return version(number, component_id, currentVersion=True, **fields)


def uses(parent: str, used: str, parent_version: int = 1) -> ReferenceRecord:
    return ReferenceRecord.from_api(
        {
            "parentComponentId": parent, "parentVersion": parent_version, "componentId": used,
            "type": "DEPENDENT",
        }
    )  # fmt: skip


def package(package_id: str = "p-1", **fields: object) -> PackageRecord:
    return PackageRecord.from_api({"packageId": package_id, "componentId": "c-1", **fields})


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (2, 3, 1)])
def test_the_current_version_is_the_component_in_whatever_order_they_come(account, order):
    for number in order:
        record = current(3) if number == 3 else version(number)
        components.store_components(account.pk, [record], NOW)
    row = Component.objects.get()
    assert (row.version, row.name) == (3, "Order v3")
    assert list(row.versions.values_list("version", "current")) == [
        (3, True), (2, False), (1, False),
    ]  # fmt: skip


def test_a_newer_current_version_ends_the_one_before(account):
    components.store_components(account.pk, [current(1)], NOW)
    components.store_components(account.pk, [current(2)], NOW)
    assert ComponentVersion.objects.get(current=True).version == 2
    assert Component.objects.get().version == 2


def test_an_older_answer_that_comes_late_changes_nothing(account):
    components.store_components(account.pk, [current(2)], NOW)
    components.store_components(account.pk, [current(1)], NOW)
    assert Component.objects.get().version == 2
    assert ComponentVersion.objects.get(current=True).version == 2


def test_a_higher_version_on_a_branch_does_not_replace_the_current_one(account):
    components.store_components(account.pk, [current(2), version(3, branchName="dev")], NOW)
    assert Component.objects.get().version == 2


def test_a_deletion_is_a_version_and_shows_on_the_component(account):
    components.store_components(account.pk, [current(1)], NOW)
    components.store_components(account.pk, [current(2, deleted=True)], NOW)
    assert Component.objects.get().deleted


def test_a_stored_document_is_due_when_the_version_changed(account):
    components.store_components(account.pk, [current(1), current(1, "c-2")], NOW)
    Component.objects.update(document_due_at=LATER)
    components.store_components(account.pk, [current(2), current(1, "c-2")], NOW)
    due = dict(Component.objects.values_list("component_id", "document_due_at"))
    assert due == {"c-1": NOW, "c-2": LATER}


def test_a_component_without_a_document_is_not_due(account):
    components.store_components(account.pk, [current(1)], NOW)
    components.store_components(account.pk, [current(2)], NOW)
    assert Component.objects.get().document_due_at is None


def test_what_is_known_of_references_survives_a_new_name(account):
    components.store_components(account.pk, [current(1)], NOW)
    Component.objects.update(references_version=1)
    components.store_components(account.pk, [current(1, name="Renamed")], NOW)
    row = Component.objects.get()
    assert (row.name, row.references_version) == ("Renamed", 1)


def test_unchanged_versions_are_not_written(account):
    records = [current(2), version(1)]
    components.store_components(account.pk, records, NOW)
    Component.objects.update(seen_at=LATER)
    stored = components.store_components(account.pk, records, NOW)
    assert (stored.seen, stored.new, stored.changed) == (2, 0, 0)
    assert Component.objects.get().seen_at == LATER


def test_a_parent_of_which_the_references_were_read_has_only_those(account):
    components.store_references_of(account.pk, "a", 1, [uses("a", "b"), uses("a", "c")])
    components.store_references_of(account.pk, "a", 2, [uses("a", "c", 2), uses("a", "d", 2)])
    now = ComponentReference.objects.filter(current=True).values_list("component_id", flat=True)
    assert sorted(now) == ["c", "d"]
    assert ComponentReference.objects.filter(current=False, parent_version=1).count() == 2


def test_users_of_a_component_that_use_it_no_more_are_history(account):
    components.store_users_of(account.pk, {"b": [uses("a", "b"), uses("x", "b")]})
    components.store_users_of(account.pk, {"b": [uses("a", "b", 2)]})
    now = ComponentReference.objects.filter(current=True)
    assert list(now.values_list("parent_component_id", "parent_version")) == [("a", 2)]


def test_references_read_twice_are_stored_once(account):
    told = {"b": [uses("a", "b"), uses("a", "b")]}
    components.store_users_of(account.pk, told)
    assert components.store_users_of(account.pk, told).changed == 0
    assert ComponentReference.objects.count() == 1


def test_a_package_keeps_its_manifest_when_it_is_deleted(account):
    components.store_packages(account.pk, [package()], NOW)
    told = ManifestRecord.from_api(
        {"packageId": "p-1", "componentInfo": [{"id": "c-1", "version": 4}]}
    )
    components.store_manifests(account.pk, ["p-1"], {"p-1": told})
    components.store_packages(account.pk, [package(deleted=True)], NOW)
    row = PackagedComponent.objects.get()
    assert row.deleted
    assert row.manifest == [{"id": "c-1", "version": 4}]


def test_a_package_whose_content_is_not_told_is_not_asked_for_again(account):
    components.store_packages(account.pk, [package()], NOW)
    components.store_manifests(account.pk, ["p-1"], {})
    assert PackagedComponent.objects.get().manifest == []


def test_a_folder_that_is_not_listed_any_more_is_gone_and_may_come_back(account):
    folders = [FolderRecord.from_api({"id": f"f-{n}", "name": f"Folder {n}"}) for n in (1, 2)]
    components.store_folders(account.pk, folders, NOW)
    listed = keys_of(Folder, account.pk, "folder_id", ["f-1"])
    assert expire(Folder, account.pk, listed, LATER) == 1
    assert Folder.objects.get(folder_id="f-2").gone_at == LATER
    components.store_folders(account.pk, folders, LATER)
    assert not Folder.objects.exclude(gone_at=None).exists()
