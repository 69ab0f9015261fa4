"""Analyses as rows of a CSV or JSON download, without their results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.models import QuerySet
from django.http import StreamingHttpResponse

from analysis.models import Analysis
from common import exports

COLUMNS = (
    "id", "name", "execution_id", "owner", "status", "outcome", "verdict", "first_fault_line",
    "first_fault_step", "first_fault_text", "severe_count", "warning_count", "engine_version",
    "created_at", "finished_at", "error_message",
)  # fmt: skip


def respond(kind: str, analyses: QuerySet[Analysis]) -> StreamingHttpResponse:
    """Everything `analyses` selects. `execution_id` is Boomi's, empty for an upload."""
    rows = analyses.select_related("execution", "owner").defer("result", "execution__extra")
    return exports.respond(kind, "analyses", COLUMNS, rows, _rows)


def _rows(analyses: list[Analysis]) -> Iterable[Mapping[str, object]]:
    for analysis in analyses:
        row = {name: getattr(analysis, name) for name in COLUMNS}
        row["execution_id"] = analysis.execution.execution_id if analysis.execution else None
        row["owner"] = analysis.owner.email if analysis.owner else None
        for name in ("created_at", "finished_at"):
            row[name] = row[name].isoformat() if row[name] else None
        yield row
