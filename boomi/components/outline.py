"""Any document as a tree of elements: for types nobody described, and for odd corners."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from boomi.components.document import children, local
from boomi.components.facts import Cell, Pairs, Table, cell, pairs, spoken, table
from boomi.components.references import ids_in
from boomi.components.secrecy import is_secret_name, is_set


def outline(element: etree._Element | None, title: str = "Content") -> Table:
    """One row per element: name, attributes, text."""
    rows = _rows(element) if element is not None else iter(())
    return table(title, ("Element", "Attributes", "Text"), rows)


def _rows(root: etree._Element) -> Iterator[tuple[Cell, ...]]:
    waiting = [(root, 0)]
    while waiting:
        element, depth = waiting.pop()
        attributes = ", ".join(f"{name}={value}" for name, value in attributes_of(element))
        yield (
            cell(local(element), depth=depth, code=True),
            cell(attributes, *ids_in(attributes)),
            cell(own_text(element)),
        )
        waiting.extend((below, depth + 1) for below in reversed(list(children(element))))


def attributes_of(element: etree._Element) -> Iterator[tuple[str, str]]:
    """Names without their namespace; a secret says only whether it is set."""
    for key, value in element.attrib.items():
        name = str(key).rpartition("}")[2]
        yield name, said(name, str(value))


def said(name: str, value: str, *, secret: bool = False) -> str:
    """A value for people. Of a secret nothing but whether there is one."""
    if secret or (is_secret_name(name) and value not in {"true", "false"}):
        return "set" if is_set(value) else "not set"
    return value


def own_text(element: etree._Element) -> str:
    """The text of a leaf; the white space between elements says nothing."""
    text = (element.text or "").strip()
    return said(local(element), text) if text else ""


def attribute_pairs(title: str, element: etree._Element | None, *leave_out: str) -> Pairs:
    """All attributes of one element as names and values, ids as components."""
    if element is None:
        return pairs(title)
    rows = [
        (spoken(name), _valued(value))
        for name, value in attributes_of(element)
        if name not in leave_out
    ]
    return pairs(title, *rows)


def _valued(value: str) -> Cell:
    ids = ids_in(value)
    return cell("" if ids and ids[0] == value else value, *ids)
