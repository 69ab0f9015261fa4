"""The pages of connections against the sandbox: who may, what is told, what never shows."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from boomi.models import (
    Account,
    AccountGrant,
    Circuit,
    Connection,
    ConnectionState,
    Execution,
    SyncMark,
)
from common.models import AuditEvent, Team, User
from sandbox.scenario import TRUTH
from sandbox.server import Sandbox
from scheduling.models import JobRun
from tests.boomi.conftest import MakeConnection
from tests.visits import html_of, queries_of

pytestmark = pytest.mark.django_db
CREDENTIAL = TRUTH.credential(TRUTH.primary)


def form(sandbox_url: str, **changes: str) -> dict[str, str]:
    return {
        "name": "Northwind",
        "account_id": TRUTH.primary.account_id,
        "username": CREDENTIAL.user,
        "token": CREDENTIAL.token,
        "base_url": sandbox_url,
        "environment_class": "production",
        **changes,
    }


def page_of(connection: Connection, name: str = "connection") -> str:
    return reverse(name, args=[connection.pk])


def add_execution(account: Account) -> None:
    Execution.objects.create(
        account=account, execution_id="e1", process_name="Send orders", process_id="p1",
        status="COMPLETE", outcome="success", started_at=timezone.now(),
    )  # fmt: skip


# --- Looking ------------------------------------------------------------------------------


def test_an_empty_list_leads_to_the_form(client: Client, operator: User) -> None:
    html = html_of(client, operator, reverse("connections"))
    assert "No connections yet" in html
    assert reverse("connection-new") in html


def test_a_viewer_reads_why_there_is_no_new_connection(client: Client, viewer: User) -> None:
    html = html_of(client, viewer, reverse("connections"))
    assert "This needs the role Operator." in html
    assert client.get(reverse("connection-new")).status_code == 403


def test_the_list_shows_own_and_team_connections_only(
    client: Client, viewer: User, operator: User, make_connection: MakeConnection
) -> None:
    team = Team.objects.create(name="Night shift")
    team.members.add(viewer)
    make_connection(operator, name="Shared", team=team)
    make_connection(operator, name="Private", account_id="fabrikam-5H1VWB")
    html = html_of(client, viewer, reverse("connections"))
    assert "Shared" in html
    assert "Private" not in html


def test_the_list_takes_constant_queries(
    client: Client, operator: User, make_connection: MakeConnection
) -> None:
    make_connection(operator)
    client.force_login(operator)
    few = queries_of(client, reverse("connections"))
    for number in range(10):
        make_connection(operator, account_id=f"account-{number}")
    assert queries_of(client, reverse("connections")) == few


def test_a_stranger_finds_no_connection(
    client: Client, stranger: User, operator: User, make_connection: MakeConnection
) -> None:
    connection = make_connection(operator)
    client.force_login(stranger)
    for name in ("connection", "connection-edit", "connection-delete"):
        assert client.get(page_of(connection, name)).status_code == 404, name
    for name in ("connection-edit", "connection-delete", "connection-test", "connection-sync"):
        assert client.post(page_of(connection, name)).status_code == 404, name


def test_an_account_seen_by_a_grant_opens_no_credential(
    client: Client, viewer: User, operator: User, make_connection: MakeConnection
) -> None:
    connection = make_connection(operator)
    team = Team.objects.create(name="Readers")
    team.members.add(viewer)
    AccountGrant.objects.create(account=connection.account, team=team)
    client.force_login(viewer)
    assert client.get(page_of(connection)).status_code == 404


def test_the_page_shows_state_rights_and_marks(
    client: Client, operator: User, make_connection: MakeConnection
) -> None:
    right = {"name": "VIEW_RESULT", "needed_for": "executions", "granted": False, "detail": "403"}
    connection = make_connection(
        operator, status=ConnectionState.FAILING, status_reason="The token was refused.",
        rights=[right],
    )  # fmt: skip
    SyncMark.objects.create(account=connection.account, kind="executions", rows=1204)
    html = html_of(client, operator, page_of(connection))
    for text in ("The token was refused.", "VIEW_RESULT", "Missing", "Executions", "1\u202f204"):
        assert text in html, text


def test_the_token_is_on_no_page(
    client: Client, admin_user: User, make_connection: MakeConnection
) -> None:
    connection = make_connection(admin_user, token="canary-secret")
    for name in ("connection", "connection-edit", "connection-delete"):
        assert "canary-secret" not in html_of(client, admin_user, page_of(connection, name))


def test_a_team_member_reads_why_they_may_not_edit(
    client: Client, operator: User, viewer: User, make_connection: MakeConnection
) -> None:
    team = Team.objects.create(name="Night shift")
    team.members.add(viewer)
    connection = make_connection(operator, team=team)
    html = html_of(client, viewer, page_of(connection))
    assert "Only the owner of the connection or an Admin may do this." in html
    for name in ("connection-edit", "connection-delete", "connection-test", "connection-sync"):
        assert client.post(page_of(connection, name)).status_code == 403, name


def test_a_refresh_is_cheap_until_a_sync_moves(
    client: Client, operator: User, make_connection: MakeConnection
) -> None:
    url = page_of(make_connection(operator))
    client.force_login(operator)
    tag = client.get(url, headers={"HX-Request": "true"})["ETag"]
    poll = {"HX-Request": "true", "If-None-Match": tag}
    assert client.get(url, headers=poll).status_code == 304
    client.post(url + "sync/")
    assert client.get(url, headers=poll).status_code == 200


# --- Making and changing ------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_new_connection_is_tested_and_synced(
    client: Client, operator: User, sandbox: Sandbox
) -> None:
    client.force_login(operator)
    answer = client.post(reverse("connection-new"), form(sandbox.url), follow=True)
    connection = Connection.objects.get()
    assert answer.request["PATH_INFO"] == page_of(connection)
    assert "is connected." in answer.content.decode()
    assert (connection.owner, connection.status) == (operator, ConnectionState.OK)
    assert JobRun.objects.filter(job="boomi.sync_connection").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_mistyped_token_is_told_at_once(client: Client, operator: User, sandbox: Sandbox) -> None:
    client.force_login(operator)
    wrong = form(sandbox.url, token="mistyped")
    answer = client.post(reverse("connection-new"), wrong, follow=True)
    assert "Saved, but not connected" in answer.content.decode()
    assert "mistyped" not in answer.content.decode()


def test_a_refused_address_is_told_at_its_field(client: Client, operator: User) -> None:
    client.force_login(operator)
    answer = client.post(reverse("connection-new"), form("ftp://example.com"))
    assert answer.status_code == 400
    assert "base_url" in answer.context["form"].errors
    assert not Connection.objects.exists()


def test_missing_values_are_told_at_their_fields(client: Client, operator: User) -> None:
    client.force_login(operator)
    answer = client.post(reverse("connection-new"), {})
    assert set(answer.context["form"].errors) >= {"name", "account_id", "username", "token"}


def test_a_second_connection_to_an_account_is_refused_at_its_field(
    client: Client, operator: User, make_connection: MakeConnection
) -> None:
    make_connection(operator)
    client.force_login(operator)
    answer = client.post(reverse("connection-new"), form("http://127.0.0.1:9"))
    assert "You already have a connection" in answer.content.decode()
    assert "account_id" in answer.context["form"].errors


def test_the_team_of_others_cannot_be_chosen(client: Client, operator: User) -> None:
    team = Team.objects.create(name="Theirs")
    client.force_login(operator)
    answer = client.post(reverse("connection-new"), form("http://127.0.0.1:9", team=str(team.pk)))
    assert "team" in answer.context["form"].errors


def test_the_share_with_a_team_the_owner_left_stays(
    client: Client, operator: User, make_connection: MakeConnection
) -> None:
    team = Team.objects.create(name="Left")
    connection = make_connection(operator, team=team)
    values = {
        "name": "Renamed", "username": connection.username, "base_url": connection.base_url,
        "team": team.pk, "environment_class": connection.environment_class, "enabled": "on",
    }  # fmt: skip
    client.force_login(operator)
    assert f'value="{team.pk}" selected' in html_of(
        client, operator, page_of(connection, "connection-edit")
    )
    assert client.post(page_of(connection, "connection-edit"), values).status_code == 302
    connection.refresh_from_db()
    assert (connection.name, connection.team) == ("Renamed", team)


def test_a_blank_token_keeps_the_stored_one(
    client: Client, operator: User, make_connection: MakeConnection
) -> None:
    connection = make_connection(operator)
    client.force_login(operator)
    values = {**form(connection.base_url, name="Renamed", token=""), "enabled": "on"}
    client.post(page_of(connection, "connection-edit"), values)
    connection.refresh_from_db()
    assert (connection.name, connection.token) == ("Renamed", CREDENTIAL.token)
    assert connection.status == ConnectionState.OK
    assert AuditEvent.objects.filter(action__startswith="boomi.connection.").count() == 1


# --- Testing, syncing, deleting -----------------------------------------------------------


@pytest.mark.parametrize("name", ["connection-test", "connection-sync"])
def test_verbs_need_a_post(
    client: Client, operator: User, make_connection: MakeConnection, name: str
) -> None:
    client.force_login(operator)
    assert client.get(page_of(make_connection(operator), name)).status_code == 405


@pytest.mark.django_db(transaction=True)
def test_a_test_says_what_the_platform_said(
    client: Client, operator: User, connection: Connection
) -> None:
    client.force_login(operator)
    answer = client.post(page_of(connection, "connection-test"), follow=True)
    assert "is connected." in answer.content.decode()
    assert "VIEW_RESULT" in answer.content.decode()


def test_sync_now_shows_its_progress(
    client: Client, operator: User, make_connection: MakeConnection
) -> None:
    connection = make_connection(operator)
    client.force_login(operator)
    answer = client.post(page_of(connection, "connection-sync"), follow=True)
    html = answer.content.decode()
    assert "<progress" in html
    assert "data-live-final" not in html


def test_a_failing_connection_is_not_synced_and_says_why(
    client: Client, operator: User, make_connection: MakeConnection
) -> None:
    connection = make_connection(operator, status=ConnectionState.FAILING)
    client.force_login(operator)
    answer = client.post(page_of(connection, "connection-sync"), follow=True)
    assert "Test the connection first" in answer.content.decode()
    assert not JobRun.objects.exists()


def test_a_connection_without_history_is_deleted(
    client: Client, operator: User, make_connection: MakeConnection
) -> None:
    connection = make_connection(operator)
    client.force_login(operator)
    answer = client.post(page_of(connection, "connection-delete"), {"reason": "moved"}, follow=True)
    assert not Connection.objects.exists()
    assert "was deleted" in answer.content.decode()
    assert AuditEvent.objects.get(action="boomi.connection.deleted").note == "moved"


def test_the_owner_is_told_what_hangs_on_the_last_connection(
    client: Client, operator: User, make_connection: MakeConnection
) -> None:
    connection = make_connection(operator)
    add_execution(connection.account)
    html = html_of(client, operator, page_of(connection, "connection-delete"))
    assert "Only an Admin can delete it with all of that." in html
    answer = client.post(page_of(connection, "connection-delete"), {"reason": "x"})
    assert answer.status_code == 409
    assert Connection.objects.exists()


def test_an_admin_gives_a_reason_to_delete_history(
    client: Client, admin_user: User, make_connection: MakeConnection
) -> None:
    connection = make_connection(admin_user)
    add_execution(connection.account)
    client.force_login(admin_user)
    url = page_of(connection, "connection-delete")
    assert client.post(url, {"force": "1", "reason": " "}).status_code == 400
    assert Connection.objects.exists()
    client.post(url, {"force": "1", "reason": "left the company"})
    assert not Connection.objects.exists()
    assert JobRun.objects.filter(job="boomi.delete_account").exists()


def test_a_connection_that_never_worked_tells_nothing_of_the_account(
    client: Client, operator: User, make_connection: MakeConnection
) -> None:
    connection = make_connection(operator, status=ConnectionState.FAILING, proved_at=None)
    SyncMark.objects.create(
        account=connection.account, kind="executions", rows=4711, completed_at=timezone.now()
    )
    assert "4\u202f711" not in html_of(client, operator, page_of(connection))
    Connection.objects.update(proved_at=timezone.now())
    assert "4\u202f711" in html_of(client, operator, page_of(connection))


def test_the_page_says_when_the_platform_does_not_answer(client, operator, make_connection):
    row = make_connection(operator)
    Circuit.objects.create(
        account_id=row.account.account_id, state="open", reason="api.boomi.com did not answer."
    )
    client.force_login(operator)
    page = client.get(f"/connections/{row.pk}/").content.decode()
    assert "does not answer for this account" in page
    assert "api.boomi.com did not answer." in page
