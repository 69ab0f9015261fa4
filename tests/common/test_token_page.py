"""The page of API tokens: the secret is seen once, and only its owner ends it."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from common import tokens
from common.actors import Actor
from common.models import ApiToken, AuditEvent, User
from common.roles import Role
from tests.conftest import make_user
from tests.visits import html_of, queries_of

pytestmark = pytest.mark.django_db
FORM = {"name": "export", "scope": "read", "lifetime": "90"}


def issue(user: User, name: str = "script") -> ApiToken:
    actor = Actor.person(user, via="page")
    return tokens.issue(user, name=name, scope="read", expires_at=None, actor=actor)[0]


def test_a_new_token_is_shown_once_and_works(client: Client, viewer: User) -> None:
    client.force_login(viewer)
    answer = client.post(reverse("tokens"), FORM)
    found = re.search(r"bop_[0-9a-f]{8}_[\w-]{43}", answer.content.decode())
    assert found is not None
    assert "no-store" in answer["Cache-Control"]
    assert tokens.authenticate(found[0])[0] == viewer
    assert found[0] not in client.get(reverse("tokens")).content.decode()


def test_creating_a_token_is_audited_without_its_secret(client: Client, viewer: User) -> None:
    client.force_login(viewer)
    client.post(reverse("tokens"), FORM)
    event = AuditEvent.objects.get(action="common.token.created")
    assert event.after is not None
    assert "bop_" not in event.after


def test_a_token_can_be_for_ever(client: Client, viewer: User) -> None:
    client.force_login(viewer)
    client.post(reverse("tokens"), {**FORM, "lifetime": "0"})
    assert ApiToken.objects.get().expires_at is None


@pytest.mark.parametrize(("field", "value"), [("name", ""), ("scope", "all"), ("lifetime", "-1")])
def test_a_wrong_value_is_told_at_its_field(
    client: Client, viewer: User, field: str, value: str
) -> None:
    client.force_login(viewer)
    answer = client.post(reverse("tokens"), {**FORM, field: value})
    assert answer.status_code == 400
    assert field in answer.context["form"].errors
    assert not ApiToken.objects.exists()


def test_without_a_role_the_page_says_why_there_is_no_form(client: Client, stranger: User) -> None:
    assert "A token needs a role" in html_of(client, stranger, reverse("tokens"))
    answer = client.post(reverse("tokens"), FORM)
    assert answer.status_code == 400
    assert not ApiToken.objects.exists()


def test_nobody_sees_the_tokens_of_others(client: Client, viewer: User, operator: User) -> None:
    issue(operator, "not yours")
    assert "not yours" not in html_of(client, viewer, reverse("tokens"))


def test_an_admin_issues_tokens_for_services(client: Client, admin_user: User) -> None:
    robot = make_user("robot@northwind.example", Role.VIEWER, kind=User.Kind.SERVICE)
    client.force_login(admin_user)
    answer = client.post(reverse("tokens"), {**FORM, "user": robot.pk})
    assert ApiToken.objects.get().user == robot
    assert "for robot@northwind.example" in answer.content.decode()


def test_others_cannot_name_a_user(client: Client, operator: User) -> None:
    robot = make_user("robot@northwind.example", Role.VIEWER, kind=User.Kind.SERVICE)
    client.force_login(operator)
    client.post(reverse("tokens"), {**FORM, "user": robot.pk})
    assert ApiToken.objects.get().user == operator


def test_revoking_needs_a_post_and_leaves_the_reason(client: Client, viewer: User) -> None:
    token = issue(viewer)
    client.force_login(viewer)
    url = reverse("token-revoke", args=[token.pk])
    assert client.get(url).status_code == 405
    client.post(url, {"reason": "laptop lost"})
    token.refresh_from_db()
    assert token.revoked_at is not None
    assert AuditEvent.objects.get(action="common.token.revoked").note == "laptop lost"


def test_a_second_revocation_is_refused_with_a_reason(client: Client, viewer: User) -> None:
    url = reverse("token-revoke", args=[issue(viewer).pk])
    client.force_login(viewer)
    client.post(url)
    assert "revoked already" in client.post(url, follow=True).content.decode()


def test_the_token_of_another_does_not_exist(client: Client, viewer: User, operator: User) -> None:
    token = issue(operator)
    client.force_login(viewer)
    assert client.post(reverse("token-revoke", args=[token.pk])).status_code == 404
    token.refresh_from_db()
    assert token.is_live


def test_the_page_takes_constant_queries(client: Client, viewer: User) -> None:
    issue(viewer)
    client.force_login(viewer)
    few = queries_of(client, reverse("tokens"))
    for number in range(20):
        issue(viewer, f"script {number}")
    assert queries_of(client, reverse("tokens")) == few
