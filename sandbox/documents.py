"""The XML document of a component version: the envelope around its content.

Secrets never leave in plain text: each is 128 hexadecimal characters that stay the
same until the secret changes, and `encryptedValues` names where they stand.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import partial
from xml.sax.saxutils import escape

from sandbox.process_form import Content
from sandbox.wire import Json
from sandbox.xml_text import XSI, quoted, tag

_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_NAMESPACE = "http://api.platform.boomi.com/"
# As the platform writes them, in this order; `subType` and the copy only where they exist.
_ATTRIBUTES = (
    "folderFullPath",
    "componentId",
    "version",
    "name",
    "type",
    "subType",
    "createdDate",
    "createdBy",
    "modifiedDate",
    "modifiedBy",
    "deleted",
    "currentVersion",
    "folderName",
    "folderId",
    "copiedFromComponentId",
    "copiedFromComponentVersion",
    "branchName",
    "branchId",
)
_WITH_SECRETS = ("connector-settings", "connector-action", "certificate")
_VERSIONS_PER_SECRET = 3


@dataclass(frozen=True, slots=True)
class _Place:
    """`pattern` finds the values of one place: what is before, the secret, what follows."""

    path: str
    pattern: re.Pattern[str]


def _attribute(path: str, element: str, attribute: str) -> _Place:
    return _Place(path, re.compile(rf'(<{element} [^>]*?\b{attribute}=")([^"]*)(")'))


_CUSTOM = "/field[@type='customproperties']/customProperties/properties[@encrypted='true']/@value"
_ENCRYPTED = r'(<properties encrypted="true" [^>]*?\bvalue=")([^"]*)(")'
_PLACES = (
    _attribute(
        "//GenericConnectionConfig/field[@type='password']", "field", 'type="password" value'
    ),
    _attribute(
        "//GenericConnectionConfig/field/OAuth2Config/credentials/@clientSecret",
        "credentials",
        "clientSecret",
    ),
    _attribute(
        "//GenericConnectionConfig/field/OAuth2Config/credentials/@accessToken",
        "credentials",
        "accessToken",
    ),
    _attribute("//DatabaseConnectionSettings/@password", "DatabaseConnectionSettings", "password"),
    _Place(
        "//CertificateModel/CertificateData/text()",
        re.compile(r"(<CertificateData>)([^<]*)(</CertificateData>)"),
    ),
)
_AUTH = re.compile(r'(<AuthSettings [^>]*?\bpassword=")([^"]*)(")')


def document(values: dict[str, Json], path: str, content: Content, *, salt: str = "") -> str:
    """The document without its XML declaration.

    `values` are those of the ComponentMetadata row, `path` is the folder's full path.
    `salt` changes every stand-in: the platform sometimes encrypts afresh.
    """
    text, encrypted = content.object_xml, ""
    if values["type"] in _WITH_SECRETS:
        text, encrypted = _sealed(text, values, salt)
    told = {"folderFullPath": path, **{name: _text(value) for name, value in values.items()}}
    attributes = "".join(f" {name}={quoted(told[name])}" for name in _ATTRIBUTES if name in told)
    parts = [
        tag("bns:encryptedValues", None, encrypted),
        f"<bns:description>{escape(content.description)}</bns:description>",
        tag("bns:object", None, text),
    ]
    if values["type"] == "process":
        parts.append(tag("bns:processOverrides", None, content.overrides or ""))
    namespaces = f'xmlns:xsi="{XSI}" xmlns:bns="{_NAMESPACE}"'
    return f"<bns:Component {namespaces}{attributes}>{''.join(parts)}</bns:Component>"


def declared(text: str) -> bytes:
    return f"{_DECLARATION}{text}".encode()


def bulk_document(items: list[tuple[str, str | None]]) -> bytes:
    """A BulkResult of documents. Items are (id, document or None for not found)."""
    rows = []
    for id_, text in items:
        if text is None:
            told = f'errorMessage="No such component" statusCode="400" id={quoted(id_)}'
            rows.append(f"<bns:response {told}/>")
            continue
        result = text.replace("<bns:Component ", '<bns:Result xsi:type="bns:Component" ', 1)
        result = f"{result.removesuffix('</bns:Component>')}</bns:Result>"
        rows.append(f'<bns:response statusCode="200">{result}</bns:response>')
    namespaces = f'xmlns:bns="{_NAMESPACE}" xmlns:xsi="{XSI}"'
    return declared(f"<bns:BulkResult {namespaces}>{''.join(rows)}</bns:BulkResult>")


def _text(value: Json) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _sealed(text: str, values: dict[str, Json], salt: str) -> tuple[str, str]:
    """The content with stand-ins for its secrets, and the list of their places."""
    generation = (int(str(values["version"])) - 1) // _VERSIONS_PER_SECRET
    seed = f"{values['componentId']}/{generation}/{salt}"
    found = []
    for place in _places_of(text):
        states: list[bool] = []
        text = place.pattern.sub(partial(_stand_in, f"{seed}/{place.path}", states), text)
        if states:
            is_set = "true" if any(states) else "false"
            told = f"path={quoted(place.path)} isSet={quoted(is_set)}"
            found.append(f"<bns:encryptedValue {told}/>")
    return text, "".join(found)


def _stand_in(seed: str, seen: list[bool], match: re.Match[str]) -> str:
    """The match with its secret replaced; an empty one stays empty. Notes it in `seen`."""
    seen.append(bool(match[2]))
    secret = hashlib.sha512(f"{seed}/{len(seen)}".encode()).hexdigest() if match[2] else ""
    return f"{match[1]}{secret}{match[3]}"


def _places_of(text: str) -> list[_Place]:
    """All places, with the names that depend on the root of the content."""
    root = text[1 : text.index(" ")]
    config = root if root == "GenericConnectionConfig" else "GenericOperationConfig"
    return [
        *_PLACES,
        _Place(f"//{root}/AuthSettings/@password", _AUTH),
        _Place(f"//{config}{_CUSTOM}", re.compile(_ENCRYPTED)),
    ]
