"""Executions as rows: the platform's nine statuses as four outcomes, and runs that end once.

One batch inside the caller's transaction, safe to repeat. Texts are cut to their columns and
freed of what PostgreSQL refuses (NUL, lone surrogates); both occur in real messages.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import BigIntegerField

from boomi.client import ExecutionConnectorRecord, ExecutionRecord, SummaryRecord
from boomi.models import Execution, ExecutionConnector, ExecutionOutcome, ExecutionSummary
from boomi.rows.columns import BIG, SMALL, clean, clean_json, fitting
from boomi.rows.upserts import Stored, upsert

_OUTCOMES = {
    "COMPLETE": ExecutionOutcome.SUCCESS,
    "COMPLETE_WARN": ExecutionOutcome.SUCCESS,
    "ERROR": ExecutionOutcome.ERROR,
    "ABORTED": ExecutionOutcome.CANCELLED,
    "ABORTED_RECOVERING": ExecutionOutcome.CANCELLED,
    "DISCARDED": ExecutionOutcome.CANCELLED,
    "STARTED": ExecutionOutcome.RUNNING,
    "INPROCESS": ExecutionOutcome.RUNNING,
    "ENQUEUED": ExecutionOutcome.RUNNING,
}


def outcome_of(record: ExecutionRecord) -> ExecutionOutcome:
    """What a platform status means for people.

    The platform types the status as a free string. An unknown one without an end is still
    running; with an end it is an error if the record tells of one, else cancelled: nobody
    may call it a success.
    """
    known = _OUTCOMES.get(record.status)
    if known is not None:
        return known
    if record.recorded_at is None:
        return ExecutionOutcome.RUNNING
    failed = record.message or record.error_documents
    return ExecutionOutcome.ERROR if failed else ExecutionOutcome.CANCELLED


_EXECUTION_COLUMNS: dict[str, str] = {
    "original_execution_id": "original_execution_id",
    "process_id": "process_id",
    "process_name": "process_name",
    "runtime_id": "atom_id",
    "runtime_name": "atom_name",
    "status": "status",
    "execution_type": "execution_type",
    "started_at": "started_at",
    "recorded_at": "recorded_at",
    "duration_ms": "duration_ms",
    "inbound_documents": "inbound_documents",
    "outbound_documents": "outbound_documents",
    "error_documents": "error_documents",
    "inbound_bytes": "inbound_bytes",
    "outbound_bytes": "outbound_bytes",
    "message": "message",
    "parent_execution_id": "parent_execution_id",
    "top_level_execution_id": "top_level_execution_id",
    "launcher_id": "launcher_id",
    "node_id": "node_id",
}
_LIMITS = {
    name: getattr(Execution._meta.get_field(name), "max_length", None)
    for name in _EXECUTION_COLUMNS
}
_LARGEST = {
    name: BIG if isinstance(Execution._meta.get_field(name), BigIntegerField) else SMALL
    for name in _EXECUTION_COLUMNS
}
# A record that agrees in these is the one we have: most of an overlapping window.
_COMPARED = (
    "status", "recorded_at", "duration_ms", "inbound_documents", "outbound_documents",
    "error_documents",
)  # fmt: skip
_EXECUTION_UPDATES = [*_EXECUTION_COLUMNS, "outcome", "extra", "seen_at"]


def store_executions(account_pk: int, records: Iterable[ExecutionRecord], now: datetime) -> Stored:
    """Insert or update runs. What is known of a run's log is never touched, and a run that
    ended does not run again because an older answer came late."""
    found = {record.execution_id: record for record in records}
    known = {
        row[0]: row[1:]
        for row in Execution.objects.filter(account_id=account_pk, execution_id__in=found)
        .order_by()
        .values_list("execution_id", "outcome", *_COMPARED)
    }
    rows, added, failed = [], [], []
    # In one order, so that two syncs of an account cannot lock each other out.
    for execution_id in sorted(found):
        record = found[execution_id]
        outcome, before = outcome_of(record), known.get(execution_id)
        if before is not None and not _differs(record, outcome, before):
            continue
        rows.append(_execution(account_pk, record, outcome, now))
        if before is None:
            added.append(execution_id)
        if outcome == ExecutionOutcome.ERROR and (
            before is None or before[0] != ExecutionOutcome.ERROR
        ):
            failed.append(execution_id)
    if rows:
        Execution.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["account", "execution_id"],
            update_fields=_EXECUTION_UPDATES,
        )
    changed = len(rows) - len(added)
    return Stored(len(found), len(added), changed, len(failed), tuple(added), tuple(failed))


def _differs(record: ExecutionRecord, outcome: ExecutionOutcome, before: Sequence[object]) -> bool:
    if outcome == ExecutionOutcome.RUNNING and before[0] != ExecutionOutcome.RUNNING:
        return False
    return any(
        getattr(record, name) != value for name, value in zip(_COMPARED, before[1:], strict=True)
    )


def _execution(
    account_pk: int, record: ExecutionRecord, outcome: ExecutionOutcome, now: datetime
) -> Execution:
    values: dict[str, object] = {}
    for column, attribute in _EXECUTION_COLUMNS.items():
        value = getattr(record, attribute)
        if isinstance(value, str):
            value = clean(value, _LIMITS[column])
        elif isinstance(value, int):
            value = fitting(value, _LARGEST[column])
        values[column] = value
    return Execution(
        account_id=account_pk,
        execution_id=record.execution_id,
        outcome=outcome,
        extra=_extra(record),
        first_seen_at=now,
        seen_at=now,
        **values,
    )


def _extra(record: ExecutionRecord) -> dict[str, object]:
    """The fields we have no column for; the account is the row's own."""
    extra: dict[str, object] = {k: v for k, v in record.raw.items() if k != "account"}
    if record.report_key:
        extra["reportKey"] = record.report_key
    return clean_json(extra) if extra else extra


def store_connectors(execution_pk: int, records: Iterable[ExecutionConnectorRecord]) -> Stored:
    """What the connectors of one execution did."""
    rows = [
        ExecutionConnector(
            execution_id=execution_pk,
            connector_id=clean(record.connector_id, 500),
            name=clean(record.name, 300),
            connector_type=clean(record.connector_type, 100),
            action_type=clean(record.action_type, 60),
            record_type=clean(record.record_type, 30),
            success_count=fitting(record.success_count, SMALL),
            error_count=fitting(record.error_count, SMALL),
            bytes=fitting(record.bytes, BIG),
            is_start=bool(record.is_start),
        )
        for record in records
    ]
    return upsert(ExecutionConnector, rows, ("execution", "connector_id"))


SUMMARY_KEY = (
    "account", "runtime_id", "status", "report_key", "launcher_id", "process_id", "time_block",
)  # fmt: skip


def store_summaries(account_pk: int, records: Iterable[SummaryRecord], now: datetime) -> Stored:
    """Blocks of low-latency runs; a block that is still open grows from read to read."""
    rows = [
        ExecutionSummary(
            account_id=account_pk,
            process_id=clean(record.process_id, 80),
            process_name=clean(record.process_name, 300),
            runtime_id=clean(record.atom_id, 80),
            runtime_name=clean(record.atom_name, 200),
            status=clean(record.status, 30),
            report_key=clean(record.report_key, 200),
            launcher_id=clean(record.launcher_id, 80),
            time_block=record.time_block,
            executions=fitting(record.executions, SMALL, least=0) or 0,
            elapsed_ms=fitting(record.elapsed_ms, BIG),
            max_elapsed_ms=fitting(record.max_elapsed_ms, BIG),
            inbound_documents=fitting(record.inbound_documents, SMALL),
            outbound_documents=fitting(record.outbound_documents, SMALL),
            returned_documents=fitting(record.returned_documents, SMALL),
            inbound_bytes=fitting(record.inbound_bytes, BIG),
            outbound_bytes=fitting(record.outbound_bytes, BIG),
            returned_bytes=fitting(record.returned_bytes, BIG),
            seen_at=now,
        )
        for record in records
        if record.time_block is not None
    ]
    return upsert(ExecutionSummary, rows, SUMMARY_KEY)
