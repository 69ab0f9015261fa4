"""The pages of accounts: who sees them, what they say, and that they cost the same for many."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from boomi.models import (
    Account,
    Circuit,
    CompletenessCheck,
    Deployment,
    PlatformAuditEntry,
    PlatformEvent,
    ProcessSchedule,
    SyncMark,
)
from common.models import User
from scheduling.models import JobRun
from tests.boomi.rows import connect, make_account, make_environment, make_execution, make_runtime

pytestmark = pytest.mark.django_db
TABS = ("", "?tab=mirror", "?tab=activity", "?tab=schedules", "?tab=objects", "?tab=nonsense")


@pytest.fixture
def account(operator: User) -> Account:
    found = make_account()
    connect(operator, found)
    return found


@pytest.fixture
def page(client: Client, operator: User) -> Client:
    client.force_login(operator)
    return client


def mark(account: Account, kind: str = "executions", **values: object) -> SyncMark:
    now = timezone.now()
    fields: dict[str, object] = {"completed_at": now, "due_at": now + timedelta(minutes=2)}
    return SyncMark.objects.create(account=account, kind=kind, **{**fields, **values})


def test_a_stranger_sees_no_account(client: Client, account: Account, stranger: User) -> None:
    client.force_login(stranger)
    assert "No accounts yet" in client.get("/accounts/").content.decode()
    assert client.get(f"/accounts/{account.pk}/").status_code == 404
    assert client.post(f"/accounts/{account.pk}/sync/").status_code == 404


@pytest.mark.parametrize("tab", TABS)
def test_every_part_of_an_empty_account_renders(page: Client, account: Account, tab: str) -> None:
    answer = page.get(f"/accounts/{account.pk}/{tab}")
    assert answer.status_code == 200
    assert "Northwind" in answer.content.decode()


def test_the_list_says_what_is_behind(page: Client, account: Account) -> None:
    mark(account)
    mark(account, "events", due_at=timezone.now() - timedelta(hours=1))
    text = page.get("/accounts/").content.decode()
    assert "1 of 2 kinds are current; not events." in text


def test_missing_records_and_an_open_circuit_are_shown(page: Client, account: Account) -> None:
    CompletenessCheck.objects.create(
        account=account, kind="executions", day="2026-11-20", on_platform=12, mirrored=9
    )
    Circuit.objects.create(account_id=account.account_id, state="open", reason="No answer.")
    assert "3 records missing" in page.get("/accounts/").content.decode()
    text = page.get(f"/accounts/{account.pk}/").content.decode()
    assert "The platform does not answer for this account" in text
    assert "No answer." in text


def test_completeness_is_told_per_kind_with_the_days_that_lack_something(
    page: Client, account: Account
) -> None:
    for day, mirrored in (("2026-11-19", 12), ("2026-11-20", 9)):
        CompletenessCheck.objects.create(
            account=account, kind="executions", day=day, on_platform=12, mirrored=mirrored
        )
    answer = page.get(f"/accounts/{account.pk}/?tab=mirror")
    row = answer.context["completeness"][0]
    assert (row.on_platform, row.mirrored, row.missing) == (24, 21, 3)
    text = answer.content.decode()
    assert "2 days; incomplete: 2026-11-20<" in text
    assert "Executions by day (UTC)" in text


def test_a_pass_that_is_due_comes_next_and_not_in_the_past(page: Client, account: Account) -> None:
    mark(account, due_at=timezone.now() - timedelta(seconds=20))
    text = page.get(f"/accounts/{account.pk}/?tab=mirror").content.decode()
    assert "with the next sync" in text


def test_the_number_of_queries_does_not_grow_with_the_accounts(
    page: Client, operator: User, account: Account
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            page.get("/accounts/")
        return len([q for q in captured if "execution" not in q["sql"].lower()])

    mark(account)
    few = queries()
    for number in range(6):
        other = make_account(f"other-{number}")
        connect(operator, other)
        mark(other)
        make_runtime(other)
    assert queries() == few


def test_the_runs_of_an_account_cost_no_query_each(page: Client, account: Account) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            page.get("/accounts/")
        return len(captured)

    make_execution(account, 1)
    few = queries()
    for number in range(2, 8):
        make_execution(account, number)
    assert queries() == few


def test_events_audit_entries_and_deployments_share_one_line_of_time(
    page: Client, account: Account
) -> None:
    now = timezone.now()
    PlatformEvent.objects.create(
        account=account, event_id="e", at=now - timedelta(hours=2), title="Orders failed",
        seen_at=now,
    )  # fmt: skip
    PlatformAuditEntry.objects.create(
        account=account, document_id="d", at=now - timedelta(hours=1), user="jo@example.com",
        message="Schedules updated", seen_at=now,
    )  # fmt: skip
    Deployment.objects.create(
        account=account, deployment_id="x", environment_id="e", component_id="c",
        package_version="1.2", deployed_at=now, seen_at=now,
    )  # fmt: skip
    entries = page.get(f"/accounts/{account.pk}/?tab=activity").context["entries"]
    assert [entry.kind for entry in entries] == ["deployment", "audit", "event"]
    only = page.get(f"/accounts/{account.pk}/?tab=activity&kind=audit&q=jo@").context["entries"]
    assert [entry.who for entry in only] == ["jo@example.com"]


def test_older_entries_follow_without_a_gap(page: Client, account: Account) -> None:
    now = timezone.now()
    PlatformEvent.objects.bulk_create(
        PlatformEvent(
            account=account, event_id=f"e{n}", at=now - timedelta(minutes=n), title=f"Event {n}",
            seen_at=now,
        )
        for n in range(70)
    )  # fmt: skip
    first = page.get(f"/accounts/{account.pk}/?tab=activity")
    older = first.context["older"]
    second = page.get(f"/accounts/{account.pk}/", {"tab": "activity", "before": older})
    titles = [e.title for answer in (first, second) for e in answer.context["entries"]]
    assert titles == [f"Event {n}" for n in range(70)]


def test_the_platforms_schedules_are_told_in_words(page: Client, account: Account) -> None:
    make_runtime(account)
    ProcessSchedule.objects.create(
        account=account, schedule_id="s", process_id="p", runtime_id="runtime-1",
        entries=[{"minutes": "30", "hours": "2", "daysOfWeek": "2-6"}], enabled=False,
        seen_at=timezone.now(),
    )  # fmt: skip
    text = page.get(f"/accounts/{account.pk}/?tab=schedules").content.decode()
    assert "Monday through Friday" in text
    assert "Paused" in text


def test_one_kind_is_synced_on_request(page: Client, account: Account) -> None:
    answer = page.post(f"/accounts/{account.pk}/sync/", {"kind": "runtimes"})
    run = JobRun.objects.get()
    assert answer["Location"] == f"/jobs/{run.pk}/"
    assert run.params["kinds"] == ["runtimes"]


def test_an_unknown_kind_is_refused_with_a_sentence(page: Client, account: Account) -> None:
    answer = page.post(f"/accounts/{account.pk}/sync/", {"kind": "moon"}, follow=True)
    assert "There is no kind moon to sync." in answer.content.decode()
    assert not JobRun.objects.exists()


def test_whoever_only_views_cannot_sync(client: Client, account: Account, viewer: User) -> None:
    connect(viewer, account, name="Vic's")
    client.force_login(viewer)
    assert "disabled" in client.get(f"/accounts/{account.pk}/").content.decode()
    answer = client.post(f"/accounts/{account.pk}/sync/", follow=True)
    assert "This needs the role Operator." in answer.content.decode()


def test_the_overview_shows_environments_with_their_runtimes(
    page: Client, account: Account
) -> None:
    runtime = make_runtime(account, status="OFFLINE")
    runtime.environments.add(make_environment(account, name="Production"))
    make_execution(account, 10, started_at=timezone.now() - timedelta(hours=1))
    text = page.get(f"/accounts/{account.pk}/").content.decode()
    assert "Production" in text
    assert "Offline" in text
    assert "Process 3" in text
