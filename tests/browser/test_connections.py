"""Connecting an account, with a slip on the way, and the job that follows."""

from playwright.sync_api import Page, expect

from sandbox.scenario import TRUTH
from tests.browser.conftest import DEVELOPER, MARKS, Visit
from tests.browser.world import World

pytestmark = MARKS


def test_a_wrong_token_is_told_and_mended_on_the_same_connection(
    visit: Visit, world: World
) -> None:
    credential = TRUTH.credential(TRUTH.crm_dev)
    visitor = visit(DEVELOPER)
    visitor.refusals = ("status of 400",)
    page = visitor.open("/connections/new/")
    page.get_by_label("Name", exact=True).fill("CRM of Dan")
    page.get_by_label("Account id").fill(TRUTH.crm_dev.account_id)
    page.get_by_label("User name").fill(credential.user)
    page.get_by_label("Platform address").fill(world.sandbox.url)
    _save(page, token="not-the-token")
    expect(page.locator("main .callout.tone-bad").first).to_be_visible()
    if not page.url.endswith("/connections/new/"):
        page.get_by_role("link", name="Edit", exact=True).click()
    _save(page, token=credential.token)
    expect(page.locator("main")).to_contain_text("Connected")
    expect(page.locator("main .callout.tone-bad")).to_have_count(0)
    assert "not-the-token" not in page.content()
    assert credential.token not in page.content()


def test_a_sync_is_a_job_that_tells_what_it_did(visit: Visit, world: World) -> None:
    visitor = visit()
    page = visitor.open(f"/connections/{world.facts.connection}/")
    page.get_by_role("button", name="Sync now").click()
    page.get_by_role("link", name="Last sync").click()
    expect(page.locator("#job")).to_contain_text("Succeeded", timeout=20_000)
    expect(page.locator("#job")).to_contain_text("new failure")


def _save(page: Page, *, token: str) -> None:
    page.get_by_label("API token").fill(token)
    page.get_by_role("button", name="Save and test").click()
