"""Executions as rows of a CSV or JSON download."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.models import QuerySet
from django.http import StreamingHttpResponse

from boomi.models import Execution
from common import exports

COLUMNS = (
    "id", "account_id", "execution_id", "process_id", "process_name", "runtime_id",
    "runtime_name", "status", "outcome", "execution_type", "started_at", "recorded_at",
    "duration_ms", "inbound_documents", "outbound_documents", "error_documents",
    "inbound_bytes", "outbound_bytes", "message", "log_state",
)  # fmt: skip


def respond(kind: str, executions: QuerySet[Execution]) -> StreamingHttpResponse:
    """Everything `executions` selects; times are UTC in ISO 8601, durations milliseconds."""
    rows = executions.select_related("account").defer("extra")
    return exports.respond(kind, "executions", COLUMNS, rows, _rows)


def _rows(executions: list[Execution]) -> Iterable[Mapping[str, object]]:
    for execution in executions:
        yield {name: _value(execution, name) for name in COLUMNS}


def _value(execution: Execution, name: str) -> object:
    if name == "account_id":
        return execution.account.account_id
    value = getattr(execution, name)
    return value.isoformat() if hasattr(value, "isoformat") else value
