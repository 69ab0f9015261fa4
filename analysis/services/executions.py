"""The analysis of an execution: asked for with one click, worked on slice by slice.

    requested → waiting → downloading → parsing → done

The log is fetched at most once; whoever asks again gets the live job or the finished analysis.
"""

from __future__ import annotations

from django.urls import reverse

from analysis import queries
from analysis.models import Analysis
from boomi.access import audience_of
from boomi.models import Execution, ExecutionOutcome, LogState
from common import access
from common.actors import Actor
from common.errors import Conflict
from scheduling import services as jobs
from scheduling.models import JobRun

NO_LOG_EVER = {
    LogState.NONE_BY_DESIGN: "This execution has no process log by design.",
    LogState.PURGED: "The platform has purged the log of this execution.",
}


def request_execution_analysis(execution: Execution, *, actor: Actor) -> Analysis | JobRun:
    """The finished analysis by today's engine, or the one live job that will make it.

    Asking again makes no new platform call and no second job. Raises Conflict with the
    sentence when there can be no log, or not yet.
    """
    access.require(actor, "boomi.execution.view", execution)
    analysis = queries.finished_analysis(execution)
    if analysis is not None:
        return analysis
    access.require(actor, "boomi.execution.analyse", execution)
    obstacle = log_obstacle(execution)
    if obstacle is not None:
        raise obstacle
    return jobs.enqueue(
        "analysis.analyse_execution",
        actor=actor,
        params={"execution": execution.pk},
        key=queries.execution_key(execution),
        title=f"Analyse {execution}"[:200],
        audience=audience_of(execution.account_id),
        subject_url=reverse("execution", args=[execution.pk]),
        queue=JobRun.Queue.NOW,
    )


def log_obstacle(execution: Execution) -> Conflict | None:
    """Why no log can be had of this execution now, told without asking the platform."""
    if execution.log_file_id is not None:
        return None
    state = LogState(execution.log_state)
    if state in NO_LOG_EVER:
        return Conflict(execution.log_reason or NO_LOG_EVER[state], code="NO_LOG")
    if execution.outcome == ExecutionOutcome.RUNNING:
        return Conflict(
            "This run has not ended yet, and its log is complete only then.",
            hint="Come back when the run has ended; the list shows it by itself.",
            code="RUN_NOT_ENDED",
        )
    return None
