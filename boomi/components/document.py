"""One entry for component XML from outside: hardened, bounded, never resolving anything.

The envelope is `bns:Component` with `encryptedValues`, `description`, `object` and, for
processes, `processOverrides`; everything below `object` is in no namespace (Boomi platform API,
Component object).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

MAX_BYTES = 16 * 1024 * 1024
ENVELOPE = "Component"


class DocumentRefused(ValueError):
    """The text is no component document, or one that may not be read. One sentence for people."""


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """A parsed component document; `root` is the envelope, `text` what it was parsed from."""

    root: etree._Element
    text: str

    @property
    def type(self) -> str:
        return str(self.root.get("type", ""))

    @property
    def description(self) -> str:
        found = child(self.root, "description")
        return (found.text or "").strip() if found is not None else ""

    @property
    def content(self) -> etree._Element | None:
        """The element below `bns:object` that says what the component is."""
        holder = child(self.root, "object")
        return next(children(holder), None) if holder is not None else None

    @property
    def overrides(self) -> etree._Element | None:
        """What a process declares as extensions."""
        return child(self.root, "processOverrides")

    @property
    def encrypted_paths(self) -> tuple[str, ...]:
        """Where the platform says secrets are, in its own small XPath."""
        holder = child(self.root, "encryptedValues")
        if holder is None:
            return ()
        return tuple(str(entry.get("path", "")) for entry in children(holder))


def parse_document(data: bytes | str) -> Document:
    """Parse an envelope. Raises DocumentRefused with the reason.

    UTF-8 whatever the declaration says, at most MAX_BYTES. A document type declaration is
    refused: with entities left unresolved lxml would accept the document and keep them.
    """
    text = _text(data)
    raw = _bytes(text)
    if len(raw) > MAX_BYTES:
        raise DocumentRefused(
            f"The document has {len(raw) / 2**20:,.0f} MB; up to {MAX_BYTES // 2**20} MB are read."
        )
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        strip_cdata=False,
        remove_blank_text=False,
    )
    try:
        root = etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as error:
        raise DocumentRefused(f"The document is not well-formed XML: {error.msg}") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise DocumentRefused("The document has a DOCTYPE, which no component has.")
    if local(root) != ENVELOPE:
        raise DocumentRefused(f"The document is a {local(root)}, not a Component.")
    return Document(root, text)


def _text(data: bytes | str) -> str:
    if isinstance(data, str):
        return data
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DocumentRefused("The document is not UTF-8.") from None


def _bytes(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise DocumentRefused("The document holds characters that XML cannot hold.") from None


def local(element: etree._Element) -> str:
    """The name without its namespace; "" for comments and processing instructions."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def children(element: etree._Element) -> Iterator[etree._Element]:
    """Child elements, without comments."""
    return (entry for entry in element if local(entry))


def child(element: etree._Element, name: str) -> etree._Element | None:
    """The first child of this local name."""
    return next((entry for entry in children(element) if local(entry) == name), None)


def descendants(element: etree._Element | None, *names: str) -> Iterator[etree._Element]:
    """Elements below, in document order; of these local names, if any are given."""
    if element is None:
        return
    for entry in element.iterdescendants():
        name = local(entry)
        if name and (not names or name in names):
            yield entry


def words(element: etree._Element | None) -> str:
    """The text of an element and of what is below it."""
    return "".join(element.itertext()).strip() if element is not None else ""
