"""Bodies that no program sends by mistake."""

import json

import pytest

from common.models import User
from tests.signed_in import program

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/tokens/"


def send(user: User, body: str) -> tuple[int, dict[str, object]]:
    client = program(user)
    client.raise_request_exception = False
    answer = client.generic("POST", ADDRESS, body, content_type="application/json")
    return answer.status_code, answer.json()


def test_json_nested_too_deeply_is_refused(viewer: User) -> None:
    status, body = send(viewer, "[" * 100_000)
    assert (status, body["code"]) == (400, "INVALID_REQUEST")
    assert "nested" in str(body["message"])


def test_a_body_over_the_limit_is_refused(viewer: User) -> None:
    status, body = send(viewer, json.dumps({"name": "x" * 3_000_000}))
    assert (status, body["code"]) == (413, "TOO_LARGE")
    assert body["hint"]


@pytest.mark.parametrize("text", ["{", '{"name": NaN}', '"text"', "[]", "\x00"])
def test_other_bad_json_is_refused_too(viewer: User, text: str) -> None:
    assert send(viewer, text)[0] == 400
