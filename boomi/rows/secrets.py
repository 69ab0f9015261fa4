"""Blanks what may be a secret in the values of the platform's audit log, before they are stored.

Such values are texts, JSON or XML such as environment extensions. Known shapes of secrets go in
all of them; in XML and JSON also every value whose name, or whose neighbour's name, says that
it is one, and whatever the platform marks as encrypted. What cannot be parsed goes as a whole
once it speaks of a secret.
"""

from __future__ import annotations

import json
import re

from lxml import etree

from boomi.client.redaction import redact

BLANK = "[removed]"
_SECRET = re.compile(
    r"pass(word|wd|phrase|code)|secret|token|api[-_ ]?key|access[-_ ]?key|private[-_ ]?key"
    r"|credential|authorization|connection[-_ ]?string|signature|^pwd$",
    re.IGNORECASE,
)
# Names that only speak about a secret.
_HARMLESS = re.compile(r"(set|enabled|override|default|type|encryption|expir\w*)$", re.IGNORECASE)
_NAMING = ("id", "name", "key", "label", "fieldId", "xpath")
_VALUES = ("value", "previousValue", "defaultValue", "text", "newValue", "oldValue")
_MARKS = ("usesEncryption", "encryptedValueSet", "encrypted", "isSecret", "shouldEncrypt")
_PAIR = re.compile(
    r"(?i)\b((?:[\w.-]*(?:password|passwd|passphrase|secret|token|api[-_]?key))\s*[=:]\s*)"
    r"(\"[^\"]*\"|'[^']*'|[^\s,;&<>\"']+)"
)
LONGEST = 200_000


def names_secret(name: str) -> bool:
    """Whether something of this name holds a secret: "dbPassword" does, "passwordSet" does not."""
    return bool(_SECRET.search(name)) and not _HARMLESS.search(name)


def blanked(name: str, value: str) -> str:
    """`value` of the property `name`, fit to be stored and shown."""
    if not value:
        return value
    if names_secret(name):
        return BLANK
    if len(value) > LONGEST:
        return f"{BLANK} ({len(value):,} characters)"
    start = value.lstrip()[:1]
    if start == "<":
        return _blanked_xml(value)
    if start in ("{", "["):
        return _blanked_json(value)
    return blanked_text(value)


def blanked_text(text: str) -> str:
    """A sentence without what is shaped like a secret."""
    return _PAIR.sub(rf"\1{BLANK}", redact(text))


def _blanked_json(text: str) -> str:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return _whole(text)
    return blanked_text(json.dumps(_without_secrets(found), ensure_ascii=False))


def _without_secrets(found: object) -> object:
    if isinstance(found, list):
        return [_without_secrets(item) for item in found]
    if not isinstance(found, dict):
        return found
    named = _names_one({key: value for key, value in found.items() if isinstance(value, str)})
    marked = any(found.get(mark) in (True, "true") for mark in _MARKS)
    return {
        key: BLANK
        if value not in (None, "", True, False)
        and (names_secret(key) or ((named or marked) and key in _VALUES))
        else _without_secrets(value)
        for key, value in found.items()
    }


def _names_one(attributes: dict[str, str]) -> bool:
    """Whether the value beside these names is a secret: `<field id="password" value="…"/>`."""
    if attributes.get("type", "").lower() == "password":
        return True
    return any(names_secret(attributes.get(name, "")) for name in _NAMING)


def _blanked_xml(text: str) -> str:
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        return _whole(text, certain=True)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
    try:
        root = etree.fromstring(text.encode(), parser)
    except (etree.XMLSyntaxError, ValueError):
        return _whole(text)
    for element in root.iter(etree.Element):
        _blank_element(element)
    return blanked_text(etree.tostring(root, encoding="unicode"))


def _blank_element(element: etree._Element) -> None:
    attributes = {etree.QName(str(name)).localname: str(v) for name, v in element.attrib.items()}
    named = _names_one(attributes)
    marked = any(attributes.get(mark) == "true" for mark in _MARKS)
    for name, value in list(element.attrib.items()):
        local = etree.QName(str(name)).localname
        if value and (names_secret(local) or ((named or marked) and local in _VALUES)):
            element.attrib[name] = BLANK
    if named or marked or names_secret(etree.QName(element).localname):
        for part in element.iter(etree.Element):
            if part.text and part.text.strip():
                part.text = BLANK
            for name in list(part.attrib):
                if etree.QName(str(name)).localname in _VALUES and part.attrib[name]:
                    part.attrib[name] = BLANK


def _whole(text: str, *, certain: bool = False) -> str:
    """A text that cannot be parsed goes as a whole when it speaks of a secret."""
    return BLANK if certain or _SECRET.search(text) else blanked_text(text)
