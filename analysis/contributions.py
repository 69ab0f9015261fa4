"""What analyses add to pages of lower floors: the card of an execution and causes in lists."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from analysis import log_window, panels, phases, result_page
from analysis.engine.faults import CAUGHT, FATAL, RECOVERED
from analysis.models import Analysis, AnalysisStatus
from boomi.models import Execution
from common.access import may
from common.actors import Actor
from common.errors import PortalError
from common.registry import Panel, registry

PHASES = ",".join(phases.ORDER)
FAULT_ENDINGS = {
    FATAL: "it ended the run",
    CAUGHT: "the process caught it and went on",
    RECOVERED: "a later attempt succeeded",
}


def execution_card(actor: Actor, execution: Execution) -> dict[str, object]:
    """The button, its job, or the verdict with the log around the first fault."""
    panel = panels.execution_panel(actor, execution)
    context: dict[str, object] = {
        "execution": execution,
        "panel": panel,
        "phases": PHASES,
        "is_live": panel["state"] in ("running", "waiting"),
        "may_upload": may(actor, "analysis.upload"),
    }
    analysis = panel["analysis"]
    if panel["state"] == "done" and analysis is not None:
        context |= result_context(analysis, actor)
        context["headline"] = analysis.verdict
    return context


def result_context(analysis: Analysis, actor: Actor) -> dict[str, object]:
    """The first fault of a finished analysis and the lines around it."""
    fault = analysis.result.get("first_fault") or {}
    context: dict[str, object] = {
        "analysis": analysis,
        "result": analysis.result,
        "fault_time": result_page.moment(fault.get("time") or ""),
        "fault_ending": FAULT_ENDINGS.get(fault.get("outcome") or "", "unknown"),
    }
    verdict = may(actor, "analysis.log.download", analysis)
    # Whoever may not read the log gets no link to it either; nor anybody to one that is gone.
    readable = verdict.allowed and analysis.log_file_id is not None
    context["log_url"] = reverse("analysis-log", args=[analysis.pk]) if readable else ""
    line = analysis.first_fault_line
    if line is not None and verdict:
        try:
            context["lines"] = log_window.around(analysis, line)
        except PortalError as error:
            context["log_problem"] = error
    elif line is not None:
        context["log_refusal"] = verdict.reason
    return context


def causes(actor: Actor, executions: Any) -> dict[str, object] | None:
    """What analyses found in a page of executions: {"texts": {execution pk: sentence}}."""
    analyses = (
        Analysis.objects.filter(
            execution__in=[execution.pk for execution in executions],
            status=AnalysisStatus.DONE,
            first_fault_line__isnull=False,
        )
        .order_by("engine_version")
        .values_list("execution_id", "verdict")
    )
    return {"texts": {pk: cause(verdict) for pk, verdict in analyses}}


def cause(verdict: str) -> str:
    """The part of a verdict that says why; all of it where the run went on all the same.

    "Failed in step 'Post' – HTTP 401 from CRM, line 7" comes down to "HTTP 401 from CRM, line 7".
    """
    return verdict.partition(" – ")[2] or verdict


def register() -> None:
    registry.add_panel(
        Panel("execution.detail", "analysis", "analysis/execution_card.html", execution_card)
    )
    registry.add_panel(Panel("executions.causes", "analysis", "", causes))
