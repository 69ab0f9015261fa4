"""From nothing to an automation that runs by itself, with and without scripts and a mouse."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import ADMIN, DEVELOPER, MARKS, Visit
from tests.browser.world import World

pytestmark = MARKS
KIND = "/automations/new/?kind=analysis.analyse_executions"


def make(page: Page, name: str) -> None:
    """Fill in the form of a new automation and go on to its schedule."""
    go_on = page.get_by_role("button", name="Create and add a schedule")
    expect(go_on).to_be_disabled()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Account").select_option(index=1)
    expect(page.locator("#look")).to_contain_text("runs would be looked into")
    expect(go_on).to_be_enabled()
    go_on.click()


def fields(page: Page) -> list[str]:
    return [page.locator(f"#id_cron_{place}").input_value() for place in range(5)]


def test_from_the_kind_to_the_next_due_time(visit: Visit) -> None:
    page = visit().open("/automations/new/")
    page.get_by_role("link", name="Analyse executions").click()
    make(page, "Look after the night")
    page.get_by_role("button", name="Weekly").click()
    page.get_by_role("checkbox", name="Wed").check(force=True)
    page.get_by_label("Time of day").fill("02:30")
    expect(page.locator("#outlook")).to_contain_text("At 02:30, only on Monday and Wednesday")
    assert fields(page) == ["30", "2", "*", "*", "1,3"]
    page.get_by_role("button", name="Add schedule").click()
    expect(page.locator("#automation")).to_contain_text("only on Monday and Wednesday")
    page.get_by_role("button", name="Run now").click()
    page.wait_for_url("**/jobs/*/")


def test_a_wrong_field_is_named_while_one_types(visit: Visit, world: World) -> None:
    page = visit().open(f"/schedules/{world.facts.schedule}/edit/")
    page.locator("#id_cron_1").fill("26")
    expect(page.locator("#outlook")).to_contain_text("The hour 26 is not between 0 and 23.")
    expect(page.locator("#id_cron_1")).to_have_attribute("aria-invalid", "true")
    save = page.get_by_role("button", name="Save schedule")
    expect(save).to_be_disabled()
    page.locator("#id_cron_1").fill("2")
    expect(page.locator("#outlook")).to_contain_text("does not exist on")
    expect(save).to_be_enabled()


def test_a_whole_expression_is_parted_when_it_is_pasted(visit: Visit, world: World) -> None:
    page = visit().open(f"/automations/{world.facts.automation}/schedules/new/")
    page.evaluate(
        """() => {
          const data = new DataTransfer();
          data.setData("text", "*/20 8-17 * * 1-5");
          const cell = document.getElementById("id_cron_0");
          cell.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true,
            cancelable: true }));
        }"""
    )
    assert fields(page) == ["*/20", "8-17", "*", "*", "1-5"]
    expect(page.locator("#outlook")).to_contain_text("Every 20 minutes")


def test_the_switch_answers_the_space_bar(visit: Visit, world: World) -> None:
    page = visit().open("/automations/")
    name = "Analyse what failed over night, before anybody asks"
    switch = page.get_by_role("switch", name=name)
    for state in ("false", "true"):
        switch.press("Space")
        expect(switch).to_have_attribute("aria-checked", state)


def test_everything_works_without_scripts(visit: Visit) -> None:
    page = visit(DEVELOPER, java_script_enabled=False).open(KIND)
    page.get_by_label("Name", exact=True).fill("Without scripts")
    page.get_by_label("Account").select_option(index=1)
    page.get_by_role("button", name="Create and add a schedule").click()
    page.get_by_role("link", name="Workdays at 06:00").click()
    assert fields(page) == ["0", "6", "*", "*", "1-5"]
    page.get_by_role("button", name="Show the next times").click()
    expect(page.locator("#outlook")).to_contain_text("Monday through Friday")
    page.get_by_role("button", name="Add schedule").click()
    expect(page.locator("#automation")).to_contain_text("Monday through Friday")


def test_the_secret_of_a_webhook_stays_while_the_page_refreshes(visit: Visit, world: World) -> None:
    page = visit().open(f"/automations/{world.facts.automation}/")
    page.get_by_role("button", name="Create a webhook").click()
    secret = page.locator("#new-token")
    expect(secret).to_be_visible()
    with page.expect_response(lambda answer: answer.url.endswith(f"/{world.facts.automation}/")):
        pass
    expect(secret).to_be_visible()


def test_keys_lead_through_the_list(visit: Visit) -> None:
    page = visit(ADMIN).open("/automations/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=2, name="Schedules")).to_be_visible()
