"""The tally of executions: kept by the database, whoever writes, and added up for any filter."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from boomi import execution_counts, tally_sql
from boomi.execution_counts import Span
from boomi.models import Account, Execution, ExecutionTally
from boomi.page_filters import ExecutionPageFilter
from common.models import User
from tests.boomi.rows import connect, make_account, make_execution, make_executions

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 9, 14, 12, tzinfo=UTC)


@pytest.fixture
def account() -> Account:
    return make_account()


def tallied() -> Counter[tuple[str, str]]:
    rows = ExecutionTally.objects.filter(runs__gt=0).values_list("day", "status", "runs")
    return Counter({(f"{day}", status): runs for day, status, runs in rows})


def counted() -> Counter[tuple[str, str]]:
    rows = Execution.objects.values_list("started_at", "status")
    return Counter((f"{start.astimezone(UTC):%Y-%m-%d}", status) for start, status in rows)


def agrees() -> bool:
    found: Counter[tuple[str, str]] = Counter()
    for day, status, runs in ExecutionTally.objects.values_list("day", "status", "runs"):
        found[f"{day}", status] += runs
    return +found == counted()


def test_every_way_of_writing_is_counted(account: Account) -> None:
    make_executions(account, 25)
    assert agrees()
    Execution.objects.filter(status="ERROR").update(status="COMPLETE", outcome="success")
    assert agrees()
    row = Execution.objects.first()
    assert row is not None
    row.started_at += timedelta(days=3)
    row.save()
    assert agrees()
    Execution.objects.filter(pk__gt=row.pk - 10).delete()
    assert agrees()


def test_an_upsert_counts_a_run_once(account: Account) -> None:
    make_execution(account, 1, status="INPROCESS", outcome="running")
    again = Execution(
        account=account, execution_id="execution-1", process_id="process-1",
        process_name="Process 1", runtime_id="runtime-1", execution_type="exec_sched",
        status="COMPLETE", outcome="success", started_at=NOON,
    )  # fmt: skip
    for _ in range(2):
        Execution.objects.bulk_create(
            [again], update_conflicts=True, unique_fields=["account", "execution_id"],
            update_fields=["status", "outcome", "started_at"],
        )  # fmt: skip
    assert agrees()
    assert sum(counted().values()) == 1


def test_what_is_not_counted_by_leaves_the_tally_alone(account: Account) -> None:
    make_executions(account, 5)
    before = sorted(ExecutionTally.objects.values_list("pk", "runs"))
    Execution.objects.update(log_state="ready", message="x")
    assert sorted(ExecutionTally.objects.values_list("pk", "runs")) == before


def test_an_account_takes_its_tallies_with_it(account: Account) -> None:
    make_executions(account, 5)
    account.delete()
    assert not ExecutionTally.objects.exists()


def test_the_triggers_outlive_every_migration() -> None:
    catalogue = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger",
    }
    with connection.cursor() as cursor:
        cursor.execute(catalogue[connection.vendor])
        found = {name for (name,) in cursor.fetchall()}
    assert {f"execution_tally_{event.lower()}" for event in tally_sql.EVENTS} <= found


def test_what_was_there_before_the_triggers_is_counted_too(account: Account) -> None:
    tally_sql.remove(connection)
    make_executions(account, 12)
    assert not ExecutionTally.objects.exists()
    tally_sql.install(connection)
    assert agrees()


@pytest.mark.parametrize(
    "span",
    [
        Span(),
        Span(NOON),
        Span(None, NOON),
        Span(NOON, NOON + timedelta(hours=3)),
        Span(NOON, NOON + timedelta(days=1)),
        Span(NOON - timedelta(days=3), NOON + timedelta(days=2)),
        Span(NOON.replace(hour=0), NOON.replace(hour=0) + timedelta(days=2)),
        Span(NOON, NOON),
        Span(NOON, NOON - timedelta(days=2)),
    ],
)
def test_any_span_counts_as_many_as_there_are(account: Account, span: Span) -> None:
    for number in range(60):
        start = NOON + timedelta(hours=3 * number - 80)
        make_execution(account, number, started_at=start)
    rows = Execution.objects.order_by()
    inside = rows
    if span.start is not None:
        inside = inside.filter(started_at__gte=span.start)
    if span.end is not None:
        inside = inside.filter(started_at__lt=span.end)
    found = execution_counts.counts(ExecutionTally.objects.order_by(), rows, span)
    assert sorted(found.rows) == sorted(execution_counts.plain(inside).rows)


@pytest.mark.parametrize(
    "query",
    [
        "", "q=ess%203", "process=Process%205", "process_id=process-2", "type=exec_sched",
        "process=Nobody", "q=zzz", "period=7d", "log_state=ready", "execution_id=execution-7",
        "status=ERROR", "q=process&period=24h", "started_after=2026-09-14T07:00:00Z",
    ],
)  # fmt: skip
def test_every_filter_counts_what_it_selects(account: Account, query: str) -> None:
    make_executions(account, 60)
    make_execution(account, 100, started_at=timezone.now() - timedelta(hours=3))
    chosen = ExecutionPageFilter(QueryDict(query), queryset=Execution.objects.order_by())
    assert chosen.is_valid()
    found = chosen.counts(ExecutionTally.objects.order_by(), timezone.now())
    rows = chosen.narrowed(without=("status", "outcome"))
    assert sorted(found.rows) == sorted(execution_counts.plain(rows).rows)


def test_the_api_counts_beyond_what_it_reads(
    client: Client, operator: User, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("common.api.pagination.COUNT_LIMIT", 10)
    connect(operator, account)
    make_executions(account, 80)
    client.force_login(operator)
    body = client.get("/api/v1/executions/?page_size=20").json()
    assert (body["total"], body["total_is_exact"]) == (80, True)
    body = client.get("/api/v1/executions/?page_size=2&outcome=error").json()
    assert (body["total"], body["total_is_exact"]) == (8, True)


def test_the_newest_runs_are_found_within_their_days(account: Account) -> None:
    tallies = ExecutionTally.objects.filter(account=account)
    assert execution_counts.newest_span(tallies, 3) is None
    for number, days in enumerate((0, 0, 5, 9, 30)):
        make_execution(account, number, started_at=NOON - timedelta(days=days))
    midnight = NOON.replace(hour=0)
    for most, days in ((2, 0), (3, 5), (4, 9), (99, 30)):
        found = execution_counts.newest_span(tallies, most)
        assert found == Span(midnight - timedelta(days=days), midnight + timedelta(days=1))
