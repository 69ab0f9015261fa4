"""Connections: saving tests at once, the token never comes out, refusals say why."""

import threading
import time

import pytest
from django.core import serializers
from django.db import connection as database
from django.db import transaction

from boomi.models import (
    Account,
    AccountGrant,
    ApiCall,
    Connection,
    ConnectionState,
    Environment,
    Execution,
    SyncMark,
)
from boomi.services import connections, removal
from common import access
from common.actors import Actor
from common.errors import Conflict, InputError, NotAllowed
from common.models import AuditEvent, Team
from sandbox.scenario import TRUTH
from scheduling.models import JobRun, JobStatus
from scheduling.testing import drain
from tests.boomi.syncing import mirrored as mirrored_rows
from tests.boomi.syncing import run_sync
from tests.conftest import make_user

pytestmark = pytest.mark.django_db
CREDENTIAL = TRUTH.credential(TRUTH.primary)
CANARY = "canary-5f1e9a77-token"


def create(actor_user, url: str, **changes) -> Connection:
    values = {
        "name": "Northwind",
        "account_id": TRUTH.primary.account_id,
        "base_url": url,
        "username": CREDENTIAL.user,
        "token": CREDENTIAL.token,
        **changes,
    }
    return connections.create(actor=Actor.person(actor_user), **values)


def actions() -> list[str]:
    return list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))


def test_a_good_token_is_connected_and_synced_at_once(operator, sandbox):
    row = create(operator, sandbox.url)
    assert row.status == ConnectionState.OK
    assert row.account.name == "" or row.account.pk
    row.refresh_from_db()
    assert Account.objects.get().name == TRUTH.primary.name
    assert {right["needed_for"] for right in row.rights if right["granted"]} >= {"executions"}
    assert JobRun.objects.get().key == f"sync:{row.pk}"
    assert actions()[:2] == ["boomi.connection.created", "boomi.connection.tested"]


def test_a_bad_token_is_saved_as_failing_and_nothing_is_polled(operator, sandbox):
    row = create(operator, sandbox.url, token=CANARY)
    row.refresh_from_db()
    assert (row.status, row.status_code) == (ConnectionState.FAILING, "AUTH_FAILED")
    assert row.status_reason
    assert not JobRun.objects.exists()
    assert ApiCall.objects.count() == 1


def test_a_host_that_is_down_is_said_within_five_seconds(operator):
    started = time.monotonic()
    row = create(operator, "http://127.0.0.1:9")
    assert time.monotonic() - started < 5.5
    assert (row.status, row.status_code) == (ConnectionState.FAILING, "CONNECTION_REFUSED")


def test_a_host_that_does_not_answer_is_said_within_five_seconds(connection, operator, sandbox):
    sandbox.faults.timeout_rate = 1.0
    started = time.monotonic()
    result = connections.test(connection, actor=Actor.person(operator))
    assert time.monotonic() - started < 5.0
    assert result.code == "TIMEOUT"


def test_a_missing_right_is_listed_and_the_connection_works(operator, sandbox):
    sandbox.faults.missing_privileges = {"VIEW_RESULT"}
    row = create(operator, sandbox.url)
    row.refresh_from_db()
    assert row.status == ConnectionState.OK
    assert "executions" in row.status_reason
    missing = [right for right in row.rights if right["granted"] is False]
    assert {right["name"] for right in missing} == {"VIEW_RESULT"}


def test_an_account_that_shows_nothing_at_all_is_no_connection(operator, sandbox):
    row = create(operator, sandbox.url, account_id="nobody-A1B2C3")
    row.refresh_from_db()
    assert (row.status, row.status_code) == (ConnectionState.FAILING, "ACCESS_DENIED")
    assert "nothing of the account nobody-A1B2C3" in row.status_reason
    assert all(right["granted"] is False for right in row.rights)
    assert not JobRun.objects.exists()


def test_a_test_tells_what_the_connection_is_and_may(connection, operator):
    result = connections.test(connection, actor=Actor.person(operator))
    assert result.ok
    assert result.account_name == TRUTH.primary.name
    assert all(right["granted"] for right in result.rights)


def test_a_token_repaired_on_the_platform_makes_the_connection_work_again(
    connection, operator, sandbox
):
    sandbox.faults.reject_all_tokens = True
    assert not connections.test(connection, actor=Actor.person(operator)).ok
    since = Connection.objects.get().status_since
    assert not connections.test(connection, actor=Actor.person(operator)).ok
    assert Connection.objects.get().status_since == since
    sandbox.faults.reject_all_tokens = False
    assert connections.test(connection, actor=Actor.person(operator)).ok
    assert Connection.objects.get().status == ConnectionState.OK
    assert JobRun.objects.filter(key=f"sync:{connection.pk}").exists()


def test_a_busy_limit_says_nothing_about_the_credentials(connection, operator, sandbox):
    sandbox.faults.next_503, sandbox.faults.retry_after = 5, 60
    result = connections.test(connection, actor=Actor.person(operator))
    assert result.code == "API_RATE_LIMIT"
    assert Connection.objects.get().status == ConnectionState.OK


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", " ", "name"),
        ("account_id", "no good", "acme-A1B2C3"),
        ("base_url", "ftp://api.boomi.com", "https://"),
        ("base_url", "https://9.9.9.9", "not one of the allowed hosts"),
        ("username", "a:b", "e-mail"),
        ("token", "", "token"),
        ("purpose", "fun", "monitoring"),
    ],
)
def test_a_wrong_field_is_named(operator, sandbox, field, value, words):
    with pytest.raises(InputError) as refused:
        create(operator, sandbox.url, **{field: value})
    assert words in refused.value.fields[field][0]
    assert not Connection.objects.exists()


def test_internal_addresses_are_refused_unless_allowed(operator, sandbox, settings):
    settings.ALLOW_PRIVATE_ADDRESSES = False
    with pytest.raises(InputError) as refused:
        create(operator, sandbox.url)
    assert "private" in refused.value.fields["base_url"][0]


def test_all_wrong_fields_are_told_together(operator):
    with pytest.raises(InputError) as refused:
        create(operator, "nonsense", name="", token="")
    assert set(refused.value.fields) == {"name", "base_url", "token"}


def test_one_connection_per_owner_and_account(operator, developer, sandbox):
    create(operator, sandbox.url)
    with pytest.raises(Conflict) as refused:
        create(operator, sandbox.url, name="Another")
    assert refused.value.fields["account_id"]
    create(developer, sandbox.url)


def test_one_name_per_owner(operator, sandbox):
    create(operator, sandbox.url)
    with pytest.raises(Conflict) as refused:
        create(operator, sandbox.url, name="NORTHWIND", account_id="acme-A1B2C3")
    assert refused.value.fields["name"]


def test_a_new_name_keeps_the_token_and_tests_nothing(connection, operator):
    connections.update(connection, actor=Actor.person(operator), name="Renamed", token="")
    row = Connection.objects.get()
    assert (row.name, row.token, row.status) == ("Renamed", CREDENTIAL.token, "ok")
    assert not ApiCall.objects.exists()
    assert actions() == ["boomi.connection.updated"]


def test_a_new_token_is_tested_again(connection, operator):
    set_at = connection.token_set_at
    connections.update(connection, actor=Actor.person(operator), token=CANARY)
    row = Connection.objects.get()
    assert (row.status, row.status_code) == (ConnectionState.FAILING, "AUTH_FAILED")
    assert row.token_set_at > set_at


def test_an_unchanged_form_changes_nothing(connection, operator):
    connections.update(connection, actor=Actor.person(operator), name=connection.name)
    assert not AuditEvent.objects.exists()


def test_what_cannot_change_is_refused(connection, operator):
    with pytest.raises(InputError, match="account_id"):
        connections.update(connection, actor=Actor.person(operator), account_id="acme-A1B2C3")


def test_the_result_of_a_test_belongs_to_the_tried_token(connection, operator, monkeypatch):
    """Somebody saves another token while the old one is being tried."""
    stale = Connection.objects.get()
    connections.update(connection, actor=Actor.person(operator), token=CANARY)
    connections.test(stale, actor=Actor.person(operator))
    assert Connection.objects.get().status == ConnectionState.FAILING


def test_a_team_sees_and_uses_but_does_not_change(connection, operator, developer, sandbox):
    team = Team.objects.create(name="Integration")
    developer.teams.add(team)
    operator.teams.add(team)
    connections.update(connection, actor=Actor.person(operator), team=team)
    actor = Actor.person(developer)
    assert access.find(actor, Connection.objects.all(), pk=connection.pk) == connection
    assert connections.test(connection, actor=actor).ok
    with pytest.raises(NotAllowed, match="Only the owner"):
        connections.update(connection, actor=actor, name="Mine")


def test_a_team_of_others_cannot_be_given(connection, operator):
    team = Team.objects.create(name="Finance")
    with pytest.raises(InputError, match="not a member"):
        connections.update(connection, actor=Actor.person(operator), team=team)


def test_a_viewer_creates_nothing(viewer, sandbox):
    with pytest.raises(NotAllowed):
        create(viewer, sandbox.url)


def test_only_an_admin_creates_for_others(operator, admin_user, sandbox):
    with pytest.raises(NotAllowed):
        create(operator, sandbox.url, owner=admin_user)
    assert create(admin_user, sandbox.url, owner=operator).owner == operator


def test_an_unused_connection_is_deleted(connection, operator):
    connections.delete(connection, actor=Actor.person(operator))
    assert not Connection.objects.exists()
    assert Account.objects.exists()
    assert actions() == ["boomi.connection.deleted"]


@pytest.fixture
def mirrored(connection) -> Connection:
    now = connection.created_at
    Environment.objects.create(
        account=connection.account, environment_id="e", name="Production", seen_at=now
    )
    Execution.objects.create(
        account=connection.account, execution_id="x", status="ERROR", outcome="error",
        started_at=now,
    )  # fmt: skip
    SyncMark.objects.create(account=connection.account, kind="executions")
    return connection


def test_the_last_connection_of_a_mirrored_account_is_kept(mirrored, operator):
    with pytest.raises(Conflict) as refused:
        connections.delete(mirrored, actor=Actor.person(operator))
    assert refused.value.fields == {"executions": ["1"], "environments": ["1"]}
    assert "1 executions, 1 environments" in refused.value.message


def test_another_connection_keeps_the_account(mirrored, operator, developer, make_connection):
    make_connection(developer)
    connections.delete(mirrored, actor=Actor.person(operator))
    assert Execution.objects.exists()


def test_force_needs_an_admin_and_a_reason(mirrored, operator, admin_user):
    with pytest.raises(NotAllowed):
        connections.delete(mirrored, actor=Actor.person(operator), force=True, reason="x")
    with pytest.raises(InputError) as refused:
        connections.delete(mirrored, actor=Actor.person(admin_user), force=True, reason=" ")
    assert refused.value.fields["reason"]
    connections.delete(mirrored, actor=Actor.person(admin_user), force=True, reason="Sold")
    drain()
    assert JobRun.objects.get().status == JobStatus.SUCCEEDED
    assert not Account.objects.exists()
    assert not Execution.objects.exists()


def test_every_kind_of_fact_goes_with_its_account(connection, admin_user):
    """And all that hangs on an account is named where it is deleted step by step."""
    run_sync(connection)
    connections.delete(
        connection, actor=Actor.person(admin_user), force=True, reason="The account was sold"
    )
    drain()
    assert not any(mirrored_rows().values())
    stepwise = {model for _, model in (*removal.MIRRORED, *removal.BOOKKEEPING)}
    with_account = {relation.related_model for relation in Account._meta.related_objects}
    assert with_account - stepwise <= {Connection, AccountGrant}


def test_an_account_connected_again_is_not_deleted(mirrored, admin_user, make_connection):
    connections.delete(mirrored, actor=Actor.person(admin_user), force=True, reason="Sold")
    make_connection(admin_user)
    drain()
    assert Execution.objects.exists()
    assert "connected again" in JobRun.objects.get().summary


@pytest.mark.django_db(transaction=True)
def test_inside_a_transaction_the_test_waits_for_its_commit(sandbox):
    from common.roles import Role

    operator = make_user("olga@northwind.example", Role.OPERATOR)
    with transaction.atomic():
        row = create(operator, sandbox.url)
        assert row.status == ConnectionState.UNVERIFIED
        assert not ApiCall.objects.exists()
    assert row.status == ConnectionState.OK


@pytest.mark.db
@pytest.mark.django_db(transaction=True)
def test_two_saves_at_once_make_one_connection(sandbox):
    from common.roles import Role

    operator = make_user("olga@northwind.example", Role.OPERATOR)
    outcomes: list[str] = []
    together = threading.Barrier(2)

    def save(number: int) -> None:
        try:
            together.wait()
            create(operator, sandbox.url, name=f"Northwind {number}")
            outcomes.append("saved")
        except Conflict as refused:
            outcomes.append(refused.code)
        finally:
            database.close()

    threads = [threading.Thread(target=save, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["CONFLICT", "saved"]


def test_the_token_comes_out_nowhere(operator, sandbox, caplog):
    row = create(operator, sandbox.url, token=CANARY)
    connections.update(row, actor=Actor.person(operator), token=f"{CANARY}-2")
    JobRun.objects.create(job="x", title="x", params={})
    texts = [repr(row), caplog.text]
    for model in (Connection, ApiCall, AuditEvent, JobRun):
        texts.append(serializers.serialize("json", model.objects.all()))
    texts += [f"{event.before} {event.after} {event.note}" for event in AuditEvent.objects.all()]
    assert AuditEvent.objects.count() >= 4
    assert not [text for text in texts if CANARY in text]


def test_a_connection_is_proved_by_its_first_good_test(operator, sandbox):
    assert create(operator, sandbox.url).proved_at is not None
    Connection.objects.all().delete()
    assert create(operator, sandbox.url, token="wrong").proved_at is None


def test_another_user_name_is_proved_anew_and_another_token_is_not(connection, operator):
    connections.update(connection, actor=Actor.person(operator), token="mistyped")
    assert connection.proved_at is not None
    connections.update(
        connection, actor=Actor.person(operator), username="somebody@northwind.example"
    )
    assert connection.proved_at is None
