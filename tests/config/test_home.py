"""The home page: what is broken now, for whom it is, and what looking at it costs."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from analysis.models import Analysis, AnalysisStatus
from boomi.models import Account, Connection, ConnectionState, Execution, SyncMark
from common.actors import Actor
from common.models import Team, User
from config import home
from scheduling.models import JobRun, JobStatus
from tests.visits import html_of, queries_of

pytestmark = pytest.mark.django_db


def make_account(owner: User, name: str = "Northwind", **fields: object) -> Account:
    """An account and its connection, working and fresh unless said otherwise."""
    account = Account.objects.create(account_id=name.lower(), name=name)
    Connection.objects.create(
        account=account, name=name, owner=owner, base_url="http://127.0.0.1:9",
        username="x", token="y",
        **{"status": ConnectionState.OK, "proved_at": timezone.now(), **fields},
    )  # fmt: skip
    SyncMark.objects.create(account=account, kind="executions", completed_at=timezone.now())
    return account


def make_run(account: Account, hours_ago: float = 1, **fields: object) -> Execution:
    number = Execution.objects.count()
    values = {
        "execution_id": f"execution-{number}", "process_id": "p1", "process_name": "Send orders",
        "status": "ERROR", "outcome": "error", "message": "Code 401: Unauthorized",
        "started_at": timezone.now() - timedelta(hours=hours_ago),
    }  # fmt: skip
    return Execution.objects.create(account=account, **{**values, **fields})


def shown(client: Client, user: User, name: str) -> Any:
    client.force_login(user)
    return client.get("/").context[name]


def test_signing_in_leads_home(client: Client, viewer: User) -> None:
    values = {"username": viewer.email, "password": "correct horse battery"}
    assert client.post(reverse("login"), values)["Location"] == "/"


def test_a_fresh_installation_tells_how_to_begin(client: Client, operator: User) -> None:
    html = html_of(client, operator, "/")
    for name in ("connection-new", "analysis-upload", "api-docs"):
        assert reverse(name) in html, name


def test_an_admin_gets_hints_for_setting_up(client: Client, admin_user: User) -> None:
    assert reverse("admin:common_user_changelist") in html_of(client, admin_user, "/")


def test_without_a_role_the_page_says_whom_to_ask(client: Client, stranger: User) -> None:
    html = html_of(client, stranger, "/")
    assert "Your account has no role yet" in html
    assert reverse("connection-new") not in html


def test_the_tiles_count_the_last_day(client: Client, operator: User) -> None:
    account = make_account(operator)
    make_run(account, 1)
    make_run(account, 23)
    make_run(account, 25)
    make_run(account, 1, outcome="running", message="")
    make_run(
        account, 50, outcome="success", log_state="waiting_runtime", log_retry_at=timezone.now()
    )
    assert shown(client, operator, "tiles") == {
        "failed": 2, "failed_before": 1, "running": 1, "waiting": 1,
        "failing_connections": 0, "stale_connections": 0,
    }  # fmt: skip


def test_failing_and_stale_connections_are_counted_apart(client: Client, operator: User) -> None:
    make_account(operator, "Failing", status=ConnectionState.FAILING)
    make_account(operator, "Disabled", status=ConnectionState.FAILING, enabled=False)
    stale = make_account(operator, "Stale")
    stale.sync_marks.update(completed_at=timezone.now() - timedelta(hours=2))
    tiles = home.tiles(_actor(operator), timezone.now())
    assert (tiles["failing_connections"], tiles["stale_connections"]) == (1, 1)


@pytest.mark.parametrize(("seconds", "minutes"), [(120, 15), (600, 30), (0, 3 * 24 * 60)])
def test_a_mirror_is_stale_after_three_missed_syncs(
    settings: Settings, seconds: int, minutes: int
) -> None:
    settings.AUTO_SYNC_SECONDS = seconds
    now = datetime(2026, 5, 3, 12, tzinfo=timezone.get_current_timezone())
    assert now - home.stale_before(now) == timedelta(minutes=minutes)


def test_equal_failures_are_one_row_that_leads_to_the_newest(
    client: Client, operator: User
) -> None:
    account = make_account(operator)
    make_run(account, 3)
    newest = make_run(account, 1)
    make_run(account, 2, message="Code 500")
    failures = shown(client, operator, "failures")
    assert [row.count for row in failures] == [2, 1]
    assert failures[0].execution == newest
    assert reverse("execution", args=[newest.pk]) in client.get("/").content.decode()


def test_an_analysed_failure_shows_its_first_fault(client: Client, operator: User) -> None:
    run = make_run(make_account(operator))
    Analysis.objects.create(
        execution=run, engine_version="9", status=AnalysisStatus.DONE,
        verdict="Step Post order failed: 401.",
    )  # fmt: skip
    html = html_of(client, operator, "/")
    assert "Step Post order failed: 401." in html
    assert "First fault of its log" in html


def test_others_see_nothing_of_an_account(client: Client, operator: User, viewer: User) -> None:
    make_run(make_account(operator))
    team = Team.objects.create(name="Elsewhere")
    team.members.add(viewer)
    assert "Northwind" not in html_of(client, viewer, "/")


def test_jobs_that_failed_today_are_listed(client: Client, operator: User) -> None:
    make_account(operator)
    for status, title in ((JobStatus.FAILED, "Broken sync"), (JobStatus.SUCCEEDED, "Good sync")):
        JobRun.objects.create(
            job="tests.count", title=title, status=status, owner=operator,
            actor_text=operator.email, finished_at=timezone.now(),
        )  # fmt: skip
    html = html_of(client, operator, "/")
    assert "Broken sync" in html
    assert "Good sync" not in html


def test_the_oldest_of_the_mirrors_says_how_fresh_the_page_is(operator: User) -> None:
    make_account(operator, "Fresh")
    old = timezone.now() - timedelta(hours=3)
    make_account(operator, "Old").sync_marks.update(completed_at=old)
    assert home.synced_at(_actor(operator)) == old


def test_the_page_takes_constant_queries(client: Client, operator: User) -> None:
    account = make_account(operator)
    make_run(account)
    client.force_login(operator)
    few = queries_of(client, "/")
    for number in range(40):
        make_run(account, number / 4, process_id=f"p{number % 12}")
    assert queries_of(client, "/") == few


def test_a_refresh_is_cheap_until_something_moves(client: Client, operator: User) -> None:
    account = make_account(operator)
    client.force_login(operator)
    tag = client.get("/", headers={"HX-Request": "true"})["ETag"]
    poll = {"HX-Request": "true", "If-None-Match": tag}
    assert client.get("/", headers=poll).status_code == 304
    account.sync_marks.update(completed_at=timezone.now())
    assert client.get("/", headers=poll).status_code == 200


def _actor(user: User) -> Actor:
    return Actor.person(user, via="page")
