"""The pages in a real Chromium: accessible, within the policy, alive."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.urls("tests.common.ui_pages"),
    pytest.mark.skipif(not CHROMIUM, reason="No Chromium found; name one in CHROMIUM."),
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    # Playwright runs a loop in this thread; Django would refuse the database beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def session(admin_user: Any, live_server: Any, settings: Any) -> dict[str, Any]:
    settings.DEMO = True
    client = Client()
    client.force_login(admin_user)
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}
    return {"cookies": [cookie]}


def open_page(
    browser: Any, session: dict[str, Any], url: str, **options: Any
) -> tuple[Any, list[str]]:
    context = browser.new_context(**options)
    context.add_cookies(session["cookies"])
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(url)
    return page, faults


def violations(page: Any) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [f"{item['id']}: {item['nodes'][0]['target']}" for item in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/styleguide/", "/login/", "/admin/"])
def test_pages_are_accessible(
    chromium: Any, session: dict[str, Any], live_server: Any, path: str, scheme: str
) -> None:
    # axe is injected as an inline script, which the policy forbids on purpose.
    options = {"bypass_csp": True, "color_scheme": scheme}
    page, _ = open_page(chromium, session, live_server.url + path, **options)
    assert violations(page) == []


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_the_style_guide_keeps_policy_and_width(
    chromium: Any, session: dict[str, Any], live_server: Any, width: int
) -> None:
    size = {"width": width, "height": 800}
    page, faults = open_page(chromium, session, f"{live_server.url}/styleguide/", viewport=size)
    page.wait_for_load_state("networkidle")
    assert faults == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_theme_is_remembered_by_cookie(
    chromium: Any, session: dict[str, Any], live_server: Any
) -> None:
    page, _ = open_page(chromium, session, f"{live_server.url}/styleguide/", color_scheme="light")
    page.click("[data-theme-switch]")
    page.reload()
    assert 'data-theme="dark"' in page.request.get(page.url).text()


def test_a_live_section_grows_and_keeps_the_focus(
    chromium: Any, session: dict[str, Any], live_server: Any
) -> None:
    page, faults = open_page(chromium, session, f"{live_server.url}/ui-test/live/")
    page.focus("[data-key=r1] a")
    playwright.expect(page.locator("#count")).to_have_text("2", timeout=8000)
    assert page.evaluate("document.activeElement.textContent") == "run 1"
    playwright.expect(page.locator("[data-live-text]")).to_have_text("Final", timeout=8000)
    assert page.locator("#runs tr").count() == 3
    assert faults == []


def test_a_refused_upload_says_why(
    chromium: Any, session: dict[str, Any], live_server: Any
) -> None:
    page, _ = open_page(chromium, session, f"{live_server.url}/ui-test/live/")
    page.set_input_files(
        "input[type=file]", {"name": "x.png", "mimeType": "image/png", "buffer": b"x"}
    )
    page.click("text=Upload and analyse")
    page.wait_for_selector("[data-upload-error] .callout-title")
    assert page.inner_text("[data-upload-error]").split("\n\n") == [
        "This is a picture.",
        "Upload a process log.",
    ]


def test_rows_and_errors_are_reached_by_keys(
    chromium: Any, session: dict[str, Any], live_server: Any
) -> None:
    page, _ = open_page(chromium, session, f"{live_server.url}/styleguide/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.textContent") == "Customer master sync"
    page.keyboard.press("E")
    assert page.evaluate("document.querySelector('.log-line[data-marked]').id") == "L413"
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"


def test_the_focus_returns_after_a_dialog(
    chromium: Any, session: dict[str, Any], live_server: Any
) -> None:
    page, _ = open_page(chromium, session, f"{live_server.url}/styleguide/")
    page.click("[data-dialog=reason-dialog]")
    assert page.evaluate("document.activeElement.name") == "reason"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.dataset.dialog") == "reason-dialog"


def test_the_policy_is_the_strict_one() -> None:
    sources = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    assert "'unsafe-inline'" not in sources["script-src"] + sources["style-src"]
