import base64
from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from common import tokens
from common.actors import Actor
from common.models import ApiToken, User
from tests.common.api.conftest import Caller
from tests.conftest import PASSWORD

ME = "/api/v1/me/"


def plain_token(user: User, scope: str = "read") -> str:
    actor = Actor.person(user)
    return tokens.issue(user, name="x", scope=scope, expires_at=None, actor=actor)[1]


def ask(header: str) -> tuple[int, dict[str, object]]:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=header)
    answer = client.get(ME)
    return answer.status_code, answer.json()


def basic(name: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()


def test_nobody_is_told_how_to_sign_in(db: None) -> None:
    answer = APIClient().get(ME)
    assert answer.status_code == 401
    assert answer.json()["code"] == "NOT_SIGNED_IN"
    assert answer["WWW-Authenticate"] == 'Token realm="portal"'


@pytest.mark.parametrize("word", ["Token", "token", "Bearer"])
def test_a_token_header_signs_in(viewer: User, word: str) -> None:
    status, body = ask(f"{word} {plain_token(viewer)}")
    assert (status, body["email"], body["role"]) == (200, viewer.email, "Viewer")


def test_basic_takes_the_email_and_a_token(viewer: User) -> None:
    status, body = ask(basic(viewer.email.upper(), plain_token(viewer)))
    assert (status, body["email"]) == (200, viewer.email)


def test_basic_never_takes_the_account_password(viewer: User) -> None:
    status, body = ask(basic(viewer.email, PASSWORD))
    assert (status, body["code"]) == (401, "BAD_TOKEN")


def test_basic_checks_no_password(viewer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise AssertionError("a password was hashed")

    monkeypatch.setattr(User, "check_password", fail)
    monkeypatch.setattr("django.contrib.auth.hashers.make_password", fail)
    assert ask(basic(viewer.email, PASSWORD))[0] == 401


@pytest.mark.parametrize(
    "header",
    ["Token", "Token x", "Token bop_00000000_x", "Token é", "Basic !!!", "Basic " + "QQ==",
     "Basic //8=", "Token a b c"],
)  # fmt: skip
@pytest.mark.django_db
def test_a_malformed_header_is_a_401_in_the_one_shape(header: str) -> None:
    status, body = ask(header.encode("utf-8").decode("latin-1"))
    assert status == 401
    assert {"code", "message", "hint", "request_id"} <= set(body)


@pytest.mark.parametrize("fate", ["revoked", "expired", "switched off"])
def test_a_dead_token_is_a_401(viewer: User, fate: str) -> None:
    header = f"Token {plain_token(viewer)}"
    now = timezone.now()
    if fate == "switched off":
        User.objects.update(is_active=False)
    else:
        field = "revoked_at" if fate == "revoked" else "expires_at"
        ApiToken.objects.update(**{field: now - timedelta(seconds=1)})
    status, body = ask(header)
    assert (status, body["code"]) == (401, "BAD_TOKEN")
    assert fate in str(body["message"])


def test_a_read_token_cannot_write(viewer: User, caller: Caller) -> None:
    answer = caller(viewer, "read").post("/api/v1/tokens/", {"name": "more"})
    assert (answer.status_code, answer.json()["message"]) == (403, "This token may only read.")
    assert "scope write" in answer.json()["hint"]
    assert ApiToken.objects.count() == 1


def test_me_tells_the_scopes_of_the_token(viewer: User, caller: Caller) -> None:
    assert caller(viewer, "read").get(ME).json()["scopes"] == ["read"]
    assert caller(viewer, "write").get(ME).json()["scopes"] == ["read", "write"]


def test_me_of_somebody_without_a_role(stranger: User) -> None:
    client = APIClient()
    client.force_login(stranger)
    assert client.get(ME).json()["role"] is None


def test_a_session_needs_the_csrf_token_to_write(viewer: User) -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(viewer)
    answer = client.post("/api/v1/tokens/", {"name": "x"})
    assert (answer.status_code, answer.json()["code"]) == (403, "NOT_ALLOWED")
