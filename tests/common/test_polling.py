"""Refreshes of open pages cost a stamp, not a page."""

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from common.actors import Actor
from common.models import User
from common.polling import unless_unchanged

pytestmark = pytest.mark.django_db
POLL = {"HX-Request": "true"}


class Page:
    """A view that counts how often it is rendered, and what its stamp says."""

    def __init__(self) -> None:
        self.stamp: object = 1
        self.rendered = 0
        self.view = unless_unchanged(self.read)(self.render)

    def read(self, actor: Actor) -> object:
        return self.stamp

    def render(self, request: HttpRequest) -> HttpResponse:
        self.rendered += 1
        return HttpResponse("page")

    def get(self, user: User, path: str = "/jobs/", **headers: str) -> HttpResponse:
        request: Any = RequestFactory().get(path, headers=headers)
        request.user = user
        return self.view(request)


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Page:
    monkeypatch.setattr("common.polling.time.time", lambda: 1_000_000.0)
    return Page()


def test_a_first_visit_carries_no_tag(page: Page, viewer: User) -> None:
    assert "ETag" not in page.get(viewer)


def test_a_refresh_of_what_did_not_change_renders_nothing(page: Page, viewer: User) -> None:
    tag = page.get(viewer, **POLL)["ETag"]
    again = page.get(viewer, **POLL, **{"If-None-Match": tag})
    assert (again.status_code, page.rendered) == (304, 1)


def test_a_refresh_of_what_changed_is_a_page_with_a_new_tag(page: Page, viewer: User) -> None:
    tag = page.get(viewer, **POLL)["ETag"]
    page.stamp = 2
    again = page.get(viewer, **POLL, **{"If-None-Match": tag})
    assert again.status_code == 200
    assert again["ETag"] != tag


@pytest.mark.parametrize("path", ["/jobs/?page=2", "/jobs/7/"])
def test_a_tag_is_good_for_one_address(page: Page, viewer: User, path: str) -> None:
    tag = page.get(viewer, **POLL)["ETag"]
    assert page.get(viewer, path, **POLL, **{"If-None-Match": tag}).status_code == 200


def test_a_tag_is_good_for_one_person(page: Page, viewer: User, operator: User) -> None:
    tag = page.get(viewer, **POLL)["ETag"]
    assert page.get(operator, **POLL, **{"If-None-Match": tag}).status_code == 200


def test_what_the_time_changes_is_shown_within_a_minute(
    page: Page, viewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag = page.get(viewer, **POLL)["ETag"]
    monkeypatch.setattr("common.polling.time.time", lambda: 1_000_061.0)
    assert page.get(viewer, **POLL, **{"If-None-Match": tag}).status_code == 200
