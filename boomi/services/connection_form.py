"""Checks what people type for a connection: every field is told at once, in one InputError."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.conf import settings

from boomi.client import BoomiError, Credentials, check_base_url
from boomi.client.settings import checked_account_id
from boomi.models import Connection
from common.errors import InputError

LONGEST = {"name": 120, "account_id": 120, "base_url": 200, "username": 200, "token": 4000}


def checked(**given: str) -> dict[str, str]:
    """The values as they are stored. Raises InputError that names every field that is wrong."""
    problems: dict[str, list[str]] = {}
    values: dict[str, str] = {}
    for name, value in given.items():
        try:
            values[name] = _CHECKS[name](value.strip())
        except ValueError as error:
            problems[name] = [str(error)]
        except BoomiError as error:
            problems[name] = [f"{error.message} {error.hint}".strip()]
    if problems:
        first = next(iter(problems.values()))[0]
        raise InputError(first, hint="Correct the marked fields.", fields=problems)
    return values


def checked_changes(connection: Connection, changes: Mapping[str, object]) -> dict[str, str]:
    """The same for the text fields among `changes`."""
    texts = {name: str(value) for name, value in changes.items() if name in _CHECKS}
    if not texts.get("base_url", "-").strip():
        texts["base_url"] = connection.base_url
    return checked(**texts)


def _text(name: str, said: str) -> Callable[[str], str]:
    def check(value: str) -> str:
        if not value:
            raise ValueError(said)
        if len(value) > LONGEST[name]:
            raise ValueError(f"This is longer than {LONGEST[name]} characters.")
        return value

    return check


def _account_id(value: str) -> str:
    return checked_account_id(_text("account_id", "Give the account id.")(value))


def _base_url(value: str) -> str:
    value = _text("base_url", "")(value or settings.BOOMI_BASE_URL)
    return check_base_url(value, settings.BOOMI_HOSTS, settings.ALLOW_PRIVATE_ADDRESSES)


def _username(value: str) -> str:
    _text("username", "Give the user name.")(value)
    return Credentials("checked-elsewhere", value, "checked-elsewhere").username


def _token(value: str) -> str:
    _text("token", "Give the API token.")(value)
    return Credentials("checked-elsewhere", "checked-elsewhere", value).token


def _choice(labels: Mapping[str, str]) -> Callable[[str], str]:
    def check(value: str) -> str:
        if value not in labels:
            raise ValueError(f"Choose one of {', '.join(labels)}.")
        return value

    return check


_CHECKS: dict[str, Callable[[str], str]] = {
    "name": _text("name", "Give the connection a name."),
    "account_id": _account_id,
    "base_url": _base_url,
    "username": _username,
    "token": _token,
    "purpose": _choice({str(v): str(label) for v, label in Connection.Purpose.choices}),
    "environment_class": _choice(
        {str(v): str(label) for v, label in Connection.EnvironmentClass.choices}
    ),
}
