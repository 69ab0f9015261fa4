"""An execution in one sentence, for as long as nobody has read its log."""

from __future__ import annotations

from datetime import datetime, timedelta

from boomi.filters import TYPES
from boomi.models import Execution, ExecutionOutcome
from common import badges, formats


def ended_at(execution: Execution) -> datetime | None:
    """Start and duration added up; None while it runs or when the platform gave no duration."""
    if execution.duration_ms is None or execution.outcome == ExecutionOutcome.RUNNING:
        return None
    return execution.started_at + timedelta(milliseconds=execution.duration_ms)


def sentence(execution: Execution) -> str:
    """What happened, how long it took and what became of the documents."""
    words = badges.badge("execution", execution).sentence.rstrip(".")
    parts = [words]
    if execution.duration_ms is not None and execution.outcome != ExecutionOutcome.RUNNING:
        parts.append(f"after {formats.duration(execution.duration_ms)}")
    text = " ".join(parts)
    failed = execution.error_documents
    if failed:
        text += f"; {formats.number(failed)} {'document' if failed == 1 else 'documents'} failed"
    return f"{text}."


def started_by(execution: Execution) -> str:
    """Who or what started it: a person where the audit log tells, else the kind of start."""
    kind = dict(TYPES).get(execution.execution_type, execution.execution_type)
    if not execution.triggered_by:
        return kind or "Unknown"
    return f"{execution.triggered_by} ({kind.lower()})" if kind else execution.triggered_by
