"""What a screen reader needs of every portal page: one h1, named controls, tables with heads."""

from __future__ import annotations

from collections import Counter
from html.parser import HTMLParser
from typing import Any

import pytest

from common.models import User
from tests.sweeps.samples import Samples
from tests.sweeps.test_routes import client_of, samples, walk

__all__ = ["samples"]
UNNAMED = {"hidden", "submit", "button", "reset"}


class Structure(HTMLParser):
    """Collects headings, ids, labels, controls and tables of one page."""

    def __init__(self) -> None:
        super().__init__()
        self.headings: list[int] = []
        self.ids: Counter[str] = Counter()
        self.labelled: set[str] = set()
        self.controls: list[dict[str, str]] = []
        self.faults: list[str] = []
        self._has_head: list[bool] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attributes}
        if "id" in values:
            self.ids[values["id"]] += 1
        if tag in {"h1", "h2", "h3", "h4"}:
            self.headings.append(int(tag[1]))
        elif tag == "label":
            self.labelled.add(values.get("for", ""))
        elif tag in {"input", "select", "textarea"} and values.get("type") not in UNNAMED:
            self.controls.append(values)
        elif tag == "img" and "alt" not in values:
            self.faults.append("an image without alt")
        elif tag == "table":
            self._has_head.append(False)
        elif tag == "th":
            self._has_head[-1] = True
            if "scope" not in values:
                self.faults.append("a th without scope")

    def handle_endtag(self, tag: str) -> None:
        if tag == "table" and not self._has_head.pop():
            self.faults.append("a table without a head")

    def all_faults(self) -> list[str]:
        found = list(self.faults)
        if self.headings.count(1) != 1:
            found.append(f"{self.headings.count(1)} h1")
        found += [f"the id {name} twice" for name, count in self.ids.items() if count > 1]
        for control in self.controls:
            named = control.get("id") in self.labelled or "aria-label" in control
            if not named:
                found.append(f"the control {control.get('name')} has no label")
        return found


def faults(html: str) -> list[str]:
    page = Structure()
    page.feed(html)
    return page.all_faults()


@pytest.mark.django_db
def test_every_page_has_a_sound_structure(samples: Samples, admin_user: User) -> None:
    client = client_of(admin_user)
    seen: list[str] = []

    def visit(route: Any, url: str, about_object: bool) -> list[str]:
        if route.name.startswith(("admin:", "api-")):
            return []
        answer = client.get(url)
        if not answer.get("Content-Type", "").startswith("text/html") or not answer.content:
            return []
        seen.append(url)
        return faults(answer.content.decode())

    assert walk(samples, visit) == []
    assert len(seen) > 15


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ("<p>x", "0 h1"),
        ("<h1>a</h1><h1>b</h1>", "2 h1"),
        ("<h1>a</h1><input name='q'>", "the control q has no label"),
        ("<h1 id='a'>a</h1><p id='a'>", "the id a twice"),
        ("<h1>a</h1><table><tr><td>1</td></tr></table>", "a table without a head"),
        ("<h1>a</h1><table><tr><th>1</th></tr></table>", "a th without scope"),
        ("<h1>a</h1><img src='/a'>", "an image without alt"),
    ],
)
def test_each_fault_is_found(html: str, fault: str) -> None:
    assert faults(html) == [fault]
