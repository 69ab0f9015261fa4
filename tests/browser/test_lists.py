"""Lists: filters that live in the address, and rows that arrive without disturbing."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import MARKS, Visit
from tests.browser.world import World

pytestmark = MARKS
PHONE = {"width": 360, "height": 780}


def test_filters_stand_in_the_address_and_survive_reload_and_back(
    visit: Visit, world: World
) -> None:
    page = visit().open("/executions/")
    name = world.planted.run.process_name
    page.get_by_label("Process", exact=True).fill(name)
    page.get_by_role("button", name="Filter").click()
    page.locator(".tabs").get_by_role("link", name="Error").click()
    page.wait_for_url("**q=*&**")
    narrowed = page.url
    expect(page.locator("tbody tr")).not_to_have_count(0)
    assert set(page.locator("tbody .row-link").all_inner_texts()) == {name}
    page.reload()
    assert page.url == narrowed
    expect(page.locator(".chip")).not_to_have_count(0)
    page.locator("tbody .row-link").first.click()
    page.go_back()
    assert page.url == narrowed


def test_a_time_range_narrows_the_list_and_a_wrong_one_is_told(visit: Visit) -> None:
    visitor = visit()
    page = visitor.open("/executions/?period=1h")
    few = page.locator("tbody tr").count()
    page.goto(f"{visitor.url}/executions/?period=24h")
    assert page.locator("tbody tr").count() > few
    visitor.refusals = ("status of 400",)
    page.goto(f"{visitor.url}/executions/?started_after=yesterday")
    expect(page.locator(".callout")).to_contain_text("From")


def test_new_failures_are_announced_and_move_nothing(visit: Visit, world: World) -> None:
    visitor = visit()
    page = visitor.open("/executions/")
    page.locator("tbody .row-link").nth(3).focus()
    page.evaluate("scrollTo(0, 300)")
    before = _place(page)
    broken = world.fail_once_more()
    other = visitor.open(f"/connections/{world.facts.connection}/")
    other.get_by_role("button", name="Sync now").click()
    page.bring_to_front()
    show = page.get_by_role("link", name="new execution")
    expect(show).to_be_visible(timeout=20_000)
    assert _place(page) == before
    show.click()
    # Another run may begin in the same moment, so it need not be the very first row.
    newest = page.locator("tbody tr:nth-child(-n+4)")
    expect(newest.filter(has_text=broken).filter(has_text="Error").first).to_be_visible()


def _place(page: Page) -> tuple[str, int]:
    """What has the focus and where it stands in the window."""
    place = "const on = document.activeElement; return [on.href, on.getBoundingClientRect().y]"
    return page.evaluate(f"() => {{ {place} }}")


def test_on_a_phone_the_filters_leave_room_and_open_on_request(visit: Visit) -> None:
    page = visit(viewport=PHONE).open("/jobs/")
    bar = page.locator(".filters")
    box = bar.bounding_box()
    assert box is not None
    assert box["height"] < PHONE["height"] / 5
    more = page.get_by_role("button", name="More filters")
    expect(page.get_by_label("Status")).to_be_hidden()
    more.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Status")).to_be_visible()
    expect(more).to_have_attribute("aria-expanded", "true")
    page.get_by_label("Status").select_option("succeeded")
    page.get_by_role("button", name="Filter", exact=True).click()
    expect(page.locator(".chip")).to_have_count(1)


def test_on_a_phone_the_tab_in_view_is_in_sight(visit: Visit, world: World) -> None:
    page = visit(viewport=PHONE).open(f"/accounts/{world.facts.account}/?tab=objects")
    expect(page.locator(".tabs [aria-current]")).to_be_in_viewport(ratio=0.9)
