"""What a document uses: the places where component ids stand, by element and attribute.

The platform computes ComponentReference from the same places (Boomi platform API, section on
component XML). A scan for anything that looks like an id would also find connector keys, keys of
properties and files, which are no components.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from boomi.components.document import Document, descendants, local

_ID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
CONNECTION, OPERATION, PROFILE = "connector-settings", "connector-action", "profile"
CERTIFICATE = "certificate"

# (element, attribute) → type of what is named there; "profile" stands for any profile.
PLACES: dict[tuple[str, str], str] = {
    ("connectoraction", "connectionId"): CONNECTION,
    ("connectoraction", "operationId"): OPERATION,
    ("connectoraction", "parameter-profile"): PROFILE,
    ("map", "mapId"): "transform.map",
    ("processcall", "processId"): "process",
    ("processroutecall", "processRouteId"): "processroute",
    ("doccacheload", "docCache"): "documentcache",
    ("doccacheretrieve", "docCache"): "documentcache",
    ("doccacheremove", "docCache"): "documentcache",
    ("documentcacheparameter", "docCache"): "documentcache",
    ("profileelement", "profileId"): PROFILE,
    ("businessrules", "profileId"): PROFILE,
    ("JSONOptions", "profileId"): PROFILE,
    ("XMLOptions", "profileId"): PROFILE,
    ("definedprocessparameter", "componentId"): "processproperty",
    ("documentproperty", "propertyId"): "processproperty",
    ("crossrefparameter", "crossRefTableId"): "crossref",
    ("dataprocessscript", "componentId"): "script.processing",
    ("TradingPartner", "partnerId"): "tradingpartner",
    ("ConnectionOverride", "id"): CONNECTION,
    ("OperationOverride", "id"): OPERATION,
    ("OverrideableDefinedProcessPropertyComponent", "componentId"): "processproperty",
    ("objectDefinition", "connectionId"): CONNECTION,
    ("Map", "fromProfile"): PROFILE,
    ("Map", "toProfile"): PROFILE,
    ("FunctionStep", "id"): "transform.function",
    ("Scripting", "componentId"): "script.mapping",
    ("DefinedProcessProperty", "componentId"): "processproperty",
    ("SqlLookup", "connection"): CONNECTION,
    ("CrossRefLookup", "crossRefTableId"): "crossref",
    ("ConnectorCall", "connectionId"): CONNECTION,
    ("ConnectorCall", "operationId"): OPERATION,
    ("ConnectorCall", "parameter-profile"): PROFILE,
    ("ConnectorCall", "output-profile"): PROFILE,
    ("DocumentCacheLookup", "docCache"): "documentcache",
    ("DocumentCacheJoin", "docCache"): "documentcache",
    ("ReadProfile", "profileId"): "profile.db",
    ("WriteProfile", "profileId"): "profile.db",
    ("DocumentCache", "profile"): PROFILE,
    ("processEntry", "processId"): "process",
    ("route", "processId"): "process",
    ("overrides", "inputProfileKey"): PROFILE,
    ("overrides", "outputProfileKey"): PROFILE,
    ("flowActions", "processId"): "process",
    **{
        (element, attribute): PROFILE
        for element in (
            "GenericOperationConfig", "HttpGetAction", "HttpSendAction",
            "WebServicesServerListenAction",
        )
        for attribute in ("requestProfile", "responseProfile")
    },
}  # fmt: skip
# On any element of a connection or a trading partner.
ANYWHERE: dict[str, str] = {
    "organizationId": "tporganization",
    "signAlias": CERTIFICATE,
    "encryptAlias": CERTIFICATE,
    "mdnAlias": CERTIFICATE,
    "clientSSLAlias": CERTIFICATE,
    "sslAlias": CERTIFICATE,
    "clientsslalias": CERTIFICATE,
    "trustedcertalias": CERTIFICATE,
}
_CERTIFICATE_FIELDS = frozenset({"privatecertificate", "publiccertificate"})
# These name a component only when they say so.
_SWITCHES = {"dataprocessscript": ("useComponent", "true"), "Scripting": ("useComponent", "true"),
             "FunctionStep": ("category", "userdefined")}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reference:
    """`kind` is the type of what is used ("profile" for any); `where` is element/@attribute."""

    component_id: str
    kind: str
    where: str


def ids_in(value: str) -> list[str]:
    """Component ids inside a text: bare, after a prefix, or with something glued on."""
    return _ID.findall(value)


def references_in(document: Document) -> list[Reference]:
    """Each use once, in document order. The component itself is never among them."""
    own = str(document.root.get("componentId", ""))
    found: dict[tuple[str, str], Reference] = {}
    for element in _elements(document):
        for attribute, kind in _places(element):
            where = f"{local(element)}/@{attribute}"
            for component_id, actual in _named(element, attribute, kind):
                if component_id != own:
                    reference = Reference(component_id, actual, where)
                    found.setdefault((component_id, where), reference)
    return list(found.values())


def uses_of(element: etree._Element) -> Iterator[str]:
    """Ids of the components that an element and what is below it name."""
    for entry in (element, *descendants(element)):
        for attribute, kind in _places(entry):
            yield from (component_id for component_id, _ in _named(entry, attribute, kind))


def _elements(document: Document) -> Iterator[etree._Element]:
    content = document.content
    if content is not None:
        yield content
    yield from descendants(content)
    yield from descendants(document.overrides)


def _places(element: etree._Element) -> Iterator[tuple[str, str]]:
    name = local(element)
    switch = _SWITCHES.get(name)
    if switch is not None and element.get(switch[0]) != switch[1]:
        return
    for attribute in element.attrib:
        kind = PLACES.get((name, str(attribute))) or ANYWHERE.get(str(attribute))
        if kind:
            yield str(attribute), kind
    if name == "field" and element.get("type") in _CERTIFICATE_FIELDS:
        yield "value", CERTIFICATE


def _named(element: etree._Element, attribute: str, kind: str) -> Iterator[tuple[str, str]]:
    """The ids of one attribute. A chooser text ends with the operation it belongs to."""
    value = element.get(attribute, "")
    ids = ids_in(value)
    if attribute == "parameter-profile" and "|" in value and ids:
        yield from ((one, PROFILE) for one in ids[:-1])
        yield ids[-1], OPERATION
        return
    if attribute == "propertyId":
        ids = ids[:1] if value.startswith("definedprocess.") else []
    yield from ((one, kind) for one in ids)
