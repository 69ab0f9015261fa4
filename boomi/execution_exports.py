"""Executions as rows of a CSV or JSON download."""

from __future__ import annotations

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
FIELDS = {"account_id": "account__account_id"}


def respond(kind: str, executions: QuerySet[Execution]) -> StreamingHttpResponse:
    """Everything `executions` selects; times are UTC in ISO 8601, durations milliseconds."""
    fields = {name: FIELDS.get(name, name) for name in COLUMNS}
    return exports.respond_plain(kind, "executions", fields, executions)
