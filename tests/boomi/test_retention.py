"""What is old goes, what is pinned or analysed stays, and a report says what went."""

import json
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from analysis.models import Analysis
from boomi.models import (
    Execution,
    ExecutionConnector,
    ExecutionSummary,
    LogFile,
    LogState,
    PlatformAuditEntry,
    PlatformEvent,
)
from boomi.services import retention
from common.actors import Actor
from common.models import AuditEvent
from scheduling import jobs, services
from scheduling.models import JobRun, JobStatus
from scheduling.testing import drain
from tests.boomi.rows import make_account, make_execution

pytestmark = [pytest.mark.django_db, pytest.mark.db]


def days_ago(days: int):
    return timezone.now() - timedelta(days=days)


def log_file(name: str, days: int, kept: str = "normal") -> LogFile:
    return LogFile.objects.create(
        sha256=name, name=name, storage_key=f"{name}.gz", size=1, stored_size=1, lines=1,
        retention=kept, created_at=days_ago(days),
    )  # fmt: skip


def old_execution(number: int, **fields: object) -> Execution:
    return make_execution(make_account(), number, started_at=days_ago(500), **fields)


def test_old_rows_of_each_kind_go_and_new_ones_stay():
    account = make_account()
    for days in (1, 500):
        run = make_execution(account, days, started_at=days_ago(days))
        ExecutionConnector.objects.create(execution=run, connector_id="c")
        at = days_ago(days)
        ExecutionSummary.objects.create(account=account, process_id="p", time_block=at, seen_at=at)
        PlatformEvent.objects.create(account=account, event_id=f"e-{days}", at=at, seen_at=at)
        PlatformAuditEntry.objects.create(account=account, document_id=f"{days}", at=at, seen_at=at)
        log_file(f"log-{days}", days)
    report = retention.prune()
    assert report.counts == dict.fromkeys(retention.KINDS, 1)
    assert report.finished
    assert retention.prune().total == 0


def test_a_dry_run_counts_and_deletes_nothing():
    old_execution(1)
    report = retention.prune(dry_run=True)
    assert report.sentence == "1 executions would be deleted."
    assert Execution.objects.count() == 1


def test_a_setting_of_zero_keeps_for_ever(settings):
    settings.RETENTION_EXECUTION_DAYS = 0
    old_execution(1)
    assert retention.prune().total == 0


def test_what_the_platform_still_has_is_not_deleted(settings):
    settings.RETENTION_EXECUTION_DAYS = 1
    make_execution(make_account(), 1, started_at=days_ago(20))
    assert retention.prune().total == 0


@pytest.mark.parametrize("kept", ["pinned", "legal_hold"])
def test_a_pinned_log_keeps_itself_and_its_execution(kept):
    stored = log_file("kept", 500, kept)
    old_execution(1, log_file=stored, log_state=LogState.READY)
    assert retention.prune().total == 0
    assert Execution.objects.get().log_file == stored


def test_an_execution_with_an_analysis_stays():
    Analysis.objects.create(execution=old_execution(1), name="a", engine_version=1)
    old_execution(2)
    assert retention.prune().counts["executions"] == 1
    assert Execution.objects.get().analyses.exists()


def test_a_deleted_log_is_told_where_it_was_used_and_its_analysis_stays():
    stored = log_file("old", 200)
    run = make_execution(
        make_account(), 1, started_at=days_ago(200), log_file=stored, log_state=LogState.READY
    )
    Analysis.objects.create(execution=run, log_file=stored, name="a", engine_version=1)
    retention.prune(kinds=["logs"])
    run.refresh_from_db()
    assert (run.log_state, run.log_reason) == (LogState.PURGED, retention.LOG_DELETED)
    assert Analysis.objects.get().log_file is None


@pytest.mark.parametrize("kept", retention.KEPT_LOGS)
def test_what_was_pinned_since_it_was_chosen_stays(kept):
    run = old_execution(1, log_file=log_file("log", 1))
    (rule,) = (rule for rule in retention.RULES if rule.kind == "executions")
    chosen = list(rule.rows(days_ago(400)).values_list("pk", flat=True))
    assert chosen == [run.pk]
    LogFile.objects.update(retention=kept)
    with transaction.atomic():
        assert rule.delete(chosen) == 0
    assert Execution.objects.filter(pk=run.pk).exists()


def test_the_clock_writes_into_the_audit_trail_what_went():
    old_execution(1)
    old_execution(2, log_file=log_file("kept", 500, "legal_hold"))
    log_file("gone", 500)
    retention.prune_hourly()
    retention.prune_hourly()
    event = AuditEvent.objects.get(action="boomi.mirror.pruned")
    assert json.loads(event.after) == {"logs": 1, "executions": 1}
    assert event.note == "1 stored logs, 1 executions deleted."
    assert LogFile.objects.get().retention == "legal_hold"


def test_only_the_kinds_asked_for_go():
    old_execution(1)
    assert retention.prune(kinds=["events"]).total == 0
    with pytest.raises(ValueError, match="nothing to prune called rumours"):
        retention.prune(kinds=["rumours"])


@pytest.fixture
def prune_job(monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    known = dict(jobs._jobs)
    jobs.job("tests.prune", title="Prune")(retention.advance)
    yield "tests.prune"
    jobs._jobs.clear()
    jobs._jobs.update(known)


def run_job(name: str) -> JobRun:
    run = services.enqueue(name, actor=Actor.system("test"))
    drain()
    run.refresh_from_db()
    return run


def test_the_job_writes_a_report(prune_job):
    for number in range(5):
        old_execution(number)
    run = run_job(prune_job)
    assert run.status == JobStatus.SUCCEEDED
    assert run.summary == "5 executions deleted."
    assert run.result == {"deleted": {"executions": 5}, "dry_run": False}


def test_a_job_of_many_slices_reports_all_of_them(prune_job, monkeypatch):
    for number in range(5):
        old_execution(number)

    def after_one(self) -> bool:
        self.asked = getattr(self, "asked", 0) + 1
        return self.asked > 1

    monkeypatch.setattr("scheduling.context.JobContext.should_stop", after_one)
    run = run_job(prune_job)
    assert run.slices > 2
    assert run.summary == "5 executions deleted."


def test_nothing_to_delete_is_said(prune_job):
    assert run_job(prune_job).summary == "Nothing is older than it is kept."
