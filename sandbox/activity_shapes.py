"""Shapes of what happens on the platform: schedules, events, audit, counts, connectors, people.

Read from the public reference of the AtomSphere API, as `sandbox.shapes` is.
"""

from __future__ import annotations

from sandbox.shapes import Field, Shape, fields_of, filters_of

EVENT_LEVELS = ("INFO", "WARNING", "ERROR")
EVENT_TYPES = ("atom.status", "process.execution", "process.missedSchedule", "user.notification")
AUDIT_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
AUDIT_SOURCES = ("API", "INTERNAL", "MOBILE", "UI", "UNKNOWN")
RECORD_TYPES = ("tradingpartner", "connector", "nodata", "return")
RESOURCE_TYPES = (
    "Cloud",
    "Connector",
    "Data Hub Model",
    "Integration Pack",
    "Published Process",
    "Role",
)
_EQUALS = frozenset({"EQUALS"})

PROCESS_SCHEDULES = Shape(
    "ProcessSchedules",
    "id",
    (
        *fields_of("id! processId! atomId!"),
        *fields_of("Schedule:list! Retry:object!", element=True),
    ),
    filters_of("processId atomId"),
    "SCHEDULE_MAINTENANCE",
    {},
)
PROCESS_SCHEDULE_STATUS = Shape(
    "ProcessScheduleStatus",
    "id",
    fields_of("id! processId! atomId! enabled:boolean!"),
    filters_of("processId atomId"),
    "SCHEDULE_MAINTENANCE",
    {},
)
SUMMARY = Shape(
    "ExecutionSummaryRecord",
    "",
    (
        *fields_of("accountID! processID! processName! atomID! atomName! reportKey launcherID"),
        Field("status", required=True, values=("COMPLETE", "COMPLETE_WARN", "ERROR")),
        *fields_of(
            "timeBlock:date! executionCount:integer! elapsedTime:integer! maxElapsedTime:integer! "
            "launchElapsedTime:integer! elapsedVarSum:double! inboundDocCount:integer! "
            "inboundDocSize:integer! outboundDocCount:integer! outboundDocSize:integer! "
            "returnDocCount:integer! returnDocSize:integer!"
        ),
    ),
    filters_of("processId timeBlock:date atomId status reportKey launcherId"),
    "VIEW_RESULT",
    {"processId": "processID", "atomId": "atomID", "launcherId": "launcherID"},
    get=False,
    bulk=False,
)
_COUNTED = {"processDate": "date"}


def _count_shape(name: str, owner: str, values: str) -> Shape:
    """One row per day, runtime and account (or account group)."""
    group = owner == "accountGroupId"
    return Shape(
        name,
        "",
        fields_of(f"{owner}! atomId! date:day! {values}"),
        filters_of(
            "accountGroupId processDate:day" if group else "environmentId atomId processDate:day"
        ),
        "DASHBOARD",
        _COUNTED,
        get=False,
        bulk=False,
    )


_SUCCESSES = "successes:integer! failures:integer!"
COUNTS = (
    _count_shape("ExecutionCountAccount", "accountId", _SUCCESSES),
    _count_shape("ExecutionCountAccountGroup", "accountGroupId", _SUCCESSES),
    _count_shape("DocumentCountAccount", "accountId", "value:integer!"),
    _count_shape("DocumentCountAccountGroup", "accountGroupId", "value:integer!"),
    _count_shape("ThroughputAccount", "accountId", "value:integer!"),
    _count_shape("ThroughputAccountGroup", "accountGroupId", "value:integer!"),
)
EXECUTION_CONNECTOR = Shape(
    "ExecutionConnector",
    "id",
    (
        *fields_of(
            "id! executionId! executionConnector! connectorType! actionType! errorCount:integer! "
            "successCount:integer! size:integer! isStartShape:boolean!"
        ),
        Field("recordType", required=True, values=RECORD_TYPES),
    ),
    filters_of(
        "executionId connectorType actionType errorCount:integer successCount:integer "
        "size:integer isStartShape:boolean recordType"
    ),
    "VIEW_RESULT",
    {},
    get=False,
    bulk=False,
)
CONNECTOR_RECORD = Shape(
    "GenericConnectorRecord",
    "id",
    (
        *fields_of(
            "id! executionConnectorId! executionId! account atomId! dateProcessed:date! "
            "actionType! connectorType! connectionName! operationName! connectionId! "
            "operationId! documentIndex:integer! incrementalDocumentIndex:integer! "
            "startShape:boolean! retryable:boolean! size:integer!"
        ),
        Field("status", required=True, values=("SUCCESS", "ERROR")),
        *fields_of("errorMessage! trackedFields:object! connectorFields:object!", element=True),
    ),
    filters_of(
        "id executionConnectorId executionId connectionId operationId actionType connectorType "
        "atomId dateProcessed:date connectionName operationName errorMessage status "
        "documentIndex:integer incrementalDocumentIndex:integer size:integer startShape:boolean "
        "retryable:boolean"
    ),
    "VIEW_RESULT",
    {},
    operators=_EQUALS,
)
EVENT = Shape(
    "Event",
    "eventId",
    (
        *fields_of("eventId! accountId! atomId! atomName!", element=True),
        Field("eventLevel", required=True, element=True, values=EVENT_LEVELS),
        Field("eventType", required=True, element=True, values=EVENT_TYPES),
        *fields_of(
            "eventDate:date! status executionId title updateDate:date startTime:date "
            "endTime:date errorDocumentCount:integer inboundDocumentCount:integer "
            "outboundDocumentCount:integer processName recordDate:date! error environment "
            "erroredStepLabel erroredStepType processId topLevelProcessId",
            element=True,
        ),
        Field("classification", element=True, values=("PROD", "TEST")),
        Field("errorType", element=True, values=("DOCUMENT", "PROCESS")),
    ),
    filters_of(
        "eventId accountId atomId atomName eventLevel eventDate:date status eventType executionId "
        "title updateDate:date startTime:date endTime:date errorDocumentCount:integer "
        "inboundDocumentCount:integer outboundDocumentCount:integer processName recordDate:date "
        "error environment classification"
    ),
    "VIEW_RESULT",
    {},
    get=False,
    bulk=False,
)
AUDIT_LOG = Shape(
    "AuditLog",
    "documentId",
    (
        *fields_of(
            "documentId! accountId! containerId! userId! message! date:date! type! action! "
            "modifier!"
        ),
        Field("level", required=True, values=AUDIT_LEVELS),
        Field("source", required=True, values=AUDIT_SOURCES),
        Field("AuditLogProperty", "list", element=True),
    ),
    filters_of("containerId userId date:date type action modifier level source"),
    "VIEW_AUDIT_LOGS",
    {},
)
ACCOUNT_GROUP = Shape(
    "AccountGroup",
    "id",
    (
        *fields_of("id! accountId! name! defaultGroup:boolean!"),
        Field(
            "autoSubscribeAlertLevel", required=True, values=("none", "info", "warning", "error")
        ),
        Field("Resources", "object", element=True),
    ),
    filters_of("id accountId name defaultGroup:boolean autoSubscribeAlertLevel"),
    "ACCOUNT_GROUP",
    {},
    get_only=frozenset({"Resources"}),
)
ACCOUNT_GROUP_ACCOUNT = Shape(
    "AccountGroupAccount",
    "id",
    fields_of("id! accountGroupId! accountId!"),
    filters_of("accountGroupId accountId"),
    "ACCOUNT_GROUP",
    {},
    get=False,
    bulk=False,
)
ACCOUNT_USER_ROLE = Shape(
    "AccountUserRole",
    "id",
    fields_of("id! accountId! userId! roleId! firstName! lastName! notifyUser:boolean!"),
    filters_of("accountId userId roleId"),
    "ACCOUNT_ADMIN",
    {},
    get=False,
    bulk=False,
)
ROLE = Shape(
    "Role",
    "id",
    (
        *fields_of("id! name! accountId! parentId"),
        *fields_of("Description Privileges:object!", element=True),
    ),
    filters_of("name parentId"),
    "ACCOUNT_ADMIN",
    {},
)
ACTIVITY_SHAPES = {
    shape.name: shape
    for shape in (
        PROCESS_SCHEDULES,
        PROCESS_SCHEDULE_STATUS,
        SUMMARY,
        *COUNTS,
        EXECUTION_CONNECTOR,
        CONNECTOR_RECORD,
        EVENT,
        AUDIT_LOG,
        ACCOUNT_GROUP,
        ACCOUNT_GROUP_ACCOUNT,
        ACCOUNT_USER_ROLE,
        ROLE,
    )
}
# What objects hold inside, by its @type.
ACTIVITY_PARTS = {
    "Schedule": fields_of("minutes! hours! daysOfWeek! daysOfMonth! months! years!"),
    "ScheduleRetry": (*fields_of("maxRetry:integer!"), *fields_of("Schedule:list!", element=True)),
    "TrackedFields": fields_of("trackedField:list!", element=True),
    "TrackedField": fields_of("name! value!"),
    "ConnectorFields": fields_of("connectorField:list!", element=True),
    "AuditLogProperty": fields_of("name! value! previousValue"),
    "Privileges": fields_of("Privilege:list!", element=True),
    "Privilege": fields_of("name!"),
    "Resources": fields_of("Resource:list!", element=True),
    "Resource": (
        *fields_of("resourceId! resourceName!"),
        Field("objectType", required=True, values=RESOURCE_TYPES),
    ),
}
