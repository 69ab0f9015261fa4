"""A log from the own disk."""

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import MARKS, Visit

pytestmark = MARKS

LOG = Path(__file__).parents[1] / "data" / "logs" / "orders-failed.log"
DROP = """([box, name, text]) => {
  const carried = new DataTransfer();
  carried.items.add(new File([text], name));
  const event = {dataTransfer: carried, bubbles: true, cancelable: true};
  box.dispatchEvent(new DragEvent("drop", event));
}"""


def test_a_dropped_log_becomes_an_analysis(visit: Visit) -> None:
    page = visit().open("/analyses/upload/")
    box = page.locator("[data-upload]").element_handle()
    page.evaluate(DROP, [box, "dropped.log", LOG.read_text()])
    page.wait_for_url("**/analyses/*/")
    expect(page.locator(".log-line[data-marked]")).to_be_visible(timeout=20_000)


def test_a_chosen_log_is_read_without_any_script(visit: Visit) -> None:
    page = visit(java_script_enabled=False).open("/analyses/upload/")
    page.locator("input[type=file]").set_input_files(LOG)
    page.get_by_role("button", name="Upload and analyse").click()
    page.wait_for_url("**/analyses/*/")
    expect(page.locator("h1")).to_be_visible()


def test_a_picture_is_refused_in_one_sentence_and_nothing_is_lost(visit: Visit) -> None:
    visitor = visit()
    visitor.refusals = ("status of 400",)
    page = visitor.open("/analyses/upload/")
    file = {"name": "cat.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n" + bytes(64)}
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Upload and analyse").click()
    expect(page.locator("[data-upload-error] .callout-title")).to_be_visible()
    expect(page).to_have_url(f"{visitor.url}/analyses/upload/")
    page.locator("input[type=file]").set_input_files(LOG)
    page.get_by_role("button", name="Upload and analyse").click()
    page.wait_for_url("**/analyses/*/")
