"""Without a mouse, and with the colours one likes."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import MARKS, Visit
from tests.browser.world import World

pytestmark = MARKS


def test_the_first_tab_stop_skips_the_navigation(visit: Visit) -> None:
    page = visit().open("/executions/")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to the content")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_rows_are_walked_and_opened_by_keys(visit: Visit, world: World) -> None:
    page = visit().open("/executions/")
    links = page.locator("tbody .row-link")
    for key in "jjk":
        page.keyboard.press(key)
    expect(links.first).to_be_focused()
    page.keyboard.press("j")
    href = links.nth(1).get_attribute("href")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{href}")


def test_errors_of_a_log_are_walked_by_keys(visit: Visit, world: World) -> None:
    page = visit().open(f"/analyses/{world.facts.analysis}/log/?line=1")
    page.keyboard.press("e")
    page.wait_for_selector(".log-line[data-marked][data-error]")
    first = _marked(page)
    page.keyboard.press("e")
    page.wait_for_function("n => document.querySelector('[data-marked]')?.id !== n", arg=first)
    page.keyboard.press("E")
    page.wait_for_function("n => document.querySelector('[data-marked]')?.id === n", arg=first)


def test_every_control_of_a_list_is_reached_by_tab_and_shows_its_focus(visit: Visit) -> None:
    page = visit().open("/executions/")
    seen = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.tagName"))
        assert page.evaluate(
            "getComputedStyle(document.activeElement).outlineStyle !== 'none'"
            " || getComputedStyle(document.activeElement).boxShadow !== 'none'"
        ), page.evaluate("document.activeElement.outerHTML")
    assert {"A", "BUTTON", "INPUT", "SELECT"} <= seen


def test_the_focus_returns_after_a_dialog(visit: Visit) -> None:
    page = visit().open("/executions/")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.get_by_label("Process", exact=True)).to_be_focused()


def test_the_chosen_scheme_is_remembered_and_served_without_a_flash(visit: Visit) -> None:
    page = visit().open("/executions/")
    page.get_by_role("button", name="Switch between light and dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert 'data-theme="dark"' in page.request.get(page.url).text()
    page.goto(page.url.replace("/executions/", "/jobs/"))
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def _marked(page: Page) -> str:
    return page.locator(".log-line[data-marked]").get_attribute("id") or ""
