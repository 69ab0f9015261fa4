"""Profiles of all five kinds as one tree of elements: name, type, how often, key.

What only groups (a JSON object, the fields of a statement) is a row too, because its place in
the path is what maps speak of. The inner form of flat file and EDI profiles is not documented;
whatever carries a `key` and a `name` counts as an element.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from boomi.components.document import Document, child, children, descendants, local, words
from boomi.components.facts import Cell, Section, cell, pairs, spoken, table, text
from boomi.components.outline import attributes_of

KINDS = {
    "JSONRootValue": "root", "JSONObject": "object", "JSONArray": "array",
    "JSONArrayElement": "entry of an array", "XMLAttribute": "attribute",
    "DBStatement": "statement", "DBFields": "fields", "DBParameters": "parameters",
    "FlatFileRecord": "record", "FlatFileElements": "elements", "EdiLoop": "loop",
    "EdiSegment": "segment", "EdiDataElement": "data element",
}  # fmt: skip
FORMATS = ("dateFormat", "numberFormat")
UNBOUNDED = {"-1": "any number", "": ""}


def read(document: Document) -> Iterator[Section]:
    profile = document.content
    if profile is None:
        return
    yield _options(profile)
    elements = child(profile, "DataElements")
    yield table(
        "Elements", ("Element", "Type", "Occurs", "Rules", "Key"),
        _rows(elements if elements is not None else profile),
    )  # fmt: skip
    for statement in descendants(profile, "sql"):
        yield text("SQL", statement.text or "", "sql")
    yield table("Namespaces", ("Prefix", "Address"), (
        (cell(entry.get("prefix", ""), code=True), cell(entry.get("name", "")))
        for entry in descendants(profile, "XMLNamespace")
    ))  # fmt: skip


def _options(profile: etree._Element) -> Section:
    rows: list[tuple[str, object]] = [
        ("Strict", {"true": "yes"}.get(profile.get("strict", ""), ""))
    ]
    for entry in descendants(child(profile, "ProfileProperties")):
        rows += [(spoken(name), value) for name, value in attributes_of(entry) if value != "false"]
    return pairs("Settings", *rows)


def _rows(root: etree._Element) -> Iterator[tuple[Cell, ...]]:
    """Depth first, without recursion: profiles of standards nest deep."""
    waiting = [(entry, 0) for entry in reversed(list(children(root)))]
    while waiting:
        element, depth = waiting.pop()
        is_element = element.get("key") is not None and element.get("name") is not None
        if is_element:
            yield _row(element, depth)
        below = depth + is_element
        waiting.extend((entry, below) for entry in reversed(list(children(element))))


def _row(element: etree._Element, depth: int) -> tuple[Cell, ...]:
    return (
        cell(_name(element), depth=min(depth, 12)),
        cell(_type(element)),
        cell(_occurs(element)),
        cell(", ".join(_rules(element))),
        cell(element.get("key", ""), code=True),
    )


def _name(element: etree._Element) -> str:
    name = element.get("name", "")
    return f"@{name}" if local(element) == "XMLAttribute" else name


def _type(element: etree._Element) -> str:
    """The data type of what holds a value, the kind of what only groups, and its format."""
    kind = KINDS.get(local(element), "")
    data = "" if kind == "root" else element.get("dataType", "") or _from_format(element)
    pattern = next(
        (
            entry.get(name)
            for entry in descendants(child(element, "DataFormat"))
            for name in FORMATS
            if entry.get(name)
        ),
        "",
    )
    words_ = [part for part in (data or kind, kind if data and kind != data else "") if part]
    return ", ".join(words_) + (f" {pattern}" if pattern else "")


def _from_format(element: etree._Element) -> str:
    """Database fields name their type by the format below them: ProfileDateFormat."""
    for entry in descendants(child(element, "DataFormat")):
        name = local(entry).removeprefix("Profile").removesuffix("Format").lower()
        return "datetime" if name == "date" else name
    return ""


def _occurs(element: etree._Element) -> str:
    least, most = element.get("minOccurs", ""), element.get("maxOccurs", "")
    if not least and not most:
        return ""
    if least == most:
        return str(least)
    return f"{least or '0'} – {UNBOUNDED.get(most, most) or 'any number'}"


def _rules(element: etree._Element) -> Iterator[str]:
    if "true" in {element.get("mandatory"), element.get("required")}:
        yield "required"
    if element.get("enforceUnique") == "true":
        yield "unique"
    if element.get("isMappable") == "false":
        yield "only groups"
    shortest, longest = element.get("minLength", "0"), element.get("maxLength", "0")
    if longest not in {"0", "", "-1"}:
        yield f"{shortest} to {longest} characters"
    if element.get("tableName"):
        yield f"table {element.get('tableName')}"
    if element.get("storedProcedure"):
        yield f"procedure {element.get('storedProcedure')}"
    comment = words(child(element, "comments"))
    if comment:
        yield comment
