"""The platform's counts against ours: gaps are found, read again, and said when they stay."""

from datetime import timedelta

import pytest
from django.utils import timezone

from boomi.client import BoomiClient
from boomi.models import (
    ApiCall,
    CompletenessCheck,
    ComponentVersion,
    Deployment,
    Execution,
    PlatformEvent,
    SyncMark,
)
from scheduling.models import JobStatus
from tests.boomi.syncing import mirrored, run_sync

pytestmark = [pytest.mark.django_db, pytest.mark.db]


def be_due() -> None:
    """Let every count be as old as it takes to be made again."""
    CompletenessCheck.objects.update(checked_at=timezone.now() - timedelta(days=2))


def missing() -> dict[tuple[str, str], int]:
    rows = CompletenessCheck.objects.all()
    return {(row.kind, row.day): row.missing for row in rows if row.missing}


def test_a_fresh_mirror_lacks_nothing_of_any_day(connection):
    run_sync(connection)
    days = CompletenessCheck.objects.filter(kind="executions")
    assert days.count() == 30
    assert sum(row.on_platform for row in days) == Execution.objects.count()
    assert missing() == {}


def test_executions_deleted_behind_its_back_are_found_and_read_again(connection):
    run_sync(connection)
    whole = mirrored()
    lost = Execution.objects.filter(started_at__lt=timezone.now() - timedelta(hours=2))
    lost.filter(pk__in=list(lost.values_list("pk", flat=True)[:20])).delete()
    be_due()
    run_sync(connection)
    assert missing() == {}
    # Who started which is matched by the sync after.
    run_sync(connection)
    # The platform's clock runs: new runs may begin meanwhile, and those going on may end.
    gone = whole["Execution"] - mirrored()["Execution"]
    assert [row for row in gone if "running" not in row] == []
    assert CompletenessCheck.objects.filter(kind="executions", repairs=1).exists()
    assert SyncMark.objects.get(kind="executions").cursor == {}


@pytest.mark.parametrize(
    ("model", "kind"),
    [(PlatformEvent, "events"), (Deployment, "deployments"), (ComponentVersion, "components")],
)
def test_other_facts_deleted_behind_its_back_are_found_and_read_again(connection, model, kind):
    run_sync(connection)
    whole = mirrored()[model.__name__]
    model.objects.filter(pk__in=list(model.objects.values_list("pk", flat=True)[:5])).delete()
    be_due()
    run_sync(connection)
    assert not whole - mirrored()[model.__name__]
    assert CompletenessCheck.objects.get(kind=kind).repairs == 1
    assert missing() == {}


def test_records_that_appear_later_than_the_overlap_are_healed(connection, sandbox, settings):
    settings.SYNC_OVERLAP_MINUTES = 1
    sandbox.faults.late_records, sandbox.faults.late_by_seconds = 0.5, 3 * 3600
    run_sync(connection)
    some = Execution.objects.count()
    sandbox.faults.late_records = 0.0
    run_sync(connection)
    be_due()
    run_sync(connection)
    assert Execution.objects.count() > some
    assert missing() == {}


def test_a_gap_that_stays_is_read_three_times_and_then_said(connection, monkeypatch):
    run_sync(connection)
    count = BoomiClient.count
    monkeypatch.setattr(
        BoomiClient,
        "count",
        lambda self, kind, expr: (count(self, kind, expr) or 0) + (kind == "Event"),
    )
    for _ in range(3):
        be_due()
        assert run_sync(connection).result["gaps"] == 0
    be_due()
    run = run_sync(connection)
    assert (run.status, run.result["gaps"]) == (JobStatus.SUCCEEDED, 1)
    assert ", 1 gap, " in run.summary
    assert run.log_lines.filter(text__startswith="events: 1 of ").exists()
    row = CompletenessCheck.objects.get(kind="events")
    assert (row.repairs, row.missing) == (3, 1)


def test_a_gap_that_was_healed_may_be_healed_again(connection):
    run_sync(connection)
    CompletenessCheck.objects.filter(kind="events").update(repairs=3)
    be_due()
    run_sync(connection)
    assert CompletenessCheck.objects.get(kind="events").repairs == 0


def test_counts_are_not_made_again_before_their_time(connection):
    run_sync(connection)
    CompletenessCheck.objects.update(checked_at=timezone.now() - timedelta(hours=2))
    before = ApiCall.objects.filter(feature="sync.count").count()
    run_sync(connection)
    assert ApiCall.objects.filter(feature="sync.count").count() == before + 2


def test_a_sync_of_named_kinds_counts_nothing(connection):
    run_sync(connection, kinds=["executions"])
    assert not CompletenessCheck.objects.exists()


def test_more_than_the_platform_remembers_is_no_gap(connection):
    run_sync(connection)
    old = Execution.objects.first()
    old.pk, old.execution_id = None, "execution-forgotten"
    old.save(force_insert=True)
    be_due()
    run_sync(connection)
    assert missing() == {}


def test_counts_that_are_refused_do_not_fail_the_sync(connection, monkeypatch):
    from boomi.client import Rejected

    def refuse(self, kind, expr):
        raise Rejected("The platform refused the request.")

    monkeypatch.setattr(BoomiClient, "count", refuse)
    run = run_sync(connection)
    assert run.status == JobStatus.SUCCEEDED
    assert not CompletenessCheck.objects.exists()


def test_where_a_query_tells_no_total_the_daily_statistics_count(connection, monkeypatch):
    monkeypatch.setattr(BoomiClient, "count", lambda self, kind, expr: None)
    run_sync(connection)
    days = CompletenessCheck.objects.filter(kind="executions")
    assert days.exists()
    assert missing() == {}
