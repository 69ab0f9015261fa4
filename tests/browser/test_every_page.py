"""What holds on each page: it fits a phone, axe is content, the policy is kept."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser import tour
from tests.browser.conftest import NEWCOMER, Visit
from tests.browser.world import World

PHONE = {"width": 360, "height": 800}
TOLD = ("status of 400",)
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


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_fault(visit: Visit, world: World, scheme: str) -> None:
    # axe is injected as an inline script, which the policy forbids on purpose.
    visitor = visit(bypass_csp=True, color_scheme=scheme)
    visitor.refusals = TOLD
    page = visitor.open()
    found = {}
    for stop in tour.filled(world):
        page.goto(world.url + stop.path)
        if faults := _violations(page):
            found[stop.name] = faults
    assert found == {}


def test_axe_finds_no_fault_in_what_a_newcomer_sees(visit: Visit, world: World) -> None:
    page = visit(NEWCOMER, bypass_csp=True).open()
    found = {}
    for stop in tour.empty():
        page.goto(world.url + stop.path)
        if faults := _violations(page):
            found[stop.name] = faults
    assert found == {}


def test_the_api_docs_work_under_the_strict_policy(visit: Visit) -> None:
    page = visit().open("/api/v1/docs/")
    page.wait_for_selector(".opblock-tag")
    page.wait_for_load_state("networkidle")


def _violations(page: Page) -> list[str]:
    """Serious and critical ones, with the first element of each."""
    found = Axe().run(page).response["violations"]
    return [
        f"{item['id']}: {item['nodes'][0]['html'][:160]}"
        for item in found
        if item["impact"] in {"serious", "critical"}
    ]
