"""Secrets of component documents, blanked before anything is stored.

The platform shows most secrets as a stand-in of 128 hex characters; process properties of type
password, header values, scripts and messages it shows in clear text (Boomi platform API,
section on secrets). What is blanked reads BLANK afterwards, so that "set" can be told from
"not set"; an empty value stays empty. A doubtful value is blanked.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from boomi.components.document import Document, child, children, descendants, local, parse_document
from boomi.components.splice import Change, Edits, splice

BLANK = "[secret]"
_SECRET_NAME = re.compile(
    r"pass[_ -]?(word|wd|phrase|code)|pwd$|secret|token$|credential$|signature$|^sig$|x-sig|jwt$"
    r"|assertion$|(access|refresh|bearer|session|auth|security|sas|id|csrf)[_ -]?token"
    r"|(private|api|shared|account|signing|encryption|subscription)[_ -]*key",
    re.I,
)
_HEADER_NAME = re.compile(
    r"^(proxy-)?authorization$|^(set-)?cookie$|^x-.*(auth|key|token|secret|sig)", re.I
)
# Names that only say where or how: the address of a token, the alias of a key.
_HARMLESS_NAME = re.compile(
    r"(ur[il]|id|alias|path|type|name|file|location|policy|enabled|expiry|lifetime|format|method"
    r"|algorithm|length|endpoint|context|credentials|_shopper)$",
    re.I,
)
_HARMLESS_VALUES = frozenset({"", "true", "false", "none", "null", BLANK.lower()})
_NAMED = frozenset({"field", "property", "properties", "header", "parameter", "queryParameter"})
_FREE_TEXTS = frozenset({"script", "ScriptToExecute", "msgTxt", "notifyMessage", "exMessage"})
_WHOLE_TEXTS = frozenset({"CertificateData", "PrivateKey", "privateKeyData"})

_STAND_IN = re.compile(rb"(?<![0-9A-Za-z])[0-9a-fA-F]{128}(?![0-9A-Za-z])")
_SCHEME = re.compile(rb"\b(Bearer|Basic)(\s+)(?=[^\s\"'<&]*[0-9=])[A-Za-z0-9._~+/=-]{8,}", re.I)
_USER_INFO = re.compile(rb"(://[^\s/:@\"'<>]+:)([^\s/@\"'<>]+)(@)")
_IN_ADDRESS = re.compile(
    rb"((?:^|[;?]|&amp;|&)\s*[\w.-]*(?:password|passwd|pwd|secret|access_token|api_?key|sig"
    rb"|sharedaccesskey|accountkey)\s*=)([^;&\"'<>\s]+)",
    re.I,
)
_QUOTE = rb"(?:\"|'|&quot;|&apos;|&#34;|&#39;)"
_LITERAL = re.compile(
    rb"(\b\w*(?:password|passwd|passphrase|secret|api_?key|token)\w*" + _QUOTE + rb"?\s*"
    rb"(?:=(?!=)|:|,)\s*" + _QUOTE + rb")([^\s\"'<>&{}()\[\]]{4,})(?=" + _QUOTE + rb")",
    re.I,
)
_PATH_STEP = re.compile(r"([\w.-]+)((?:\[@[\w.-]+='[^']*'\])*)$")
_PREDICATE = re.compile(r"\[@([\w.-]+)='([^']*)'\]")
_MARK = BLANK.encode()


@dataclass(frozen=True, slots=True)
class Blanked:
    """A document text without its secrets; `count` is how many values were blanked."""

    text: str
    count: int


def is_secret_name(name: str) -> bool:
    """Whether a value under this name is taken for a secret."""
    return bool(
        (_SECRET_NAME.search(name) and not _HARMLESS_NAME.search(name)) or _HEADER_NAME.match(name)
    )


def is_set(value: str) -> bool:
    """Whether a secret has a value, blanked or not."""
    return bool(value.strip())


def blank_secrets(text: str) -> Blanked:
    """Blank every secret of a component document; all other bytes stay as they are.

    Blanking twice changes nothing. Raises DocumentRefused like `parse_document`.
    """
    document = parse_document(text)
    blanker = _Blanker(document)
    blanker.mark_all()
    spliced = splice(text, blanker.edits).encode()
    spliced, stand_ins = _STAND_IN.subn(_MARK, spliced)
    spliced, schemes = _SCHEME.subn(rb"\1\2" + _MARK, spliced)
    return Blanked(spliced.decode(), blanker.count + stand_ins + schemes)


class _Blanker:
    """Decides what of a document is secret and notes it as edits."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.elements = [entry for entry in document.root.iter() if local(entry)]
        self._index = {entry: number for number, entry in enumerate(self.elements)}
        self.edits: dict[int, Edits] = defaultdict(Edits)
        self.count = 0

    def mark_all(self) -> None:
        for path in self.document.encrypted_paths:
            self._mark_path(path)
        for element in (
            *descendants(self.document.content), *descendants(self.document.overrides)
        ):  # fmt: skip
            self._mark_element(element)
        if self.document.content is not None:
            self._mark_element(self.document.content)

    # --- What counts as secret ------------------------------------------------------------

    def _mark_element(self, element: etree._Element) -> None:
        name = local(element)
        self._mark_attributes(element)
        self._mark_named_value(element)
        if name in _WHOLE_TEXTS or (is_secret_name(name) and not len(element)):
            self._blank_content(element)
        elif name in _FREE_TEXTS:
            self._clean_content(element)
        elif name == "documentproperty":
            self._mark_document_property(element)
        elif name == "parametervalue" and element.get("usesEncryption") == "true":
            self._mark_static(element)
        elif name == "definedProcessProperty":
            self._mark_process_property(element)

    def _mark_attributes(self, element: etree._Element) -> None:
        for key, value in element.attrib.items():
            name = str(key).rpartition("}")[2]
            if is_secret_name(name):
                self._blank(element, name)
            elif b"://" in (raw := value.encode()) or _IN_ADDRESS.search(raw):
                self._clean_address(element, name)

    def _mark_named_value(self, element: etree._Element) -> None:
        """A value whose own name, type or flag says that it is secret."""
        given = [element.get(key, "") for key in ("id", "key", "headerName")]
        if local(element) in _NAMED:
            given.append(element.get("name", ""))
        target = element.get("toNamePath", "").rpartition("/")[2]
        secret = (
            element.get("type") == "password"
            or element.get("encrypted") == "true"
            or any(is_secret_name(name) for name in (*given, target))
        )
        if secret and element.get("isVariable") != "true":
            for name in ("value", "headerValue", "defaultValue"):
                self._blank(element, name)

    def _mark_document_property(self, element: etree._Element) -> None:
        name = re.split(r"[./_](?=[^./]*$)", element.get("propertyId", ""))[-1]
        whole = element.get("propertyId", "").rpartition(".")[2]
        if element.get("shouldEncrypt") == "true" or is_secret_name(name) or is_secret_name(whole):
            self._blank(element, "defaultValue")
            self._mark_static(element)

    def _mark_static(self, element: etree._Element) -> None:
        for static in descendants(element, "staticparameter"):
            self._blank(static, "staticproperty")

    def _mark_process_property(self, element: etree._Element) -> None:
        kind, label = child(element, "type"), child(element, "label")
        is_password = kind is not None and (kind.text or "").strip().lower() == "password"
        if not is_password and not is_secret_name((label.text or "") if label is not None else ""):
            return
        default = child(element, "defaultValue")
        if default is not None:
            self._blank_content(default)
        for choice in descendants(element, "allowedValueSet"):
            self._blank(choice, "value")

    # --- Where the platform says they are -------------------------------------------------

    def _mark_path(self, path: str) -> None:
        """The small XPath of encryptedValues: steps with predicates, at last @name or text()."""
        steps = [step for step in path.split("/") if step]
        if not steps:
            return
        target = steps.pop() if steps[-1].startswith("@") or steps[-1] == "text()" else ""
        for element in self._matching(steps):
            if target.startswith("@"):
                self._blank(element, target[1:])
            elif target or not element.get("value"):
                self._blank_content(element)
            else:
                self._blank(element, "value")

    def _matching(self, steps: list[str]) -> Iterator[etree._Element]:
        patterns = [_PATH_STEP.match(step) for step in steps]
        if None in patterns:  # a path nobody has seen yet: rather too much than too little
            yield from self.elements
            return
        for element in self.elements:
            here: etree._Element | None = element
            for pattern in reversed(patterns):
                if here is None or pattern is None or not _fits(here, pattern):
                    break
                here = here.getparent()
            else:
                yield element

    # --- Notes ----------------------------------------------------------------------------

    def _blank(self, element: etree._Element, attribute: str) -> None:
        edit = self.edits[self._index[element]]
        if element.get(attribute, "").strip().lower() in _HARMLESS_VALUES:
            return
        if edit.attributes.get(attribute) is not _blanked:
            self.count += 1
        edit.attributes[attribute] = _blanked

    def _blank_content(self, element: etree._Element) -> None:
        if len(list(children(element))) or (element.text or "").strip().lower() in _HARMLESS_VALUES:
            return
        edit = self.edits[self._index[element]]
        self.count += edit.content is not _blanked
        edit.content = _blanked

    def _clean_address(self, element: etree._Element, attribute: str) -> None:
        edit = self.edits[self._index[element]]
        if attribute not in edit.attributes:
            edit.attributes[attribute] = self._counted(_clean_address)

    def _clean_content(self, element: etree._Element) -> None:
        self.edits[self._index[element]].content = self._counted(_clean_text)

    def _counted(self, change: Change) -> Change:
        def counted(raw: bytes) -> bytes:
            after = change(raw)
            self.count += after != raw
            return after

        return counted


def _fits(element: etree._Element, pattern: re.Match[str]) -> bool:
    return local(element) == pattern[1] and all(
        element.get(name) == value for name, value in _PREDICATE.findall(pattern[2])
    )


def _blanked(raw: bytes) -> bytes:
    return _MARK


def _clean_address(raw: bytes) -> bytes:
    raw = _USER_INFO.sub(rb"\1" + _MARK + rb"\3", raw)
    return _IN_ADDRESS.sub(rb"\1" + _MARK, raw)


def _clean_text(raw: bytes) -> bytes:
    """Literals in scripts and messages: what is assigned to a name that says secret."""
    return _LITERAL.sub(rb"\1" + _MARK, _USER_INFO.sub(rb"\1" + _MARK + rb"\3", raw))
