"""The analysis of an execution: asked for with one click, worked on slice by slice.

    requested → waiting → downloading → parsing → done

The log is fetched at most once; whoever asks again gets the live job or the finished analysis.
"""

from __future__ import annotations

from functools import partial

from django.db.models import Case, Q, When
from django.urls import reverse

from analysis import phases, queries
from analysis.models import Analysis
from analysis.services import reading
from boomi.access import audience_of
from boomi.clients import open_client
from boomi.models import (
    Connection,
    ConnectionState,
    Execution,
    ExecutionOutcome,
    LogFile,
    LogState,
)
from common import access
from common.actors import Actor
from common.errors import Conflict
from scheduling import services as jobs
from scheduling.jobs import Again, Done, JobContext, JobFailed
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


def work(ctx: JobContext) -> Done | Again:
    """One slice: fetch the log a step further, or read it once it is stored.

    Safe to repeat from any point: what is fetched is not asked for again, what is analysed is
    not read again. Raises JobFailed with the sentence when no log can be had.
    """
    execution = Execution.objects.filter(pk=ctx.params["execution"]).first()
    if execution is None:
        raise JobFailed("The execution was deleted meanwhile.", code="NOT_FOUND")
    analysis = queries.finished_analysis(execution)
    if analysis is None:
        phases.note(ctx, phases.REQUESTED)
        log_file = execution.log_file
        if log_file is None:
            fetched = _fetch(ctx, execution)
            if isinstance(fetched, Again):
                return fetched
            if ctx.should_stop():  # the download used up this slice; reading gets its own
                return Again()
            log_file = fetched
        with ctx.step():
            analysis = reading.open_row(execution, log_file, actor=ctx.actor)
        reading.run_analysis(
            analysis,
            actor=ctx.actor,
            progress=phases.parsing(ctx, log_file.size),
            step=ctx.step,
        )
    phases.note(ctx, phases.DONE)
    return Done(analysis.verdict, {"analysis": analysis.pk})


def _fetch(ctx: JobContext, execution: Execution) -> LogFile | Again:
    from boomi.services import logs

    client = open_client(_connection(ctx.actor, execution), purpose="interactive")
    step = logs.advance(
        execution,
        client=client,
        state=ctx.cursor.get("log", {}),
        note_phase=partial(phases.note, ctx),
    )
    with ctx.step(log=step.state):
        pass
    if step.kind == "wait":
        return Again(step.after_seconds, step.reason)
    if step.log_file is None:
        raise JobFailed(step.reason, code="NO_LOG")
    return step.log_file


def _connection(actor: Actor, execution: Execution) -> Connection:
    """The connection to fetch with: one that works before one that fails, one's own first."""
    own = Q(owner=actor.user) if actor.user else Q(pk=None)
    connection = (
        Connection.objects.filter(account_id=execution.account_id, enabled=True)
        .select_related("account")
        .order_by(
            Case(When(status=ConnectionState.FAILING, then=1), default=0),
            Case(When(own, then=0), default=1),
            "pk",
        )
        .first()
    )
    if connection is None:
        raise JobFailed(
            "No enabled connection reaches the account of this execution.",
            hint="Add or enable a connection to it; or save the log in Boomi and upload it here.",
            code="NO_CONNECTION",
        )
    return connection
