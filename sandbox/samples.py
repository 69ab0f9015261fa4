"""The hand-written documents of the Orders account, as component content.

They lie indented in `data/components`; the newest version of each component is
exactly what its file says.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from functools import cache
from pathlib import Path

from sandbox.process_form import Content
from sandbox.xml_text import one_line

_FOLDER = Path(__file__).parent / "data" / "components"
_NAMESPACE = "{http://api.platform.boomi.com/}"


@cache
def _documents() -> dict[str, ET.Element]:
    """Every file by the component it is about."""
    found = {}
    for path in sorted(_FOLDER.glob("*.xml")):
        root = ET.parse(path).getroot()  # noqa: S314 - a file of this package
        found[root.attrib["componentId"]] = root
    return found


def sample_content(component_id: str) -> Content:
    """The content of a sample. Raises KeyError for an id without a file."""
    root = _documents()[component_id]
    parts = {name: _inner(root, name) for name in ("object", "processOverrides")}
    overrides = parts["processOverrides"] if root.get("type") == "process" else None
    return Content(parts["object"], overrides, root.findtext(f"{_NAMESPACE}description") or "")


def _inner(root: ET.Element, name: str) -> str:
    holder = root.find(f"{_NAMESPACE}{name}")
    return "" if holder is None else "".join(one_line(child) for child in holder)


def folder_of(component_id: str) -> str:
    """The path of a sample's folder below the account's own."""
    return _documents()[component_id].attrib["folderFullPath"].partition("/")[2]
