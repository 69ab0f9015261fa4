"""The story the portal is made for: from the start page to the line that failed."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import MARKS, Visit
from tests.browser.world import World

pytestmark = MARKS

FETCHED = 30_000


def test_two_clicks_lead_from_the_start_page_to_the_first_error(visit: Visit, world: World) -> None:
    """Nobody has read the log before: the second click fetches and reads it."""
    page = visit().open("/")
    page.get_by_role("link", name=world.planted.run.process_name, exact=True).first.click()
    page.get_by_role("button", name="Fetch and analyse log").click()
    marked = page.locator(".log-line[data-marked]")
    expect(marked).to_have_attribute("id", f"L{world.planted.line}", timeout=FETCHED)
    expect(marked).to_be_in_viewport()
    expect(marked).to_contain_text(world.planted.text.splitlines()[0][:60])


def test_the_log_is_fetched_phase_by_phase_and_the_result_appears_by_itself(
    visit: Visit, world: World, slow_logs: None
) -> None:
    page = _unread_failure(visit)
    page.get_by_role("button", name="Fetch and analyse log").click()
    progress = page.locator("#execution").get_by_role("progressbar")
    expect(progress).to_be_visible()
    expect(page.get_by_role("button", name="Fetch and analyse log")).to_have_count(0)
    expect(page.get_by_role("heading", name="First fault")).to_be_visible(timeout=FETCHED)
    expect(page.locator("[data-live-final]")).to_have_count(1)


def test_a_read_log_answers_at_once_with_a_link_to_the_whole_analysis(
    visit: Visit, world: World
) -> None:
    page = visit().open(f"/executions/{world.facts.execution}/")
    expect(page.locator(".log-line[data-marked]")).to_be_in_viewport()
    page.get_by_role("link", name="Open the analysis").click()
    expect(page).to_have_url(f"{world.url}/analyses/{world.facts.analysis}/")


@pytest.fixture
def slow_logs(world: World) -> object:
    """Logs take a while, as they do on a busy runtime."""
    world.sandbox.faults.slow_log_seconds = 2.0
    yield
    world.sandbox.faults.slow_log_seconds = 0.0


def _unread_failure(visit: Visit) -> Page:
    page = visit().open("/executions/?outcome=error&sort=started")
    page.locator("tr[data-href] .row-link").first.click()
    return page
