"""The page of one component as values: its tabs, and what each of them shows.

The tab and the version stand in the address. Nothing here calls the platform: where a document
is not stored the page says so and offers to fetch it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from django.core.paginator import Page, Paginator
from django.http import HttpRequest

from boomi import component_queries
from boomi.component_queries import Related
from boomi.components import (
    Cell,
    Document,
    DocumentRefused,
    Facts,
    Pairs,
    Section,
    Table,
    parse_document,
    read_facts,
)
from boomi.components.display import Diff, Line, compare, highlight, laid_out
from boomi.components.references import references_in
from boomi.models import Component, ComponentVersion
from common.addresses import with_changes
from common.errors import NotFound
from scheduling.models import JobRun

TABS = (
    ("overview", "Overview"), ("fields", "Fields"), ("xml", "XML"), ("versions", "Versions"),
    ("uses", "Uses"), ("used-by", "Used by"),
)  # fmt: skip
LINES = 1000  # of a document on one page
VERSIONS = 50
LONGEST_NUMBER = 9


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions side by side; `diff` is None until both are stored."""

    old: ComponentVersion
    new: ComponentVersion
    diff: Diff | None
    missing: tuple[ComponentVersion, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """A stored document, parsed; or one sentence on why it cannot be read."""

    text: str
    document: Document | None
    problem: str = ""
    size: int = field(default=0)


@dataclass(frozen=True, slots=True)
class NamedCell:
    """A cell whose component ids are looked up: (id, the component or None)."""

    text: str
    depth: int
    is_code: bool
    links: tuple[tuple[str, Component | None], ...]


@dataclass(frozen=True, slots=True)
class NamedSection:
    """A section of the facts for the template; of a text there are no rows."""

    section: Section
    rows: tuple[tuple[str, tuple[NamedCell, ...]], ...] = ()


class ComponentPage:
    """Give it a component the viewer may see."""

    def __init__(self, request: HttpRequest, component: Component) -> None:
        self.request = request
        self.component = component
        asked = request.GET.get("tab", "")
        self.tab = asked if asked in dict(TABS) else "overview"

    @cached_property
    def version(self) -> ComponentVersion | None:
        """The version in view: that of the address, else the current one."""
        number = self._number("version")
        row = self.find_version(self.component.version if number is None else number)
        if row is None and number is not None:
            raise NotFound(
                f"Version {number} of this component does not exist.",
                hint="Its versions are listed on its page.",
            )
        return row

    @property
    def is_current(self) -> bool:
        return self._number("version") in {None, self.component.version}

    @property
    def number(self) -> int:
        return self.version.version if self.version else self.component.version

    def find_version(self, number: int) -> ComponentVersion | None:
        rows = component_queries.versions(self.component)
        return rows.filter(version=number).first()

    def _number(self, name: str) -> int | None:
        given = self.request.GET.get(name, "")
        if given.isascii() and given.isdigit() and len(given) <= LONGEST_NUMBER:
            return int(given)
        return None

    @cached_property
    def live(self) -> list[JobRun]:
        return component_queries.live_fetches(self.component)

    @cached_property
    def reading(self) -> Reading | None:
        """None while the document of the version in view is not stored."""
        row = self.version
        return read(row) if row is not None else None

    def tabs(self) -> list[dict[str, object]]:
        counts = {
            "versions": self.component.versions.count(),
            "uses": component_queries.uses(self.component, self.number).count(),
            "used-by": component_queries.used_by(self.component)
            .values("parent_component_id").distinct().count(),
        }  # fmt: skip
        return [
            {"label": label, "url": self.url(tab=name), "active": name == self.tab,
             "count": counts.get(name)}
            for name, label in TABS
        ]  # fmt: skip

    def url(self, *, tab: str, **changes: object) -> str:
        """A tab; the version in view goes along where it counts."""
        dropped = dict.fromkeys(("from", "to", "page"), "")
        if tab not in {"fields", "xml", "uses"}:
            dropped["version"] = ""
        shown = "" if tab == "overview" else tab
        return with_changes(self.request, {**dropped, **changes, "tab": shown})

    # --- What the tabs show ---------------------------------------------------------------

    def facts(self) -> dict[str, object]:
        reading = self.reading
        if reading is None or reading.document is None:
            return {}
        facts: Facts = read_facts(reading.document)
        names = component_queries.by_ids(self.component.account_id, facts.uses)
        sections = [_named(section, names) for section in facts.sections]
        return {"sections": sections, "description": reading.document.description}

    def xml(self) -> dict[str, object]:
        reading = self.reading
        if reading is None or reading.document is None:
            return {}
        lines = laid_out(reading.text).split("\n")
        page: Page[str] = Paginator(lines, LINES).get_page(self.request.GET.get("page"))
        shown: list[Line] = highlight(list(page.object_list), page.start_index())
        return {"lines": shown, "lines_page": page}

    def versions(self) -> dict[str, object]:
        rows = component_queries.versions(self.component)
        page = Paginator(rows, VERSIONS).get_page(self.request.GET.get("page"))
        return {"versions": page, "comparison": self._comparison()}

    def _comparison(self) -> Comparison | None:
        old, new = self._number("from"), self._number("to")
        if old is None or new is None or old == new:
            return None
        before, after = self.find_version(min(old, new)), self.find_version(max(old, new))
        if before is None or after is None:
            return None
        missing = tuple(row for row in (before, after) if row.document is None)
        if before.document is None or after.document is None:
            return Comparison(before, after, None, missing)
        try:
            diff = compare(before.document.text, after.document.text)
        except DocumentRefused:
            return None
        return Comparison(before, after, diff)

    def uses(self) -> dict[str, object]:
        """As the platform computed it; else as the stored document says."""
        rows = component_queries.children(self.component, self.number)
        if rows or self._are_references_known():
            return {"related": rows, "source": "platform"}
        reading = self.reading
        if reading is None or reading.document is None:
            return {"related": [], "source": ""}
        found = {one.component_id: one for one in references_in(reading.document)}
        known = component_queries.by_ids(self.component.account_id, found)
        return {
            "related": [Related(one, known.get(one), "") for one in found],
            "source": "document",
        }

    def _are_references_known(self) -> bool:
        known = self.component.references_version
        return known is not None and known == self.number

    def used_by(self) -> dict[str, object]:
        return {"related": component_queries.parents(self.component), "source": "platform"}

    def overview(self) -> dict[str, object]:
        component = self.component
        is_process = component.type == "process"
        packages = component_queries.packages(component)
        return {
            "folder": component_queries.paths([component]).get(
                (component.account_id, component.folder_id)
            ),
            "original": component_queries.original(component),
            "packages": list(packages[: component_queries.ROWS]),
            "package_count": packages.count(),
            "deployments": component_queries.deployments(component),
            "runs": component_queries.executions(component) if is_process else [],
            "is_process": is_process,
        }

    def context(self) -> dict[str, object]:
        """What the tab in view needs, beside what every tab shows."""
        make = {
            "overview": self.overview, "fields": self.facts, "xml": self.xml,
            "versions": self.versions, "uses": self.uses, "used-by": self.used_by,
        }[self.tab]  # fmt: skip
        return make()


def read(row: ComponentVersion) -> Reading | None:
    """The stored document of a version; None while there is none."""
    document = row.document
    if document is None:
        return None
    text = document.text
    try:
        return Reading(text, parse_document(text), size=document.size)
    except DocumentRefused as error:
        return Reading(text, None, str(error), document.size)


def _named(section: Section, names: Mapping[str, Component]) -> NamedSection:
    def named(cell: Cell) -> NamedCell:
        links = tuple((one, names.get(one)) for one in cell.uses)
        return NamedCell(cell.text, cell.depth, cell.is_code, links)

    if isinstance(section, Pairs):
        return NamedSection(section, tuple((name, (named(cell),)) for name, cell in section.rows))
    if isinstance(section, Table):
        rows = tuple(("", tuple(named(cell) for cell in row)) for row in section.rows)
        return NamedSection(section, rows)
    return NamedSection(section)
