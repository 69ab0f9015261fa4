"""Each kind of fact has its own pause; what is due is synced, the rest is left alone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from boomi.models import SyncMark
from boomi.services import cadence, sync
from scheduling.models import JobRun
from scheduling.testing import drain
from tests.boomi.rows import make_account
from tests.boomi.syncing import run_sync

pytestmark = [pytest.mark.django_db, pytest.mark.db]
Kind = SyncMark.Kind


def test_every_kind_has_a_pause_and_a_pass():
    assert set(cadence.EVERY) == set(sync.PASSES) == set(Kind.values)


def test_no_pause_is_shorter_than_between_two_syncs(settings):
    settings.AUTO_SYNC_SECONDS = 900
    assert cadence.every(Kind.EVENTS) == timedelta(minutes=15)
    settings.AUTO_SYNC_SECONDS = 1
    assert cadence.every(Kind.EXECUTIONS) == cadence.SHORTEST


def test_a_kind_without_a_mark_is_due_and_one_for_later_is_not():
    account = make_account()
    now = timezone.now()
    SyncMark.objects.create(account=account, kind=Kind.EVENTS, due_at=now + timedelta(seconds=5))
    SyncMark.objects.create(account=account, kind=Kind.FOLDERS, due_at=now)
    SyncMark.objects.create(account=account, kind=Kind.RUNTIMES, due_at=None)
    due = cadence.due_kinds([account.pk], now)[account.pk]
    assert Kind.EVENTS not in due
    assert {Kind.FOLDERS, Kind.RUNTIMES, Kind.COMPONENTS} <= set(due)


def test_what_is_due_of_many_accounts_is_one_query(django_assert_num_queries):
    accounts = [make_account(f"acme-{n:06}").pk for n in range(20)]
    with django_assert_num_queries(1):
        cadence.due_kinds(accounts)


def test_a_pass_says_when_its_kind_is_due_again(connection):
    before = timezone.now().replace(microsecond=0)
    run_sync(connection, kinds=["environments"])
    due_at = SyncMark.objects.get(kind=Kind.ENVIRONMENTS).due_at
    assert before <= due_at - cadence.every(Kind.ENVIRONMENTS) <= timezone.now()


def test_a_sync_by_itself_reads_only_what_is_due(connection):
    run_sync(connection)
    JobRun.objects.update(finished_at=timezone.now() - timedelta(hours=1))
    SyncMark.objects.update(due_at=timezone.now() + timedelta(hours=1))
    SyncMark.objects.filter(kind__in=["events", "runtimes"]).update(due_at=None)
    assert sync.enqueue_due() == 1
    drain(ignore_waits=True)
    assert JobRun.objects.latest("pk").params["kinds"] == ["runtimes", "events"]


def test_a_sync_of_some_kinds_does_not_put_off_the_others(connection):
    run_sync(connection)
    JobRun.objects.update(finished_at=timezone.now() - timedelta(hours=1))
    SyncMark.objects.filter(kind="executions").update(due_at=timezone.now())
    part = run_sync(connection, kinds=["events"])
    assert part.summary.startswith("nothing new, ")
    assert sync.enqueue_due() == 1
    assert "executions" in JobRun.objects.latest("pk").params["kinds"]


def test_a_sync_of_a_person_is_not_answered_with_a_smaller_one(connection):
    sync.enqueue_due()
    small = JobRun.objects.latest("pk")
    assert run_sync(connection).pk != small.pk


def test_what_becomes_due_while_a_long_past_is_read_comes_first(connection, monkeypatch):
    seen, ends = [], iter([False, False, True])
    monkeypatch.setitem(
        sync.PASSES, Kind.ENVIRONMENTS, lambda *args: seen.append("environments") is None
    )
    monkeypatch.setitem(
        sync.PASSES, Kind.EXECUTIONS, lambda *args: (seen.append("executions"), next(ends))[1]
    )
    run_sync(connection, kinds=["environments", "executions"])
    assert seen == ["environments", "executions"] * 3


def test_a_long_past_lets_the_other_kinds_go_first(connection, monkeypatch):
    seen, ends = [], iter([False, True])
    monkeypatch.setitem(
        sync.PASSES, Kind.EXECUTIONS, lambda *args: (seen.append("executions"), next(ends))[1]
    )
    monkeypatch.setitem(sync.PASSES, Kind.EVENTS, lambda *args: seen.append("events") is None)
    run_sync(connection, kinds=["executions", "events"])
    assert seen == ["executions", "events", "executions"]


def test_after_a_refusal_a_kind_is_left_alone_for_an_hour(connection, sandbox):
    sandbox.faults.missing_privileges = {"VIEW_RESULT"}
    run_sync(connection)
    mark = SyncMark.objects.get(kind=Kind.EXECUTIONS)
    assert mark.due_at > timezone.now() + timedelta(minutes=50)
