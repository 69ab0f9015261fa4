"""What holds on each page: it fits a phone, axe is content, the policy is kept."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser import tour
from tests.browser.conftest import MARKS, NEWCOMER, Visit
from tests.browser.world import World

pytestmark = MARKS

PHONE = {"width": 360, "height": 800}
TOLD = ("status of 400",)
SERIOUS = {"serious", "critical"}
WIDER = """() => [...document.querySelectorAll('body *')]
  .filter(one => one.getBoundingClientRect().right > innerWidth + 1)
  .map(one => one.outerHTML.slice(0, 120)).slice(0, 3)"""


def test_no_page_scrolls_sideways_on_a_phone(visit: Visit, world: World) -> None:
    visitor = visit(viewport=PHONE)
    visitor.refusals = TOLD
    page = visitor.open()
    wide = {}
    for stop in tour.filled(world):
        page.goto(world.url + stop.path)
        if page.evaluate("document.documentElement.scrollWidth") > PHONE["width"]:
            wide[stop.name] = page.evaluate(WIDER)
    assert wide == {}


@pytest.mark.parametrize("part", tour.PARTS)
def test_axe_finds_no_fault(visit: Visit, world: World, part: tour.Part) -> None:
    assert _faults_of(visit, part(world), world.url) == {}


@pytest.mark.parametrize("part", tour.PARTS)
def test_the_dark_scheme_has_contrast(visit: Visit, world: World, part: tour.Part) -> None:
    """Whatever else axe looks at does not depend on the scheme."""
    only = {"runOnly": ["color-contrast"]}
    assert _faults_of(visit, part(world), world.url, only, color_scheme="dark") == {}


def test_axe_finds_no_fault_in_what_a_newcomer_sees(visit: Visit, world: World) -> None:
    assert _faults_of(visit, tour.empty(), world.url, email=NEWCOMER) == {}


def test_axe_finds_no_fault_where_nobody_is_signed_in(visit: Visit, world: World) -> None:
    assert _faults_of(visit, [tour.Stop("login", "/login/")], world.url, email=None) == {}


def test_the_api_docs_work_under_the_strict_policy(visit: Visit) -> None:
    page = visit().open("/api/v1/docs/")
    page.locator("#operations-executions-executions_list button").first.click()
    expect(page.get_by_text("Part of the process name")).to_be_visible()


def _faults_of(
    visit: Visit,
    stops: list[tour.Stop],
    url: str,
    rules: dict[str, Any] | None = None,
    **options: Any,
) -> dict[str, list[str]]:
    """Serious and critical faults by page, with the first element of each."""
    # axe is injected as an inline script, which the policy forbids on purpose.
    visitor = visit(bypass_csp=True, **options)
    visitor.refusals = TOLD
    page = visitor.open("/login/")
    found = {}
    for stop in stops:
        page.goto(url + stop.path)
        violations = Axe().run(page, options=rules).response["violations"]
        if serious := [_words(one) for one in violations if one["impact"] in SERIOUS]:
            found[stop.name] = serious
    return found


def _words(violation: dict[str, Any]) -> str:
    return f"{violation['id']}: {violation['nodes'][0]['html'][:160]}"
