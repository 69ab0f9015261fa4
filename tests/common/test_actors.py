import pytest
from django.contrib.auth.models import AnonymousUser, Group
from django.test import RequestFactory

from common.actors import Actor
from common.models import Team, User
from common.roles import Role
from tests.conftest import make_user


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.django_db
def test_a_role_includes_the_lower_ones(role: Role) -> None:
    actor = Actor.person(make_user("x@northwind.example", role))
    held = [other for other in Role if actor.has_role(other)]
    assert held == list(Role)[: list(Role).index(role) + 1]


def test_the_highest_of_several_roles_counts(viewer: User) -> None:
    viewer.groups.add(Group.objects.get(name=Role.DEVELOPER))
    assert Actor.person(viewer).has_role(Role.DEVELOPER)


def test_a_group_that_is_no_role_means_nothing(stranger: User) -> None:
    stranger.groups.add(Group.objects.create(name="Administrators"))
    assert Actor.person(stranger).rank == -1


def test_a_switched_off_admin_has_no_rank(admin_user: User) -> None:
    admin_user.is_active = False
    assert Actor.person(admin_user).rank == -1


def test_the_portal_itself_is_admin() -> None:
    actor = Actor.system("clock")
    assert actor.is_admin
    assert actor.text == "system:clock"


def test_nobody_cannot_pose_as_the_portal() -> None:
    assert not Actor(None, "anonymous", "page").is_system


def test_an_address_that_begins_like_the_portal_is_a_person(db: None) -> None:
    assert not Actor.person(make_user("system:x@northwind.example")).is_system


def test_a_request_gives_the_person_and_its_id(viewer: User) -> None:
    request = RequestFactory().get("/")
    request.user, request.request_id = viewer, "abc12345"
    actor = Actor.of(request, "admin")
    assert (actor.user, actor.text, actor.via, actor.request_id) == (
        viewer, viewer.email, "admin", "abc12345",
    )  # fmt: skip


def test_an_anonymous_request_is_nobody() -> None:
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    assert Actor.of(request).user is None


def test_an_actor_in_a_job_keeps_what_it_may(viewer: User) -> None:
    narrow = Actor(viewer, viewer.email, "api", "abc12345", frozenset({"read"}))
    assert narrow.through("job") == Actor(
        viewer, viewer.email, "job", "abc12345", frozenset({"read"})
    )


def test_teams_are_known_by_key(viewer: User) -> None:
    team = Team.objects.create(name="Orders")
    viewer.teams.add(team)
    assert Actor.person(viewer).team_ids == {team.pk}
