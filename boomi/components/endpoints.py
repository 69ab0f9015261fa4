"""What the outside calls or is called as: API services, flow services, trading partners."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from boomi.components.document import Document, child, children, descendants, local, words
from boomi.components.facts import Cell, Section, cell, pairs, spoken, table
from boomi.components.outline import attribute_pairs, attributes_of, outline, said
from boomi.components.references import ids_in


def read_webservice(document: Document) -> Iterator[Section]:
    body = document.content
    yield attribute_pairs("Service", body)
    yield attribute_pairs("About", child(body, "metaInfo") if body is not None else None)
    yield table(
        "Routes", ("Kind", "Method", "Path", "Input", "Output", "Process", "Profiles"),
        _routes(body),
    )  # fmt: skip
    yield table("Captured headers", ("Header",), (
        (cell(", ".join(value for _, value in attributes_of(entry)) or words(entry)),)
        for entry in _below(body, "capturedHeaders")
    ))  # fmt: skip
    yield table("Roles", ("Role",), (
        (cell(", ".join(value for _, value in attributes_of(entry)) or words(entry)),)
        for entry in _below(body, "apiRoles")
    ))  # fmt: skip


def _routes(body: etree._Element | None) -> Iterator[tuple[Cell, ...]]:
    for route in descendants(body, "route"):
        above = route.getparent()
        kind = local(above).removesuffix("Api").upper() if above is not None else ""
        overrides = child(route, "overrides")
        values = dict(overrides.attrib.items()) if overrides is not None else {}
        yield (
            cell(kind),
            cell(values.get("httpMethod", "")),
            cell(values.get("urlPath") or values.get("objectName", ""), code=True),
            cell(values.get("inputType", "")),
            cell(values.get("outputType", "")),
            cell("", *ids_in(route.get("processId", ""))),
            cell("", *ids_in(values.get("inputProfileKey", "")),
                 *ids_in(values.get("outputProfileKey", ""))),
        )  # fmt: skip


def read_flow_service(document: Document) -> Iterator[Section]:
    body = document.content
    yield attribute_pairs("Service", body)
    yield table("Actions", ("Name", "Path", "Process"), (
        (cell(entry.get("name", "")), cell(entry.get("path", ""), code=True),
         cell("", *ids_in(entry.get("processId", ""))))
        for entry in descendants(body, "flowActions")
    ))  # fmt: skip


def read_partner(document: Document) -> Iterator[Section]:
    body = document.content
    yield attribute_pairs("Partner", body)
    for name, title in (("ContactInfo", "Contact"), ("PartnerInfo", "Identity"),
                        ("PartnerCommunication", "Communication"),
                        ("DocumentTypes", "Document types")):  # fmt: skip
        yield _flat(child(body, name) if body is not None else None, title)


def _flat(holder: etree._Element | None, title: str) -> Section:
    """The leaves and attributes below, each with the names above it."""
    rows: list[tuple[str, object]] = []
    for element in descendants(holder):
        path = _names_between(element, holder)
        place = " › ".join(spoken(name) for name in (*path, local(element)))
        rows += [(f"{place} › {spoken(name)}", cell(value, *ids_in(value)))
                 for name, value in attributes_of(element)]  # fmt: skip
        if not len(element) and (element.text or "").strip():
            rows.append((place, said(local(element), (element.text or "").strip())))
    return pairs(title, *rows)


def _names_between(element: etree._Element, holder: etree._Element | None) -> list[str]:
    """The local names above an element, up to but without the holder, outermost first."""
    names: list[str] = []
    for above in element.iterancestors():
        if above is holder:
            break
        names.insert(0, local(above))
    return names


def _below(body: etree._Element | None, name: str) -> Iterator[etree._Element]:
    holder = child(body, name) if body is not None else None
    return children(holder) if holder is not None else iter(())


def read_outline(document: Document) -> Iterator[Section]:
    """For the types nobody described: everything, as a tree."""
    yield outline(document.content)
