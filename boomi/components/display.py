"""Documents as lines to read: laid out, lightly coloured, compared.

The platform sends a document as one line. What is shown is indented; what is stored, copied and
downloaded is not.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from boomi.components.document import parse_document

# Beyond this a comparison may take minutes: difflib is quadratic at worst.
MAX_DIFF_LINES = 12_000
CONTEXT = 3
# What every new version changes in the envelope, whoever touched the component.
_VOLATILE = ("version", "modifiedDate", "modifiedBy", "currentVersion")

_TOKEN = re.compile(
    r"<!--.*?(?:-->|$)|<!\[CDATA\[.*?(?:\]\]>|$)|<\?.*?(?:\?>|$)|</?[^<]*|[^<]+", re.S
)
_TAG_PART = re.compile(r"""(</?[\w.:-]*)|([\w.:-]+)(?==)|("[^"]*"|'[^']*')|(.[^\w"'<]*)""", re.S)


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a line; `tone` is tag, name, value, note or ""."""

    tone: str
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class DiffLine:
    """`kind` is same, new, old or gap; numbers are of the laid out texts, None where it is not."""

    kind: str
    old: int | None
    new: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Diff:
    """`lines` with some context; `is_too_large` when they were not compared."""

    lines: tuple[DiffLine, ...]
    added: int = 0
    removed: int = 0
    is_too_large: bool = False


def laid_out(text: str, *, without_envelope: bool = False) -> str:
    """The document indented. Raises DocumentRefused.

    `without_envelope` leaves out what every new version changes, for comparisons.
    """
    root = parse_document(text).root
    for name in _VOLATILE if without_envelope else ():
        root.attrib.pop(name, None)
    etree.indent(root, space="  ")
    return str(etree.tostring(root, encoding="unicode"))


def highlight(lines: Sequence[str], first: int = 1) -> list[Line]:
    """Lines in coloured pieces; `first` is the number of the first one."""
    made: list[Line] = []
    parts: list[Part] = []
    for tone, text in _pieces("\n".join(lines)):
        head, *rest = text.split("\n")
        if head:
            parts.append(Part(tone, head))
        for line in rest:
            made.append(Line(first + len(made), tuple(parts)))
            parts = [Part(tone, line)] if line else []
    made.append(Line(first + len(made), tuple(parts)))
    return made


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    for token in _TOKEN.finditer(text):
        value = token[0]
        if value.startswith(("<!", "<?")):
            yield "note", value
        elif value.startswith("<"):
            yield from _tag_pieces(value)
        else:
            yield "", value


def _tag_pieces(token: str) -> Iterator[tuple[str, str]]:
    """The tag up to its ">", then the text behind it."""
    end = _tag_end(token)
    for part in _TAG_PART.finditer(token[:end]):
        name, attribute, value, other = part.groups()
        if name:
            yield "tag", name
        elif attribute:
            yield "name", attribute
        elif value:
            yield "value", value
        else:
            yield "tag" if ">" in other else "", other
    if token[end:]:
        yield "", token[end:]


def _tag_end(token: str) -> int:
    """Behind the first ">" that stands outside quotes."""
    quote = ""
    for index, character in enumerate(token):
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character == ">":
            return index + 1
    return len(token)


def compare(old: str, new: str) -> Diff:
    """Two documents line by line. Raises DocumentRefused."""
    before = laid_out(old, without_envelope=True).split("\n")
    after = laid_out(new, without_envelope=True).split("\n")
    if max(len(before), len(after)) > MAX_DIFF_LINES:
        return Diff((), is_too_large=True)
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=True)
    lines: list[DiffLine] = []
    for group in matcher.get_grouped_opcodes(CONTEXT):
        if lines or group[0][1] or group[0][3]:
            lines.append(DiffLine("gap", None, None, ""))
        for tag, i1, i2, j1, j2 in group:
            lines.extend(_run(tag, before, after, (i1, i2, j1, j2)))
    added = sum(line.kind == "new" for line in lines)
    removed = sum(line.kind == "old" for line in lines)
    return Diff(tuple(lines), added, removed)


def _run(
    tag: str, before: list[str], after: list[str], bounds: tuple[int, int, int, int]
) -> Iterator[DiffLine]:
    i1, i2, j1, j2 = bounds
    if tag == "equal":
        for offset in range(i2 - i1):
            yield DiffLine("same", i1 + offset + 1, j1 + offset + 1, before[i1 + offset])
        return
    for index in range(i1, i2):
        yield DiffLine("old", index + 1, None, before[index])
    for index in range(j1, j2):
        yield DiffLine("new", None, index + 1, after[index])
