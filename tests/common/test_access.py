import pytest
from django.apps import apps

from common import access
from common.access import Verdict, find, may, require, visible
from common.actors import Actor
from common.errors import NotAllowed, NotFound
from common.models import ApiToken, Team, User
from common.roles import Role


@pytest.fixture(autouse=True)
def own_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules registered by a test end with it."""
    monkeypatch.setattr(access, "_rules", dict(access._rules))
    monkeypatch.setattr(access, "_visibility", dict(access._visibility))
    monkeypatch.setattr(access, "_audiences", list(access._audiences))


def test_a_role_rule_gives_its_reason(viewer: User, operator: User) -> None:
    access.role_rule("test.thing.do", Role.OPERATOR)
    assert may(Actor.person(operator), "test.thing.do")
    verdict = may(Actor.person(viewer), "test.thing.do")
    assert verdict == Verdict(False, "This needs the role Operator.")


def test_nobody_is_asked_to_sign_in() -> None:
    access.role_rule("test.thing.do", Role.VIEWER)
    assert may(Actor(None, "anonymous", "page"), "test.thing.do").reason == "Sign in first."


def test_a_read_token_may_only_use_verbs_that_read(operator: User) -> None:
    access.role_rule("test.thing.change", Role.VIEWER)
    access.role_rule("test.thing.look", Role.VIEWER, changes=False)
    narrow = Actor(operator, operator.email, "api", scopes=frozenset({"read"}))
    assert may(narrow, "test.thing.look")
    assert may(narrow, "test.thing.change").reason == "This token may only read."


def test_an_unknown_verb_is_a_bug(admin_user: User) -> None:
    with pytest.raises(KeyError):
        may(Actor.person(admin_user), "test.thing.misspelt")


def test_a_verb_has_one_rule() -> None:
    access.role_rule("test.thing.do", Role.VIEWER)
    with pytest.raises(ValueError, match="Two rules"):
        access.role_rule("test.thing.do", Role.ADMIN)


def test_require_raises_the_reason(viewer: User) -> None:
    access.role_rule("test.thing.do", Role.ADMIN)
    with pytest.raises(NotAllowed, match="needs the role Admin") as caught:
        require(Actor.person(viewer), "test.thing.do")
    assert caught.value.hint


def test_a_model_without_a_rule_is_for_admins(viewer: User, admin_user: User) -> None:
    Team.objects.create(name="Orders")
    assert not visible(Actor.person(viewer), Team.objects.all()).exists()
    assert visible(Actor.person(admin_user), Team.objects.all()).exists()


def test_people_without_a_role_see_nothing(stranger: User) -> None:
    ApiToken.objects.create(user=stranger, name="x", prefix="aa", digest="bb")
    assert not visible(Actor.person(stranger), ApiToken.objects.all()).exists()


@pytest.mark.parametrize("key", ["999", "x", "", None, "9" * 30])
def test_what_is_not_there_and_what_is_not_a_key_look_the_same(
    admin_user: User, key: object
) -> None:
    with pytest.raises(NotFound, match="This API token does not exist"):
        find(Actor.person(admin_user), ApiToken.objects.all(), pk=key)


def test_invisible_and_absent_look_the_same(viewer: User, operator: User) -> None:
    token = ApiToken.objects.create(user=operator, name="x", prefix="aa", digest="bb")
    with pytest.raises(NotFound) as hidden:
        find(Actor.person(viewer), ApiToken.objects.all(), pk=token.pk)
    with pytest.raises(NotFound) as absent:
        find(Actor.person(viewer), ApiToken.objects.all(), pk=token.pk + 1)
    assert hidden.value.message == absent.value.message


def test_audiences_of_all_sources_are_joined(viewer: User) -> None:
    access.audience(lambda actor: {"a:1"})
    access.audience(lambda actor: {"b:2"})
    assert {"a:1", "b:2"} <= access.audiences(Actor.person(viewer))


def test_every_registered_verb_begins_with_its_app() -> None:
    labels = {config.label for config in apps.get_app_configs()}
    assert {verb.split(".")[0] for verb in access.verbs()} <= labels
