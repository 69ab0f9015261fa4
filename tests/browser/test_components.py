"""Browsing components: search, fetch a document without waiting for it, copy, compare."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import MARKS, Visit

pytestmark = MARKS
CLIPBOARD = ["clipboard-read", "clipboard-write"]


def _open_first(page: Page, kind: str) -> None:
    page.goto(f"{page.url.split('/components/')[0]}/components/?type={kind}")
    page.locator("tbody .row-link").first.click()
    expect(page.locator("h1")).to_be_visible()


def test_a_search_finds_by_name_and_by_id(visit: Visit) -> None:
    page = visit().open("/components/?type=process")
    name = page.locator("tbody .row-link").first.inner_text()
    page.locator("tbody .row-link").first.click()
    found = page.locator("h1 + p [data-copy]").get_attribute("data-copy") or ""
    page.go_back()
    for words in (name, found):
        page.get_by_label("Search", exact=True).fill(words)
        page.get_by_role("button", name="Filter").click()
        expect(page.locator("tbody .row-link").first).to_have_text(name)


def test_a_document_is_fetched_while_the_page_stands_open(visit: Visit) -> None:
    visitor = visit(permissions=CLIPBOARD)
    page = visitor.open("/components/")
    _open_first(page, "transform.map")
    page.get_by_role("link", name="XML", exact=True).click()
    page.get_by_role("button", name="Fetch the document").click()
    expect(page.locator(".xml-line").first).to_contain_text("bns:Component", timeout=20_000)
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.locator(".toast")).to_contain_text("Copied.")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("<?xml")
    assert 'type="transform.map"' in copied
    page.get_by_role("link", name="Fields").click()
    expect(page.get_by_role("heading", name="Lines")).to_be_visible()


def test_an_id_is_copied_whole(visit: Visit) -> None:
    page = visit(permissions=CLIPBOARD).open("/components/")
    _open_first(page, "process")
    button = page.locator("h1 + p [data-copy]")
    button.click()
    expect(page.locator(".toast")).to_contain_text("Copied.")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == button.get_attribute("data-copy")
    assert len(copied) > 20


def test_the_tabs_are_reached_by_keyboard_and_stand_in_the_address(visit: Visit) -> None:
    page = visit().open("/components/")
    _open_first(page, "process")
    page.get_by_role("link", name="Uses", exact=False).first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**tab=uses")
    expect(page.locator(".tabs [aria-current]")).to_contain_text("Uses")


def test_on_a_phone_nothing_runs_out_of_the_page(visit: Visit) -> None:
    page = visit(viewport={"width": 360, "height": 780}).open("/components/types/")
    paths = ["/components/types/", "/components/"]
    _open_first(page, "process")
    paths += [page.url + f"?tab={tab}" for tab in ("", "fields", "xml", "versions", "uses")]
    for path in paths:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
