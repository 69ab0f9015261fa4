"""Changes to single values of an XML text that leave every other byte as it is.

lxml writes a document anew: quotes, character references and the declaration change. Here
expat says where each element stands in the bytes, and only the named values are replaced.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

_TAG = re.compile(rb"""<[^\s/>]+(?:\s+[^\s=/>]+\s*=\s*(?:"[^"]*"|'[^']*'))*\s*(/?)>""")
_ATTRIBUTE = re.compile(rb"""([^\s=/>"']+)\s*=\s*("[^"]*"|'[^']*')""")

# What becomes of the raw bytes of a value, still escaped as they stand in the text.
Change = Callable[[bytes], bytes]


@dataclass(slots=True)
class Edits:
    """What to change of one element: attributes by local name, and the content of a leaf."""

    attributes: dict[str, Change] = field(default_factory=dict)
    content: Change | None = None


@dataclass(slots=True)
class _Place:
    start: int
    end: int = -1


def splice(text: str, edits: Mapping[int, Edits]) -> str:
    """`text` with the edits applied; keys count elements in document order, the root is 0.

    The text must be well-formed and free of entities of its own (see `parse_document`).
    """
    if not edits:
        return text
    raw = text.encode()
    places = _places(raw, set(edits))
    parts: list[bytes] = []
    done = 0
    for start, end, value in sorted(_replacements(raw, places, edits)):
        parts += [raw[done:start], value]
        done = end
    parts.append(raw[done:])
    return b"".join(parts).decode()


def _places(raw: bytes, wanted: set[int]) -> dict[int, _Place]:
    """Where the wanted elements begin, and where their end tags do."""
    parser = expat.ParserCreate("utf-8")
    places: dict[int, _Place] = {}
    stack: list[int] = []
    count = 0

    def start(name: str, attributes: object) -> None:
        nonlocal count
        if count in wanted:
            places[count] = _Place(parser.CurrentByteIndex)
        stack.append(count)
        count += 1

    def end(name: str) -> None:
        index = stack.pop()
        if index in places:
            places[index].end = parser.CurrentByteIndex

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.Parse(raw, True)
    return places


def _replacements(
    raw: bytes, places: Mapping[int, _Place], edits: Mapping[int, Edits]
) -> list[tuple[int, int, bytes]]:
    found = []
    for index, place in places.items():
        tag = _TAG.match(raw, place.start)
        if tag is None:
            continue
        wanted = edits[index]
        for attribute in _ATTRIBUTE.finditer(raw, place.start, tag.end()):
            change = wanted.attributes.get(_local(attribute[1]))
            if change is not None:
                begin, stop = attribute.start(2) + 1, attribute.end(2) - 1
                found.append((begin, stop, change(raw[begin:stop])))
        if wanted.content is not None and not tag[1]:
            found.append((tag.end(), place.end, wanted.content(raw[tag.end() : place.end])))
    return found


def _local(name: bytes) -> str:
    return name.rpartition(b":")[2].decode()
