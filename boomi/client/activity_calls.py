"""What happens on the platform, as methods: runs asked for, events, audit log, counts, files."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from boomi.client.activity_records import (
    AuditLogRecord,
    ConnectorDocumentRecord,
    EventRecord,
    ExecutionConnectorRecord,
    ExecutionCountRecord,
    ExecutionTicket,
    SummaryRecord,
)
from boomi.client.answers import Answer, JsonObject, read_object
from boomi.client.caller import Caller, understood
from boomi.client.errors import (
    Broken,
    Details,
    LogNotThere,
    NotReady,
    Rejected,
    RuntimeUnavailable,
)
from boomi.client.fields import integer
from boomi.client.paging import Page
from boomi.client.queries import Expression, field, query
from boomi.client.records import ExecutionRecord, LogDownload

RUNTIME_AWAY = 504
STILL_WAITING = 202


class ActivityCalls(Caller):
    """The part of the client that reads what happened and asks a process to run."""

    # What the platform noticed

    def events_page(self, expr: Expression | None, token: str | None = None) -> Page[EventRecord]:
        """One page of events, which the platform keeps for seven days; see `execution_page`."""
        return self._page("Event", EventRecord.from_api, query(expr), token)

    def audit_log_page(
        self, expr: Expression | None, token: str | None = None
    ) -> Page[AuditLogRecord]:
        """One page of what people did on the platform. Values may hold secrets."""
        return self._page("AuditLog", AuditLogRecord.from_api, query(expr), token)

    def summaries_page(
        self, expr: Expression | None, token: str | None = None
    ) -> Page[SummaryRecord]:
        """One page of what low-latency processes did; they leave no execution records."""
        return self._page("ExecutionSummaryRecord", SummaryRecord.from_api, query(expr), token)

    # What a run did

    def execution_connectors(self, execution_id: str) -> list[ExecutionConnectorRecord]:
        """What each connector of a run did."""
        make = ExecutionConnectorRecord.from_api
        expr = field("executionId").eq(execution_id)
        return self._all("ExecutionConnector", make, expr, lambda r: r.connector_id)

    def connector_documents(
        self, execution_id: str, connector_id: str
    ) -> list[ConnectorDocumentRecord]:
        """The documents that one connector of a run handled; `connector_id` is the record's."""
        make = ConnectorDocumentRecord.from_api
        expr = field("executionId").eq(execution_id) & field("executionConnectorId").eq(
            connector_id
        )
        return self._all("GenericConnectorRecord", make, expr, lambda r: r.document_id)

    def execution_counts(self, expr: Expression | None) -> list[ExecutionCountRecord]:
        """Runs per runtime and UTC day; `processDate` is filtered by `yyyy-MM-dd`."""
        make = ExecutionCountRecord.from_api
        return self._all("ExecutionCountAccount", make, expr, lambda r: (r.atom_id, r.day))

    def count(self, kind: str, expr: Expression | None) -> int | None:
        """How many objects of a kind the platform claims to hold; None when it does not say.

        Costs one call: the total stands on the first page, and only that is asked for.
        """
        return self._page(kind, dict, query(expr), None).total

    # Running a process

    def execute_process(
        self, process_id: str, atom_id: str, *, dynamic_properties: Mapping[str, str] | None = None
    ) -> ExecutionTicket:
        """Ask a runtime to run a process now. Needs EXECUTE and a deployed process.

        Never repeated: after a TransportError or Broken nobody knows whether it runs.
        """
        properties = [{"name": k, "value": v} for k, v in (dynamic_properties or {}).items()]
        body: JsonObject = {
            "atomId": atom_id,
            "processId": process_id,
            "DynamicProcessProperties": {"DynamicProcessProperty": properties},
            "ProcessProperties": {"ProcessProperty": []},
        }
        request = replace(self._request("POST", "ExecutionRequest", body=body), safe=False)
        found, details = self._ask(request)
        return understood(lambda: ExecutionTicket.from_api(found), details)

    def requested_execution(self, request_id: str) -> ExecutionRecord | None:
        """The run that an ExecutionTicket led to, or None while there is no record of it.

        A record does not mean the run has ended: its status says so.
        """
        request = self._request("GET", "ExecutionRecord", "async", request_id)
        return self._transport.fetch(request, self._read_requested)

    def _read_requested(self, answer: Answer) -> ExecutionRecord | None:
        if answer.status == STILL_WAITING or not answer.body.strip():
            return None
        found = read_object(answer, self._transport.secrets)
        if integer(found.get("responseStatusCode")) == STILL_WAITING:
            return None
        if "result" in found:
            # Documented is the bare record; a list around it has been seen too.
            rows = found["result"] if isinstance(found["result"], list) else [found["result"]]
            if not rows:
                return None
            if not isinstance(rows[0], dict):
                raise Broken("The platform's answer holds no execution.", **answer.details)
            found = rows[0]
        return understood(lambda: ExecutionRecord.from_api(found), answer.details)

    # Files to download

    def request_atom_log(self, atom_id: str, day: date, include_bin: bool = False) -> LogDownload:
        """Ask for the logs of a runtime of one day; then `download` its `url`.

        Raises like `request_process_log`.
        """
        body: JsonObject = {
            "atomId": atom_id,
            "logDate": day.isoformat(),
            "includeBin": include_bin,
        }
        return self._request_file("AtomLog", body, "The platform has no log of this runtime.")

    def request_execution_artifacts(self, execution_id: str) -> LogDownload:
        """Ask for the files a run left behind; then `download` its `url`.

        Raises like `request_process_log`.
        """
        body: JsonObject = {"executionId": execution_id}
        none = "The platform has no files of this execution."
        return self._request_file("ExecutionArtifacts", body, none)

    def _request_file(self, kind: str, body: JsonObject, none_sentence: str) -> LogDownload:
        request = replace(self._request("POST", kind, body=body), needs_runtime=True)
        try:
            found, details = self._ask(request)
        except Rejected as exc:
            # The platform says so for an unknown id and for a file that is not there yet.
            if exc.status != 400 or "is invalid" not in exc.said.lower():
                raise
            refused = exc
        else:
            return _usable(LogDownload.from_api(found), details)
        known: Details = {**refused.details, "code": "", "hint": ""}
        raise LogNotThere(none_sentence, **known)


def _usable(log: LogDownload, details: Details) -> LogDownload:
    if log.status_code == RUNTIME_AWAY:
        known: Details = {**details, "status": RUNTIME_AWAY, "said": log.message}
        raise RuntimeUnavailable("The runtime that holds the log cannot be reached.", **known)
    if log.url:
        return log
    if log.status_code == 202:
        raise Broken("The platform sent a LogDownload with no url.", **details)
    raise NotReady("The platform gave no address for the log.", **details)
