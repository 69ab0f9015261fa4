"""One portal, one Chromium, and pages that fail their test when the console complains.

The fixtures live as long as this folder is being tested: Playwright keeps a loop running in
the thread, beside which Django refuses the database, and other tests need theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, expect, sync_playwright

from tests.browser import chromium
from tests.browser.world import World

MARKS = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
ADMIN = "ada@northwind.example"
DEVELOPER = "dan@northwind.example"
NEWCOMER = "nell@northwind.example"
PATIENCE = 10_000
DESKTOP = {"width": 1440, "height": 900}


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    program = chromium.find()
    if program is None:
        pytest.skip(chromium.MISSING)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=chromium.arguments())
        expect.set_options(timeout=PATIENCE)
        yield started
        started.close()


@pytest.fixture(scope="package")
def world(browser: Browser) -> Iterator[World]:
    """A portal with the small scenario mirrored. Tests leave what others look at as it was."""
    with World() as made:
        yield made


class Visitor:
    """Opens pages as one person; `refusals` names what the console may say in this test."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.context = context
        self.url = url
        self.refusals: tuple[str, ...] = ()
        self._said: list[str] = []

    def open(self, path: str = "/") -> Page:
        page = self.context.new_page()
        page.on("console", lambda said: self._note(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self._note(str(error)))
        page.goto(self.url + path)
        return page

    def _note(self, text: str) -> None:
        self._said.append(text)

    @property
    def faults(self) -> list[str]:
        """Script errors and blocked resources of all pages so far."""
        return [said for said in self._said if not any(part in said for part in self.refusals)]


@pytest.fixture(scope="package")
def signed_in(browser: Browser, world: World) -> Callable[[str], StorageState]:
    """The cookies of a person, who types the password once."""
    states: dict[str, StorageState] = {}

    def sign_in(email: str) -> StorageState:
        if email not in states:
            context = browser.new_context(base_url=world.url)
            page = context.new_page()
            page.goto("/login/")
            page.get_by_label("E-mail").fill(email)
            page.get_by_label("Password").fill(world.facts.password)
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_url(lambda url: "/login/" not in url)
            states[email] = context.storage_state()
            context.close()
        return states[email]

    return sign_in


Visit = Callable[..., Visitor]


@pytest.fixture
def visit(
    browser: Browser, world: World, signed_in: Callable[[str], StorageState]
) -> Iterator[Visit]:
    """Make a visitor: `visit()` is the Admin on a desk, `visit(None)` nobody; more options
    are Playwright's. After the test no page may have complained."""
    visitors: list[Visitor] = []

    def make(email: str | None = ADMIN, **options: Any) -> Visitor:
        state = signed_in(email) if email else None
        settings = {"viewport": DESKTOP, "color_scheme": "light", **options}
        context = browser.new_context(storage_state=state, base_url=world.url, **settings)
        context.set_default_timeout(PATIENCE)
        visitors.append(Visitor(context, world.url))
        return visitors[-1]

    yield make
    faults = [fault for visitor in visitors for fault in visitor.faults]
    for visitor in visitors:
        visitor.context.close()
    assert faults == []
