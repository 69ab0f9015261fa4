"""Live answers: the part alone, and nothing when nothing changed."""

import pytest
from django.test import RequestFactory

from common.live import render_live

PAGE, PART = "errors/404.html", "parts/messages.html"


def get(**headers: str) -> object:
    return RequestFactory().get("/x/", headers=headers)


@pytest.mark.django_db
def test_a_visit_gets_the_whole_page() -> None:
    response = render_live(get(), PAGE, PART, {})
    assert b"<!doctype html>" in response.content
    assert "ETag" not in response


def test_a_live_request_gets_the_part_and_its_stamp() -> None:
    response = render_live(get(**{"HX-Request": "true"}), PAGE, PART, {})
    assert response.content.startswith(b'<div class="messages"')
    assert response["ETag"].startswith('"')


def test_an_unchanged_part_is_not_sent_again() -> None:
    first = render_live(get(**{"HX-Request": "true"}), PAGE, PART, {})
    headers = {"HX-Request": "true", "If-None-Match": first["ETag"]}
    assert render_live(get(**headers), PAGE, PART, {}).status_code == 304


def test_a_new_mask_of_the_form_token_is_no_news() -> None:
    part = "parts/reason_dialog.html"
    stamps = {render_live(get(**{"HX-Request": "true"}), PAGE, part, {})["ETag"] for _ in range(2)}
    assert len(stamps) == 1
