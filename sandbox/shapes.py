"""The served objects: names, types and what may be asked of them.

Our own compact description, taken from the public reference of the AtomSphere
API. The server filters, sorts and writes XML by it, and a test holds every
answer against it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["string", "integer", "long", "double", "boolean", "date", "day", "list", "object"]

ALL_OPERATORS = frozenset(
    {
        "EQUALS",
        "NOT_EQUALS",
        "LIKE",
        "CONTAINS",
        "NOT_CONTAINS",
        "BETWEEN",
        "GREATER_THAN",
        "GREATER_THAN_OR_EQUAL",
        "LESS_THAN",
        "LESS_THAN_OR_EQUAL",
        "IS_NULL",
        "IS_NOT_NULL",
    }
)
FOUR_OPERATORS = frozenset({"EQUALS", "NOT_EQUALS", "CONTAINS", "NOT_CONTAINS"})


@dataclass(frozen=True, slots=True)
class Field:
    """`values` lists the allowed values, where the set is known.

    `element` is how XML writes it: as an element instead of an attribute.
    """

    name: str
    kind: Kind = "string"
    required: bool = False
    element: bool = False
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """One object. `filters` maps a filter property to its kind.

    `aliases` maps filter properties that are spelled differently from the field
    (or have none) to the name under which the store keeps the value. `get_only`
    fields are left out of query results. `key` is empty where rows have no id.
    """

    name: str
    key: str
    fields: tuple[Field, ...]
    filters: dict[str, Kind]
    privilege: str
    aliases: dict[str, str]
    operators: frozenset[str] = ALL_OPERATORS
    get: bool = True
    bulk: bool = True
    sortable: bool = False
    get_only: frozenset[str] = frozenset()

    def field(self, name: str) -> Field | None:
        return next((field for field in self.fields if field.name == name), None)


def _fields(text: str, *, element: bool = False) -> tuple[Field, ...]:
    """`name:kind!` per word; `!` means required, the kind is string if not given."""
    found = []
    for word in text.split():
        name, _, kind = word.rstrip("!").partition(":")
        wanted = word.endswith("!")
        found.append(Field(name, kind or "string", wanted, element))  # type: ignore[arg-type]
    return tuple(found)


def _filters(text: str) -> dict[str, Kind]:
    return {field.name: field.kind for field in _fields(text)}


fields_of, filters_of = _fields, _filters  # for the shapes of other modules


STATUSES = (
    "STARTED",
    "INPROCESS",
    "ENQUEUED",
    "COMPLETE",
    "COMPLETE_WARN",
    "ERROR",
    "ABORTED",
    "ABORTED_RECOVERING",
    "DISCARDED",
)
EXECUTION_TYPES = (
    "exec_manual",
    "exec_sched",
    "exec_listener",
    "exec_listener_bridge",
    "exec_remote",
    "retry_manual",
    "retry_sched",
    "fiber",
    "sub_process",
    "test_manual",
    "test_sub_process",
    "unknown",
)

EXECUTION_RECORD = Shape(
    "ExecutionRecord",
    "executionId",
    (
        *_fields("executionId! originalExecutionId account! executionTime:date!", element=True),
        Field("status", required=True, element=True, values=STATUSES),
        Field("executionType", required=True, element=True, values=EXECUTION_TYPES),
        *_fields(
            "processName! processId! atomName! atomId! inboundDocumentCount:integer "
            "inboundErrorDocumentCount:integer outboundDocumentCount:integer "
            "executionDuration:long message inboundDocumentSize:long "
            "outboundDocumentSize:long parentExecutionId topLevelExecutionId launcherID "
            "reportKey nodeId recordedDate:date!",
            element=True,
        ),
    ),
    _filters(
        "executionId originalExecutionId account executionTime:date status executionType "
        "processName processId atomName atomId inboundDocumentCount:integer "
        "outboundDocumentCount:integer executionDuration:long message reportKey launcherId "
        "nodeId recordedDate:date"
    ),
    "VIEW_RESULT",
    {},
    get=False,
    bulk=False,
    sortable=True,
)
ACCOUNT = Shape(
    "Account",
    "accountId",
    (
        *_fields(
            "accountId! name! dateCreated:date! expirationDate:date widgetAccount:boolean "
            "supportAccess:boolean overDeployed:boolean suggestionsEnabled:boolean"
        ),
        Field("status", required=True, values=("trial", "active", "suspended", "deleted")),
        Field("supportLevel", values=("standard", "premier")),
        *_fields("licensing:object molecule:object", element=True),
    ),
    _filters(
        "ACCOUNTID DATECREATED:date EXPIRATIONDATE:date NAME STATUS "
        "WIDGETACCOUNT:boolean OVERDEPLOYED:boolean"
    ),
    "API",
    {
        "ACCOUNTID": "accountId",
        "DATECREATED": "dateCreated",
        "EXPIRATIONDATE": "expirationDate",
        "NAME": "name",
        "STATUS": "status",
        "WIDGETACCOUNT": "widgetAccount",
        "OVERDEPLOYED": "overDeployed",
    },
)
ENVIRONMENT = Shape(
    "Environment",
    "id",
    (
        *_fields("id! name! parentAccount parentEnvironment"),
        Field("classification", required=True, values=("PROD", "TEST")),
    ),
    _filters("id name classification"),
    "ATOM_MANAGEMENT_READ_ONLY",
    {},
)
ATOM = Shape(
    "Atom",
    "id",
    (
        *_fields("id! name! statusDetail hostName! dateInstalled:date! currentVersion!"),
        Field("status", required=True, values=("UNKNOWN", "ONLINE", "WARNING", "OFFLINE")),
        Field("type", required=True, values=("ATOM", "MOLECULE", "CLOUD")),
        *_fields(
            "purgeHistoryDays:integer! purgeImmediate:boolean! forceRestartTime:integer! "
            "createdBy cloudId cloudName cloudOwnerName cloudMoleculeId cloudMoleculeName "
            "instanceId isCloudAttachment:boolean"
        ),
        *_fields("capabilities:list! cluster:object", element=True),
    ),
    _filters(
        "name id hostname status type capabilities cloudId attachmentCloudId cloudMoleculeId "
        "instanceId isCloudAttachment:boolean"
    ),
    "ATOM_MANAGEMENT_READ_ONLY",
    {"hostname": "hostName"},
    operators=FOUR_OPERATORS,
    get_only=frozenset({"cluster"}),
)
ATTACHMENT = Shape(
    "EnvironmentAtomAttachment",
    "id",
    _fields("id! atomId! environmentId!"),
    _filters("atomId environmentId"),
    "ATOM_MANAGEMENT_READ_ONLY",
    {},
    get=False,
    bulk=False,
)
COMPONENT_TYPES = (
    "certificate",
    "certificate.pgp",
    "connector-action",
    "connector-settings",
    "crossref",
    "customlibrary",
    "documentcache",
    "edistandard",
    "flowservice",
    "process",
    "processproperty",
    "processroute",
    "profile.db",
    "profile.edi",
    "profile.flatfile",
    "profile.json",
    "profile.xml",
    "queue",
    "script.mapping",
    "script.processing",
    "tpcommoptions",
    "tpgroup",
    "tporganization",
    "tradingpartner",
    "transform.function",
    "transform.map",
    "webservice",
    "webservice.external",
    "xslt",
)
COMPONENT_METADATA = Shape(
    "ComponentMetadata",
    "componentId",
    (
        *_fields("componentId! version:integer! name! subType createdDate:date! createdBy!"),
        Field("type", required=True, values=COMPONENT_TYPES),
        *_fields(
            "modifiedDate:date! modifiedBy! deleted:boolean! currentVersion:boolean! "
            "folderName! folderId! copiedFromComponentId copiedFromComponentVersion:integer "
            "branchName! branchId!"
        ),
    ),
    _filters(
        "accountId componentId version:integer name type subType createdDate:date createdBy "
        "modifiedDate:date modifiedBy deleted:boolean currentVersion:boolean folderName folderId "
        "copiedFromComponentId copiedFromComponentVersion:integer branchName branchId"
    ),
    "BUILD_READ_ACCESS",
    {},
)
PACKAGED_COMPONENT = Shape(
    "PackagedComponent",
    "packageId",
    _fields(
        "packageId! packageVersion! componentId! componentVersion:integer! componentType! "
        "createdDate:date! createdBy! notes shareable:boolean! deleted:boolean! branchName! "
        "fullyPubliclyConsumable:boolean",
        element=True,
    ),
    _filters(
        "componentId componentType componentVersion:integer packageVersion packageId "
        "shareable:boolean createdBy createdDate:date deleted:boolean"
    ),
    "PACKAGE_MANAGEMENT",
    {},
)
DEPLOYED_PACKAGE = Shape(
    "DeployedPackage",
    "deploymentId",
    (
        *_fields(
            "deploymentId! version:integer! packageId! packageVersion! environmentId! "
            "componentId! componentVersion:integer! componentType! deployedDate:date! "
            "deployedBy! notes active:boolean! branchName message",
            element=True,
        ),
        Field("listenerStatus", element=True, values=("RUNNING", "PAUSED")),
    ),
    _filters(
        "uid notes current:boolean packageNotes active:boolean componentId "
        "componentVersion:integer componentName componentType deployedBy deployedDate:date "
        "deploymentId environmentId environmentName packageId packageVersion version:integer "
        "accountId branch"
    ),
    "DEPLOY",
    {"uid": "deploymentId", "current": "active", "branch": "branchName"},
)
COMPONENT_REFERENCE = Shape(
    "ComponentReference",
    "componentId",
    _fields("references:list!", element=True),
    _filters("parentComponentId parentVersion:integer componentId type"),
    "BUILD_READ_ACCESS",
    {},
    get=False,
    bulk=False,
)
FOLDER = Shape(
    "Folder",
    "id",
    (
        *_fields("id! name! fullPath! deleted:boolean! parentId parentName"),
        *_fields("PermittedRoles:object!", element=True),
    ),
    _filters("accountId id name deleted:boolean parentId parentName permittedRoles"),
    "BUILD_READ_ACCESS",
    {},
)
PROCESS = Shape(
    "Process",
    "id",
    (
        *_fields("id! name!"),
        *_fields("Description! IntegrationPack:list!", element=True),
    ),
    _filters("name id integrationPackId integrationPackInstanceId"),
    "BUILD_READ_ACCESS",
    {},
)
CONNECTOR = Shape(
    "Connector", "type", _fields("type! name!"), _filters("type name"), "BUILD_READ_ACCESS", {}
)
# Has no query: `component_api` answers it, this is what its answers look like.
MANIFEST = Shape(
    "PackagedComponentManifest",
    "packageId",
    (*_fields("packageId!"), *_fields("componentInfo:list!", element=True)),
    {},
    "PACKAGE_MANAGEMENT",
    {},
)
SHAPES = {
    shape.name: shape
    for shape in (
        ACCOUNT,
        ENVIRONMENT,
        ATOM,
        ATTACHMENT,
        EXECUTION_RECORD,
        COMPONENT_METADATA,
        COMPONENT_REFERENCE,
        FOLDER,
        PROCESS,
        CONNECTOR,
        PACKAGED_COMPONENT,
        DEPLOYED_PACKAGE,
    )
}
PRIVILEGES = {name: shape.privilege for name, shape in SHAPES.items()}
