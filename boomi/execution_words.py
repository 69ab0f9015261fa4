"""An execution in one sentence, for as long as nobody has read its log."""

from __future__ import annotations

from datetime import datetime, timedelta

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
