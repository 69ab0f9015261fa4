"""Jobs that need a log: which connection to use, and one slice of fetching inside a job.

Several jobs may want the same log at once. The first to note "fetching" in its cursor asks the
platform; the others wait until that run has ended, and then find the log stored.
"""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from boomi.access import audience_of
from boomi.client import BACKGROUND, INTERACTIVE, BoomiError, Unauthorised
from boomi.clients import open_client, translate
from boomi.models import Execution
from boomi.services import account_connections, connection_state, logs
from boomi.services.connection_state import ConnectionResult
from boomi.services.logs import LogStep
from common.access import require
from common.actors import Actor
from scheduling import services as jobs
from scheduling.jobs import Again, Done, JobContext, JobFailed
from scheduling.models import LIVE, JobRun

JOB = "boomi.fetch_log"
TURN = timedelta(seconds=2)
LONGEST_TURN = timedelta(minutes=1)


def request(
    execution: Execution,
    *,
    actor: Actor,
    queue: str | None = None,
    trigger: str | None = None,
) -> JobRun:
    """Ask for the log of an execution; the live fetch of it is returned if there is one.

    `queue` and `trigger` are for work that nobody waits for.
    """
    require(actor, "boomi.execution.analyse", execution)
    return jobs.enqueue(
        JOB,
        actor=actor,
        params={"execution": execution.pk},
        key=f"log:{execution.pk}",
        title=f"Fetch the log of {execution}",
        audience=audience_of(execution.account_id),
        subject_url=f"/executions/{execution.pk}/",
        queue=queue,
        trigger=trigger,
    )


def fetch_step(
    ctx: JobContext, execution: Execution, *, note_phase: logs.NotePhase | None = None
) -> LogStep:
    """One `logs.advance` on behalf of a job; its state is committed in the cursor as "log".

    `note_phase` shows the phases in another way than the job's own. A refused credential also
    marks the connection failing.
    Waits are the job's to return as Again. Raises PortalError for faults of the connection,
    RemoteBusy and passing ones included, as the runner expects them.
    """
    if execution.log_file_id is None and not _claim(ctx, execution):
        reason = "Another job is fetching this log."
        (note_phase or ctx.phase)("waiting", None, reason)
        return LogStep("wait", _turn(execution).total_seconds(), reason=reason)
    connection = account_connections.working(execution.account, actor=ctx.actor)
    # People's share of the calls is for work that people wait for.
    purpose = INTERACTIVE if ctx.run.queue == JobRun.Queue.NOW else BACKGROUND
    client = open_client(connection, purpose=purpose, feature="log.fetch")
    try:
        step = logs.advance(
            execution,
            client=client,
            state=ctx.cursor.get("log", {}),
            note_phase=note_phase or ctx.phase,
        )
    except Unauthorised as error:
        failure = translate(error)
        connection_state.store(connection, ConnectionResult.of(failure), ctx.actor)
        raise failure from None
    except BoomiError as error:
        raise translate(error) from None
    if step.kind == "wait":
        with ctx.step(log=step.state):
            pass
    return step


def _claim(ctx: JobContext, execution: Execution) -> bool:
    """Whether the fetch is this run's; a claim ends with the run that has it."""
    if ctx.cursor.get("fetching") == execution.pk:
        return True
    with ctx.step() as cursor:
        # The row lock makes two runs look one after the other.
        Execution.objects.select_for_update().filter(pk=execution.pk).first()
        others = JobRun.objects.filter(status__in=LIVE, cursor__fetching=execution.pk)
        is_free = not others.exclude(pk=ctx.run.pk).exists()
        if is_free:
            cursor["fetching"] = execution.pk
    return is_free


def _turn(execution: Execution) -> timedelta:
    """How long to let the other job work: while its runtime is away, nothing will come soon."""
    retry_at = execution.log_retry_at or timezone.now()
    return min(max(retry_at - timezone.now(), TURN), LONGEST_TURN)


def advance(ctx: JobContext) -> Done | Again:
    """One slice of the job "boomi.fetch_log"."""
    execution = Execution.objects.filter(pk=ctx.params["execution"]).first()
    if execution is None:
        raise JobFailed("The execution was deleted.", hint="Nothing is left to do.")
    while True:
        step = fetch_step(ctx, execution)
        if step.kind != "wait":
            break
        if step.after_seconds > 0 or ctx.should_stop():
            return Again(step.after_seconds, step.reason)
    if step.log_file is None:
        raise JobFailed(
            step.reason,
            hint="The execution's page says what is known of its log.",
            code="LOG_NONE" if step.kind == "none" else "LOG_FAILED",
        )
    return Done(
        f"{step.log_file.lines:,} lines, {step.log_file.size / 2**20:,.1f} MB",
        {"log_file": step.log_file.pk},
    )
