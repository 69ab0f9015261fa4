"""Errors before any view: pages for people, the one JSON shape under /api/."""

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client, RequestFactory

from config import errors

FOREIGN = {"Host": "evil.example"}


def test_a_foreign_host_name_gets_json_under_the_api(db: None) -> None:
    answer = Client().get("/api/v1/me/", headers=FOREIGN)
    assert answer.status_code == 400
    assert set(answer.json()) == {"code", "message", "hint", "request_id"}


def test_a_foreign_host_name_gets_a_page_elsewhere(db: None) -> None:
    answer = Client().get("/", headers=FOREIGN)
    assert answer.status_code == 400
    assert b"<h1>Bad request" in answer.content


@pytest.mark.parametrize(
    ("path", "kind"), [("/api/v1/x/", "application/json"), ("/x/", "text/html")]
)
def test_a_refusal_outside_of_views_has_the_form_of_its_door(path: str, kind: str) -> None:
    answer = errors.not_allowed(RequestFactory().get(path), PermissionDenied("x"))
    assert answer.status_code == 403
    assert answer["Content-Type"].startswith(kind)
