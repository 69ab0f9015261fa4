"""The parts that stand inside served objects, by their `@type`.

The same compact description as `sandbox.shapes`, one level down.
"""

from __future__ import annotations

from sandbox.references import DEPENDENT, INDEPENDENT
from sandbox.shapes import Field, fields_of

PARTS: dict[str, tuple[Field, ...]] = {
    "references": (
        *fields_of("parentComponentId! parentVersion:integer! componentId! branchId"),
        Field("type", required=True, values=(DEPENDENT, INDEPENDENT)),
    ),
    "ComponentInfo": fields_of("id! version:integer!"),
    "PermittedRoles": fields_of("RoleReference:list!"),
    "RoleReference": fields_of("id! name!"),
    "Nodes": fields_of("node:list!"),
    "NodeDetails": fields_of("nodeId! hostName! status! clusterProblem!", element=True),
    "Licensing": fields_of("standard:object enterprise:object"),
    "License": fields_of("purchased:integer! used:integer!"),
    "Molecule": fields_of("purchased:integer! used:integer!"),
}
# A component's document: the attributes of its envelope are those of ComponentMetadata
# and this one, its children these in this order (the last for processes only).
ENVELOPE_ATTRIBUTE = "folderFullPath"
ENVELOPE_CHILDREN = ("encryptedValues", "description", "object", "processOverrides")
