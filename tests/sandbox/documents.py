"""Component documents as the tests read them."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass, field

from tests.sandbox.caller import Caller

BNS = "{http://api.platform.boomi.com/}"


def parsed(caller: Caller, id_: str) -> ET.Element:
    """The document of a component (or version); it must be there."""
    response = caller.get(f"Component/{id_}")
    assert response.status_code == 200, response.text
    return ET.fromstring(response.content)


def inner(document: ET.Element) -> ET.Element:
    """The one element under `bns:object`."""
    children = list(document.find(f"{BNS}object"))
    assert len(children) == 1
    return children[0]


@dataclass
class OnCanvas:
    """Step names and connector texts that a log of these processes may hold."""

    steps: set[str] = field(default_factory=set)
    connectors: set[str] = field(default_factory=set)
    maps: set[str] = field(default_factory=set)


# Shapes as logs call them where nobody named the step.
_UNNAMED = {
    "start": "Start",
    "connectoraction": "Connector",
    "map": "Map",
    "branch": "Branch",
    "notify": "Notify",
    "doccacheload": "Document Cache Load",
    "doccacheretrieve": "Document Cache Retrieve",
    "doccacheremove": "Document Cache Remove",
    "flowcontrol": "Flow Control",
    "processcall": "Process Call",
    "processroute": "Process Route",
    "returndocuments": "Return Documents",
    "stop": "Stop",
    "documentproperties": "Document Properties",
}


def on_canvas(caller: Caller, process_id: str, seen: set[str] | None = None) -> OnCanvas:
    """What stands in a process and in the processes it calls."""
    seen = set() if seen is None else seen
    seen.add(process_id)
    found = OnCanvas()
    for shape in inner(parsed(caller, process_id)).iter("shape"):
        found.steps.add(shape.get("userlabel") or _UNNAMED[shape.get("shapetype")])
        for action in shape.iter("connectoraction"):
            found.connectors.add(_connector_text(caller, action))
        for used in shape.iter("map"):
            found.maps.add(parsed(caller, used.get("mapId")).get("name"))
        for call in shape.iter("processcall"):
            if call.get("processId") not in seen:
                below = on_canvas(caller, call.get("processId"), seen)
                found.steps |= below.steps
                found.connectors |= below.connectors
                found.maps |= below.maps
    return found


def _connector_text(caller: Caller, action: ET.Element) -> str:
    operation = parsed(caller, action.get("operationId")).get("name")
    type_ = action.get("connectorType")
    connection = action.get("connectionId")
    name = parsed(caller, connection).get("name") if connection else "Web Services Server"
    return f"{name}: {type_} Connector; {operation}"
