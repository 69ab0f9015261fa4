"""Events, audit log, summaries and connectors as the sandbox tells them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from boomi.client import BoomiClient
from boomi.models import (
    Execution,
    ExecutionConnector,
    ExecutionOutcome,
    ExecutionSummary,
    PlatformAuditEntry,
    PlatformEvent,
    Runtime,
    SyncMark,
)
from boomi.services import sync_activity, sync_audit
from sandbox.server import Sandbox
from scheduling import events
from scheduling.models import JobStatus
from tests.boomi.rows import make_account, make_execution
from tests.boomi.syncing import run_sync

pytestmark = [pytest.mark.django_db, pytest.mark.db]


@pytest.fixture
def told(monkeypatch) -> list[tuple[str, dict]]:
    """What the portal's events said during the test."""
    heard: list[tuple[str, dict]] = []
    monkeypatch.setattr(events, "_listeners", [lambda e, payload: heard.append((e.name, payload))])
    return heard


def failures(told) -> list[int]:
    return [
        pk
        for name, payload in told
        if name == "boomi.executions.failed"
        for pk in payload["executions"]
    ]


# Failures told once


def test_a_failure_that_is_new_is_told_with_its_row(connection, sandbox, told):
    run_sync(connection)
    told.clear()
    lost = Execution.objects.filter(outcome="error").latest("started_at")
    lost.delete()
    since = lost.started_at - timedelta(minutes=1)
    run_sync(connection, kinds=["executions"], since=since)
    again = Execution.objects.get(execution_id=lost.execution_id)
    payload = next(payload for name, payload in told if name == "boomi.executions.failed")
    assert payload == {
        "audience": f"account:{connection.account_id}",
        "account": connection.account_id,
        "executions": [again.pk],
        "count": 1,
    }


def test_the_past_that_is_read_at_first_is_not_news(connection, told):
    run_sync(connection, kinds=["executions"])
    late = timezone.now() - timedelta(minutes=31)
    old = set(Execution.objects.filter(outcome="error", started_at__lt=late).values_list("pk"))
    assert old
    assert not {(pk,) for pk in failures(told)} & old


@pytest.mark.parametrize("first", ["executions", "events"])
def test_a_failure_is_told_once_by_whichever_road_it_came_first(connection, told, first):
    run_sync(connection)
    row = Execution.objects.filter(outcome="error").latest("started_at")
    # As if the failure had just happened and neither road had told of it.
    PlatformEvent.objects.filter(execution_id=row.execution_id).update(at=timezone.now())
    Execution.objects.filter(pk=row.pk).update(
        outcome=ExecutionOutcome.RUNNING, status="INPROCESS", duration_ms=None,
        seen_at=row.started_at,
    )  # fmt: skip
    told.clear()
    second = {"executions": "events", "events": "executions"}[first]
    run_sync(connection, kinds=[first])
    run_sync(connection, kinds=[second])
    assert failures(told) == [row.pk]


def test_an_event_brings_the_execution_before_its_turn(connection, told):
    run_sync(connection)
    row = Execution.objects.filter(outcome="error").latest("started_at")
    PlatformEvent.objects.filter(execution_id=row.execution_id).update(at=timezone.now())
    row.delete()
    told.clear()
    run_sync(connection, kinds=["events"])
    assert failures(told) == [Execution.objects.get(execution_id=row.execution_id).pk]


def test_a_runtime_that_goes_offline_is_told_once(connection, sandbox, told):
    run_sync(connection, kinds=["runtimes"])
    assert told == []
    runtime = Runtime.objects.filter(status="ONLINE").first()
    sandbox.faults.offline_runtimes = {runtime.runtime_id}
    run_sync(connection, kinds=["runtimes"])
    run_sync(connection, kinds=["runtimes"])
    assert [(name, payload["runtime"]) for name, payload in told] == [
        ("boomi.runtime.offline", runtime.pk)
    ]


# Events and the audit log


def test_events_of_the_week_are_mirrored_once(connection):
    run_sync(connection, kinds=["events"])
    count = PlatformEvent.objects.count()
    assert count > 5
    assert run_sync(connection, kinds=["events"]).result["added"] == {}
    assert PlatformEvent.objects.count() == count


def test_the_audit_log_is_read_on_from_where_it_was(connection, monkeypatch):
    run_sync(connection, kinds=["audit_log"])
    asked = []
    ask = BoomiClient.audit_log_page
    monkeypatch.setattr(
        BoomiClient,
        "audit_log_page",
        lambda self, expr, token=None: (asked.append(expr), ask(self, expr, token))[1],
    )
    assert run_sync(connection, kinds=["audit_log"]).result["added"] == {}
    written = asked[0].to_api()["argument"][0]
    watermark = SyncMark.objects.get(kind="audit_log").watermark
    assert written >= (watermark - timedelta(minutes=32)).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_runs_by_hand_show_who_started_them(connection):
    run_sync(connection)
    by_hand = Execution.objects.filter(execution_type="exec_manual")
    assert by_hand.exists()
    assert not by_hand.filter(triggered_by="").exists()
    assert not Execution.objects.filter(execution_type="exec_sched").exclude(triggered_by="")


def entry(account, at, user="ann@acme.com", **fields) -> PlatformAuditEntry:
    values = {
        "document_id": f"d-{at.isoformat()}-{user}", "type": sync_audit.STARTS[0],
        "container_id": "runtime-1", "message": "Process 1 was executed", **fields,
    }  # fmt: skip
    return PlatformAuditEntry.objects.create(
        account=account, at=at, user=user, seen_at=at, **values
    )


def test_each_run_by_hand_goes_to_the_nearest_entry_only():
    account, now = make_account(), timezone.now()
    runs = [
        make_execution(
            account, n, process_id="p", process_name="Process 1", execution_type="exec_manual",
            started_at=now + timedelta(seconds=60 * n),
        )
        for n in (1, 2)
    ]  # fmt: skip
    entries = [
        entry(account, now + timedelta(seconds=58), "ann@acme.com"),
        entry(account, now + timedelta(seconds=118), "bob@acme.com"),
    ]
    assert sync_audit.name_starters(account.pk, entries) == 2
    names = [Execution.objects.get(pk=run.pk).triggered_by for run in runs]
    assert names == ["ann@acme.com", "bob@acme.com"]


def test_an_entry_that_has_its_run_gives_no_name_to_the_next_one():
    account, now = make_account(), timezone.now()
    values = {"process_name": "Process 1", "execution_type": "exec_manual"}
    make_execution(account, 1, started_at=now, **values)
    told = [entry(account, now)]
    assert sync_audit.name_starters(account.pk, told) == 1
    later = make_execution(account, 2, started_at=now + timedelta(minutes=2), **values)
    assert sync_audit.name_starters(account.pk, told) == 0
    later.refresh_from_db()
    assert later.triggered_by == ""
    told.append(entry(account, now + timedelta(minutes=2), "bob@acme.com"))
    assert sync_audit.name_starters(account.pk, told) == 1
    later.refresh_from_db()
    assert later.triggered_by == "bob@acme.com"


@pytest.mark.parametrize(
    "fields",
    [
        {"process_name": "Another"},
        {"runtime_id": "runtime-2"},
        {"execution_type": "exec_sched"},
        {"started_at": timezone.now() - timedelta(hours=1)},
    ],
)
def test_a_run_that_does_not_fit_the_entry_stays_without_a_name(fields):
    account, now = make_account(), timezone.now()
    values = {"process_name": "Process 1", "execution_type": "exec_manual", "started_at": now}
    make_execution(account, 1, **{**values, **fields})
    assert sync_audit.name_starters(account.pk, [entry(account, now)]) == 0


# Summaries and connectors


def test_summaries_of_low_latency_runs_are_mirrored_once(operator, make_connection):
    with Sandbox(scenario="northwind", rate_limit=0) as server:
        connection = make_connection(operator, server.url)
        run_sync(connection, kinds=["summaries"])
        count = ExecutionSummary.objects.count()
        assert count > 10
        assert run_sync(connection, kinds=["summaries"]).result["added"] == {}
    assert ExecutionSummary.objects.count() == count


def test_connectors_are_read_of_failed_runs_only_and_once(connection, monkeypatch):
    asked = []
    ask = BoomiClient.execution_connectors
    monkeypatch.setattr(
        BoomiClient,
        "execution_connectors",
        lambda self, name: (asked.append(name), ask(self, name))[1],
    )
    run_sync(connection, kinds=["executions", "connectors"])
    failed = set(Execution.objects.filter(outcome="error").values_list("execution_id", flat=True))
    assert set(asked) == failed
    run_sync(connection, kinds=["connectors"])
    assert len(asked) == len(failed)
    assert ExecutionConnector.objects.filter(execution__outcome="error").exists()


def test_a_wave_of_failures_is_read_a_few_at_a_time(connection, monkeypatch):
    monkeypatch.setattr(sync_activity, "CONNECTORS_PER_PASS", 3)
    run_sync(connection, kinds=["executions", "connectors"])
    assert Execution.objects.exclude(connectors_at=None).count() == 3
    mark = SyncMark.objects.get(kind="connectors")
    assert mark.due_at <= timezone.now()
    run_sync(connection, kinds=["connectors"])
    assert Execution.objects.exclude(connectors_at=None).count() == 6


def test_a_run_the_platform_knows_no_more_is_not_asked_for_again(connection):
    run_sync(connection, kinds=["executions"])
    Execution.objects.all().delete()
    make_execution(connection.account, 10, started_at=timezone.now() - timedelta(hours=1))
    run = run_sync(connection, kinds=["connectors"])
    assert run.status == JobStatus.SUCCEEDED
    assert not Execution.objects.filter(connectors_at=None).exists()
