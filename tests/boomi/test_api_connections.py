"""Connections through the API: made, changed, tested, synced, deleted; never telling the token."""

import pytest

from boomi.models import Connection, ConnectionState
from common.models import AuditEvent, Team, User
from sandbox.scenario import TRUTH
from sandbox.server import Sandbox
from scheduling.models import JobRun
from tests.boomi.rows import SECRET, connect, make_account, make_execution
from tests.signed_in import browser, program

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.portal_urls")]
CONNECTIONS = "/api/v1/connections/"


def new(sandbox: Sandbox, **changes: object) -> dict[str, object]:
    credential = TRUTH.credential(TRUTH.primary)
    return {
        "name": "Northwind",
        "account_id": TRUTH.primary.account_id,
        "base_url": sandbox.url,
        "username": credential.user,
        "token": credential.token,
        **changes,
    }


def address(connection: Connection, action: str = "") -> str:
    return f"{CONNECTIONS}{connection.pk}/{action}"


def test_a_new_connection_is_tested_and_its_token_is_not_told(
    sandbox: Sandbox, operator: User
) -> None:
    body = new(sandbox)
    answer = program(operator).post(CONNECTIONS, body)
    assert answer.status_code == 201
    told = answer.json()
    assert answer["Location"] == f"{CONNECTIONS}{told['id']}/"
    assert (told["status"], told["account_name"]) == ("ok", TRUTH.primary.name)
    assert "token" not in told
    assert str(body["token"]) not in answer.content.decode()
    assert JobRun.objects.get().job == "boomi.sync_connection"


def test_a_wrong_token_is_stored_as_failing(sandbox: Sandbox, operator: User) -> None:
    told = program(operator).post(CONNECTIONS, new(sandbox, token="wrong")).json()
    assert (told["status"], told["status_code"]) == ("failing", "AUTH_FAILED")
    assert not JobRun.objects.exists()


def test_a_second_connection_to_the_account_is_a_conflict(sandbox: Sandbox, operator: User) -> None:
    client = program(operator)
    client.post(CONNECTIONS, new(sandbox))
    answer = client.post(CONNECTIONS, new(sandbox, name="Another"))
    assert (answer.status_code, answer.json()["code"]) == (409, "CONFLICT")
    assert set(answer.json()["fields"]) == {"account_id"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"account_id": "../x"}, "account_id"),
        ({"base_url": "ftp://x.example"}, "base_url"),
        ({"base_url": "https://elsewhere.example"}, "base_url"),
        ({"username": ""}, "username"),
        ({"token": ""}, "token"),
        ({"token": "two\nlines"}, "token"),
        ({"team": "Nobody"}, "team"),
        ({"purpose": "fun"}, "purpose"),
        ({"owner": "nobody@northwind.example"}, "owner"),
        ({"nmae": "x"}, "nmae"),
    ],
)
def test_a_bad_field_is_named_and_nothing_is_stored(
    sandbox: Sandbox, operator: User, changes: dict[str, object], field: str
) -> None:
    answer = program(operator).post(CONNECTIONS, new(sandbox, **changes))
    assert answer.status_code == 400
    assert set(answer.json()["fields"]) == {field}
    assert not Connection.objects.exists()


def test_a_bad_token_is_not_repeated_in_the_error(sandbox: Sandbox, operator: User) -> None:
    answer = program(operator).post(CONNECTIONS, new(sandbox, token=SECRET + "\nx"))
    assert SECRET not in answer.content.decode()


def test_a_viewer_may_not_connect(sandbox: Sandbox, viewer: User) -> None:
    answer = program(viewer).post(CONNECTIONS, new(sandbox))
    assert (answer.status_code, answer.json()["code"]) == (403, "NOT_ALLOWED")


@pytest.mark.parametrize("team", ["Integration", "No such team"])
def test_who_may_not_connect_does_not_learn_which_teams_there_are(viewer: User, team: str) -> None:
    Team.objects.create(name="Integration")
    answer = program(viewer).post(CONNECTIONS, {"team": team})
    assert (answer.status_code, answer.json()["code"]) == (403, "NOT_ALLOWED")
    assert "fields" not in answer.json()


def test_a_new_name_keeps_the_token_and_tests_nothing(operator: User) -> None:
    connection = connect(operator)
    answer = program(operator).patch(address(connection), {"name": "Renamed", "token": ""})
    assert (answer.status_code, answer.json()["name"]) == (200, "Renamed")
    connection.refresh_from_db()
    assert (connection.token, connection.status) == (SECRET, ConnectionState.OK)


def test_a_new_token_is_tested_at_once(sandbox: Sandbox, operator: User) -> None:
    client = program(operator)
    made = client.post(CONNECTIONS, new(sandbox)).json()
    told = client.patch(f"{CONNECTIONS}{made['id']}/", {"token": "wrong"}).json()
    assert (told["status"], told["status_code"]) == ("failing", "AUTH_FAILED")


def test_the_account_of_a_connection_stays(operator: User) -> None:
    answer = program(operator).patch(address(connect(operator)), {"account_id": "other-1"})
    assert (answer.status_code, set(answer.json()["fields"])) == (400, {"account_id"})


def test_only_an_admin_gives_a_connection_away(
    operator: User, viewer: User, admin_user: User
) -> None:
    connection = connect(operator)
    change = {"owner": viewer.email}
    assert program(operator).patch(address(connection), change).status_code == 403
    assert program(admin_user).patch(address(connection), change).json()["owner"] == viewer.email


@pytest.mark.parametrize("method", ["get", "patch", "delete"])
def test_somebody_elses_connection_is_not_found(
    operator: User, developer: User, method: str
) -> None:
    connection = connect(operator)
    answer = getattr(program(developer), method)(address(connection))
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
    assert Connection.objects.exists()


def test_a_team_mate_sees_but_does_not_change(operator: User, developer: User) -> None:
    team = Team.objects.create(name="Integration")
    team.members.add(developer)
    connection = connect(operator, team=team)
    client = program(developer)
    assert client.get(address(connection)).json()["team"] == "Integration"
    answer = client.patch(address(connection), {"name": "Mine"})
    assert (answer.status_code, answer.json()["code"]) == (403, "NOT_ALLOWED")


def test_an_admin_sees_all_connections(operator: User, developer: User, admin_user: User) -> None:
    connect(operator)
    connect(developer, make_account("fabrikam-1"))
    assert program(admin_user).get(CONNECTIONS).json()["total"] == 2
    assert program(operator).get(CONNECTIONS).json()["total"] == 1


@pytest.mark.parametrize(
    ("query", "total"), [("enabled=true", 1), ("status=failing", 1), ("q=second", 1), ("", 2)]
)
def test_the_list_is_filtered(operator: User, query: str, total: int) -> None:
    connect(operator, name="First")
    failing = {"status": ConnectionState.FAILING, "enabled": False}
    connect(operator, make_account("fabrikam-1"), name="Second", **failing)
    assert program(operator).get(f"{CONNECTIONS}?{query}").json()["total"] == total


def test_no_list_export_or_detail_holds_the_token(operator: User) -> None:
    connection = connect(operator)
    client = program(operator)
    for url in (CONNECTIONS, f"{CONNECTIONS}?export=csv", f"{CONNECTIONS}?export=json"):
        assert SECRET.encode() not in client.get(url).getvalue()
    assert SECRET.encode() not in client.get(address(connection)).content


def test_a_connection_without_history_goes(operator: User) -> None:
    connection = connect(operator)
    assert program(operator).delete(address(connection)).status_code == 204
    assert not Connection.objects.exists()


def test_the_last_connection_of_a_history_stays_and_counts_it(operator: User) -> None:
    connection = connect(operator)
    make_execution(connection.account)
    answer = program(operator).delete(address(connection))
    assert answer.status_code == 409
    assert answer.json()["fields"] == {"executions": ["1"]}


def test_force_needs_an_admin_and_a_reason(operator: User, admin_user: User) -> None:
    connection = connect(operator)
    make_execution(connection.account)
    forced = address(connection) + "?force=1"
    assert program(operator).delete(f"{forced}&reason=old").status_code == 403
    without = program(admin_user).delete(forced)
    assert (without.status_code, set(without.json()["fields"])) == (400, {"reason"})
    assert program(admin_user).delete(f"{forced}&reason=old").status_code == 204
    assert AuditEvent.objects.get(action="boomi.connection.deleted").note == "old"


@pytest.mark.parametrize("query", ["force=perhaps", "froce=1"])
def test_a_wrong_parameter_deletes_nothing(admin_user: User, query: str) -> None:
    connection = connect(admin_user)
    assert program(admin_user).delete(address(connection) + f"?{query}").status_code == 400
    assert Connection.objects.exists()


def test_a_test_tells_the_rights(sandbox: Sandbox, operator: User) -> None:
    client = program(operator)
    made = client.post(CONNECTIONS, new(sandbox)).json()
    told = client.post(f"{CONNECTIONS}{made['id']}/test/").json()
    assert (told["ok"], told["account_name"], told["status"]) == (True, TRUTH.primary.name, "ok")
    assert {"name", "needed_for", "granted", "detail"} == set(told["rights"][0])


def test_a_failed_test_is_an_answer_and_not_an_error(operator: User) -> None:
    answer = program(operator).post(address(connect(operator), "test/"))
    told = answer.json()
    assert (answer.status_code, told["ok"], told["status"]) == (200, False, "failing")
    assert told["hint"]


def test_a_sync_is_a_job(operator: User) -> None:
    connection = connect(operator)
    answer = program(operator).post(address(connection, "sync/"), {"kinds": ["executions"]})
    run = JobRun.objects.get()
    assert (answer.status_code, answer["Location"]) == (202, f"/api/v1/jobs/{run.pk}/")
    assert run.params["kinds"] == ["executions"]


@pytest.mark.parametrize(
    "body", [{"kinds": ["weather"]}, {"kinds": []}, {"since": "soon"}, {"sicne": "2026-01-01"}]
)
def test_a_sync_of_nothing_known_is_refused(operator: User, body: dict[str, object]) -> None:
    connection = connect(operator)
    assert program(operator).post(address(connection, "sync/"), body).status_code == 400
    assert not JobRun.objects.exists()


def test_a_failing_connection_is_not_synced(operator: User) -> None:
    connection = connect(operator, status=ConnectionState.FAILING)
    answer = program(operator).post(address(connection, "sync/"))
    assert (answer.status_code, answer.json()["code"]) == (409, "CONFLICT")


def test_a_read_token_changes_nothing(operator: User) -> None:
    connection = connect(operator)
    client = program(operator, scope="read")
    assert client.get(address(connection)).status_code == 200
    for answer in (
        client.patch(address(connection), {"name": "x"}),
        client.post(address(connection, "sync/")),
        client.delete(address(connection)),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "NOT_ALLOWED")


def test_a_page_of_another_site_cannot_use_the_session(operator: User) -> None:
    client = browser(operator)
    client.handler.enforce_csrf_checks = True
    answer = client.post(address(connect(operator), "sync/"))
    assert answer.status_code == 403
    assert not JobRun.objects.exists()
