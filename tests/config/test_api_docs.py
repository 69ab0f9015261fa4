"""The page that shows the API, in a real Chromium under the strict policy."""

import os
import shutil
from typing import Any

import pytest

from common.models import User
from tests.signed_in import browser

playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM, reason="No Chromium found; name one in CHROMIUM."),
]


def test_the_page_lists_the_operations_and_the_policy_blocks_nothing(
    operator: User, live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = browser(operator).cookies["sessionid"].value
    # Playwright runs a loop in this thread; Django would refuse the database beside it.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    said: list[str] = []
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = chromium.new_context()
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(f"{live_server.url}/api/v1/docs/")
        page.locator(".opblock").first.wait_for()
        page.locator("#operations-executions-executions_list button").first.click()
        page.get_by_text("Part of the process name").wait_for()
        chromium.close()
    assert said == []


@pytest.mark.django_db
def test_the_page_asks_for_a_sign_in(client: Any) -> None:
    assert client.get("/api/v1/docs/").status_code == 302
