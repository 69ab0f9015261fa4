"""Pictures of the main pages: `python -m tests.browser.screenshots docs/pictures [--all]`.

They are taken from a world of its own, whose sandbox always has the same seed. Without
options the pictures of the README and the docs are made; `--all` adds the dark scheme, the
other widths, the rest of the pages and an empty installation, for looking through.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import chromium, tour
from tests.browser.tour import Stop
from tests.browser.world import World

WIDTHS = {360: 800, 768: 1024, 1440: 900}
ADMIN = "ada@northwind.example"
Scheme = Literal["light", "dark"]
Size = tuple[int, Scheme]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
EVERY_SIZE: list[Size] = [(width, scheme) for width in WIDTHS for scheme in SCHEMES]


def sign_in(world: World, page: Page) -> None:
    page.goto(f"{world.url}/login/")
    page.get_by_label("E-mail").fill(ADMIN)
    page.get_by_label("Password").fill(world.facts.password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/login/" not in url)


def take(
    browser: Browser, world: World, stops: list[Stop], sizes: list[Size], folder: Path
) -> Iterator[Path]:
    """One file `name-width-scheme.png` for each page and size; whole pages for looking through."""
    context = browser.new_context()
    sign_in(world, context.new_page())
    state = context.storage_state()
    context.close()
    for width, scheme in sizes:
        context = browser.new_context(
            storage_state=state,
            viewport={"width": width, "height": WIDTHS[width]},
            color_scheme=scheme,
            reduced_motion="reduce",
        )
        page = context.new_page()
        for stop in stops:
            page.goto(world.url + stop.path)
            page.wait_for_load_state("networkidle")
            file = folder / f"{stop.name}-{width}-{scheme}.png"
            page.screenshot(path=file, full_page=len(sizes) > 1)
            yield file
        context.close()


def portray(browser: Browser, folder: Path, *, everything: bool) -> Iterator[Path]:
    """The pictures of the docs, or all there are."""
    with World("--long-memory", scenario="northwind") as world:
        stops = tour.filled(world)
        if not everything:
            shown = [stop for stop in stops if stop.in_docs]
            yield from take(browser, world, shown, [(1440, "light")], folder)
            return
        yield from take(browser, world, stops, EVERY_SIZE, folder)
    with World("--empty") as world:
        yield from take(browser, world, tour.empty(), [(360, "dark"), (1440, "light")], folder)


def main() -> int:
    """Make the pictures; exit status 1 with one sentence where no Chromium is."""
    parser = argparse.ArgumentParser(description="Make the pictures of the README and the docs.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--all", action="store_true", help="every page, width and scheme")
    given = parser.parse_args()
    program = chromium.find()
    if program is None:
        print(chromium.MISSING, file=sys.stderr)
        return 1
    given.folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=chromium.arguments())
        for file in portray(browser, given.folder, everything=given.all):
            print(f"{file}  {file.stat().st_size // 1024} kB", flush=True)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
