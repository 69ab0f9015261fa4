"""Every page of the admin, empty and full. A newly registered model joins by itself."""

import re

import pytest
from django.contrib.admin import site
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.models import User
from tests.signed_in import browser
from tests.sweeps.admin_rows import MAKERS

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.portal_urls")]
MODELS = sorted(site._registry, key=lambda model: model._meta.label_lower)
each_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label_lower)
INLINE = re.compile(r"<style|\sstyle=|<script(?![^>]*\bsrc=)(?![^>]*application/json)|\son\w+=")


@pytest.fixture
def ada(admin_user: User) -> Client:
    return browser(admin_user)


def address(model: type[Model], view: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{view}", args=args)


def make(model: type[Model], number: int) -> Model:
    label = model._meta.label_lower
    assert label in MAKERS, f"tests/sweeps/admin_rows.py does not know how to make a {label}."
    return MAKERS[label](number)


def page(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, url
    text = answer.content.decode()
    assert not INLINE.search(text), (url, INLINE.search(text))
    return text


@each_model
def test_an_empty_list_renders(ada: Client, model: type[Model]) -> None:
    page(ada, address(model, "changelist"))


@each_model
def test_a_full_list_a_search_and_every_filter_render(ada: Client, model: type[Model]) -> None:
    for number in range(3):
        make(model, number)
    url = address(model, "changelist")
    text = page(ada, url)
    queries = set(re.findall(r'href="(\?[^"#]+)"', text))
    assert queries, "not even a column to order by"
    for query in queries:
        page(ada, url + query.replace("&amp;", "&"))
    page(ada, f"{url}?q=northwind")


@each_model
def test_a_row_its_history_and_its_buttons_render(ada: Client, model: type[Model]) -> None:
    row = make(model, 1)
    page(ada, address(model, "history", row.pk))
    page(ada, address(model, "change", row.pk))
    for action in getattr(site.get_model_admin(model), "object_actions", ()):
        page(ada, address(model, "action", row.pk, action.name))


@each_model
def test_a_page_to_add_one_renders_or_is_forbidden(ada: Client, model: type[Model]) -> None:
    url = address(model, "add")
    if ada.get(url).status_code != 403:
        page(ada, url)


@each_model
def test_the_queries_of_a_list_do_not_grow(ada: Client, model: type[Model]) -> None:
    counts = []
    ada.get(address(model, "changelist"))
    for first, last in ((0, 5), (5, 50)):
        for number in range(first, last):
            make(model, number)
        with CaptureQueriesContext(connection) as queries:
            ada.get(address(model, "changelist"))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_index_shows_every_app(ada: Client) -> None:
    text = page(ada, reverse("admin:index"))
    for model in MODELS:
        assert address(model, "changelist") in text
