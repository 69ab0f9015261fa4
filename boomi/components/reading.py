"""Which reader explains which type, and what happens where a document has another shape.

A reader is lenient: what it does not find it leaves out. A document that none of its sections
fits is shown as the plain tree, so that a page is never empty because the platform changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from boomi.components import connectors, endpoints, maps, process, profiles, tables
from boomi.components.document import Document
from boomi.components.facts import Facts, Section, filled

Reader = Callable[[Document], Iterator[Section]]

READERS: Mapping[str, Reader] = {
    "process": process.read,
    "connector-settings": connectors.read_connection,
    "connector-action": connectors.read_operation,
    "transform.map": maps.read_map,
    "transform.function": maps.read_function,
    "profile.json": profiles.read,
    "profile.xml": profiles.read,
    "profile.db": profiles.read,
    "profile.flatfile": profiles.read,
    "profile.edi": profiles.read,
    "crossref": tables.read_crossref,
    "processproperty": tables.read_process_property,
    "script.processing": tables.read_script,
    "script.mapping": tables.read_script,
    "documentcache": tables.read_cache,
    "processroute": tables.read_route,
    "webservice": endpoints.read_webservice,
    "flowservice": endpoints.read_flow_service,
    "certificate": tables.read_certificate,
    "customlibrary": tables.read_library,
    "tradingpartner": endpoints.read_partner,
    "xslt": tables.read_stylesheet,
}


def read_facts(document: Document) -> Facts:
    """What the document says, in sections for people; never raises because of its shape."""
    reader = READERS.get(document.type, endpoints.read_outline)
    sections = filled(reader(document))
    return Facts(document.type, sections or filled(endpoints.read_outline(document)))
