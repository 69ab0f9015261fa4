"""Components, references, packages, folders and schedules as the sandbox tells them."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from boomi.client import BoomiClient, Broken, ComponentMetadataRecord, Forbidden, Page
from boomi.models import (
    Account,
    ApiCall,
    Component,
    ComponentReference,
    ComponentVersion,
    Deployment,
    Folder,
    PackagedComponent,
    ProcessSchedule,
    SyncMark,
)
from boomi.services import sync_components
from scheduling.models import JobStatus
from tests.boomi.syncing import TOLD, run_sync

pytestmark = [pytest.mark.django_db, pytest.mark.db]


def calls(**filters) -> int:
    return ApiCall.objects.filter(**filters).count()


def test_the_facts_of_the_account_and_its_groups_are_mirrored(connection):
    run_sync(connection, kinds=["account"])
    account = Account.objects.get(pk=connection.account_id)
    assert account.status == "active"
    assert account.facts_seen_at is not None
    assert account.groups.filter(is_default=True).exists()


def test_every_version_of_every_component_is_mirrored(connection):
    run_sync(connection, kinds=["components"])
    assert ComponentVersion.objects.count() > Component.objects.count() > 20
    # One current version each, the one the component shows.
    current = ComponentVersion.objects.filter(current=True)
    shown = dict(Component.objects.values_list("pk", "version"))
    assert dict(current.values_list("component", "version")) == shown


def test_a_second_pass_asks_for_what_was_modified_since(connection):
    run_sync(connection, kinds=["components"])
    before = calls()
    run_sync(connection, kinds=["components"])
    assert calls() == before + 1


def test_references_come_in_bulk_first_and_then_of_changed_parents_only(connection):
    run_sync(connection, kinds=["components", "references"])
    assert ComponentReference.objects.filter(current=True).exists()
    assert not Component.objects.filter(references_version=None).exists()
    asked = Counter(ApiCall.objects.values_list("path", flat=True))
    assert not any(path.endswith("ComponentReference/query") for path in asked)
    parent = ComponentReference.objects.first().parent_component_id
    Component.objects.filter(component_id=parent).update(references_version=0)
    before = set(ComponentReference.objects.filter(current=True).values_list("pk", flat=True))
    run_sync(connection, kinds=["references"])
    assert calls(path__endswith="ComponentReference/query") == 1
    assert (
        set(ComponentReference.objects.filter(current=True).values_list("pk", flat=True)) == before
    )


def test_many_changed_parents_are_read_in_bulk_again(connection, monkeypatch):
    run_sync(connection, kinds=["components", "references"])
    monkeypatch.setattr(sync_components, "PARENTS_PER_PASS", 5)
    Component.objects.update(references_version=0)
    run_sync(connection, kinds=["references"])
    assert SyncMark.objects.get(kind="references").due_at <= timezone.now()
    run_sync(connection, kinds=["references"])
    assert calls(path__endswith="ComponentReference/query") == 0
    assert not Component.objects.filter(references_version=0).exists()


def test_packages_and_what_is_inside_them(connection):
    run_sync(connection, kinds=["deployments", "packages"])
    live = PackagedComponent.objects.filter(deleted=False)
    assert live.exists()
    assert not live.filter(manifest__isnull=True).exists()
    deployed = live.filter(
        package_id__in=Deployment.objects.filter(active=True).values("package_id")
    ).first()
    assert {"id": deployed.component_id, "version": deployed.component_version} in deployed.manifest


def test_deleted_packages_are_asked_for_once_a_day(connection):
    run_sync(connection, kinds=["packages"])
    before = calls()
    run_sync(connection, kinds=["packages"])
    assert calls() == before + 1
    mark = SyncMark.objects.get(kind="packages")
    old = timezone.now() - timedelta(days=2)
    SyncMark.objects.filter(pk=mark.pk).update(cursor={"deleted_at": old.isoformat()})
    run_sync(connection, kinds=["packages"])
    assert calls() == before + 3


def test_folders_and_schedules_are_complete_lists(connection):
    run_sync(connection, kinds=["folders", "schedules"])
    assert Folder.objects.exclude(parent_id="").exists()
    row = ProcessSchedule.objects.exclude(entries=[]).first()
    assert set(row.entries[0]) >= {"minutes", "hours", "daysOfWeek"}
    assert row.enabled is not None
    assert row.changed_at is None


@pytest.mark.parametrize(("model", "kind"), [(Folder, "folders"), (ProcessSchedule, "schedules")])
def test_what_a_long_list_names_no_more_is_gone(connection, model, kind):
    run_sync(connection, kinds=[kind])
    row = model.objects.order_by("-pk").first()
    key = "folder_id" if model is Folder else "schedule_id"
    setattr(row, key, "gone")
    row.pk = None
    row.save(force_insert=True)
    run_sync(connection, kinds=[kind])
    assert [getattr(one, key) for one in model.objects.exclude(gone_at=None)] == ["gone"]
    assert SyncMark.objects.get(kind=kind).cursor == {}


def test_a_changed_schedule_says_when_the_change_was_seen(connection):
    run_sync(connection, kinds=["schedules"])
    row = ProcessSchedule.objects.exclude(entries=[]).first()
    ProcessSchedule.objects.filter(pk=row.pk).update(enabled=not row.enabled)
    run_sync(connection, kinds=["schedules"])
    row.refresh_from_db()
    assert row.changed_at is not None
    assert ProcessSchedule.objects.exclude(changed_at=None).count() == 1


def test_a_deployment_without_a_date_counts_from_when_it_was_first_seen(connection, monkeypatch):
    ask = BoomiClient.deployed_packages_page

    def undated(self, expr, token=None):
        page = ask(self, expr, token)
        return replace(page, items=tuple(replace(one, deployed_at=None) for one in page.items))

    monkeypatch.setattr(BoomiClient, "deployed_packages_page", undated)
    run_sync(connection, kinds=["deployments"])
    first = dict(Deployment.objects.values_list("deployment_id", "deployed_at"))
    assert first
    run_sync(connection, kinds=["deployments"])
    assert dict(Deployment.objects.values_list("deployment_id", "deployed_at")) == first


def test_a_kind_whose_answers_cannot_be_read_leaves_the_others(connection, monkeypatch):
    def spoilt(self, expr, token=None) -> Page[ComponentMetadataRecord]:
        raise Broken("The platform's answer is no query result.")

    monkeypatch.setattr(BoomiClient, "component_metadata_page", spoilt)
    run = run_sync(connection)
    assert run.status == JobStatus.SUCCEEDED, run.error_message
    assert "components failed" in run.summary
    assert PackagedComponent.objects.exists()
    mark = SyncMark.objects.get(kind="components")
    assert mark.error.startswith("The platform's answer is no query result.")
    assert mark.due_at > timezone.now()


def test_a_sync_of_which_nothing_could_be_read_fails_and_says_why(connection, monkeypatch):
    def refuse(self, expr, token=None):
        raise Forbidden("The user lacks a privilege.")

    monkeypatch.setattr(BoomiClient, "schedules_page", refuse)
    run = run_sync(connection, kinds=["schedules"])
    assert (run.status, run.error_code) == (JobStatus.FAILED, "ACCESS_DENIED")


def test_since_reads_every_timed_kind_again(connection):
    run_sync(connection)
    old = timezone.now() - timedelta(days=20)
    gone = ComponentVersion.objects.filter(modified_at__gte=old)
    count = gone.count()
    gone.delete()
    run_sync(connection, since=old - timedelta(days=1))
    assert ComponentVersion.objects.filter(modified_at__gte=old).count() == count


def test_calls_carry_what_they_were_for(connection):
    run_sync(connection, kinds=["environments", "folders"])
    features = set(ApiCall.objects.values_list("feature", flat=True))
    assert features == {"sync.environments", "sync.folders"}


def test_a_repeat_writes_no_row_of_the_mirror(connection):
    run_sync(connection)
    run_sync(connection)
    with CaptureQueriesContext(database) as seen:
        run_sync(connection)
    tables = {model._meta.db_table for model in TOLD}
    written = [
        query["sql"][:120]
        for query in seen
        if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))
        and query["sql"].split('"')[1] in tables
    ]
    assert written == []
