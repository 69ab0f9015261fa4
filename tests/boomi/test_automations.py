"""The kinds of automation about the mirror, over the sandbox: what is foretold is what is done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from boomi.automation_forms import PropertiesField
from boomi.models import (
    ApiCall,
    Component,
    ComponentVersion,
    Connection,
    ConnectionState,
    Execution,
    LogState,
    PlatformEvent,
    Runtime,
    SyncMark,
)
from boomi.services import documents, sync
from common.actors import Actor
from common.errors import InputError, NotAllowed
from common.models import User
from sandbox.server import Sandbox
from scheduling import kinds
from scheduling.models import Automation, JobRun, JobStatus
from scheduling.services import automations, previews
from scheduling.testing import drain

pytestmark = pytest.mark.django_db


def automate(owner: User, kind: str, name: str = "Nightly", **parameters: Any) -> Automation:
    actor = Actor.person(owner)
    return automations.create(actor=actor, name=name, kind=kind, parameters=parameters)


def run(automation: Automation, owner: User | None = None) -> JobRun:
    started = automations.run_now(automation, actor=Actor.person(owner or automation.owner))
    drain(ignore_waits=True)
    started.refresh_from_db()
    return started


def foretold(automation: Automation) -> kinds.Preview:
    """The dry run; it must not call the platform."""
    calls = ApiCall.objects.count()
    told = previews.dry_run(automation, actor=Actor.person(automation.owner)).preview
    assert ApiCall.objects.count() == calls
    return told


def in_words(automation: Automation) -> str:
    return kinds.find(automation.kind).describe(automation.parameters)


def mirrored(connection: Connection, *wanted: str) -> None:
    sync.request(connection, actor=Actor.person(connection.owner), kinds=list(wanted))
    drain(ignore_waits=True)


# --- Sync ---------------------------------------------------------------------------------


def test_a_sync_mirrors_the_chosen_facts(connection: Connection, operator: User) -> None:
    wanted = ["environments", "runtimes"]
    automation = automate(operator, "boomi.sync", account=connection.account_id, kinds=wanted)
    told = foretold(automation)
    assert (told.found, told.calls) == (2, 2)
    assert told.findings[0].label == "Environments: never read yet"
    done = run(automation)
    assert done.status == JobStatus.SUCCEEDED, done.error_message
    marks = SyncMark.objects.exclude(completed_at=None)
    assert set(marks.values_list("kind", flat=True)) >= set(wanted)
    assert not Execution.objects.exists()
    assert in_words(automation).startswith("Mirror environments and runtimes of ")


def test_a_sync_that_is_live_already_is_followed_by_the_wanted_one(
    connection: Connection, operator: User
) -> None:
    sync.request(connection, actor=Actor.person(operator), kinds=["environments"])
    automation = automate(operator, "boomi.sync", account=connection.account_id, kinds=["runtimes"])
    assert run(automation).status == JobStatus.SUCCEEDED
    assert JobRun.objects.filter(job="boomi.sync_connection").count() == 2


def test_a_sync_without_a_connection_says_so(connection: Connection, operator: User) -> None:
    automation = automate(operator, "boomi.sync", account=connection.account_id)
    Connection.objects.update(status=ConnectionState.FAILING)
    failed = run(automation)
    assert (failed.status, failed.error_code) == (JobStatus.FAILED, "NO_CONNECTION")


def test_a_token_that_is_refused_fails_the_automation_with_the_reason(
    connection: Connection, operator: User, sandbox: Sandbox
) -> None:
    sandbox.faults.reject_all_tokens = True
    automation = automate(operator, "boomi.sync", account=connection.account_id)
    failed = run(automation)
    assert (failed.status, failed.error_code) == (JobStatus.FAILED, "AUTH_FAILED")


# --- Logs ---------------------------------------------------------------------------------


@pytest.fixture
def few(connection: Connection) -> list[Execution]:
    """Five runs whose logs the platform has, newest first."""
    mirrored(connection, "runtimes", "executions")
    online = Runtime.objects.filter(status="ONLINE").values("runtime_id")
    wanted = Execution.objects.filter(runtime_id__in=online, execution_type="exec_sched")
    keep = list(wanted.filter(status="COMPLETE").order_by("-started_at")[2:7])
    Execution.objects.exclude(pk__in=[row.pk for row in keep]).delete()
    return keep


def test_missing_logs_are_captured_oldest_first(
    connection: Connection, operator: User, few: list[Execution]
) -> None:
    automation = automate(operator, "boomi.capture_logs", account=connection.account_id, limit=3)
    told = foretold(automation)
    assert (told.found, told.calls) == (len(few), 9)
    assert told.sentence.endswith("One start takes the 3 oldest.")
    first = run(automation)
    assert (first.records_done, first.result["more"]) == (3, True)
    stored = Execution.objects.filter(log_state=LogState.READY).order_by("started_at")
    assert [row.pk for row in stored] == [row.pk for row in reversed(few[2:])]
    assert run(automation).records_done == len(few) - 3
    assert run(automation).summary == "No log was missing."


def test_young_runs_are_left_for_later(
    connection: Connection, operator: User, few: list[Execution]
) -> None:
    automation = automate(
        operator, "boomi.capture_logs", account=connection.account_id, older_than_days=20
    )
    assert foretold(automation).found == 0
    Execution.objects.filter(pk=few[0].pk).update(started_at=timezone.now() - timedelta(days=21))
    assert foretold(automation).found == 1


def test_background_captures_leave_peoples_share_of_the_calls(
    connection: Connection, operator: User, few: list[Execution]
) -> None:
    before = ApiCall.objects.count()
    run(automate(operator, "boomi.capture_logs", account=connection.account_id, limit=1))
    calls = ApiCall.objects.order_by("pk")[before:]
    assert {call.purpose for call in calls} == {"background"}
    assert {call.feature for call in calls} == {"log.fetch"}


def test_a_log_that_cannot_be_had_is_told_and_not_asked_for_again(
    connection: Connection, operator: User, few: list[Execution], sandbox: Sandbox
) -> None:
    Execution.objects.exclude(pk=few[0].pk).delete()
    Execution.objects.update(execution_id="execution-of-nobody")
    automation = automate(operator, "boomi.capture_logs", account=connection.account_id)
    first = run(automation)
    assert (first.status, first.records_failed) == (JobStatus.SUCCEEDED, 1)
    assert first.record_errors.get().url == f"/executions/{few[0].pk}/"
    assert run(automation).summary == "No log was missing."


# --- Components ---------------------------------------------------------------------------


def test_due_documents_are_refreshed_and_fresh_ones_cost_nothing(
    connection: Connection, operator: User
) -> None:
    mirrored(connection, "components")
    some = list(Component.objects.filter(deleted=False).values_list("pk", flat=True)[:7])
    Component.objects.exclude(pk__in=some).delete()
    automation = automate(operator, "boomi.refresh_components", account=connection.account_id)
    told = foretold(automation)
    assert (told.found, told.calls) == (7, 2)
    first = run(automation)
    assert first.status == JobStatus.SUCCEEDED, first.error_message
    assert (first.result["stored"], first.result["left"], first.records_done) == (7, 0, 7)
    assert ComponentVersion.objects.exclude(document=None).count() == 7
    calls = ApiCall.objects.count()
    assert run(automation).summary == "Every document is fresh."
    assert ApiCall.objects.count() == calls


def test_after_its_time_a_document_is_read_again(connection: Connection, operator: User) -> None:
    mirrored(connection, "components")
    some = list(Component.objects.filter(deleted=False).values_list("pk", flat=True)[:3])
    Component.objects.exclude(pk__in=some).delete()
    automation = automate(operator, "boomi.refresh_components", account=connection.account_id)
    run(automation)
    Component.objects.filter(pk=some[0]).update(document_due_at=timezone.now())
    assert documents.due(connection.account_id).count() == 1
    assert run(automation).result["stored"] == 1


# --- Pruning ------------------------------------------------------------------------------


def test_pruning_deletes_what_was_foretold(connection: Connection, admin_user: User) -> None:
    for number, days in enumerate((1, 5000, 5001)):
        PlatformEvent.objects.create(
            account=connection.account, event_id=f"e{number}", seen_at=timezone.now(),
            at=timezone.now() - timedelta(days=days),
        )  # fmt: skip
    automation = automate(admin_user, "boomi.prune", kinds=["events"])
    told = foretold(automation)
    assert (told.found, told.calls, told.sentence) == (2, 0, "2 events would be deleted.")
    assert run(automation).result["deleted"] == {"events": told.found}
    assert PlatformEvent.objects.count() == 1


def test_only_an_admin_prunes(operator: User) -> None:
    with pytest.raises(NotAllowed):
        automate(operator, "boomi.prune")


# --- Forms --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "parameters", "field"),
    [
        ("boomi.sync", {"kinds": ["nothing"]}, "kinds"),
        ("boomi.capture_logs", {"older_than_days": 31}, "older_than_days"),
        ("boomi.capture_logs", {"process": "of-nobody"}, "process"),
        ("boomi.refresh_components", {"limit": 0}, "limit"),
        ("boomi.run_process", {"process": "x", "runtime": 99}, "runtime"),
        ("boomi.run_process", {"properties": "no sign of equality"}, "properties"),
        ("boomi.run_process", {"properties": "A=1\nA=2"}, "properties"),
    ],
)
def test_a_wrong_parameter_is_named(
    connection: Connection, operator: User, kind: str, parameters: Mapping[str, Any], field: str
) -> None:
    with pytest.raises(InputError) as refused:
        automate(operator, kind, account=connection.account_id, **parameters)
    assert f"parameters.{field}" in refused.value.fields


@pytest.mark.parametrize("kind", ["boomi.sync", "boomi.capture_logs", "boomi.refresh_components"])
def test_an_account_of_others_is_no_choice(
    connection: Connection, developer: User, kind: str
) -> None:
    with pytest.raises(InputError) as refused:
        automate(developer, kind, account=connection.account_id)
    assert list(refused.value.fields) == ["parameters.account"]


def test_a_viewer_lets_nothing_be_done(connection: Connection, viewer: User) -> None:
    verdict = kinds.find("boomi.sync").may_use(
        Actor.person(viewer), {"account": connection.account_id}
    )
    assert "Operator" in verdict.reason


@pytest.mark.parametrize("given", ["A=1\n B = x=y \n", {"A": "1", "B": "x=y"}])
def test_properties_are_lines_or_an_object(operator: User, given: Any) -> None:
    field = PropertiesField(required=False)
    assert field.clean(given) == {"A": "1", "B": "x=y"}
    assert field.prepare_value({"A": "1", "B": "x=y"}) == "A=1\nB=x=y"
