"""Component documents as the platform wraps them: alone, or several in a bulk answer.

Only the envelope is read here; what is inside means nothing to the client. Documents with a
DOCTYPE are refused: the platform sends none, and entities are a way to read files.
"""

from dataclasses import dataclass, field

from lxml import etree

from boomi.client.errors import Broken
from boomi.client.fields import integer

XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'


@dataclass(frozen=True, slots=True)
class ComponentXml:
    """The document of one version of a component, its envelope included.

    `text` is as the platform sent it. It can hold encrypted secrets, so it is in no repr.
    """

    component_id: str
    version: int
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class BulkItem:
    """One answer of a bulk read: a document, or the status and text of the refusal."""

    document: ComponentXml | None
    status: int | None
    said: str


def read_component(body: bytes) -> ComponentXml:
    """A Component answer. Raises Broken when it is none."""
    root = _parsed(body)
    if _name(root) != "Component":
        raise Broken("The platform's answer is no component document.")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = f"{DECLARATION}{etree.tostring(root, encoding='unicode')}"
    return _document(root, text)


def read_bulk(body: bytes) -> list[BulkItem]:
    """A BulkResult of components, in the order of the answer. Raises Broken when it is none."""
    root = _parsed(body)
    if _name(root) != "BulkResult":
        raise Broken("The platform's answer is no bulk result.")
    return [_item(one) for one in root if _name(one) == "response"]


def _item(response: etree._Element) -> BulkItem:
    result = next((child for child in response if _name(child) == "Result"), None)
    if result is None:
        said = response.get("errorMessage", "")
        return BulkItem(None, integer(response.get("statusCode")), said)
    # Alone the same element is called Component, and whoever reads documents expects that.
    result.tag = result.tag.replace("}Result", "}Component")
    result.attrib.pop(XSI_TYPE, None)
    text = f"{DECLARATION}{etree.tostring(result, encoding='unicode', with_tail=False)}"
    return BulkItem(_document(result, text), 200, "")


def _document(root: etree._Element, text: str) -> ComponentXml:
    component_id, version = root.get("componentId", ""), integer(root.get("version"))
    if not component_id or version is None:
        raise Broken(
            "The platform sent a component document without its id and version.",
            code="UNREADABLE_RECORD",
        )
    return ComponentXml(component_id, version, text)


def _parsed(body: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    if root is None:
        # Not chained: the text of the parser quotes the document.
        raise Broken("The platform's answer is not the XML document it should be.")
    if root.getroottree().docinfo.doctype:
        raise Broken("The platform sent an XML document with a DOCTYPE, which is not read.")
    return root


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""
