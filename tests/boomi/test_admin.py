"""Accounts and connections in the admin: everything goes through the services."""

import pytest
from django.test import Client

from boomi.models import Account, AccountGrant, Connection, ConnectionState
from common.models import AuditEvent, Team, User
from sandbox.scenario import TRUTH
from sandbox.server import Sandbox
from scheduling.models import JobRun
from tests.boomi.rows import SECRET, connect, make_account, make_execution
from tests.signed_in import browser

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.portal_urls")]
LIST = "/admin/boomi/connection/"


@pytest.fixture
def ada(admin_user: User) -> Client:
    return browser(admin_user)


def form(owner: User, **changes: object) -> dict[str, object]:
    return {
        "name": "Northwind",
        "account_id": "northwind-7Q2K9D",
        "base_url": "http://127.0.0.1:9",
        "username": owner.email,
        "token": SECRET,
        "team": "",
        "purpose": "monitoring",
        "environment_class": "production",
        "owner": owner.pk,
        "enabled": "on",
        **changes,
    }


def address(connection: Connection, action: str) -> str:
    return f"{LIST}{connection.pk}/{action}/"


def act(client: Client, connection: Connection, name: str, **data: str) -> str:
    """Confirm an object action and return the page it ends on."""
    url = address(connection, f"action/{name}")
    assert client.get(url).status_code == 200
    return client.post(url, data, follow=True).content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_connection_made_here_is_tested(ada: Client, operator: User, sandbox: Sandbox) -> None:
    credential = TRUTH.credential(TRUTH.primary)
    values = {
        "account_id": TRUTH.primary.account_id, "base_url": sandbox.url,
        "username": credential.user, "token": credential.token,
    }  # fmt: skip
    assert ada.post(f"{LIST}add/", form(operator, **values)).status_code == 302
    connection = Connection.objects.get()
    assert (connection.owner, connection.status) == (operator, ConnectionState.OK)
    assert AuditEvent.objects.get(action="boomi.connection.created").via == "admin"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"account_id": "../x"}, "account"),
        ({"base_url": "https://elsewhere.example"}, "elsewhere.example"),
        ({"token": ""}, "This field is required"),
        ({"name": ""}, "This field is required"),
    ],
)
def test_a_refusal_stands_in_the_form(
    ada: Client, operator: User, changes: dict[str, str], said: str
) -> None:
    page = ada.post(f"{LIST}add/", form(operator, **changes))
    assert page.status_code == 200
    assert said in page.content.decode()
    assert SECRET not in page.content.decode()
    assert not Connection.objects.exists()


def test_a_second_connection_to_the_account_is_refused_at_its_field(
    ada: Client, operator: User
) -> None:
    connect(operator)
    page = ada.post(f"{LIST}add/", form(operator)).content.decode()
    assert "already have a connection to this account" in page
    assert Connection.objects.count() == 1


def test_the_stored_token_is_on_no_page(ada: Client, operator: User) -> None:
    connection = connect(operator)
    for url in (LIST, address(connection, "change"), address(connection, "action/test")):
        assert SECRET not in ada.get(url).content.decode()
    assert "Leave blank to keep it" in ada.get(address(connection, "change")).content.decode()


def test_a_blank_token_is_kept(ada: Client, operator: User) -> None:
    connection = connect(operator)
    values = form(operator, name="Renamed", token="")
    assert ada.post(address(connection, "change"), values).status_code == 302
    connection.refresh_from_db()
    assert (connection.name, connection.token) == ("Renamed", SECRET)
    assert connection.status == ConnectionState.OK
    assert AuditEvent.objects.filter(action="boomi.connection.updated").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_new_token_is_tested(ada: Client, operator: User) -> None:
    connection = connect(operator)
    ada.post(address(connection, "change"), form(operator, token="another"))
    connection.refresh_from_db()
    assert (connection.token, connection.status) == ("another", ConnectionState.FAILING)


def test_the_account_of_a_connection_cannot_be_changed(ada: Client, operator: User) -> None:
    connection = connect(operator)
    values = form(operator, account_id="other-1", account="99")
    ada.post(address(connection, "change"), values)
    connection.refresh_from_db()
    assert connection.account.account_id == "northwind-7Q2K9D"


def test_a_failed_test_is_told_as_an_error(ada: Client, operator: User) -> None:
    connection = connect(operator)
    page = act(ada, connection, "test")
    assert 'role="alert"' in page
    connection.refresh_from_db()
    assert connection.status == ConnectionState.FAILING


def test_sync_now_starts_a_job(ada: Client, operator: User) -> None:
    connection = connect(operator)
    page = act(ada, connection, "sync")
    assert f"Job {JobRun.objects.get().pk} syncs" in page


def test_disabling_and_enabling(ada: Client, operator: User) -> None:
    connection = connect(operator)
    assert "is disabled" in act(ada, connection, "disable")
    connection.refresh_from_db()
    assert not connection.enabled
    act(ada, connection, "enable")
    connection.refresh_from_db()
    assert connection.enabled


def test_deleting_goes_through_the_service(ada: Client, operator: User) -> None:
    connection = connect(operator)
    ada.post(address(connection, "delete"), {"post": "yes"})
    assert not Connection.objects.exists()
    assert AuditEvent.objects.filter(action="boomi.connection.deleted").count() == 1


@pytest.mark.parametrize("way", ["page", "list"])
def test_the_last_connection_of_a_history_is_not_deleted_by_the_way(
    ada: Client, operator: User, way: str
) -> None:
    connection = connect(operator)
    make_execution(connection.account)
    if way == "page":
        page = ada.post(address(connection, "delete"), {"post": "yes"}, follow=True)
    else:
        data = {"action": "delete_selected", "_selected_action": [connection.pk], "post": "yes"}
        page = ada.post(LIST, data, follow=True)
    assert "This is the last connection" in page.content.decode()
    assert Connection.objects.exists()


def test_deleting_with_history_needs_a_reason(ada: Client, operator: User) -> None:
    connection = connect(operator)
    make_execution(connection.account)
    assert "This field is required" in act(ada, connection, "delete-history")
    assert "is deleted" in act(ada, connection, "delete-history", reason="Contract ended")
    assert AuditEvent.objects.get(action="boomi.connection.deleted").note == "Contract ended"


def test_sharing_an_account_is_audited(ada: Client) -> None:
    account = make_account()
    team = Team.objects.create(name="Orders")
    data = {
        "grants-TOTAL_FORMS": "1", "grants-INITIAL_FORMS": "0",
        "grants-0-team": team.pk, "grants-0-account": account.pk,
    }  # fmt: skip
    ada.post(f"/admin/boomi/account/{account.pk}/change/", data)
    assert AccountGrant.objects.get().team == team
    event = AuditEvent.objects.get(action="boomi.account.shared")
    assert (event.before, event.after) == ('{"teams": []}', '{"teams": ["Orders"]}')


@pytest.mark.parametrize(
    "model", ["environment", "runtime", "execution", "deployment", "syncmark", "logfile", "apicall"]
)
def test_what_is_mirrored_cannot_be_written(ada: Client, model: str) -> None:
    assert ada.get(f"/admin/boomi/{model}/").status_code == 200
    assert ada.get(f"/admin/boomi/{model}/add/").status_code == 403


def test_an_execution_links_to_its_page(ada: Client) -> None:
    row = make_execution(make_account(), message="<b>bold</b>")
    page = ada.get(f"/admin/boomi/execution/{row.pk}/change/").content.decode()
    assert f'href="/executions/{row.pk}/"' in page
    assert "View in portal" in page
    assert "<b>bold</b>" not in page


@pytest.mark.parametrize("person", ["viewer", "operator", "developer", "stranger"])
def test_the_admin_is_for_admins(request: pytest.FixtureRequest, person: str) -> None:
    page = browser(request.getfixturevalue(person)).get(LIST)
    assert page.status_code == 302
    assert Account.objects.count() == 0
