"""The jobs of stored analyses; what they do stands in `analysis.services`."""

from __future__ import annotations

from analysis.services import executions, uploads
from scheduling.jobs import Again, Done, JobContext, job
from scheduling.models import JobRun


@job("analysis.analyse_execution", title="Analyse an execution's log", queue=JobRun.Queue.NOW)
def analyse_execution(ctx: JobContext) -> Done | Again:
    return executions.work(ctx)


@job("analysis.analyse_upload", title="Analyse an uploaded log", queue=JobRun.Queue.NOW)
def analyse_upload(ctx: JobContext) -> Done | Again:
    return uploads.work(ctx)
