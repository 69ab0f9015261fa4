"""A platform that echoes the credentials: they must be in nothing that is kept or shown."""

import json

import pytest
import requests

from boomi.client import BoomiError, Forbidden
from tests.boomi.client.conftest import BASE, CANARY

ACCOUNT = f"{BASE}/Account/acme-A1B2C3"


def leaking(secret: str) -> list[dict[str, object]]:
    return [
        {"status": 400, "json": {"message": f"Header Basic {secret}"}},
        {"status": 401, "body": f"token {secret}"},
        {"status": 403, "body": f"<error><message>{secret}</message></error>"},
        {"status": 409, "body": "x" * 2040 + secret},
        {"status": 503, "body": secret, "headers": {"X-Request-Id": secret, "Retry-After": "99"}},
        {"status": 500, "body": secret},
        {"status": 200, "body": f"not json {secret}"},
        {"status": 302, "headers": {"Location": f"https://evil.example/{secret}"}},
        {"status": 302, "headers": {"Location": f"https://{secret.rstrip('=')}.example/"}},
        {"status": 302, "headers": {"Location": f"/{secret}"}},
        {"body": requests.ConnectionError(f"for url /x?token={secret}")},
    ]


@pytest.mark.parametrize("number", range(len(leaking(""))))
@pytest.mark.parametrize("which", ["token", "blob"])
def test_an_echoed_secret_is_in_nothing_that_is_kept(
    platform, client, credentials, calls, number, which
):
    secret = CANARY if which == "token" else credentials.blob
    platform.get(ACCOUNT, **leaking(secret)[number])
    with pytest.raises((BoomiError, requests.ConnectionError)) as caught:
        client.account()
    exc = caught.value
    kept = [str(exc), repr(exc), repr(vars(exc)), repr(exc.args), repr(calls), repr(client)]
    for text in kept:
        assert secret.rstrip("=").lower() not in text.lower()
    assert exc.__cause__ is None
    assert exc.__context__ is None


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"message": f"for {CANARY}"}).replace("canary", "\\u0063anary"),
        f"<error><message>for {CANARY}</message></error>".replace("canary", "&#99;anary"),
    ],
)
def test_a_secret_written_with_escapes_is_not_said(platform, client, body):
    platform.get(ACCOUNT, status=403, body=body)
    with pytest.raises(Forbidden) as caught:
        client.account()
    assert caught.value.said == "for [removed]"
    assert CANARY not in caught.value.message
