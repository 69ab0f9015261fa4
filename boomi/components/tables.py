"""Components that are tables or short lists: cross references, process properties, caches,
process routes, scripts."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from boomi.components.document import Document, child, children, descendants, local, words
from boomi.components.facts import Cell, Section, cell, pairs, spoken, table, text
from boomi.components.outline import attribute_pairs, said
from boomi.components.references import ids_in

MAX_COLUMNS = 40


def read_crossref(document: Document) -> Iterator[Section]:
    body = document.content
    if body is None:
        return
    heads = [words(entry) for entry in _below(body, "ColumnHeaders")][:MAX_COLUMNS]
    yield pairs("Settings", ("Match", body.get("matchType") or "exact"))
    yield table("Rows", heads, (_crossref_row(row, len(heads)) for row in descendants(body, "row")))


def _crossref_row(row: etree._Element, width: int) -> tuple[Cell, ...]:
    values = {entry.get("colIdx", ""): entry.get("value", "") for entry in descendants(row, "ref")}
    return tuple(cell(values.get(str(index), "")) for index in range(width))


def read_process_property(document: Document) -> Iterator[Section]:
    yield table(
        "Properties", ("Property", "Type", "Default", "Allowed values", "Kept", "Help"),
        (_property_row(entry) for entry in descendants(document.content, "definedProcessProperty")),
    )  # fmt: skip


def _property_row(entry: etree._Element) -> tuple[Cell, ...]:
    label, kind = words(child(entry, "label")), words(child(entry, "type"))
    secret = kind.lower() == "password"
    choices = [
        f"{choice.get('label')} ({choice.get('value')})"
        if choice.get("label") not in {None, "", choice.get("value")}
        else choice.get("value", "")
        for choice in descendants(entry, "allowedValueSet")
    ]
    return (
        cell(label),
        cell(kind),
        cell(said(label, words(child(entry, "defaultValue")), secret=secret)),
        cell("" if secret else ", ".join(choices)),
        cell("yes" if words(child(entry, "persisted")) == "true" else ""),
        cell(words(child(entry, "helpText"))),
    )


def read_cache(document: Document) -> Iterator[Section]:
    body = document.content
    if body is None:
        return
    yield pairs("Settings", ("Profile", cell(body.get("profileType", ""),
                                             *ids_in(body.get("profile", "")))))  # fmt: skip
    yield table("Indexes", ("Index", "Key", "Profile element"), (
        (cell(index.get("indexName", "")), cell(key.get("alias", "") or key.get("name", "")),
         cell(key.get("name", "")))
        for index in descendants(body, "CacheIndex")
        for key in descendants(index, "cacheKey")
    ))  # fmt: skip


def read_route(document: Document) -> Iterator[Section]:
    body = document.content
    yield attribute_pairs("Settings", body)
    yield table("Return paths", ("Path", "Label"), (
        (cell(entry.get("id", ""), code=True), cell(entry.get("label", "")))
        for entry in descendants(body, "returnPath")
    ))  # fmt: skip
    yield table("Routes", ("Value", "Label", "Process", "Returns"), (
        (cell(entry.get("key", ""), code=True), cell(entry.get("keyLabel", "")),
         cell("", *ids_in(entry.get("processId", ""))),
         cell(", ".join(path.get("returnLabel", "") for path in children(entry))))
        for entry in descendants(body, "processEntry")
    ))  # fmt: skip


def read_script(document: Document) -> Iterator[Section]:
    body = document.content
    if body is None:
        return
    language = body.get("language", "")
    yield pairs("Settings", ("Language", language))
    yield table("Inputs and outputs", ("Direction", "Name", "Type"), (
        (cell(local(port)), cell(port.get("name", "")), cell(port.get("dataType", "")))
        for port in descendants(body, "Input", "Output")
    ))  # fmt: skip
    for script in descendants(body, "script"):
        yield text("Script", script.text or "", language)


def read_stylesheet(document: Document) -> Iterator[Section]:
    body = document.content
    if body is not None:
        yield attribute_pairs("Settings", body)
        yield text("Stylesheet", words(body), "xslt")


def _below(body: etree._Element, name: str) -> Iterator[etree._Element]:
    holder = child(body, name)
    return children(holder) if holder is not None else iter(())


def read_library(document: Document) -> Iterator[Section]:
    body = document.content
    if body is None:
        return
    yield pairs("Settings", ("Kind", words(child(body, "Type"))))
    yield table("Files", ("Name", "Bytes", "Checksum"), (
        (cell(entry.get("name", "")), cell(entry.get("size", "")),
         cell(entry.get("checksum") or entry.get("md5", ""), code=True))
        for entry in descendants(body, "Files")
        if entry.get("name")
    ))  # fmt: skip


def read_certificate(document: Document) -> Iterator[Section]:
    body = document.content
    if body is None:
        return
    validity = child(body, "Validity")
    data = words(child(body, "CertificateData"))
    yield pairs(
        "Certificate",
        ("Kind", words(child(body, "Type"))),
        ("Issued to", _name_of(child(body, "IssuedTo"))),
        ("Issued by", _name_of(child(body, "Issuer"))),
        ("Valid from", validity.get("issueDate", "") if validity is not None else ""),
        ("Valid until", validity.get("expireDate", "") if validity is not None else ""),
        ("Key and certificate", said("CertificateData", data, secret=True)),
    )
    yield attribute_pairs("Fingerprints", body)


def _name_of(element: etree._Element | None) -> str:
    if element is None:
        return ""
    parts = [f"{spoken(str(name))} {value}" for name, value in element.attrib.items() if value]
    parts += [f"{spoken(local(entry))} {words(entry)}" for entry in children(element)]
    return ", ".join(parts) or words(element)
