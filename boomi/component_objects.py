"""What the platform's API has: objects with the verbs they support, and the types of component.

The verbs are those of the platform's API reference for the objects this portal reads or that
people look for beside them; a count says how much of an object the mirror holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Model

from boomi.components import TYPES, ComponentType, component_type
from boomi.models import (
    Account,
    AccountGroup,
    ComponentReference,
    ComponentVersion,
    Deployment,
    Environment,
    Execution,
    ExecutionConnector,
    ExecutionSummary,
    Folder,
    PackagedComponent,
    PlatformAuditEntry,
    PlatformEvent,
    ProcessSchedule,
    Runtime,
)
from common.access import visible
from common.actors import Actor

VERBS = ("GET", "QUERY", "BULK", "CREATE", "UPDATE", "DELETE", "EXECUTE")
# A whole count of millions takes longer than a page may.
MOST = 100_000
_LETTERS = dict(zip("GQBCUDE", VERBS, strict=True))


@dataclass(frozen=True, slots=True)
class ObjectType:
    """An object of the API; `count` is None where the mirror does not keep it."""

    name: str
    word: str
    verbs: frozenset[str]
    count: int | None = None
    is_more: bool = False


@dataclass(frozen=True, slots=True)
class TypeCount:
    type: ComponentType
    count: int


# name, what it is, verbs by first letter, and the mirror's own table
_OBJECTS: tuple[tuple[str, str, str, type[Model] | None], ...] = (
    ("Account", "Account", "GBQ", Account),
    ("AccountGroup", "Group of accounts", "CGUBQ", AccountGroup),
    ("Atom", "Runtime", "CGUDBQ", Runtime),
    ("AtomLog", "Log of a runtime", "C", None),
    ("AuditLog", "What people did on the platform", "GBQ", PlatformAuditEntry),
    ("Branch", "Branch of development", "CGUDBQ", None),
    ("Component", "Component as XML", "CGUB", None),
    ("ComponentDiffRequest", "Comparison of two versions", "CGB", None),
    ("ComponentMetadata", "Component and its versions", "CGUDBQ", ComponentVersion),
    ("ComponentReference", "What uses what", "GBQ", ComponentReference),
    ("Connector", "Kind of connector", "GBQ", None),
    ("DeployedPackage", "Deployment", "CGDBQ", Deployment),
    ("Environment", "Environment", "CGUDBQ", Environment),
    ("EnvironmentAtomAttachment", "Runtime in an environment", "CQD", None),
    ("EnvironmentExtensions", "Values of an environment", "GUBQ", None),
    ("Event", "Event of the last seven days", "Q", PlatformEvent),
    ("ExecutionArtifacts", "Documents of a run", "C", None),
    ("ExecutionConnector", "Connector of a run", "Q", ExecutionConnector),
    ("ExecutionRecord", "Run of a process", "GQ", Execution),
    ("ExecutionRequest", "Start of a process", "C", None),
    ("ExecutionSummaryRecord", "Summary of low-latency runs", "Q", ExecutionSummary),
    ("Folder", "Folder of components", "CGUDBQ", Folder),
    ("GenericConnectorRecord", "Document of a connector", "GBQ", None),
    ("IntegrationPack", "Integration pack", "GBQ", None),
    ("MergeRequest", "Merge of two branches", "CGUDBEQ", None),
    ("PackagedComponent", "Package", "CGDBQ", PackagedComponent),
    ("PackagedComponentManifest", "What a package holds", "GB", None),
    ("Process", "Process", "GBQ", None),
    ("ProcessLog", "Log of a run", "C", None),
    ("ProcessSchedules", "Schedule of a process", "GUBQ", ProcessSchedule),
    ("ProcessScheduleStatus", "Whether a schedule is on", "GUBQ", None),
    ("RerunDocument", "Documents sent again", "C", None),
    ("Role", "Role of people", "CGUDBQ", None),
    ("RuntimeCloud", "Cloud of runtimes", "CGUDBQ", None),
    ("TradingPartnerComponent", "Trading partner", "CGUDBQ", None),
)


def types(counts: Mapping[str, int]) -> list[TypeCount]:
    """The 29 types in the order of the platform, and those it grew since that are there."""
    known = {entry.name for entry in TYPES}
    more = [component_type(name) for name in sorted(counts) if name not in known]
    return [TypeCount(entry, counts.get(entry.name, 0)) for entry in (*TYPES, *more)]


def objects(actor: Actor) -> list[ObjectType]:
    """Every object with what the actor sees of it: one query for each mirrored table."""
    return [
        _object(name, word, letters, _count(actor, model))
        for name, word, letters, model in _OBJECTS
    ]


def _object(name: str, word: str, letters: str, count: int | None) -> ObjectType:
    verbs = frozenset(_LETTERS[letter] for letter in letters)
    is_more = count is not None and count >= MOST
    return ObjectType(name, word, verbs, count, is_more)


def _count(actor: Actor, model: type[Model] | None) -> int | None:
    if model is None:
        return None
    rows = visible(actor, model._default_manager.order_by())
    return rows.values("pk")[:MOST].count()
