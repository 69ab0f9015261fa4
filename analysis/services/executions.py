"""The analysis of an execution: asked for with one click, worked on slice by slice.

    requested → waiting → downloading → parsing → done

The log is fetched at most once; whoever asks again gets the live job or the finished analysis.
"""

from __future__ import annotations

from functools import partial

from django.urls import reverse

from analysis import phases, queries
from analysis.models import Analysis
from analysis.services import reading
from boomi import logstore
from boomi.access import audience_of
from boomi.models import Execution, LogFile, LogState
from boomi.services import log_fetches
from common import access
from common.actors import Actor
from common.errors import Conflict
from scheduling import services as jobs
from scheduling.jobs import Again, Done, JobContext, JobFailed
from scheduling.models import JobRun

NO_LOG_EVER: dict[str, str] = {
    LogState.NONE_BY_DESIGN: "This execution has no process log by design.",
    LogState.PURGED: "The platform has purged the log of this execution.",
}


def request_execution_analysis(
    execution: Execution,
    *,
    actor: Actor,
    queue: str = JobRun.Queue.NOW,
    trigger: str | None = None,
) -> Analysis | JobRun:
    """The finished analysis by today's engine, or the one live job that will make it.

    Asking again makes no new platform call and no second job. `queue` and `trigger` are for
    work that nobody waits for. Raises Conflict with the sentence when there can be no log.
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
        queue=queue,
        trigger=trigger,
    )


def log_obstacle(execution: Execution) -> Conflict | None:
    """Why no log can be had of this execution, as far as is known without asking.

    That a run goes on is no obstacle: the job looks, for what we know of it may be old.
    """
    ever = NO_LOG_EVER.get(execution.log_state)
    if execution.log_file_id is not None or ever is None:
        return None
    return Conflict(
        execution.log_reason or ever,
        hint="If you have saved the log from Boomi, upload it instead.",
        code="LOG_NONE",
    )


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
        if log_file is None or not logstore.is_stored(log_file):
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
    """Steps of the fetch until there is something to wait for, each committed on its own."""
    while True:
        step = log_fetches.fetch_step(ctx, execution, note_phase=partial(phases.note, ctx))
        if step.kind != "wait":
            break
        if step.after_seconds > 0 or ctx.should_stop():
            return Again(step.after_seconds, step.reason)
    if step.log_file is None:
        raise JobFailed(
            step.reason,
            hint="If you can save the log in Boomi, upload it here instead.",
            code="LOG_NONE" if step.kind == "none" else "LOG_FAILED",
        )
    return step.log_file
