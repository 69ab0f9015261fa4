"""Talks to the Boomi platform over HTTP: typed records out, typed errors up. No Django.

    client = BoomiClient(Credentials("acme-A1B2C3", "jo@acme.example", token))
    for page in client.execution_pages(field("status").eq("ERROR")): ...

`http` is the one place that sends; `errors` draws the tree of what can go wrong.
"""

from boomi.client.activity_records import (
    AuditLogRecord,
    AuditProperty,
    ConnectorDocumentRecord,
    EventRecord,
    ExecutionConnectorRecord,
    ExecutionCountRecord,
    ExecutionTicket,
    SummaryRecord,
)
from boomi.client.breaker import AlwaysClosed, Breaker, Permit
from boomi.client.checks import ConnectionCheck, Right
from boomi.client.client import BoomiClient
from boomi.client.component_records import (
    AccountGroupRecord,
    ConnectorRecord,
    FolderRecord,
    GroupResource,
    ManifestItem,
    ManifestRecord,
    PackageRecord,
    ProcessRecord,
    ReferenceRecord,
    ScheduleEntry,
    ScheduleRecord,
    ScheduleStatusRecord,
)
from boomi.client.component_xml import ComponentXml
from boomi.client.downloads import DownloadResult
from boomi.client.errors import (
    BadAddress,
    BoomiError,
    Broken,
    CircuitOpen,
    Forbidden,
    ForeignHost,
    LogNotThere,
    Missing,
    NotReady,
    RateLimited,
    Rejected,
    RuntimeUnavailable,
    Throttled,
    Timeout,
    TooLarge,
    TransportError,
    Unauthorised,
    Unreachable,
)
from boomi.client.hosts import check_base_url
from boomi.client.limiter import BACKGROUND, INTERACTIVE, Lease, Limiter, Unlimited
from boomi.client.paging import Page
from boomi.client.queries import Expression, Sort, all_of, any_of, field, query
from boomi.client.records import (
    AccountRecord,
    AtomRecord,
    AttachmentRecord,
    ComponentMetadataRecord,
    DeployedPackageRecord,
    EnvironmentRecord,
    ExecutionRecord,
    LogDownload,
)
from boomi.client.redaction import redact
from boomi.client.settings import CallRecord, Credentials, Policy

__all__ = [
    "BACKGROUND",
    "INTERACTIVE",
    "AccountGroupRecord",
    "AccountRecord",
    "AlwaysClosed",
    "AtomRecord",
    "AttachmentRecord",
    "AuditLogRecord",
    "AuditProperty",
    "BadAddress",
    "BoomiClient",
    "BoomiError",
    "Breaker",
    "Broken",
    "CallRecord",
    "CircuitOpen",
    "ComponentMetadataRecord",
    "ComponentXml",
    "ConnectionCheck",
    "ConnectorDocumentRecord",
    "ConnectorRecord",
    "Credentials",
    "DeployedPackageRecord",
    "DownloadResult",
    "EnvironmentRecord",
    "EventRecord",
    "ExecutionConnectorRecord",
    "ExecutionCountRecord",
    "ExecutionRecord",
    "ExecutionTicket",
    "Expression",
    "FolderRecord",
    "Forbidden",
    "ForeignHost",
    "GroupResource",
    "Lease",
    "Limiter",
    "LogDownload",
    "LogNotThere",
    "ManifestItem",
    "ManifestRecord",
    "Missing",
    "NotReady",
    "PackageRecord",
    "Page",
    "Permit",
    "Policy",
    "ProcessRecord",
    "RateLimited",
    "ReferenceRecord",
    "Rejected",
    "Right",
    "RuntimeUnavailable",
    "ScheduleEntry",
    "ScheduleRecord",
    "ScheduleStatusRecord",
    "Sort",
    "SummaryRecord",
    "Throttled",
    "Timeout",
    "TooLarge",
    "TransportError",
    "Unauthorised",
    "Unlimited",
    "Unreachable",
    "all_of",
    "any_of",
    "check_base_url",
    "field",
    "query",
    "redact",
]
