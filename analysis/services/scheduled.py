"""The analysis of new executions as an automation does it: one run, one message.

Each execution is analysed by the job that a click would start, so nothing is fetched twice.
"""

from __future__ import annotations

from functools import partial

from django.db import transaction
from django.utils import timezone

from analysis import failure_report
from analysis.services import new_executions
from analysis.services.executions import request_execution_analysis
from boomi.models import Execution
from boomi.services.logs import TEST_TYPES, purged_at
from common.errors import PortalError
from scheduling import children, outbox
from scheduling.jobs import Again, Done, JobContext, JobFailed
from scheduling.models import JobRun, JobStatus, Trigger

# While the way to the account is blocked, every other execution would fail alike.
BLOCKED = frozenset({"NO_CONNECTION", "AUTH_FAILED", "INVALID_CONNECTION", "CANNOT_DECRYPT"})


def work(ctx: JobContext) -> Done | Again:
    """One slice: choose what is new, have it analysed by jobs of its own, tell what failed."""
    if "taken" not in ctx.cursor:
        new_executions.take_on(ctx)
    again = children.work_through(
        ctx, partial(_begin, ctx), partial(_finish, ctx), phase="analysing"
    )
    return again or _tell(ctx)


def _begin(ctx: JobContext, pk: int) -> JobRun | None:
    execution = Execution.objects.select_related("account").filter(pk=pk).first()
    reason = _no_log(execution) if execution else ""
    if execution is None or reason:
        _settle(ctx, pk, execution, reason)
        return None
    try:
        with transaction.atomic():
            asked = request_execution_analysis(
                execution, actor=ctx.actor, queue=JobRun.Queue.LATER, trigger=Trigger.SYSTEM
            )
    except PortalError as error:
        _settle(ctx, pk, execution, error.message)
        return None
    if isinstance(asked, JobRun):
        return asked
    _settle(ctx, pk, execution)
    return None


def _no_log(execution: Execution) -> str:
    """Why no log can be had, as far as is known without a job that fails."""
    if execution.log_file_id is not None:
        return ""
    if execution.execution_type in TEST_TYPES:
        return "A run in test mode leaves no process log."
    if purged_at(execution) <= timezone.now():
        return "The platform has deleted the log of this execution."
    return ""


def _finish(ctx: JobContext, pk: int, run: JobRun | None) -> None:
    """Raises JobFailed when no other execution would fare better."""
    execution = Execution.objects.filter(pk=pk).first()
    if run is not None and run.error_code in BLOCKED:
        raise JobFailed(run.error_message, hint=run.error_hint, code=run.error_code)
    if run is None or run.status == JobStatus.SUCCEEDED:
        _settle(ctx, pk, execution)
    elif run.is_final:
        status = run.get_status_display().lower()
        _settle(ctx, pk, execution, run.error_message or f"Its job was {status}.")
    else:
        _settle(ctx, pk, execution, run.detail or "Its log has to be waited for.")


def _settle(ctx: JobContext, pk: int, execution: Execution | None, reason: str = "") -> None:
    """Count an execution and strike it off what this run owes."""
    if execution is not None and reason:
        ctx.record_error(str(execution), reason, f"/executions/{pk}/")
    elif execution is not None:
        ctx.count_records(done=1)
    new_executions.strike_off(ctx, pk)


def _tell(ctx: JobContext) -> Done:
    """One message for the whole run, and none when nothing failed."""
    usual = {int(pk): ms for pk, ms in ctx.cursor["usual"].items()}
    report = failure_report.build(ctx.cursor["taken"], usual, more=ctx.cursor["more"])
    channel = ctx.automation.channel if ctx.automation else None
    with ctx.step() as cursor:
        if report.causes:
            message = failure_report.message(report, ctx.run)
            outbox.queue(channel, message, key=f"run:{ctx.run.pk}:failures")
            # The mail leads to the page of the run: it has to say the same there.
            for cause in report.causes[: failure_report.IN_A_MAIL]:
                ctx.log(cause.sentence)
        new_executions.strike_off(ctx)
        cursor["told"] = True
    return Done(report.summary, report.result)
