"""The way in."""

from playwright.sync_api import expect

from tests.browser.conftest import ADMIN, MARKS, Visit
from tests.browser.world import World

pytestmark = MARKS


def test_a_wrong_password_is_told_and_the_right_one_opens_the_wanted_page(
    visit: Visit, world: World
) -> None:
    page = visit(None).open("/connections/")
    page.get_by_label("E-mail").fill(ADMIN)
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("do not match")
    expect(page.get_by_label("E-mail")).to_have_value(ADMIN)
    page.get_by_label("Password").fill(world.facts.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Connections")


def test_signing_out_needs_no_script_and_closes_the_pages(visit: Visit, world: World) -> None:
    visitor = visit(None, java_script_enabled=False)
    page = visitor.open("/login/")
    page.get_by_label("E-mail").fill(ADMIN)
    page.get_by_label("Password").fill(world.facts.password)
    page.get_by_role("button", name="Sign in").click()
    page.locator(".menu summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{visitor.url}/executions/")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
