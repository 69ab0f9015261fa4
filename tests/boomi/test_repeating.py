"""Repeating a job asks for the work anew: whoever could not ask for it cannot repeat it."""

import pytest
from django.contrib.auth.models import Group

from boomi.models import AccountGrant, Connection
from boomi.services import log_fetches, removal, sync
from common.access import may
from common.actors import Actor
from common.errors import NotAllowed
from common.models import Team, User
from common.roles import Role
from scheduling import services
from scheduling.models import JobRun, JobStatus
from tests.boomi.rows import connect, make_execution
from tests.conftest import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def mine(operator: User) -> Connection:
    return connect(operator)


@pytest.fixture
def guest(mine: Connection) -> User:
    """An operator who sees the account by a grant to a team, without any connection."""
    user = make_user("gus@northwind.example", Role.OPERATOR)
    team = Team.objects.create(name="Guests")
    team.members.add(user)
    AccountGrant.objects.create(account=mine.account, team=team)
    return user


def failed(run: JobRun) -> JobRun:
    JobRun.objects.filter(pk=run.pk).update(status=JobStatus.FAILED)
    run.refresh_from_db()
    return run


def may_retry(user: User, run: JobRun) -> bool:
    return bool(may(Actor.person(user), "scheduling.job.retry", run))


def test_a_sync_is_repeated_only_by_who_may_use_its_connection(
    mine: Connection, operator: User, guest: User, admin_user: User
) -> None:
    run = failed(sync.start(mine, actor=Actor.system("sync")))
    assert [may_retry(user, run) for user in (operator, guest, admin_user)] == [True, False, True]
    with pytest.raises(NotAllowed, match="somebody else"):
        services.retry(run, actor=Actor.person(guest))


def test_only_an_admin_repeats_the_deletion_of_an_account(
    mine: Connection, operator: User, guest: User, admin_user: User
) -> None:
    run = failed(removal.request(mine.account, actor=Actor.person(admin_user)))
    assert [may_retry(user, run) for user in (operator, guest, admin_user)] == [False, False, True]


def test_who_lost_the_role_does_not_repeat_the_own_job(mine: Connection, operator: User) -> None:
    run = failed(log_fetches.request(make_execution(mine.account), actor=Actor.person(operator)))
    assert may_retry(operator, run)
    operator.groups.set([Group.objects.get(name=Role.VIEWER)])
    assert not may_retry(User.objects.get(pk=operator.pk), run)


def test_the_work_on_something_gone_is_left_to_the_job(mine: Connection, operator: User) -> None:
    run = failed(sync.start(mine, actor=Actor.person(operator)))
    mine.delete()
    assert may_retry(operator, run)


def test_a_job_of_another_version_is_not_repeated(operator: User) -> None:
    run = failed(services.enqueue("tests.succeed", actor=Actor.person(operator)))
    JobRun.objects.update(job="boomi.forgotten")
    run.refresh_from_db()
    verdict = may(Actor.person(operator), "scheduling.job.retry", run)
    assert not verdict
    assert "does not know this job" in verdict.reason
