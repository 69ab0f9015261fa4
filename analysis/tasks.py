"""The jobs of stored analyses; what they do stands in `analysis.services`."""

from __future__ import annotations

from analysis.access import may_read_again
from analysis.services import executions, scheduled, uploads
from boomi.access import may_fetch_again
from boomi.automation_forms import may_work_on
from scheduling.jobs import Again, Done, JobContext, job
from scheduling.models import JobRun


@job(
    "analysis.analyse_execution",
    title="Analyse an execution's log",
    queue=JobRun.Queue.NOW,
    right=may_fetch_again,
)
def analyse_execution(ctx: JobContext) -> Done | Again:
    return executions.work(ctx)


@job(
    "analysis.analyse_upload",
    title="Analyse an uploaded log",
    queue=JobRun.Queue.NOW,
    right=may_read_again,
)
def analyse_upload(ctx: JobContext) -> Done | Again:
    return uploads.work(ctx)


@job(
    "analysis.analyse_executions",
    title="Analyse new executions",
    queue=JobRun.Queue.LATER,
    right=may_work_on,
)
def analyse_executions(ctx: JobContext) -> Done | Again:
    return scheduled.work(ctx)
