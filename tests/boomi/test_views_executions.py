"""The pages of executions: who sees what, what the address narrows, and what it costs."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from boomi.models import Account, AccountGrant, Environment, Execution, Runtime
from common.models import AuditEvent, Team, User

pytestmark = pytest.mark.django_db
ERROR, COMPLETE = ("ERROR", "error"), ("COMPLETE", "success")


@pytest.fixture
def account(operator: User, viewer: User) -> Account:
    """An account that Olga and Vic see through their team."""
    team = Team.objects.create(name="Integration")
    team.members.add(operator, viewer)
    account = Account.objects.create(account_id="northwind-1", name="Northwind")
    AccountGrant.objects.create(account=account, team=team)
    return account


def make(account: Account, count: int = 1, *, minutes: int = 5, **fields: Any) -> list[Execution]:
    status, outcome = fields.pop("ends", COMPLETE)
    start = timezone.now() - timedelta(minutes=minutes)
    values = {"process_id": "p-1", "process_name": "Send orders", "duration_ms": 1200} | fields
    known = Execution.objects.count()
    return Execution.objects.bulk_create(
        Execution(
            account=account, execution_id=f"execution-{known + index}", status=status,
            outcome=outcome, started_at=start - timedelta(seconds=index), **values,
        )
        for index in range(count)
    )  # fmt: skip


@pytest.fixture
def page(client: Client, operator: User) -> Client:
    client.force_login(operator)
    return client


def names(answer: Any) -> set[str]:
    return {row.execution.process_name for row in answer.context["table"]}


def test_somebody_who_is_not_signed_in_is_sent_to_the_login(client: Client) -> None:
    answer = client.get("/executions/?status=ERROR")
    assert answer.status_code == 302
    assert answer["Location"] == "/login/?next=/executions/%3Fstatus%3DERROR"


def test_everybody_with_an_account_in_view_sees_its_runs(
    client: Client, account: Account, operator: User, viewer: User, admin_user: User
) -> None:
    make(account)
    for user in (operator, viewer, admin_user):
        client.force_login(user)
        assert names(client.get("/executions/")) == {"Send orders"}


def test_a_stranger_sees_no_run_and_finds_no_page_of_one(
    client: Client, account: Account, stranger: User
) -> None:
    (run,) = make(account)
    client.force_login(stranger)
    answer = client.get("/executions/")
    assert "No executions to see" in answer.content.decode()
    for path in (f"/executions/{run.pk}/", f"/executions/by-id/{run.execution_id}/"):
        assert client.get(path).status_code == 404
    assert client.get("/executions/processes/?q=orders").json() == {"names": []}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"Send orders", "Fetch stock"}),
        ("q=ORDERS", {"Send orders"}),
        ("process=Fetch+stock", {"Fetch stock"}),
        ("status=ERROR", {"Fetch stock"}),
        ("status=ERROR&status=COMPLETE", {"Send orders", "Fetch stock"}),
        ("outcome=success", {"Send orders"}),
        ("account=northwind-1", {"Send orders", "Fetch stock"}),
        ("runtime=r-2", {"Fetch stock"}),
        ("environment=env-2", {"Fetch stock"}),
        ("type=exec_manual", {"Send orders"}),
        ("log_state=ready", {"Fetch stock"}),
        ("period=24h", {"Send orders"}),
        ("period=7d", {"Send orders", "Fetch stock"}),
        ("period=yesterday&q=nothing", set()),
        ("started_before=2020-01-01T00:00", set()),
        ("started_after=2020-01-01T00:00", {"Send orders", "Fetch stock"}),
    ],
)
def test_the_address_narrows_the_list(
    page: Client, account: Account, query: str, found: set[str]
) -> None:
    make(account, execution_type="exec_manual", runtime_id="r-1")
    make(
        account, ends=ERROR, process_name="Fetch stock", minutes=3 * 1440, runtime_id="r-2",
        log_state="ready",
    )  # fmt: skip
    moment = timezone.now()
    environment = Environment.objects.create(
        account=account, environment_id="env-2", name="Test", seen_at=moment
    )
    runtime = Runtime.objects.create(account=account, runtime_id="r-2", name="Two", seen_at=moment)
    runtime.environments.add(environment)
    assert names(page.get(f"/executions/?{query}")) == found


def test_runs_of_45_days_ago_are_still_listed(page: Client, account: Account) -> None:
    make(account, minutes=45 * 1440)
    assert names(page.get("/executions/")) == {"Send orders"}


def test_a_run_whose_id_holds_slashes_opens_by_it(page: Client, account: Account) -> None:
    (run,) = make(account)
    Execution.objects.update(execution_id="execution-1/2 ?x")
    shown = page.get(f"/executions/{run.pk}/")
    assert shown.status_code == 200
    answer = page.get("/executions/by-id/execution-1/2%20%3Fx/")
    assert answer["Location"] == f"/executions/{run.pk}/"


def test_each_status_is_counted_under_the_other_filters(page: Client, account: Account) -> None:
    make(account, 3, ends=ERROR)
    make(account, 2)
    make(account, 4, process_name="Fetch stock")
    answer = page.get("/executions/?q=orders&status=ERROR")
    counts = {tab["label"]: tab["count"] for tab in answer.context["tabs"]}
    assert len(counts) == 10
    assert (counts["All"], counts["Error"], counts["Complete"], counts["Aborted"]) == (5, 3, 2, 0)
    assert answer.context["total"] == 3
    answer = page.get("/executions/?outcome=error")
    counts = {tab["label"]: tab["count"] for tab in answer.context["tabs"]}
    assert (counts["All"], counts["Error"], counts["Complete"]) == (3, 3, 0)


def test_the_boundaries_of_a_range_are_in_the_viewers_zone(
    page: Client, account: Account, operator: User
) -> None:
    operator.time_zone = "Asia/Tokyo"
    operator.save()
    (run,) = make(account)
    run.started_at = timezone.now().replace(year=2026, month=3, day=1, hour=23, minute=30)
    run.save()
    assert names(page.get("/executions/?started_after=2026-03-02T08:00")) == {"Send orders"}
    assert names(page.get("/executions/?started_after=2026-03-02T09:00")) == set()


@pytest.mark.parametrize("query", ["status=BOGUS", "started_after=soon", "account=nobody"])
def test_a_value_nobody_knows_is_named_with_the_way_out(
    page: Client, account: Account, query: str
) -> None:
    make(account)
    answer = page.get(f"/executions/?{query}")
    text = answer.content.decode()
    assert answer.status_code == 400
    assert "This address asks for something that does not exist." in text
    assert "Clear all" in text
    assert page.get(f"/executions/?{query}&export=csv").status_code == 400


def test_no_match_and_nothing_yet_are_told_apart(page: Client, account: Account) -> None:
    assert "No executions" in page.get("/executions/").content.decode()
    make(account)
    answer = page.get("/executions/?q=nobody")
    assert "Nothing matches these filters" in answer.content.decode()


def test_the_list_costs_the_same_for_5_and_50_rows(page: Client, account: Account) -> None:
    def cost_with(count: int) -> int:
        make(account, count - Execution.objects.count(), ends=ERROR)
        with CaptureQueriesContext(connection) as queries:
            assert len(page.get("/executions/").context["table"]) == count
        return len(queries)

    assert cost_with(5) == cost_with(50) <= 25


def test_a_live_refresh_announces_new_rows_and_moves_none(page: Client, account: Account) -> None:
    (first,) = make(account, process_name="First")
    url = page.get("/executions/").context["live_url"]
    make(account, 2, process_name="Later", minutes=1)
    Execution.objects.filter(pk=first.pk).update(status="ERROR", outcome="error")
    answer = page.get(url, headers={"HX-Request": "true"})
    assert names(answer) == {"First"}
    assert answer.context["new_count"] == 2
    assert "2 new executions" in answer.content.decode()
    assert "<html" not in answer.content.decode()
    assert answer.context["table"][0].execution.status == "ERROR"
    assert answer.context["live_url"] == url


def test_a_live_refresh_without_news_costs_no_bytes(page: Client, account: Account) -> None:
    make(account, minutes=600)
    url = page.get("/executions/").context["live_url"]
    first = page.get(url, headers={"HX-Request": "true"})
    again = page.get(url, headers={"HX-Request": "true", "If-None-Match": first["ETag"]})
    assert again.status_code == 304


def test_an_hour_of_the_strip_leads_to_its_runs(page: Client, account: Account) -> None:
    make(account, 2, ends=ERROR, minutes=0)
    make(account, minutes=180, process_name="Earlier")
    bar = page.get("/executions/").context["hours"][-1]
    assert "failed" in bar.title
    assert "Earlier" not in names(page.get(bar.url))


def test_the_csv_holds_every_row_the_filter_selects(page: Client, account: Account) -> None:
    make(account, 60)
    make(account, ends=ERROR, process_name="=HYPERLINK(1)")
    answer = page.get("/executions/?export=csv")
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert answer["Content-Type"].startswith("text/csv")
    assert len(lines) == 62
    assert lines[0].startswith("id,account_id,execution_id")
    assert "'=HYPERLINK(1)" in lines[1]


def test_the_json_is_a_list_of_objects(page: Client, account: Account) -> None:
    make(account, ends=ERROR)
    make(account)
    answer = page.get("/executions/?status=ERROR&export=json")
    rows = json.loads(b"".join(answer.streaming_content))
    assert [row["status"] for row in rows] == ["ERROR"]
    assert rows[0]["account_id"] == "northwind-1"


def test_a_part_of_a_name_narrows_the_picker(page: Client, account: Account) -> None:
    make(account, 3)
    make(account, process_name="Fetch stock")
    assert page.get("/executions/processes/?q=ORD").json() == {"names": ["Send orders"]}


def test_a_remote_id_leads_to_the_page_here(page: Client, account: Account) -> None:
    (run,) = make(account)
    answer = page.get(f"/executions/by-id/{run.execution_id}/")
    assert answer["Location"] == f"/executions/{run.pk}/"


def test_the_page_of_a_run_shows_its_facts(page: Client, account: Account) -> None:
    (run,) = make(
        account, ends=ERROR, execution_type="exec_sched", error_documents=2,
        message="<b>Order</b> refused", runtime_name="Berlin",
    )  # fmt: skip
    text = page.get(f"/executions/{run.pk}/").content.decode()
    for fact in ("The run ended with an error after 1.2 s; 2 documents failed.", "Scheduled",
                 "Berlin", "&lt;b&gt;Order&lt;/b&gt; refused", run.execution_id):  # fmt: skip
        assert fact in text
    assert "data-live-final" in text


def test_a_run_that_goes_on_keeps_its_page_fresh(page: Client, account: Account) -> None:
    (run,) = make(account, ends=("INPROCESS", "running"), duration_ms=None)
    assert "data-live-final" not in page.get(f"/executions/{run.pk}/").content.decode()


def test_runs_of_a_process_are_linked_in_their_order(page: Client, account: Account) -> None:
    newest, middle, oldest = make(account, 3)
    make(account, process_id="p-2", process_name="Other")
    context = page.get(f"/executions/{middle.pk}/").context
    assert (context["previous"], context["following"]) == (oldest, newest)
    assert [run.pk for run in context["runs"]] == [oldest.pk, middle.pk, newest.pk]


def test_pages_of_runs_change_nothing(page: Client, account: Account) -> None:
    (run,) = make(account)
    for path in ("/executions/", f"/executions/{run.pk}/"):
        assert page.post(path).status_code == 405
    assert page.get(f"/executions/{run.pk}/log/").status_code == 405


def test_downloading_a_log_needs_the_right_to_read_it(
    client: Client, account: Account, viewer: User
) -> None:
    (run,) = make(account)
    client.force_login(viewer)
    answer = client.post(f"/executions/{run.pk}/log/")
    assert answer.status_code == 403
    assert not AuditEvent.objects.filter(action="boomi.log.downloaded").exists()


def test_a_log_that_is_not_stored_says_how_to_get_it(page: Client, account: Account) -> None:
    (run,) = make(account)
    answer = page.post(f"/executions/{run.pk}/log/")
    assert answer.status_code == 404
    assert "is not stored" in answer.content.decode()


def test_very_long_names_and_no_names_are_shown(page: Client, account: Account) -> None:
    make(account, process_name="Orders " * 40)
    (nameless,) = make(account, process_name="", process_id="")
    assert page.get("/executions/").status_code == 200
    assert "Unnamed process" in page.get(f"/executions/{nameless.pk}/").content.decode()


def test_no_page_carries_a_style_or_script_of_its_own(page: Client, account: Account) -> None:
    (run,) = make(account, ends=ERROR)
    for path in ("/executions/", f"/executions/{run.pk}/"):
        text = page.get(path).content.decode()
        assert " style=" not in text
        assert "<style" not in text
        assert "onclick" not in text
        assert (
            text.count("<script")
            == text.count("<script ")
            == text.count(" src=") - text.count("<img")
        )
