"""Who sees a job, and who may stop or repeat it."""

import pytest

from common.access import may, visible
from common.actors import Actor
from common.models import User
from scheduling import services
from scheduling.models import JobRun

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(operator: User) -> JobRun:
    return services.enqueue("tests.succeed", actor=Actor.person(operator))


def sees(user: User) -> bool:
    return visible(Actor.person(user), JobRun.objects.all()).exists()


def test_owners_and_admins_see_a_job_and_others_do_not(
    run: JobRun, operator: User, admin_user: User, viewer: User, stranger: User
) -> None:
    assert [sees(user) for user in (operator, admin_user, viewer, stranger)] == [
        True,
        True,
        False,
        False,
    ]


def test_the_audience_of_a_job_sees_it(
    run: JobRun, viewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    JobRun.objects.update(audience="account:7")
    monkeypatch.setattr("scheduling.access.audiences", lambda actor: {"account:7"})
    assert sees(viewer)
    assert not may(Actor.person(viewer), "scheduling.job.cancel", run), "a Viewer only looks"


def test_an_operator_of_the_audience_may_stop_anothers_job(
    developer: User, operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor = Actor.person(developer)
    run = services.enqueue("tests.succeed", actor=actor, audience="account:7")
    assert not may(Actor.person(operator), "scheduling.job.cancel", run)
    monkeypatch.setattr("scheduling.access.audiences", lambda actor: {"account:7"})
    assert may(Actor.person(operator), "scheduling.job.cancel", run)


def test_a_viewer_may_stop_what_the_viewer_started(viewer: User) -> None:
    run = services.enqueue("tests.succeed", actor=Actor.person(viewer))
    assert may(Actor.person(viewer), "scheduling.job.cancel", run)


def test_a_reading_token_stops_nothing(run: JobRun, operator: User) -> None:
    reading = Actor(operator, operator.email, "api", scopes=frozenset({"read"}))
    assert may(reading, "scheduling.job.view", run)
    assert not may(reading, "scheduling.job.cancel", run)
