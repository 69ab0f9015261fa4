"""What happened on the platform: events, its audit log, summaries, documents and counts.

Read by the same rules as `records`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Self

from boomi.client.fields import Fields

Source = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class EventRecord:
    """Object Event, which the platform forgets after seven days.

    `at` is eventDate; `level` INFO, WARNING or ERROR; `type` atom.status, process.execution,
    process.missedSchedule or user.notification; `error_type` DOCUMENT or PROCESS.
    """

    event_id: str
    level: str
    type: str
    at: datetime
    status: str
    title: str
    error: str
    error_type: str
    step_label: str
    step_type: str
    execution_id: str
    process_name: str
    atom_id: str
    atom_name: str
    environment_name: str
    classification: str
    inbound_documents: int | None
    outbound_documents: int | None
    error_documents: int | None
    recorded_at: datetime | None
    raw: Source = field(default_factory=dict, repr=False, hash=False)

    @classmethod
    def from_api(cls, source: Source) -> Self:
        read = Fields("an Event", source)
        return cls(
            event_id=read.required_text("eventId"),
            level=read.text("eventLevel"),
            type=read.text("eventType"),
            at=read.required_moment("eventDate"),
            status=read.text("status"),
            title=read.text("title"),
            error=read.text("error"),
            error_type=read.text("errorType"),
            step_label=read.text("erroredStepLabel"),
            step_type=read.text("erroredStepType"),
            execution_id=read.text("executionId"),
            process_name=read.text("processName"),
            atom_id=read.text("atomId"),
            atom_name=read.text("atomName"),
            environment_name=read.text("environment"),
            classification=read.text("classification"),
            inbound_documents=read.integer("inboundDocumentCount"),
            outbound_documents=read.integer("outboundDocumentCount"),
            error_documents=read.integer("errorDocumentCount"),
            recorded_at=read.moment("recordDate"),
            raw=read.rest(),
        )


@dataclass(frozen=True, slots=True)
class AuditProperty:
    """One detail of an audit entry. Values may hold secrets: blank them before keeping them."""

    name: str
    value: str = field(repr=False)
    previous: str = field(repr=False)

    @classmethod
    def from_api(cls, source: Source) -> Self:
        read = Fields("an AuditLogProperty", source)
        return cls(
            name=read.text("name"), value=read.text("value"), previous=read.text("previousValue")
        )


@dataclass(frozen=True, slots=True)
class AuditLogRecord:
    """Object AuditLog: who did what on the platform; entries never expire there."""

    document_id: str
    at: datetime
    user: str
    message: str
    type: str
    action: str
    modifier: str
    level: str
    source: str
    container_id: str
    properties: tuple[AuditProperty, ...]
    raw: Source = field(default_factory=dict, repr=False, hash=False)

    @classmethod
    def from_api(cls, source: Source) -> Self:
        read = Fields("an AuditLog", source)
        properties = read.records("AuditLogProperty")
        return cls(
            document_id=read.required_text("documentId"),
            at=read.required_moment("date"),
            user=read.text("userId"),
            message=read.text("message"),
            type=read.text("type"),
            action=read.text("action"),
            modifier=read.text("modifier"),
            level=read.text("level"),
            source=read.text("source"),
            container_id=read.text("containerId"),
            properties=tuple(AuditProperty.from_api(one) for one in properties),
            raw=read.rest(),
        )


@dataclass(frozen=True, slots=True)
class SummaryRecord:
    """Object ExecutionSummaryRecord: runs of a low-latency process in one block of time.

    Those leave no execution records. Its ids are spelled processID and atomID, unlike
    everywhere else.
    """

    process_id: str
    process_name: str
    atom_id: str
    atom_name: str
    status: str
    report_key: str
    launcher_id: str
    time_block: datetime
    executions: int | None
    elapsed_ms: int | None
    max_elapsed_ms: int | None
    inbound_documents: int | None
    outbound_documents: int | None
    returned_documents: int | None
    inbound_bytes: int | None
    outbound_bytes: int | None
    returned_bytes: int | None
    raw: Source = field(default_factory=dict, repr=False, hash=False)

    @classmethod
    def from_api(cls, source: Source) -> Self:
        read = Fields("an ExecutionSummaryRecord", source)
        return cls(
            process_id=read.required_text("processID", "processId"),
            process_name=read.text("processName"),
            atom_id=read.text("atomID", "atomId"),
            atom_name=read.text("atomName"),
            status=read.text("status"),
            report_key=read.text("reportKey"),
            launcher_id=read.text("launcherID", "launcherId"),
            time_block=read.required_moment("timeBlock"),
            executions=read.integer("executionCount"),
            elapsed_ms=read.integer("elapsedTime"),
            max_elapsed_ms=read.integer("maxElapsedTime"),
            inbound_documents=read.integer("inboundDocCount"),
            outbound_documents=read.integer("outboundDocCount"),
            returned_documents=read.integer("returnDocCount"),
            inbound_bytes=read.integer("inboundDocSize"),
            outbound_bytes=read.integer("outboundDocSize"),
            returned_bytes=read.integer("returnDocSize"),
            raw=read.rest(),
        )


@dataclass(frozen=True, slots=True)
class ExecutionConnectorRecord:
    """Object ExecutionConnector: what one connector of a run did; `bytes` is its size."""

    connector_id: str
    execution_id: str
    name: str
    connector_type: str
    action_type: str
    record_type: str
    success_count: int | None
    error_count: int | None
    bytes: int | None
    is_start: bool | None
    raw: Source = field(default_factory=dict, repr=False, hash=False)

    @classmethod
    def from_api(cls, source: Source) -> Self:
        read = Fields("an ExecutionConnector", source)
        return cls(
            connector_id=read.required_text("id"),
            execution_id=read.text("executionId"),
            name=read.text("executionConnector"),
            connector_type=read.text("connectorType"),
            action_type=read.text("actionType"),
            record_type=read.text("recordType"),
            success_count=read.integer("successCount"),
            error_count=read.integer("errorCount"),
            bytes=read.integer("size"),
            is_start=read.boolean("isStartShape"),
            raw=read.rest(),
        )


@dataclass(frozen=True, slots=True)
class ConnectorDocumentRecord:
    """Object GenericConnectorRecord: one document a connector handled.

    `index` is documentIndex; `status` SUCCESS or ERROR; `kilobytes` its size as sent.
    """

    document_id: str
    execution_connector_id: str
    execution_id: str
    status: str
    error: str
    connection_id: str
    connection_name: str
    operation_id: str
    operation_name: str
    action_type: str
    connector_type: str
    processed_at: datetime | None
    index: int | None
    kilobytes: int | None
    retryable: bool | None
    raw: Source = field(default_factory=dict, repr=False, hash=False)

    @classmethod
    def from_api(cls, source: Source) -> Self:
        read = Fields("a GenericConnectorRecord", source)
        return cls(
            document_id=read.required_text("id"),
            execution_connector_id=read.text("executionConnectorId"),
            execution_id=read.text("executionId"),
            status=read.text("status"),
            error=read.text("errorMessage"),
            connection_id=read.text("connectionId"),
            connection_name=read.text("connectionName"),
            operation_id=read.text("operationId"),
            operation_name=read.text("operationName"),
            action_type=read.text("actionType"),
            connector_type=read.text("connectorType"),
            processed_at=read.moment("dateProcessed"),
            index=read.integer("documentIndex"),
            kilobytes=read.integer("size"),
            retryable=read.boolean("retryable"),
            raw=read.rest(),
        )


@dataclass(frozen=True, slots=True)
class ExecutionCountRecord:
    """Object ExecutionCountAccount: the runs of one runtime on one UTC day."""

    atom_id: str
    day: date
    successes: int
    failures: int
    raw: Source = field(default_factory=dict, repr=False, hash=False)

    @classmethod
    def from_api(cls, source: Source) -> Self:
        read = Fields("an ExecutionCountAccount", source)
        return cls(
            atom_id=read.text("atomId"),
            day=read.required_day("date"),
            successes=read.required_integer("successes"),
            failures=read.required_integer("failures"),
            raw=read.rest(),
        )


@dataclass(frozen=True, slots=True)
class ExecutionTicket:
    """What an ExecutionRequest is answered with: a run was asked for, nothing more."""

    request_id: str
    record_url: str
    raw: Source = field(default_factory=dict, repr=False, hash=False)

    @classmethod
    def from_api(cls, source: Source) -> Self:
        read = Fields("an ExecutionRequest", source)
        return cls(
            request_id=read.required_text("requestId"),
            record_url=read.text("recordUrl"),
            raw=read.rest(),
        )
