"""Component documents, read without Django: parsed, freed of secrets, explained.

`parse_document` is the one entry for XML from outside, `blank_secrets` comes before storing,
`read_facts` makes tables for people, `references_in` finds what a document uses.
"""

from boomi.components.document import (
    MAX_BYTES,
    Document,
    DocumentRefused,
    parse_document,
)
from boomi.components.facts import Cell, Facts, Pairs, Section, Table, Text
from boomi.components.reading import read_facts
from boomi.components.references import Reference, references_in
from boomi.components.secrecy import BLANK, Blanked, blank_secrets
from boomi.components.types import TYPES, ComponentType, component_type

__all__ = [
    "BLANK",
    "MAX_BYTES",
    "TYPES",
    "Blanked",
    "Cell",
    "ComponentType",
    "Document",
    "DocumentRefused",
    "Facts",
    "Pairs",
    "Reference",
    "Section",
    "Table",
    "Text",
    "blank_secrets",
    "component_type",
    "parse_document",
    "read_facts",
    "references_in",
]
