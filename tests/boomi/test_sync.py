"""Syncs against the sandbox: complete, repeatable, resumable, and quiet when refused."""

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from boomi import clients
from boomi.client import BoomiClient, Policy
from boomi.client import caller as client_module
from boomi.models import (
    ApiCall,
    Connection,
    ConnectionState,
    Deployment,
    Environment,
    Execution,
    ExecutionOutcome,
    LimiterState,
    LogState,
    Runtime,
    SyncMark,
)
from boomi.services import sync, sync_executions
from common.actors import Actor
from common.errors import Conflict, InputError, NotAllowed
from sandbox.scenario import TRUTH
from sandbox.server import Sandbox
from scheduling.models import JobRun, JobStatus
from scheduling.testing import drain
from tests.boomi.syncing import run_sync

pytestmark = [pytest.mark.django_db, pytest.mark.db]


def test_everything_the_platform_tells_is_mirrored(connection, sandbox):
    run = run_sync(connection)
    assert run.status == JobStatus.SUCCEEDED, run.error_message
    assert Execution.objects.count() > 100
    failing = Execution.objects.get(execution_id=sandbox.truth.failing_run.execution_id)
    assert failing.outcome == ExecutionOutcome.ERROR
    assert failing.status == "ERROR"
    assert failing.message == sandbox.truth.failing_run.message
    own = [e for e in TRUTH.environments if e.account_id == TRUTH.primary.account_id]
    assert Environment.objects.count() == len(own)
    atom = Runtime.objects.get(runtime_id=failing.runtime_id)
    assert atom.environments.get().classification == "PROD"
    assert Runtime.objects.get(name=TRUTH.offline_runtime.name).status == "OFFLINE"
    assert Deployment.objects.filter(active=True).exists()


def test_the_summary_counts(connection):
    run = run_sync(connection)
    failures = Execution.objects.filter(outcome=ExecutionOutcome.ERROR).count()
    assert f", {failures} new failures, " in run.summary
    assert run.result["new"] == Execution.objects.count()


def test_a_second_sync_changes_nothing(connection):
    run_sync(connection)
    before = list(Execution.objects.order_by("pk").values())
    run = run_sync(connection)
    assert run.result["new"] == 0
    assert run.result["failures"] == 0
    assert list(Execution.objects.order_by("pk").values()) == before


def test_a_second_sync_asks_for_the_newest_only(connection, sandbox):
    run_sync(connection)
    calls = ApiCall.objects.count()
    run_sync(connection)
    asked = Counter(ApiCall.objects.order_by("pk")[calls:].values_list("path", flat=True))
    assert sum(count for path, count in asked.items() if "ExecutionRecord" in path) <= 2


def test_new_executions_appear_with_the_next_sync(connection, sandbox):
    run_sync(connection, kinds=["executions"])
    mark = SyncMark.objects.get(kind="executions")
    count = Execution.objects.count()
    newest = Execution.objects.latest("started_at")
    newest.delete()
    run_sync(connection, kinds=["executions"])
    # Only what lies within the overlap is read again.
    expected = count if newest.started_at > mark.watermark - timedelta(minutes=30) else count - 1
    assert Execution.objects.count() == expected


def test_an_unfinished_execution_becomes_final(connection, sandbox):
    run_sync(connection, kinds=["executions"])
    row = Execution.objects.filter(
        outcome=ExecutionOutcome.SUCCESS, started_at__lt=timezone.now() - timedelta(hours=2)
    ).first()
    Execution.objects.filter(pk=row.pk).update(
        outcome=ExecutionOutcome.RUNNING, status="INPROCESS", duration_ms=None,
        seen_at=row.started_at,
    )  # fmt: skip
    run_sync(connection, kinds=["executions"])
    again = Execution.objects.get(pk=row.pk)
    assert (again.status, again.duration_ms) == (row.status, row.duration_ms)


def test_an_unfinished_execution_older_than_the_platform_keeps_is_let_be(connection):
    run_sync(connection, kinds=["executions"])
    old = timezone.now() - timedelta(days=31)
    Execution.objects.create(
        account=connection.account, execution_id="execution-old", status="INPROCESS",
        outcome=ExecutionOutcome.RUNNING, started_at=old, seen_at=old,
    )  # fmt: skip
    calls = ApiCall.objects.count()
    run_sync(connection, kinds=["executions"])
    assert ApiCall.objects.count() == calls + 1


def test_what_is_known_of_a_log_survives_a_change(connection, sandbox):
    run_sync(connection, kinds=["executions"])
    row = Execution.objects.first()
    Execution.objects.filter(pk=row.pk).update(
        log_state=LogState.PURGED, log_reason="gone", status="INPROCESS", outcome="running",
        started_at=timezone.now() - timedelta(hours=1), seen_at=row.started_at,
    )  # fmt: skip
    run_sync(connection, kinds=["executions"])
    again = Execution.objects.get(pk=row.pk)
    assert again.status == row.status
    assert (again.log_state, again.log_reason) == (LogState.PURGED, "gone")


def test_a_sync_killed_between_pages_goes_on_without_loss_or_doubles(
    connection, sandbox, monkeypatch
):
    """The slice dies after each stored page; only the rows and the marks tell the next one."""
    store = sync_executions.ExecutionPass._read_past
    deaths = []

    def read_and_die(self, fill):
        store(self, fill)
        deaths.append(fill)
        if len(deaths) % 2:
            raise ConnectionResetError("killed")

    monkeypatch.setattr(sync_executions.ExecutionPass, "_read_past", read_and_die)
    runs = 0
    while not SyncMark.objects.filter(kind="executions").exclude(completed_at=None).exists():
        run_sync(connection, kinds=["executions"])
        runs += 1
        assert runs < 50
    assert runs > 5
    interrupted = set(Execution.objects.values_list("execution_id", flat=True))
    monkeypatch.undo()
    Execution.objects.all().delete()
    SyncMark.objects.all().delete()
    run_sync(connection, kinds=["executions"])
    assert interrupted == set(Execution.objects.values_list("execution_id", flat=True))


def test_350_rows_are_four_calls_and_a_kill_after_the_second_costs_none_again(
    operator, make_connection, monkeypatch
):
    """The newest window reaches back to the watermark, here three weeks."""
    with Sandbox(scenario="bulk:350", rate_limit=0) as server:
        connection = make_connection(operator, server.url)
        since = timezone.now() - timedelta(days=21)
        SyncMark.objects.create(account=connection.account, kind="executions", watermark=since)
        ask, calls = BoomiClient.execution_page, []

        def die_before_the_third(client, *args):
            calls.append(args)
            if len(calls) == 3:
                raise MemoryError
            return ask(client, *args)

        monkeypatch.setattr(BoomiClient, "execution_page", die_before_the_third)
        assert run_sync(connection, kinds=["executions"]).status == JobStatus.ERRORED
        assert Execution.objects.count() == 200
        assert run_sync(connection, kinds=["executions"]).status == JobStatus.SUCCEEDED
        assert ApiCall.objects.count() == 4
    assert Execution.objects.count() == 350


def test_a_forgotten_page_token_starts_the_window_again(connection, sandbox):
    run_sync(connection, kinds=["executions"])
    count = Execution.objects.count()
    mark = SyncMark.objects.get(kind="executions")
    now = timezone.now()
    fill = {"from": (now - timedelta(days=9)).isoformat(), "to": now.isoformat()}
    mark.cursor = {"fill": {**fill, "token": "forgotten"}}
    mark.save()
    Execution.objects.all().delete()
    run = run_sync(connection, kinds=["executions"])
    assert run.status == JobStatus.SUCCEEDED
    assert Execution.objects.count() == count


def test_rows_that_come_twice_are_stored_once(connection, sandbox):
    sandbox.faults.duplicate_rows = True
    run = run_sync(connection, kinds=["executions"])
    assert run.status == JobStatus.SUCCEEDED
    assert run.result["new"] == Execution.objects.count()


def test_a_refused_token_stops_the_syncs_until_a_test_succeeds(connection, sandbox):
    sandbox.faults.reject_all_tokens = True
    run = run_sync(connection)
    assert (run.status, run.error_code) == (JobStatus.FAILED, "AUTH_FAILED")
    connection.refresh_from_db()
    assert connection.status == ConnectionState.FAILING
    assert connection.status_code == "AUTH_FAILED"
    calls = ApiCall.objects.count()
    with pytest.raises(Conflict, match="failing"):
        sync.request(connection, actor=Actor.person(connection.owner))
    assert sync.enqueue_due() == 0
    assert ApiCall.objects.count() == calls == 1


def test_a_missing_right_keeps_only_its_own_kind_back(connection, sandbox):
    sandbox.faults.missing_privileges = {"VIEW_RESULT"}
    run = run_sync(connection)
    assert run.status == JobStatus.SUCCEEDED
    assert "executions not allowed" in run.summary
    assert Environment.objects.exists()
    assert SyncMark.objects.get(kind="executions").error


def test_a_busy_platform_is_waited_for_without_holding_a_worker(connection, sandbox):
    sandbox.faults.next_503, sandbox.faults.retry_after = 1, 60
    run = sync.request(connection, actor=Actor.person(connection.owner))
    assert drain() == 1
    run.refresh_from_db()
    assert run.status == JobStatus.WAITING
    assert 50 < (run.run_at - timezone.now()).total_seconds() <= 60
    LimiterState.objects.all().delete()
    drain(ignore_waits=True)
    run.refresh_from_db()
    assert run.status == JobStatus.SUCCEEDED


def test_a_broken_network_is_tried_again_and_then_told(connection, monkeypatch):
    monkeypatch.setattr(clients, "policy", lambda: Policy(max_attempts=1, allow_http_private=True))
    Connection.objects.update(base_url="http://127.0.0.1:9")
    run = run_sync(connection, kinds=["environments"])
    assert run.status == JobStatus.FAILED
    assert run.slices == 5
    assert run.error_code == "CONNECTION_REFUSED"
    assert run.error_hint


def test_a_past_that_cannot_be_read_ends_the_sync_instead_of_repeating_it_for_ever(
    connection, monkeypatch
):
    def refuse(self, fill):
        raise clients.PassingFault("The platform failed.")

    monkeypatch.setattr(sync_executions.ExecutionPass, "_read_past", refuse)
    run = sync.request(connection, actor=Actor.person(connection.owner), kinds=["executions"])
    drain(50, ignore_waits=True)
    run.refresh_from_db()
    assert (run.status, run.error_message) == (JobStatus.FAILED, "The platform failed.")


def test_what_is_not_listed_any_more_is_gone_and_may_come_back(connection, sandbox):
    run_sync(connection, kinds=["environments"])
    extra = Environment.objects.create(
        account=connection.account, environment_id="e", name="Old", seen_at=timezone.now()
    )
    back = Environment.objects.first()
    Environment.objects.filter(pk=back.pk).update(gone_at=timezone.now())
    run_sync(connection, kinds=["environments"])
    extra.refresh_from_db()
    back.refresh_from_db()
    assert extra.gone_at is not None
    assert back.gone_at is None


def test_an_undeployed_package_is_no_longer_active(connection):
    run_sync(connection, kinds=["deployments"])
    gone = Deployment.objects.create(
        account=connection.account, deployment_id="d", environment_id="e", component_id="c",
        active=True, deployed_at=timezone.now(), seen_at=timezone.now() - timedelta(hours=1),
    )  # fmt: skip
    SyncMark.objects.filter(kind="deployments").update(cursor={})
    run_sync(connection, kinds=["deployments"])
    gone.refresh_from_db()
    assert gone.active is False


def test_one_sync_at_a_time_per_connection_and_account(connection, make_connection, admin_user):
    actor = Actor.person(connection.owner)
    first = sync.request(connection, actor=actor)
    assert sync.request(connection, actor=actor) == first
    other = make_connection(admin_user, connection.base_url)
    second = sync.request(other, actor=Actor.person(admin_user))
    assert second != first
    drain(ignore_waits=True)
    first.refresh_from_db()
    second.refresh_from_db()
    assert {first.status, second.status} == {JobStatus.SUCCEEDED}
    assert second.started_at > first.started_at


def test_an_account_is_due_when_it_was_never_synced_or_some_time_ago(connection, settings):
    assert sync.enqueue_due() == 1
    assert sync.enqueue_due() == 0
    drain(ignore_waits=True)
    assert sync.enqueue_due() == 0
    ended = timezone.now() - timedelta(seconds=settings.AUTO_SYNC_SECONDS + 1)
    JobRun.objects.update(finished_at=ended)
    SyncMark.objects.filter(kind="executions").update(due_at=ended)
    assert sync.enqueue_due() == 1
    assert JobRun.objects.latest("pk").params["kinds"] == ["executions"]


def test_an_account_none_of_whose_kinds_is_due_is_left_alone(connection):
    sync.enqueue_due()
    drain(ignore_waits=True)
    JobRun.objects.update(finished_at=timezone.now() - timedelta(hours=1))
    SyncMark.objects.update(due_at=timezone.now() + timedelta(seconds=30))
    assert sync.enqueue_due() == 0


def test_a_failed_sync_is_not_repeated_at_once(connection, settings):
    sync.enqueue_due()
    JobRun.objects.update(
        status=JobStatus.FAILED, finished_at=timezone.now() - timedelta(seconds=300)
    )
    assert sync.enqueue_due() == 0
    JobRun.objects.update(finished_at=timezone.now() - timedelta(minutes=11))
    assert sync.enqueue_due() == 1


def test_a_sync_of_a_deleted_connection_says_so(connection):
    run = sync.request(connection, actor=Actor.person(connection.owner))
    connection.delete()
    drain()
    run.refresh_from_db()
    assert run.status == JobStatus.FAILED
    assert "deleted" in run.error_message


def test_since_reads_again_from_that_time(connection):
    run_sync(connection, kinds=["executions"])
    Execution.objects.all().delete()
    run_sync(connection, kinds=["executions"], since=timezone.now() - timedelta(hours=3))
    oldest = Execution.objects.earliest("started_at")
    assert oldest.started_at > timezone.now() - timedelta(hours=4)
    assert SyncMark.objects.get(kind="executions").cursor == {}


def test_refusals_name_the_reason(connection, viewer, make_connection):
    with pytest.raises(NotAllowed):
        sync.request(connection, actor=Actor.person(viewer))
    actor = Actor.person(connection.owner)
    with pytest.raises(InputError, match="no kind rumours"):
        sync.request(connection, actor=actor, kinds=["rumours"])
    with pytest.raises(InputError, match="400 days"):
        sync.request(connection, actor=actor, since=timezone.now() + timedelta(days=1))
    connection.enabled = False
    with pytest.raises(Conflict, match="disabled"):
        sync.request(connection, actor=actor)


@pytest.fixture
def odd_record(sandbox, monkeypatch) -> str:
    """The planted failing run comes without its time, whenever the platform is asked."""
    odd = sandbox.truth.failing_run.execution_id
    read = client_module.read_object

    def spoilt(*args):
        found = read(*args)
        for record in found.get("result", []):
            if record.get("executionId") == odd:
                record.pop("executionTime", None)
        return found

    monkeypatch.setattr(client_module, "read_object", spoilt)
    return odd


def test_a_record_that_cannot_be_read_does_not_stop_the_sync(connection, odd_record):
    run = run_sync(connection)
    assert run.status == JobStatus.SUCCEEDED, run.error_message
    assert Execution.objects.count() > 100
    assert not Execution.objects.filter(execution_id=odd_record).exists()


def test_a_record_that_is_left_out_is_counted_and_said(connection, odd_record):
    run = run_sync(connection, kinds=["executions"])
    sentence = "1 unreadable record left out. The platform sent an ExecutionRecord with no execu"
    assert run.result["unreadable"] == {"executions": 1}
    assert ", 1 unreadable record, " in run.summary
    assert run.log_lines.get().text.startswith(f"executions: {sentence}")
    assert SyncMark.objects.get(kind="executions").error.startswith(sentence)


def test_the_mark_is_clean_once_everything_can_be_read(connection, odd_record, monkeypatch):
    run_sync(connection, kinds=["executions"])
    monkeypatch.undo()
    run_sync(connection, kinds=["executions"], since=timezone.now() - timedelta(days=40))
    assert SyncMark.objects.get(kind="executions").error == ""
    assert Execution.objects.filter(execution_id=odd_record).exists()
