"""Component content as the platform writes it: one line, attributes in alphabetical order.

Elements are plain text; `tag` makes one, `one_line` rewrites an indented document.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from xml.sax.saxutils import escape

XSI = "http://www.w3.org/2001/XMLSchema-instance"


def quoted(value: str) -> str:
    """An attribute's value with its quotes."""
    text = escape(value, {'"': "&quot;", "\n": "&#10;", "\t": "&#9;", "\r": "&#13;"})
    return f'"{text}"'


def tag(name: str, attributes: dict[str, str] | None = None, *children: str) -> str:
    """One element. `children` are XML already; text goes through `escape` first."""
    inner = "".join(children)
    known = sorted((attributes or {}).items(), key=lambda item: (item[0] != "xmlns", item[0]))
    opening = name + "".join(f" {key}={quoted(value)}" for key, value in known)
    return f"<{opening}>{inner}</{name}>" if inner else f"<{opening}/>"


def content(name: str, attributes: dict[str, str] | None = None, *children: str) -> str:
    """The one element below `bns:object`: it leaves the namespace of the envelope."""
    return tag(name, {"xmlns": "", **(attributes or {})}, *children)


def one_line(element: ET.Element, *, top: bool = True) -> str:
    """An element in no namespace, without the white space that only indents it."""
    attributes = {
        name.replace(f"{{{XSI}}}", "xsi:"): value for name, value in element.attrib.items()
    }
    if top:
        attributes["xmlns"] = ""
    inner = [] if _is_indent(element.text, element) else [escape(element.text or "")]
    for child in element:
        inner.append(one_line(child, top=False))
        if (child.tail or "").strip():
            inner.append(escape(child.tail or ""))
    return tag(element.tag, attributes, *inner)


def _is_indent(text: str | None, element: ET.Element) -> bool:
    return not (text or "").strip() and len(element) > 0


def readable(content_text: str) -> ET.Element:
    """What `content` or `one_line` made, parsed; the envelope's `xsi:` is known."""
    declared = re.sub(r"^<([\w.-]+)", rf'<\1 xmlns:xsi="{XSI}"', content_text, count=1)
    return ET.fromstring(declared)  # noqa: S314 - text of this program, no document type
