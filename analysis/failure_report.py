"""What a run of scheduled analyses found, by cause: for its result, its summary and its mail.

Five hundred runs that failed alike are one cause with the number 500.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse

from analysis.engine import ENGINE_VERSION
from analysis.engine.masking import root_cause, template_of
from analysis.models import Analysis, AnalysisStatus
from boomi.models import Execution, ExecutionOutcome
from common import formats
from scheduling import mail
from scheduling.models import JobRun
from scheduling.outbox import Message
from scheduling.texts import storable

FAILED_INSIDE = frozenset({"aborted", "completed_with_errors"})
MOST_CAUSES = 50
IN_A_MAIL = 20
UNKNOWN = "The platform gives no cause, and the log names none."


@dataclass(frozen=True, slots=True)
class Cause:
    """`execution` is the newest that shows it, `text` its first line; `step` may be empty."""

    process: str
    count: int
    text: str
    step: str
    execution: int
    too_fast: bool = False

    @property
    def sentence(self) -> str:
        """One line: "3 x Order sync, step Connector: Code 401: Unauthorized"."""
        step = f", step {self.step}" if self.step else ""
        return f"{self.count} x {self.process}{step}: {self.text}"


@dataclass(frozen=True, slots=True)
class Report:
    account: str
    analysed: int
    failures: int
    too_fast: int
    causes: tuple[Cause, ...]
    more: bool = False

    @property
    def summary(self) -> str:
        """One line with counts, for the run."""
        if not self.analysed and not self.causes:
            return "Nothing new to analyse."
        parts = [f"{self.analysed} analysed", f"{self.failures} failed"]
        if self.too_fast:
            parts.append(f"{self.too_fast} too fast")
        if self.causes:
            parts.append(_counted(len(self.causes), "cause"))
        return ", ".join(parts) + ("; more wait for the next run" if self.more else "")

    @property
    def result(self) -> dict[str, Any]:
        return {
            "analysed": self.analysed,
            "failures": self.failures,
            "too_fast": self.too_fast,
            "more": self.more,
            "causes": [asdict(cause) for cause in self.causes[:MOST_CAUSES]],
        }


def build(keys: Sequence[int], usual: Mapping[int, int], *, more: bool = False) -> Report:
    """The report on executions; `usual` has the usual ms of those that were too fast."""
    executions = list(Execution.objects.select_related("account").filter(pk__in=keys))
    analyses = _analyses(keys)
    failed = [row for row in executions if _has_failed(row, analyses.get(row.pk))]
    fast = [row for row in executions if row.pk in usual]
    causes = [*_causes(failed, analyses), *_fast_causes(fast, usual)]
    return Report(
        account=str(executions[0].account) if executions else "",
        analysed=len(analyses),
        failures=len(failed),
        too_fast=len(fast),
        causes=tuple(sorted(causes, key=lambda cause: (-cause.count, cause.process, cause.text))),
        more=more,
    )


def _analyses(keys: Sequence[int]) -> dict[int, Analysis]:
    rows = Analysis.objects.defer("result").filter(
        execution__in=keys, engine_version=ENGINE_VERSION, status=AnalysisStatus.DONE
    )
    return {row.execution_id: row for row in rows if row.execution_id is not None}


def _has_failed(execution: Execution, analysis: Analysis | None) -> bool:
    """The log knows of runs that the platform calls a success and that ended with errors."""
    if execution.outcome == ExecutionOutcome.ERROR:
        return True
    return analysis is not None and analysis.outcome in FAILED_INSIDE


def _causes(failed: Iterable[Execution], analyses: Mapping[int, Analysis]) -> list[Cause]:
    groups: dict[tuple[str, str], list[tuple[Execution, str, str]]] = defaultdict(list)
    for execution in failed:
        analysis = analyses.get(execution.pk)
        text = (analysis.first_fault_text if analysis else "") or execution.message or UNKNOWN
        root = root_cause(text)
        step = analysis.first_fault_step if analysis else ""
        process = execution.process_name or execution.process_id
        groups[process, template_of(root)].append((execution, root, step))
    return [_cause(process, rows) for (process, _), rows in groups.items()]


def _cause(process: str, rows: list[tuple[Execution, str, str]]) -> Cause:
    newest, text, step = max(rows, key=lambda row: (row[0].started_at, row[0].pk))
    return Cause(process, len(rows), _first_line(text), step, newest.pk)


def _first_line(text: str) -> str:
    line = next((part.strip() for part in text.splitlines() if part.strip()), UNKNOWN)
    return storable(line, 300)


def _fast_causes(fast: Iterable[Execution], usual: Mapping[int, int]) -> list[Cause]:
    groups: dict[str, list[Execution]] = defaultdict(list)
    for execution in fast:
        groups[execution.process_name or execution.process_id].append(execution)
    return [_fast_cause(process, rows, usual) for process, rows in groups.items()]


def _fast_cause(process: str, rows: list[Execution], usual: Mapping[int, int]) -> Cause:
    newest = max(rows, key=lambda row: (row.started_at, row.pk))
    took = formats.duration(newest.duration_ms or 0)
    text = f"Took {took}, usually {formats.duration(usual[newest.pk])}."
    return Cause(process, len(rows), text, "", newest.pk, too_fast=True)


def message(report: Report, run: JobRun) -> Message:
    """The mail of a report: each cause with its count, its process and a link."""
    listed = [
        {"cause": cause, "url": mail.absolute(reverse("execution", args=[cause.execution]))}
        for cause in report.causes[:IN_A_MAIL]
    ]
    values = {
        "report": report,
        "listed": listed,
        "omitted": len(report.causes) - len(listed),
        "automation": run.title,
    }
    return Message(
        subject=_subject(report),
        text=render_to_string("mail/failures.txt", values).strip(),
        html=render_to_string("mail/failures.html", values),
        subject_url=reverse("job", args=[run.pk]),
        audience=run.audience,
    )


def _subject(report: Report) -> str:
    """Account, number and process: "Northwind: 500 failed runs of Order sync"."""
    processes = list(dict.fromkeys(cause.process for cause in report.causes))
    of, others = processes[0], len(processes) - 1
    if others:
        of += f" and {others} other process" + ("es" if others > 1 else "")
    if report.failures:
        return f"{report.account}: {_counted(report.failures, 'failed run')} of {of}"
    return f"{report.account}: {_counted(report.too_fast, 'run')} of {of} too fast"


def _counted(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
