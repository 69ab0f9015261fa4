"""The login page: failures are counted by person and address, and all of it leaves a trail."""

import json

import pytest
from axes.models import AccessAttempt
from django.test import Client
from pytest_django import Settings

from common.auth import client_address
from common.models import AuditEvent, User
from tests.conftest import PASSWORD

LIMIT = 8


def sign_in(client: Client, email: str, password: str = PASSWORD, **extra: str) -> object:
    form = {"username": email, "password": password, "next": "/admin/"}
    return client.post("/login/", form, **extra)


def actions() -> list[str]:
    return list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))


@pytest.mark.parametrize("written", ["VIC@northwind.example", " vic@Northwind.Example "])
def test_an_address_is_found_however_it_is_written(viewer: User, written: str) -> None:
    answer = sign_in(Client(), written)
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")


def test_signing_in_and_out_is_recorded(viewer: User) -> None:
    client = Client()
    sign_in(client, viewer.email)
    client.post("/logout/")
    assert actions() == ["common.user.signed_in", "common.user.signed_out"]
    event = AuditEvent.objects.earliest("pk")
    assert (event.actor_text, event.via, event.note) == (viewer.email, "page", "from 127.0.0.1")


def test_a_failed_sign_in_is_recorded_without_the_password(viewer: User) -> None:
    sign_in(Client(), viewer.email, "hunter2")
    event = AuditEvent.objects.get()
    assert (event.action, event.outcome) == ("common.user.sign_in_failed", "refused")
    assert event.object_text == viewer.email
    assert "hunter2" not in json.dumps(list(AuditEvent.objects.values_list()), default=str)


def test_a_password_typed_as_the_address_is_not_kept(db: None) -> None:
    sign_in(Client(), "hunter2", "x")
    assert AuditEvent.objects.get().object_text == "(not an e-mail address)"
    assert "hunter2" not in str(AccessAttempt.objects.values_list())


def test_tries_without_an_address_are_counted_too(db: None) -> None:
    answers = [sign_in(Client(), "root", "x").status_code for _ in range(LIMIT)]
    assert answers == [200] * (LIMIT - 1) + [429]


def test_eight_failures_lock_the_person_at_that_address(viewer: User) -> None:
    client = Client()
    answers = [sign_in(client, viewer.email, "wrong").status_code for _ in range(LIMIT)]
    assert answers == [200] * (LIMIT - 1) + [429]
    assert sign_in(client, viewer.email).status_code == 429
    assert sign_in(client, viewer.email, REMOTE_ADDR="192.0.2.9").status_code == 302


def test_capitals_give_no_further_tries(viewer: User) -> None:
    client = Client()
    for number in range(LIMIT):
        sign_in(client, viewer.email.upper() if number % 2 else viewer.email, "wrong")
    assert sign_in(client, viewer.email.title()).status_code == 429


def test_another_person_at_that_address_is_not_locked(viewer: User, operator: User) -> None:
    client = Client()
    for _ in range(LIMIT):
        sign_in(client, viewer.email, "wrong")
    assert sign_in(client, operator.email).status_code == 302


def test_a_lock_is_recorded_once(viewer: User) -> None:
    client = Client()
    for _ in range(LIMIT + 5):
        sign_in(client, viewer.email, "wrong")
    assert actions().count("common.user.sign_in_failed") == LIMIT
    assert actions().count("common.user.locked_out") == 1


def test_success_forgets_the_failures(viewer: User) -> None:
    client = Client()
    for _ in range(LIMIT - 1):
        sign_in(client, viewer.email, "wrong")
    sign_in(client, viewer.email)
    assert sign_in(Client(), viewer.email, "wrong").status_code == 200


def test_a_switched_off_person_cannot_sign_in(viewer: User) -> None:
    User.objects.update(is_active=False)
    assert sign_in(Client(), viewer.email).status_code == 200
    assert actions() == ["common.user.sign_in_failed"]


def test_the_way_back_stays_on_this_site(viewer: User, settings: Settings) -> None:
    settings.LOGIN_REDIRECT_URL = "/admin/"
    form = {"username": viewer.email, "password": PASSWORD, "next": "https://evil.example/"}
    assert "evil" not in Client().post("/login/", form)["Location"]


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "203.0.113.9", "127.0.0.1"),
        (1, "198.51.100.7", "198.51.100.7"),
        (1, "203.0.113.9, 198.51.100.7", "198.51.100.7"),
        (2, "203.0.113.9, 198.51.100.7, 10.0.0.1", "198.51.100.7"),
        (2, "198.51.100.7", "127.0.0.1"),
        (1, "", "127.0.0.1"),
        (1, "unknown", "127.0.0.1"),
        (1, "x' OR 1=1", "127.0.0.1"),
        (1, "198.51.100.7:4711", "198.51.100.7"),
        (1, "[2001:db8::1]:4711", "2001:db8::1"),
        (1, "2001:db8::1", "2001:db8::1"),
    ],
)
def test_only_our_proxies_are_believed(
    rf: object, settings: Settings, proxies: int, forwarded: str, address: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    request = rf.get("/", headers={"X-Forwarded-For": forwarded})
    assert client_address(request) == address


def test_changing_the_password_is_recorded(viewer: User) -> None:
    client = Client()
    client.force_login(viewer)
    new = "a-long-enough-passphrase"
    form = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post("/password/", form).status_code == 302
    assert "common.user.password_changed" in actions()


def test_session_cookies_are_closed_to_scripts(viewer: User) -> None:
    client = Client()
    sign_in(client, viewer.email)
    cookie = client.cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
