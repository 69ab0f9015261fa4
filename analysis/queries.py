"""Reads for pages, admin and API, each with a fixed number of SQL queries."""

from __future__ import annotations

from typing import TypedDict

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.fields.json import KT

from analysis.engine import ENGINE_VERSION
from analysis.lines import LogLine, log_lines
from analysis.models import Analysis, AnalysisStatus
from boomi import logstore
from boomi.access import audience_of
from boomi.models import Execution, LogFile
from common.errors import NotFound
from scheduling.models import JobRun

AROUND_AT_MOST = 500


class FaultLines(TypedDict):
    first_line: int


def execution_key(execution: Execution) -> str:
    """At most one live job per execution carries this key."""
    return f"analyse:{execution.pk}"


def upload_key(analysis: Analysis) -> str:
    return f"analyse-upload:{analysis.pk}"


def finished_analysis(execution: Execution) -> Analysis | None:
    """The analysis by the engine of today, if it is done."""
    return execution.analyses.filter(
        engine_version=ENGINE_VERSION, status=AnalysisStatus.DONE
    ).first()


def latest_analysis(execution: Execution) -> Analysis | None:
    """What is best shown for an execution: the newest finished analysis, else a failed one."""
    rows = execution.analyses.defer("result").order_by("-engine_version")
    finished = [row for row in rows if row.status == AnalysisStatus.DONE]
    return next(iter(finished or rows), None)


def with_latest_analysis(executions: QuerySet[Execution]) -> QuerySet[Execution]:
    """Annotate `analysis_pk`, `analysis_verdict` and `analysis_outcome`: NULL without analysis."""
    newest = Analysis.objects.filter(execution=OuterRef("pk"), status=AnalysisStatus.DONE).order_by(
        "-engine_version"
    )
    return executions.annotate(
        analysis_pk=Subquery(newest.values("pk")[:1]),
        analysis_verdict=Subquery(newest.values("verdict")[:1]),
        analysis_outcome=Subquery(newest.values("outcome")[:1]),
    )


def for_list(analyses: QuerySet[Analysis]) -> QuerySet[Analysis]:
    """Rows for a list: without the result object, with what stands beside it."""
    return (
        analyses.defer("result")
        .select_related("execution", "execution__account", "owner", "team", "log_file")
        .annotate(process_name=KT("result__process__name"))
    )


def last_run(execution: Execution) -> JobRun | None:
    """The newest analysing job of an execution, live or ended; the audience has an index."""
    runs = JobRun.objects.filter(
        audience=audience_of(execution.account_id), key=execution_key(execution)
    )
    return runs.order_by("-pk").first()


def log_context(analysis: Analysis, line: int, around: int = 50) -> list[LogLine]:
    """The lines of the log from `around` before to `around` after `line` (1-based).

    A line outside the log is moved to its nearest end. Raises NotFound when the log is not
    stored any more.
    """
    log_file = stored_log(analysis)
    around = max(0, min(around, AROUND_AT_MOST))
    line = max(1, min(line, log_file.lines))
    first = max(1, line - around)
    lines = logstore.read_lines(log_file, first, line + around - first + 1)
    return log_lines(lines, fault_lines(analysis))


def stored_log(analysis: Analysis) -> LogFile:
    """The log of an analysis. Raises NotFound when it is not stored any more."""
    log_file = analysis.log_file
    if log_file is None:
        raise NotFound(
            "The log of this analysis is not stored any more.",
            hint="The analysis itself is complete; for the log, upload or fetch it again.",
            code="LOG_NOT_STORED",
        )
    return log_file


def fault_lines(analysis: Analysis) -> frozenset[int]:
    """The lines the analysis names as faults."""
    faults: list[FaultLines] = analysis.result.get("faults", [])
    named = {fault["first_line"] for fault in faults}
    if analysis.first_fault_line is not None:
        named.add(analysis.first_fault_line)
    return frozenset(named)
