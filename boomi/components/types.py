"""The 29 types of component and what people call them (ComponentMetadata.type)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ComponentType:
    """`name` is the platform's, `word` that of its pages; `icon` a name of the sprite."""

    name: str
    word: str
    plural: str
    icon: str


TYPES: tuple[ComponentType, ...] = (
    ComponentType("process", "Process", "Processes", "workflow"),
    ComponentType("connector-settings", "Connection", "Connections", "plug"),
    ComponentType("connector-action", "Operation", "Operations", "zap"),
    ComponentType("transform.map", "Map", "Maps", "git-compare"),
    ComponentType("transform.function", "Map function", "Map functions", "wrench"),
    ComponentType("profile.json", "JSON profile", "JSON profiles", "file-text"),
    ComponentType("profile.xml", "XML profile", "XML profiles", "file-text"),
    ComponentType("profile.db", "Database profile", "Database profiles", "database"),
    ComponentType("profile.flatfile", "Flat file profile", "Flat file profiles", "file-text"),
    ComponentType("profile.edi", "EDI profile", "EDI profiles", "file-text"),
    ComponentType("crossref", "Cross reference", "Cross references", "table"),
    ComponentType("processproperty", "Process property", "Process properties", "list-checks"),
    ComponentType("script.processing", "Process script", "Process scripts", "terminal"),
    ComponentType("script.mapping", "Map script", "Map scripts", "terminal"),
    ComponentType("documentcache", "Document cache", "Document caches", "layers"),
    ComponentType("processroute", "Process route", "Process routes", "git-branch"),
    ComponentType("webservice", "API service", "API services", "cloud"),
    ComponentType("webservice.external", "API proxy", "API proxies", "cloud"),
    ComponentType("flowservice", "Flow service", "Flow services", "cloud"),
    ComponentType("certificate", "Certificate", "Certificates", "shield"),
    ComponentType("certificate.pgp", "PGP certificate", "PGP certificates", "shield"),
    ComponentType("customlibrary", "Custom library", "Custom libraries", "boxes"),
    ComponentType("tradingpartner", "Trading partner", "Trading partners", "users"),
    ComponentType("tpgroup", "Processing group", "Processing groups", "users"),
    ComponentType("tporganization", "Organization", "Organizations", "users"),
    ComponentType("tpcommoptions", "Communication channel", "Communication channels", "plug"),
    ComponentType("edistandard", "EDI standard", "EDI standards", "file-text"),
    ComponentType("queue", "Queue", "Queues", "inbox"),
    ComponentType("xslt", "XSLT stylesheet", "XSLT stylesheets", "terminal"),
)
_BY_NAME = {entry.name: entry for entry in TYPES}


def component_type(name: str) -> ComponentType:
    """The type of this name; one the platform grew since is shown as it is."""
    known = _BY_NAME.get(name)
    return known or ComponentType(
        name, name or "Unknown", name or "Unknown", "circle-question-mark"
    )
