"""Which components a component uses, read from its document.

The platform keeps no list in the document: the places are those of the public
reference ("where references live"). What is not named here is no reference,
also when it looks like an id (property keys, file ids, connector keys).
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.xml_text import readable

DEPENDENT, INDEPENDENT = "DEPENDENT", "INDEPENDENT"
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

# Local element name -> attributes that hold the id of another component. The root of a
# document stands here like any other element.
_PLACES: dict[str, tuple[str, ...]] = {
    "connectoraction": ("connectionId", "operationId", "parameter-profile"),
    "map": ("mapId",),
    "processcall": ("processId",),
    "doccacheload": ("docCache",),
    "doccacheretrieve": ("docCache",),
    "doccacheremove": ("docCache",),
    "documentcacheparameter": ("docCache",),
    "profileelement": ("profileId",),
    "businessrules": ("profileId",),
    "JSONOptions": ("profileId",),
    "XMLOptions": ("profileId",),
    "definedprocessparameter": ("componentId",),
    "crossrefparameter": ("crossRefTableId",),
    "ConnectionOverride": ("id",),
    "OperationOverride": ("id",),
    "OverrideableDefinedProcessPropertyComponent": ("componentId",),
    "objectDefinition": ("connectionId",),
    "Map": ("fromProfile", "toProfile"),
    "DefinedProcessProperty": ("componentId",),
    "SqlLookup": ("connection",),
    "CrossRefLookup": ("crossRefTableId",),
    "ConnectorCall": ("connectionId", "operationId", "parameter-profile", "output-profile"),
    "DocumentCacheLookup": ("docCache",),
    "DocumentCacheJoin": ("docCache",),
    "GenericOperationConfig": ("requestProfile", "responseProfile"),
    "HttpGetAction": ("requestProfile", "responseProfile"),
    "HttpSendAction": ("requestProfile", "responseProfile"),
    "WebServicesServerListenAction": ("requestProfile", "responseProfile"),
    "ReadProfile": ("profileId",),
    "WriteProfile": ("profileId",),
    "DocumentCache": ("profile",),
    "TradingPartner": ("partnerId", "organizationId"),
}
# Whoever uses these needs them packaged and deployed on their own.
_SEPARATE: dict[str, tuple[str, ...]] = {
    "processroutecall": ("processRouteId",),
    "processEntry": ("processId",),
    "route": ("processId",),
    "flowActions": ("processId",),
}
_SCRIPTS = ("dataprocessscript", "Scripting")
_CERTIFICATES = ("signAlias", "encryptAlias", "mdnAlias", "clientSSLAlias", "sslAlias")


@dataclass(frozen=True, slots=True)
class Reference:
    """`type` is DEPENDENT or INDEPENDENT (packaged separately)."""

    component_id: str
    type: str


def references_in(own_id: str, *contents: str) -> tuple[Reference, ...]:
    """Every component the contents of `own_id` name, once each, in order of appearance.

    A component that is used both ways is DEPENDENT: it travels with its parent.
    """
    found: dict[str, str] = {}
    for text in contents:
        for element in readable(text).iter():
            for component_id, type_ in _of_element(element):
                if component_id != own_id and found.get(component_id) != DEPENDENT:
                    found[component_id] = type_
    return tuple(Reference(id_, type_) for id_, type_ in found.items())


def _of_element(element: ET.Element) -> Iterator[tuple[str, str]]:
    name = element.tag
    for attribute in _PLACES.get(name, ()):
        for id_ in _ID.findall(element.get(attribute, "")):
            yield id_, DEPENDENT
    for attribute in _SEPARATE.get(name, ()):
        for id_ in _ID.findall(element.get(attribute, "")):
            yield id_, INDEPENDENT
    if name in _SCRIPTS and element.get("useComponent") == "true":
        yield from ((id_, DEPENDENT) for id_ in _ID.findall(element.get("componentId", "")))
    if name == "FunctionStep" and element.get("category") == "userdefined":
        yield from ((id_, DEPENDENT) for id_ in _ID.findall(element.get("id", "")))
    if name == "documentproperty" and element.get("propertyId", "").startswith("definedprocess."):
        yield from ((id_, DEPENDENT) for id_ in _ID.findall(element.get("propertyId", ""))[:1])
    if name == "field" and element.get("type") in ("privatecertificate", "publiccertificate"):
        yield from ((id_, DEPENDENT) for id_ in _ID.findall(element.get("value", "")))
    for attribute in _CERTIFICATES:
        yield from ((id_, DEPENDENT) for id_ in _ID.findall(element.get(attribute, "")))
