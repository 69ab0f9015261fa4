"""Who sees an account and what hangs on it, and who may do what."""

import pytest
from django.utils import timezone

from boomi.models import (
    Account,
    AccountGrant,
    ApiCall,
    Connection,
    ConnectionState,
    Deployment,
    Environment,
    Execution,
    LogFile,
    Runtime,
)
from common import access
from common.actors import Actor
from common.errors import NotFound
from common.models import Team, User

pytestmark = pytest.mark.django_db
SEEN = (Account, Connection, Environment, Runtime, Execution, Deployment, LogFile, ApiCall)


@pytest.fixture
def mine(make_connection, operator) -> Connection:
    """The operator's connection, with one row of everything on its account."""
    row = make_connection(operator)
    now, account = timezone.now(), row.account
    Environment.objects.create(account=account, environment_id="e", name="Prod", seen_at=now)
    Runtime.objects.create(account=account, runtime_id="r", name="Atom", seen_at=now)
    Deployment.objects.create(account=account, deployment_id="d", deployed_at=now, seen_at=now)
    log = LogFile.objects.create(
        sha256="0" * 64, name="x.log", storage_key="x", size=1, stored_size=1, lines=1
    )
    Execution.objects.create(
        account=account, execution_id="x", status="ERROR", outcome="error", started_at=now,
        log_file=log,
    )  # fmt: skip
    ApiCall.objects.create(
        at=now, account_id=account.account_id, connection_id=row.pk, method="GET", path="/",
        duration_ms=1,
    )  # fmt: skip
    return row


def seen(user: User) -> set[str]:
    actor = Actor.person(user)
    return {m.__name__ for m in SEEN if access.visible(actor, m.objects.all()).exists()}


ALL = {model.__name__ for model in SEEN}


def test_the_owner_sees_everything_of_the_account(mine, operator):
    assert seen(operator) == ALL


def test_others_see_nothing_and_it_looks_like_absence(mine, developer):
    assert seen(developer) == set()
    with pytest.raises(NotFound):
        access.find(Actor.person(developer), Connection.objects.all(), pk=mine.pk)


def test_an_admin_sees_everything(mine, admin_user):
    assert seen(admin_user) == ALL


def test_nobody_without_a_role_sees_anything(mine, stranger):
    mine.team = Team.objects.create(name="Integration")
    mine.save()
    stranger.teams.add(mine.team)
    assert seen(stranger) == set()


def test_a_member_of_the_connections_team_sees_everything(mine, viewer):
    mine.team = Team.objects.create(name="Integration")
    mine.save()
    viewer.teams.add(mine.team)
    assert seen(viewer) == ALL


def test_a_grant_shows_the_account_but_not_the_credential(mine, viewer):
    team = Team.objects.create(name="Finance")
    viewer.teams.add(team)
    AccountGrant.objects.create(account=mine.account, team=team)
    assert seen(viewer) == ALL - {"Connection", "ApiCall"}


def test_the_audience_of_an_account_are_those_who_see_it(mine, operator, developer):
    key = f"account:{mine.account_id}"
    assert key in access.audiences(Actor.person(operator))
    assert key not in access.audiences(Actor.person(developer))


VERBS = {
    "view": "boomi.connection.view",
    "edit": "boomi.connection.edit",
    "delete": "boomi.connection.delete",
    "test": "boomi.connection.test",
    "sync": "boomi.connection.sync",
}


def allowed(user: User, connection: Connection) -> set[str]:
    actor = Actor.person(user)
    return {word for word, verb in VERBS.items() if access.may(actor, verb, connection)}


def test_what_each_person_may_do_with_a_connection(
    mine, operator, admin_user, developer, viewer, stranger
):
    mine.team = Team.objects.create(name="Integration")
    mine.save()
    developer.teams.add(mine.team)
    viewer.teams.add(mine.team)
    assert allowed(operator, mine) == set(VERBS)
    assert allowed(admin_user, mine) == set(VERBS)
    assert allowed(developer, mine) == {"view", "test", "sync"}
    assert allowed(viewer, mine) == {"view"}
    assert allowed(stranger, mine) == set()


def test_a_viewer_reads_executions_but_not_their_raw_logs(mine, viewer, operator):
    mine.team = Team.objects.create(name="Integration")
    mine.save()
    viewer.teams.add(mine.team)
    run = Execution.objects.get()
    assert access.may(Actor.person(viewer), "boomi.execution.view", run)
    verdict = access.may(Actor.person(viewer), "boomi.log.download", run)
    assert (verdict.allowed, verdict.reason) == (False, "This needs the role Operator.")
    assert access.may(Actor.person(operator), "boomi.execution.analyse", run)


def test_a_read_token_changes_nothing(mine, operator):
    reader = Actor(operator, operator.email, "api", scopes=frozenset({"read"}))
    assert not access.may(reader, "boomi.connection.sync", mine)
    assert access.may(reader, "boomi.connection.view", mine)


def test_an_account_id_alone_opens_no_account(mine, developer, make_connection):
    make_connection(developer, status=ConnectionState.FAILING, proved_at=None)
    assert seen(developer) == {"Connection"}


def test_a_token_that_ran_out_hides_no_history(mine, operator):
    Connection.objects.update(status=ConnectionState.FAILING)
    assert seen(operator) == ALL
