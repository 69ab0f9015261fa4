"""Connections and operations: their fields, headers, profiles. Secrets are "set" or "not set"."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from boomi.components.document import Document, child, children, descendants, local
from boomi.components.facts import Cell, Section, cell, pairs, spoken, table
from boomi.components.outline import said
from boomi.components.references import ids_in
from boomi.components.secrecy import is_secret_name

SECRET_TYPES = frozenset({"password"})
PROFILE_WORDS = {
    "requestProfile": "Request profile", "responseProfile": "Response profile",
    "ReadProfile": "Read profile", "WriteProfile": "Write profile",
}  # fmt: skip
APART = frozenset({"field", "header", "properties", "ReadProfile", "WriteProfile"})
# What stands above the fields already.
IN_HEAD = frozenset({"requestProfile", "requestProfileType", "responseProfile",
                     "responseProfileType", "customOperationType", "methodType"})  # fmt: skip


def read_connection(document: Document) -> Iterator[Section]:
    settings = document.content
    if settings is None:
        return
    yield pairs("Connector", ("Type", document.root.get("subType", "")),
                ("Kind of settings", spoken(local(settings))))  # fmt: skip
    yield table("Fields", ("Field", "Value", "Part"), _field_rows(settings))
    yield table("Custom properties", ("Of", "Name", "Value"), _property_rows(settings))


def read_operation(document: Document) -> Iterator[Section]:
    operation = document.content
    if operation is None:
        return
    configuration = child(operation, "Configuration")
    action = next(children(configuration), None) if configuration is not None else None
    if action is None:
        return
    yield pairs(
        "Operation",
        ("Connector", document.root.get("subType", "")),
        ("Kind", spoken(local(action))),
        ("Action", action.get("customOperationType") or action.get("operationType")
         or action.get("methodType")),
        ("Object", action.get("objectTypeName") or action.get("objectName")),
        *_profiles(action),
        ("Path", _path(action)),
        ("Archives to", _archive(operation)),
        ("Errors of the application are returned", _flag(operation, "returnApplicationErrors")),
    )  # fmt: skip
    yield table("Fields", ("Field", "Value", "Part"), _field_rows(action, IN_HEAD))
    yield table("Headers", ("Header", "Value"), _header_rows(action))
    yield table("Custom properties", ("Of", "Name", "Value"), _property_rows(action))
    yield table("Tracked fields", ("Name", "Value"), (
        (cell(entry.get("name", local(entry))), cell(entry.get("value", "")))
        for entry in descendants(child(operation, "Tracking"))
        if entry.attrib
    ))  # fmt: skip


def _profiles(action: etree._Element) -> Iterator[tuple[str, object]]:
    for name in ("requestProfile", "responseProfile"):
        kind = action.get(f"{name}Type", "")
        ids = ids_in(action.get(name, ""))
        if ids or kind:
            yield PROFILE_WORDS[name], cell(kind.lower(), *ids)
    for entry in descendants(action, "ReadProfile", "WriteProfile"):
        yield PROFILE_WORDS[local(entry)], cell("", *ids_in(entry.get("profileId", "")))


def _path(action: etree._Element) -> str:
    parts = []
    for element in descendants(child(action, "pathElements"), "element"):
        name = element.get("name", "")
        parts.append(f"{{{name}}}" if element.get("isVariable") == "true" else name)
    return "".join(parts)


def _archive(operation: etree._Element) -> str:
    archiving = child(operation, "Archiving")
    if archiving is None or archiving.get("enabled") != "true":
        return ""
    return archiving.get("directory") or "the default directory"


def _flag(element: etree._Element, name: str) -> str:
    return {"true": "yes", "false": "no"}.get(element.get(name, ""), "")


def _field_rows(
    root: etree._Element, leave_out: frozenset[str] = frozenset()
) -> Iterator[tuple[Cell, ...]]:
    """Attributes of the settings and of their parts, and the fields of SDK-built connectors."""
    for element in (root, *descendants(root)):
        name = local(element)
        part = "" if element is root else spoken(name)
        if name == "field":
            yield from _sdk_field(element)
        elif name not in APART and not _inside(element, "pathElements", "requestHeaders"):
            for key, value in element.attrib.items():
                attribute = str(key).rpartition("}")[2]
                if attribute not in leave_out and (value or attribute == "password"):
                    yield _field(attribute, str(value), part)
            if not len(element) and (element.text or "").strip():
                yield _field(name, (element.text or "").strip(), "")


def _inside(element: etree._Element, *names: str) -> bool:
    return any(local(above) in names for above in element.iterancestors())


def _field(name: str, value: str, part: str) -> tuple[Cell, ...]:
    ids = ids_in(value)
    shown = "" if ids and ids[0] == value else said(name, value)
    return cell(spoken(name)), cell(shown, *ids), cell(part)


def _sdk_field(element: etree._Element) -> Iterator[tuple[Cell, ...]]:
    name, kind = element.get("id", ""), element.get("type", "")
    value = element.get("value", "")
    if kind in SECRET_TYPES:
        yield cell(spoken(name)), cell(said(name, value, secret=True)), cell()
    elif value:
        yield _field(name, value, "")


def _header_rows(action: etree._Element) -> Iterator[tuple[Cell, ...]]:
    for header in descendants(action, "header"):
        name, value = header.get("headerName", ""), header.get("headerValue", "")
        if header.get("isVariable") == "true":
            yield cell(name), cell(f"{{{value}}}")
        else:
            yield cell(name), cell(said(name, value))


def _property_rows(root: etree._Element) -> Iterator[tuple[Cell, ...]]:
    for entry in descendants(root, "properties"):
        name = entry.get("key", "")
        secret = entry.get("encrypted") == "true" or is_secret_name(name)
        holder = next((up for up in entry.iterancestors() if local(up) == "field"), None)
        of = spoken(holder.get("id", "")) if holder is not None else ""
        yield cell(of), cell(name), cell(said(name, entry.get("value", ""), secret=secret))
