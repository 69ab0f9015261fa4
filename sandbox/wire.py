"""JSON and XML as the AtomSphere API speaks them: requests in, answers out."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias
from xml.sax.saxutils import escape, quoteattr

from sandbox.shapes import Shape

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

NAMESPACE = "http://api.platform.boomi.com/"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_ROOT = f'xmlns:bns="{NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
JSON_TYPE = "application/json;charset=UTF-8"
XML_TYPE = "application/xml;charset=UTF-8"


class BadRequest(Exception):
    """The request is wrong; the message goes into a 400 answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back. `path` names a file to stream instead of `body`."""

    status: int
    body: bytes = b""
    content_type: str = JSON_TYPE
    headers: tuple[tuple[str, str], ...] = ()
    zip_of: str = ""


@dataclass(frozen=True, slots=True)
class Element:
    """An XML element without its namespaces; attribute names are local, too."""

    name: str
    attributes: dict[str, str]
    text: str
    children: list[Element] = field(default_factory=list)

    def child(self, name: str) -> Element | None:
        return next((child for child in self.children if child.name == name), None)

    def children_named(self, name: str) -> list[Element]:
        return [child for child in self.children if child.name == name]


def read_json(body: bytes) -> Json:
    """Raises BadRequest."""
    try:
        value: Json = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadRequest("The request body is not valid JSON.") from error
    return value


def read_xml(body: bytes) -> Element:
    """Raises BadRequest, also for a body with a document type declaration."""
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise BadRequest("A document type declaration is not allowed.")
    try:
        return _plain(ET.fromstring(body))  # noqa: S314 - no document type, so no entities
    except (ET.ParseError, RecursionError) as error:
        raise BadRequest("The request body is not valid XML.") from error


def _plain(node: ET.Element) -> Element:
    attributes = {_local(name): value for name, value in node.attrib.items()}
    children = [_plain(child) for child in node]
    return Element(_local(node.tag), attributes, (node.text or "").strip(), children)


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def is_xml(content_type: str, body: bytes) -> bool:
    """Whether a request body is XML: by its header, or by its first character."""
    if "json" in content_type:
        return False
    return "xml" in content_type or body.lstrip()[:1] == b"<"


def wants_json(accept: str) -> bool:
    """XML is the documented default: no header or `*/*` means XML."""
    json_at, xml_at = accept.find("application/json"), accept.find("application/xml")
    return json_at >= 0 and (xml_at < 0 or json_at < xml_at)


def dump(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def error(status: int, message: str, *, as_json: bool, form: str | None = None) -> Answer:
    """The error body the platform sends in either format; `form` is one of ERROR_FORMS."""
    if as_json:
        values: dict[str, Json] = {"@type": "Error", "message": message}
        if form == "plain":
            values = {"message": message}
        elif form == "nested":
            values = {"error": {"message": message}}
        return Answer(status, dump(values).encode())
    body = f"{_DECLARATION}<error><message>{escape(message)}</message></error>"
    return Answer(status, body.encode(), XML_TYPE)


def flat(type_: str, values: dict[str, Json], *, as_json: bool) -> Answer:
    """A small object whose values are all attributes, such as LogDownload."""
    if as_json:
        return Answer(200, dump({"@type": type_, **values}).encode())
    attributes = "".join(f" {name}={quoteattr(_text(value))}" for name, value in values.items())
    return Answer(200, f"{_DECLARATION}<bns:{type_} {_ROOT}{attributes}/>".encode(), XML_TYPE)


def one(shape: Shape, body: str, *, as_json: bool) -> Answer:
    """A single object; `body` is its JSON text."""
    if as_json:
        return Answer(200, body.encode())
    xml = object_xml(shape, json.loads(body), f"bns:{shape.name} {_ROOT}", f"bns:{shape.name}")
    return Answer(200, f"{_DECLARATION}{xml}".encode(), XML_TYPE)


def wrapped(shape: Shape, body: str, *, as_json: bool) -> Answer:
    """A single object inside an AsyncOperationResult; `body` is its JSON text."""
    if as_json:
        text = (
            f'{{"@type":"AsyncOperationResult","responseStatusCode":200,"numberOfResults":1,'
            f'"result":[{body}]}}'
        )
        return Answer(200, text.encode())
    opening = f'bns:result xsi:type="bns:{shape.name}"'
    result = object_xml(shape, json.loads(body), opening, "bns:result")
    head = f'bns:AsyncOperationResult {_ROOT} responseStatusCode="200" numberOfResults="1"'
    text = f"{_DECLARATION}<{head}>{result}</bns:AsyncOperationResult>"
    return Answer(200, text.encode(), XML_TYPE)


def tree(type_: str, attributes: dict[str, Json], elements: dict[str, Json]) -> Answer:
    """An object in XML that no shape describes: plain values and what is nested."""
    flat_part = "".join(f" {name}={quoteattr(_text(value))}" for name, value in attributes.items())
    inner = "".join(_element(f"bns:{name}", value) for name, value in elements.items())
    text = f"{_DECLARATION}<bns:{type_} {_ROOT}{flat_part}>{inner}</bns:{type_}>"
    return Answer(200, text.encode(), XML_TYPE)


def page(
    shape: Shape,
    bodies: Sequence[str],
    total: int,
    token: str | None,
    *,
    as_json: bool,
    bare_empty: bool = False,
) -> Answer:
    """A QueryResult. JSON texts of the rows are joined as they are: no re-encoding.

    `bare_empty` leaves `result` out where there is none.
    """
    if as_json and bare_empty and not bodies:
        return Answer(200, dump({"@type": "QueryResult", "numberOfResults": total}).encode())
    if as_json:
        tail = f',"queryToken":"{token}"' if token else ""
        text = (
            f'{{"@type":"QueryResult","result":[{",".join(bodies)}]{tail},'
            f'"numberOfResults":{total}}}'
        )
        return Answer(200, text.encode())
    rows = "".join(
        object_xml(shape, json.loads(body), f'bns:result xsi:type="bns:{shape.name}"', "bns:result")
        for body in bodies
    )
    head = f"<bns:queryToken>{escape(token)}</bns:queryToken>" if token else ""
    text = (
        f'{_DECLARATION}<bns:QueryResult {_ROOT} numberOfResults="{total}">'
        f"{head}{rows}</bns:QueryResult>"
    )
    return Answer(200, text.encode(), XML_TYPE)


def bulk(
    shape: Shape, items: list[tuple[str, str | None]], missing: str, *, as_json: bool
) -> Answer:
    """A BulkResult. Items are (id, JSON text or None for not found)."""
    if as_json:
        parts = []
        for id_, body in items:
            if body is None:
                failed: Json = {
                    "@type": "BulkResponse",
                    "id": id_,
                    "statusCode": 400,
                    "errorMessage": missing,
                }
                parts.append(dump(failed))
            else:
                parts.append(f'{{"@type":"BulkResponse","statusCode":200,"Result":{body}}}')
        text = f'{{"@type":"BulkResult","response":[{",".join(parts)}]}}'
        return Answer(200, text.encode())
    rows = "".join(_bulk_xml(shape, id_, body, missing) for id_, body in items)
    text = f"{_DECLARATION}<bns:BulkResult {_ROOT}>{rows}</bns:BulkResult>"
    return Answer(200, text.encode(), XML_TYPE)


def _bulk_xml(shape: Shape, id_: str, body: str | None, missing: str) -> str:
    if body is None:
        message = quoteattr(missing)
        return f'<bns:response errorMessage={message} statusCode="400" id={quoteattr(id_)}/>'
    opening = f'bns:Result xsi:type="bns:{shape.name}"'
    result = object_xml(shape, json.loads(body), opening, "bns:Result")
    return f'<bns:response statusCode="200">{result}</bns:response>'


def object_xml(shape: Shape, values: dict[str, Json], opening: str, closing: str) -> str:
    """One object as XML: attributes and elements as the shape says."""
    attributes, elements = "", ""
    for name, value in values.items():
        if name == "@type":
            continue
        known = shape.field(name)
        if known is not None and known.element:
            elements += _element(f"bns:{name}", value)
        else:
            attributes += f" {name}={quoteattr(_text(value))}"
    if not elements:
        return f"<{opening}{attributes}/>"
    return f"<{opening}{attributes}>{elements}</{closing}>"


def _element(name: str, value: Json) -> str:
    if _is_typed_number(value):
        return f"<{name}>{_text(value)}</{name}>"
    if isinstance(value, list):
        return "".join(_element(name, item) for item in value)
    if isinstance(value, dict):
        attributes, inner = "", ""
        for key, item in value.items():
            if isinstance(item, dict | list) or _is_element(value, key):
                inner += _element(f"bns:{key}", item)
            elif key != "@type":
                attributes += f" {key}={quoteattr(_text(item))}"
        return f"<{name}{attributes}>{inner}</{name}>" if inner else f"<{name}{attributes}/>"
    return f"<{name}>{escape(_text(value))}</{name}>"


def _is_element(part: dict[str, Json], key: str) -> bool:
    """Most parts inside objects have attributes; these have elements."""
    return part.get("@type") in _PARTS_OF_ELEMENTS and key != "@type"


_PARTS_OF_ELEMENTS = ("NodeDetails",)


def _is_typed_number(value: Json) -> bool:
    """`["Long", 5]`: how JSON writes a 64-bit element."""
    return isinstance(value, list) and len(value) == 2 and value[0] in ("Long", "BigInteger")


def _text(value: Json) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return str(value[1]) if _is_typed_number(value) else " ".join(map(_text, value))
    return "" if value is None else str(value)
