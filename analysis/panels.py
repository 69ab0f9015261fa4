"""What the pages show about the analysis of one thing: state, words of the button, links.

The dictionaries are complete for the template: it decides how things look, never what they are.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypedDict

from django.urls import reverse

from analysis import queries
from analysis.engine import ENGINE_VERSION
from analysis.models import Analysis, AnalysisStatus
from analysis.services.executions import log_obstacle
from boomi.models import Execution, LogState
from boomi.services.logs import purged_at
from common import access
from common.access import Verdict
from common.actors import Actor
from scheduling.models import JobRun
from scheduling.queries import live_run


class ExecutionPanel(TypedDict):
    """`state` decides what else is set.

    none     nothing yet: the button, enabled by `verdict`
    running  `run` is at work
    waiting  `run` waits for the runtime: next try at `retry_at`, hopeless after `purged_at`
    done     `analysis` is finished; `is_outdated` when an older engine read it
    failed   `reason` says why the last attempt failed; the button tries again
    no_log   `reason` says why there is no log and will be none
    """

    state: Literal["none", "running", "waiting", "done", "failed", "no_log"]
    label: str
    url: str
    verdict: Verdict
    analysis: Analysis | None
    run: JobRun | None
    reason: str
    hint: str
    is_outdated: bool
    retry_at: datetime | None
    purged_at: datetime | None


class AnalysisPanel(TypedDict):
    """State of an analysis page. interrupted: PENDING without a live job, to be restarted."""

    state: Literal["done", "running", "failed", "interrupted"]
    run: JobRun | None
    reason: str
    hint: str
    may_restart: Verdict
    may_delete: Verdict


def execution_panel(actor: Actor, execution: Execution) -> ExecutionPanel:
    """The state machine behind the Analyse button; at most five queries."""
    analysis = queries.latest_analysis(execution)
    run = queries.last_run(execution)
    panel = ExecutionPanel(
        state="none",
        label="Analyse log",
        url=reverse("execution-analyse", args=[execution.pk]),
        verdict=access.may(actor, "boomi.execution.analyse", execution),
        analysis=analysis,
        run=run if run is not None and not run.is_final else None,
        reason="",
        hint="",
        is_outdated=False,
        retry_at=None,
        purged_at=None,
    )
    if panel["run"] is not None:
        _show_run(panel, execution)
    elif analysis is not None and analysis.status == AnalysisStatus.DONE:
        panel["state"] = "done"
        panel["label"] = "Open analysis"
        panel["url"] = reverse("analysis", args=[analysis.pk])
        panel["is_outdated"] = analysis.engine_version < ENGINE_VERSION
    else:
        _show_obstacle(panel, execution, analysis or run)
    return panel


def _show_run(panel: ExecutionPanel, execution: Execution) -> None:
    panel["state"] = "running"
    panel["label"] = "Analysing…"
    if execution.log_state == LogState.WAITING_RUNTIME:
        panel["state"] = "waiting"
        panel["label"] = "Waiting for the runtime"
        panel["reason"] = execution.log_reason
        panel["retry_at"] = execution.log_retry_at
        panel["purged_at"] = purged_at(execution)


def _show_obstacle(
    panel: ExecutionPanel, execution: Execution, attempt: Analysis | JobRun | None
) -> None:
    """Why there is nothing to open: no log to be had, or an attempt that failed."""
    obstacle = log_obstacle(execution)
    if obstacle is not None:
        panel["state"] = "no_log"
        panel["reason"] = obstacle.message
        panel["hint"] = obstacle.hint
        panel["verdict"] = Verdict(False, obstacle.message)
    elif attempt is not None and attempt.error_message:
        panel["state"] = "failed"
        panel["label"] = "Try again"
        panel["reason"] = attempt.error_message
        panel["hint"] = attempt.error_hint
    elif execution.log_state == LogState.FAILED:
        panel["state"] = "failed"
        panel["label"] = "Try again"
        panel["reason"] = execution.log_reason


def analysis_panel(actor: Actor, analysis: Analysis) -> AnalysisPanel:
    """What the page of an analysis says above the result."""
    panel = AnalysisPanel(
        state="done",
        run=None,
        reason=analysis.error_message,
        hint=analysis.error_hint,
        may_restart=access.may(actor, "analysis.analysis.restart", analysis),
        may_delete=access.may(actor, "analysis.analysis.delete", analysis),
    )
    if analysis.status == AnalysisStatus.DONE:
        return panel
    panel["run"] = live_run(_key(analysis))
    if panel["run"] is not None:
        panel["state"] = "running"
    elif analysis.status == AnalysisStatus.FAILED:
        panel["state"] = "failed"
    else:
        panel["state"] = "interrupted"
        panel["reason"] = "The job that read this log ended before it was done."
        panel["hint"] = "Start it again; the log is stored."
    return panel


def _key(analysis: Analysis) -> str:
    if analysis.execution is not None:
        return queries.execution_key(analysis.execution)
    return queries.upload_key(analysis)
