"""One slice of a run: claim, work, ending.

This is the one place that catches every exception: whatever a job raises becomes an ending
that people can read, and the worker goes on to the next run.
"""

from __future__ import annotations

import secrets
import traceback
from datetime import timedelta

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from common import audit
from common.errors import PortalError, RemoteBusy, RemoteError
from common.logs import get_logger
from common.models import AuditEvent
from scheduling import chains, dispatch, jobs, lease, notices
from scheduling.context import JobContext
from scheduling.keeper import LeaseKeeper
from scheduling.models import JobRun, JobStatus
from scheduling.texts import plain_json, storable

log = get_logger(__name__)
LONGEST_BACKOFF_SECONDS = 300.0
LEAST_BUSY_SECONDS = 0.5


def run_slice(run_id: int, *, keep_alive: bool = True, queue: str = "") -> bool:
    """Work one slice of the run if it can be claimed; False when there was nothing to do.

    `queue` names the queue whose worker calls; a command that works a run itself leaves it
    out, for it proves nothing about the queue.

    `keep_alive` extends the lease from a thread while the job works; a caller inside a
    transaction of its own switches it off. Never raises for what the job does.
    """
    run = lease.claim(run_id)
    if run is None:
        return False
    with structlog.contextvars.bound_contextvars(
        job_id=run.pk, job=run.job, request_id=run.request_id
    ):
        context = JobContext(run)
        with LeaseKeeper(context.lease, queue, enabled=keep_alive):
            try:
                _work(context)
            except jobs.LostLease:
                log.warning("scheduling.lease_lost")
    return True


def _work(context: JobContext) -> None:
    """Run the job function and write its ending. Raises LostLease only."""
    try:
        with chains.working_on(context.run):
            outcome = jobs.find(context.run.job).function(context)
        if isinstance(outcome, jobs.Again):
            _again(context, outcome.after_seconds, outcome.reason, attempts=0, tries=0)
        else:
            _succeed(context, outcome)
    except jobs.LostLease:
        raise
    except Exception as error:  # noqa: BLE001 - a job may raise anything; each has an ending
        if not connection.in_atomic_block:
            # The fault may be a connection that died: the ending needs one that works.
            connection.close_if_unusable_or_obsolete()
        _end_badly(context, error)
    context.forget_old_lines()


def _end_badly(context: JobContext, error: Exception) -> None:
    if isinstance(error, jobs.JobCancelled):
        _finish(context, JobStatus.CANCELLED, summary="Cancelled while it worked.")
    elif isinstance(error, RemoteBusy):
        _again(context, max(LEAST_BUSY_SECONDS, error.wait_seconds), error.message)
    elif is_passing(error):
        _try_again(context, error)
    elif isinstance(error, PortalError):
        _fail(context, error.message, error.hint, error.code)
    elif isinstance(error, jobs.UnknownJob):
        _fail(
            context,
            f"This version of the portal knows no job called {context.run.job}.",
            "Start the work again from its page.",
            "UNKNOWN_JOB",
        )
    else:
        _error(context, error)


def is_passing(error: Exception) -> bool:
    """Whether repeating the slice may help: told by the error, or a database that was busy.

    A RemoteError passes when it carries a true attribute `transient`. PostgreSQL's classes 08,
    40, 53, 55 and 57 are lost connections, deadlocks, lack of resources, locks, shutdowns.
    """
    if isinstance(error, jobs.Retry):
        return True
    if isinstance(error, RemoteError):
        return getattr(error, "transient", False) is True
    if isinstance(error, OperationalError | InterfaceError):
        state = getattr(error.__cause__, "sqlstate", None)
        if state is not None:
            return str(state)[:2] in {"08", "40", "53", "55", "57"}
        text = str(error).lower()
        return any(word in text for word in ("locked", "busy", "connection", "closed"))
    return False


def _try_again(context: JobContext, error: Exception) -> None:
    tries = context.run.tries + 1
    told = _told(error)
    if tries >= jobs.find(context.run.job).max_tries:
        _fail(context, told.message, told.hint, told.code)
        return
    pause = error.after_seconds if isinstance(error, jobs.Retry) else 0
    _again(context, pause or backoff_seconds(tries), told.message, tries=tries)


def _told(error: Exception) -> PortalError:
    if isinstance(error, PortalError):
        return error
    return PortalError(
        "The database could not be used: it was busy or the connection was lost.",
        "Try again; if it stays so, look at the health page and the database's log.",
        "DATABASE_BUSY",
    )


def backoff_seconds(tries: int) -> float:
    """The pause before repeat number `tries`: 2, 4, 8 … 300 s, of which half is by chance."""
    longest: float = min(LONGEST_BACKOFF_SECONDS, 2.0 ** min(tries, 16))
    return longest * (0.5 + secrets.SystemRandom().random() / 2)


def _again(context: JobContext, after_seconds: float, reason: str, **values: object) -> None:
    """Give the run back for a later slice, or end it if somebody asked to cancel meanwhile.

    An orderly ending is no dead worker, so the attempt it counted is taken back.
    """
    wait = after_seconds > 0
    run_at = timezone.now() + timedelta(seconds=max(0.0, after_seconds))
    values = {**context.take_unwritten(), "attempts": 0, **values}
    if reason:
        values["detail"] = storable(reason, 300)
    with transaction.atomic():
        context.lease.extend()
        asked = JobRun.objects.values_list("cancel_asked_at", flat=True).get(pk=context.run.pk)
        if asked is None:
            status = JobStatus.WAITING if wait else JobStatus.QUEUED
            context.lease.write(status=status, run_at=run_at, lease_until=None, **values)
            if not wait:
                dispatch.send(context.run)
    if asked is not None:
        _finish(context, JobStatus.CANCELLED, summary="Cancelled between two steps.")


def _succeed(context: JobContext, done: jobs.Done) -> None:
    values: dict[str, object] = {"summary": storable(done.summary, 500), "percent": 100}
    _finish(context, JobStatus.SUCCEEDED, result=plain_json(done.result), **values)


def _fail(context: JobContext, message: str, hint: str, code: str) -> None:
    _finish(
        context,
        JobStatus.FAILED,
        error_message=storable(message, 1000),
        error_hint=storable(hint, 500),
        error_code=code[:60],
    )


def _error(context: JobContext, error: Exception) -> None:
    trace = "".join(traceback.format_exception(error))
    log.error("scheduling.job_errored", error=type(error).__name__)
    _finish(
        context,
        JobStatus.ERRORED,
        error_message=f"The job stopped on a fault of the portal ({type(error).__name__}).",
        error_hint="Retry it once; if it stops again, report the technical details below.",
        error_code="INTERNAL_ERROR",
        traceback=storable(trace, 20_000),
    )


def _finish(context: JobContext, status: JobStatus, **values: object) -> None:
    """The fenced ending and, for a bad one, its audit event in the same transaction."""
    values = {**context.take_unwritten(), "lease_until": None, **values}
    with transaction.atomic():
        context.lease.write(status=status, finished_at=timezone.now(), **values)
        if status in {JobStatus.FAILED, JobStatus.ERRORED}:
            audit.record(
                context.actor,
                f"scheduling.job.{status}",
                context.run,
                note=str(values["error_message"]),
                outcome=AuditEvent.Outcome.FAILED,
            )
            notices.tell_of_failure(
                context.run, status, str(values["error_message"]), str(values["error_hint"])
            )
    log.info("scheduling.job_ended", status=str(status))
