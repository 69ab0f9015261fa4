"""What a document says, as tables for people: plain values, no markup, bounded in size."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_KNOWN = {
    "oauth": "OAuth", "aws": "AWS", "api": "API", "dh": "DH", "md": "MD", "sha": "SHA",
    **{word: word.upper() for word in ("url", "uri", "id", "ssl", "ssh", "http", "sftp", "ftp",
                                       "xml", "json", "sql", "jwt", "as", "edi", "tls", "ip")},
}  # fmt: skip
MAX_ROWS = 2000
MAX_COUNTED = 8000
MAX_TEXT = 200_000
MAX_CELL = 500


@dataclass(frozen=True, slots=True)
class Cell:
    """One value. `uses` are ids of components to name and link; `depth` indents a tree."""

    text: str = ""
    uses: tuple[str, ...] = ()
    depth: int = 0
    is_code: bool = False


@dataclass(frozen=True, slots=True)
class Pairs:
    """Names with a value each."""

    title: str
    rows: tuple[tuple[str, Cell], ...]
    kind: str = "pairs"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of as many cells as there are columns; `left_out` rows were too many to show."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    left_out: int = 0
    note: str = ""
    kind: str = "table"


@dataclass(frozen=True, slots=True)
class Text:
    """A script or a statement."""

    title: str
    text: str
    language: str = ""
    kind: str = "text"


Section = Pairs | Table | Text


@dataclass(frozen=True, slots=True)
class Facts:
    """The sections of one document, empty ones left out."""

    type: str
    sections: tuple[Section, ...]

    @property
    def uses(self) -> frozenset[str]:
        """Every component id named in a cell, for one look-up of their names."""
        found: set[str] = set()
        for section in self.sections:
            if isinstance(section, Pairs):
                found.update(*(cell.uses for _, cell in section.rows))
            elif isinstance(section, Table):
                found.update(*(cell.uses for row in section.rows for cell in row))
        return frozenset(found)


def cell(text: object = "", *uses: str, depth: int = 0, code: bool = False) -> Cell:
    """A cell of at most MAX_CELL characters; empty ids are left out."""
    value = str(text or "")
    if len(value) > MAX_CELL:
        value = f"{value[:MAX_CELL]}…"
    return Cell(value, tuple(dict.fromkeys(use for use in uses if use)), depth, code)


def pairs(title: str, *rows: tuple[str, object]) -> Pairs:
    """Values that are empty are left out, because most settings of most components are."""
    made = ((name, value if isinstance(value, Cell) else cell(value)) for name, value in rows)
    return Pairs(title, tuple((name, one) for name, one in made if one.text or one.uses))


def table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]], note: str = ""
) -> Table:
    """At most MAX_ROWS rows, and how many more there are, counted up to MAX_COUNTED."""
    source = iter(rows)
    shown = tuple(tuple(row) for row in islice(source, MAX_ROWS))
    return Table(title, tuple(columns), shown, sum(1 for _ in islice(source, MAX_COUNTED)), note)


def text(title: str, value: str, language: str = "") -> Text:
    shown = value if len(value) <= MAX_TEXT else f"{value[:MAX_TEXT]}\n…"
    return Text(title, shown.strip("\n"), language)


def filled(sections: Iterable[Section]) -> tuple[Section, ...]:
    """The sections that have something to show."""
    return tuple(one for one in sections if (one.text if isinstance(one, Text) else one.rows))


def spoken(name: str) -> str:
    """An attribute name as words: "connectTimeout" becomes "Connect timeout"."""
    parts = _WORD.findall(name.replace("OAuth", "Oauth"))
    lowered = [_KNOWN.get(part.lower(), part.lower()) for part in parts]
    joined = " ".join(lowered)
    return joined[:1].upper() + joined[1:]
