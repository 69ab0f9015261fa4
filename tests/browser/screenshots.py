"""Pictures of the main pages: `python -m tests.browser.screenshots docs/pictures [--all]`.

They are taken from a world of its own, whose sandbox always has the same seed. Without
options the pictures of the README and the docs are made; `--all` adds the dark scheme, the
other widths, the rest of the pages and an empty installation, for looking through.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.browser import chromium
from tests.browser.world import World

WIDTHS = {360: 800, 768: 1024, 1440: 900}
SCHEMES = ("light", "dark")
ADMIN = "ada@northwind.example"
ANALYSED_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Picture:
    """`name` and the address; those with `in_docs` are what the README and the docs show."""

    name: str
    path: str
    in_docs: bool = False


def full_pages(world: World, page: Page) -> list[Picture]:
    """Every page of a filled portal; the addresses are found by walking it."""
    execution, analysis = analyse_planted(world, page)
    page.goto(f"{world.url}/jobs/")
    job = page.locator("tr[data-href^='/jobs/']").first.get_attribute("data-href") or "/jobs/"
    connection = f"/connections/{world.connection}/"
    return [
        Picture("home", "/", in_docs=True),
        Picture("executions", "/executions/", in_docs=True),
        Picture("executions-failed", "/executions/?outcome=error"),
        Picture("executions-none", "/executions/?q=no+such+process"),
        Picture("execution", execution, in_docs=True),
        Picture("analyses", "/analyses/"),
        Picture("analysis", analysis, in_docs=True),
        Picture("log", f"{analysis}log/?line={world.planted.line}"),
        Picture("upload", "/analyses/upload/", in_docs=True),
        Picture("connections", "/connections/", in_docs=True),
        Picture("connection", connection),
        Picture("connection-new", "/connections/new/"),
        Picture("connection-edit", f"{connection}edit/"),
        Picture("connection-delete", f"{connection}delete/"),
        Picture("jobs", "/jobs/", in_docs=True),
        Picture("job", job),
        Picture("tokens", "/tokens/"),
        Picture("audit", "/audit/"),
        Picture("profile", "/profile/"),
        Picture("not-found", "/executions/999999999/"),
        Picture("admin", "/admin/"),
        Picture("admin-list", "/admin/boomi/connection/"),
        Picture("admin-form", f"/admin/boomi/connection/{world.connection}/change/"),
        Picture("api-docs", "/api/v1/docs/"),
    ]


EMPTY_PAGES = [
    Picture(f"empty-{name}", path)
    for name, path in (
        ("home", "/"),
        ("executions", "/executions/"),
        ("analyses", "/analyses/"),
        ("connections", "/connections/"),
        ("jobs", "/jobs/"),
        ("tokens", "/tokens/"),
    )
]


def sign_in(world: World, page: Page) -> None:
    page.goto(f"{world.url}/login/")
    page.get_by_label("E-mail").fill(ADMIN)
    page.get_by_label("Password").fill(world.password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/login/" not in url)


def analyse_planted(world: World, page: Page) -> tuple[str, str]:
    """Have the planted failing run analysed; the addresses of its page and its analysis."""
    page.goto(f"{world.url}/executions/by-id/{world.planted.run.execution_id}/")
    execution = page.url.removeprefix(world.url)
    page.locator("form[action$='/analyse/'] button").first.click()
    link = page.locator("main a[href^='/analyses/']:not([href*='upload'])").first
    link.wait_for(timeout=ANALYSED_SECONDS * 1000)
    href = link.get_attribute("href") or ""
    return execution, f"/analyses/{href.split('/')[2]}/"


def take(
    browser: Browser,
    world: World,
    pictures: list[Picture],
    folder: Path,
    sizes: list[tuple[int, str]],
    state: Path,
) -> Iterator[Path]:
    """One file `name-width-scheme.png` for each picture and size."""
    for width, scheme in sizes:
        context = browser.new_context(
            storage_state=state,
            viewport=ViewportSize(width=width, height=WIDTHS[width]),
            color_scheme=scheme,  # type: ignore[arg-type]
            reduced_motion="reduce",
        )
        page = context.new_page()
        for picture in pictures:
            page.goto(world.url + picture.path)
            page.wait_for_load_state("networkidle")
            file = folder / f"{picture.name}-{width}-{scheme}.png"
            page.screenshot(path=file, full_page=not picture.in_docs or len(sizes) > 1)
            yield file
        context.close()


def portray(browser: Browser, world: World, folder: Path, *, everything: bool) -> Iterator[Path]:
    """The pictures of a filled world."""
    context = browser.new_context(viewport=ViewportSize(width=1440, height=900))
    page = context.new_page()
    sign_in(world, page)
    pictures = full_pages(world, page)
    state = world.directory / "signed-in.json"
    context.storage_state(path=state)
    context.close()
    if everything:
        sizes = [(width, scheme) for width in WIDTHS for scheme in SCHEMES]
    else:
        sizes = [(1440, "light")]
        pictures = [picture for picture in pictures if picture.in_docs]
    yield from take(browser, world, pictures, folder, sizes, state)


def portray_empty(browser: Browser, world: World, folder: Path) -> Iterator[Path]:
    """What somebody sees who has just installed it."""
    context = browser.new_context()
    sign_in(world, context.new_page())
    state = world.directory / "signed-in.json"
    context.storage_state(path=state)
    context.close()
    sizes = [(360, "dark"), (1440, "light")]
    yield from take(browser, world, EMPTY_PAGES, folder, sizes, state)


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
        with World("--long-memory", scenario="northwind") as world:
            for file in portray(browser, world, given.folder, everything=given.all):
                print(f"{file}  {file.stat().st_size // 1024} kB", flush=True)
        if given.all:
            with World("--empty") as world:
                for file in portray_empty(browser, world, given.folder):
                    print(f"{file}  {file.stat().st_size // 1024} kB", flush=True)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
