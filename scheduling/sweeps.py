"""What keeps runs moving when nobody is looking: due runs, lost messages, dead workers.

Everything here is a conditional update, so any number of clocks may do it at once. How long
a killed worker delays its run, with default settings:

    lease of the dead worker          JOB_LEASE_SECONDS     30 s at most
    next sweep                        sweep_seconds()        5 s at most
    message to a free worker          poll of the queue      0.5 s
                                                            ---- 36 s

and when the whole queue froze with it (a worker killed while idle holds the queue's lock):

    silence is noticed                CLUSTER_STALE_SECONDS  90 s at most
    the queue's processes restart     about                   5 s
    messages it had taken are resent  JOB_LEASE_SECONDS      runs beside the above
    next sweep and pick-up                                    6 s
                                                            ---- 101 s
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Min, Q
from django.utils import timezone
from django_q.models import Failure, OrmQ

from common import audit
from common.actors import Actor
from common.logs import get_logger
from common.models import AuditEvent
from common.pruning import delete_old
from scheduling import dispatch, heartbeats, jobs, notices
from scheduling.models import JobRun, JobStatus, Occurrence

log = get_logger(__name__)
BATCH = 500
LONGEST_SWEEP_SECONDS = 5.0
JUMP = heartbeats.JUMP
# Jobs whose registration is gone are still swept; this is @job's own default.
UNKNOWN_MAX_ATTEMPTS = 3


def sweep_seconds() -> float:
    """How often to look for dead workers: several times within a lease."""
    return min(LONGEST_SWEEP_SECONDS, settings.JOB_LEASE_SECONDS / 6)


def dispatch_due() -> int:
    """Queue the waiting runs whose time has come; returns how many.

    One that was told to wait by a clock that ran ahead waits for a time nobody meant.
    """
    now = timezone.now()
    due = Q(run_at__lte=now) | Q(changed_at__gt=now + JUMP)
    rows = JobRun.objects.filter(due, status=JobStatus.WAITING)
    return sum(_queue(run, JobStatus.WAITING) for run in rows.order_by("run_at")[:BATCH])


def _queue(run: JobRun, origin: JobStatus, **expected: object) -> bool:
    with transaction.atomic():
        moved = JobRun.objects.filter(pk=run.pk, status=origin, **expected).update(
            status=JobStatus.QUEUED, lease_until=None, changed_at=timezone.now()
        )
        if moved:
            dispatch.send(run)
    return bool(moved)


def resend_lost_messages() -> int:
    """Send the id of queued runs again whose message vanished with a killed queue process.

    A message still lying in the queue is not lost, however long the line: only runs sent
    before the oldest waiting message are looked at, so a backlog never doubles.
    """
    sent = 0
    for queue in JobRun.Queue.values:
        before = _oldest_waiting(queue) - timedelta(seconds=settings.JOB_LEASE_SECONDS)
        gone = Q(dispatched_at__lt=before) | Q(dispatched_at__gt=timezone.now() + JUMP)
        lost = JobRun.objects.filter(gone, status=JobStatus.QUEUED, queue=queue).order_by(
            "dispatched_at"
        )[:BATCH]
        for run in lost:
            sent += _resend(run)
    return sent


def _oldest_waiting(queue: str) -> datetime:
    """When the oldest message nobody has taken yet was sent; now when none lies there."""
    now = timezone.now()
    oldest = OrmQ.objects.filter(key=queue, lock__lte=now).aggregate(at=Min("lock"))["at"]
    return oldest or now


def _resend(run: JobRun) -> bool:
    with transaction.atomic():
        mine = JobRun.objects.filter(
            pk=run.pk, status=JobStatus.QUEUED, dispatched_at=run.dispatched_at
        ).update(dispatched_at=timezone.now())
        if mine:
            dispatch.send(run)
    return bool(mine)


def recover_expired() -> int:
    """Take runs from workers that stopped extending their lease; returns how many.

    A run goes back to the queue, ends as cancelled when that was asked, or as lost when more
    workers died over it without a step forward than its job allows.
    """
    now = timezone.now()
    # A lease that long was written by a clock that ran ahead; a live worker would have renewed it.
    over = Q(lease_until__lt=now) | Q(lease_until__gt=now + JUMP)
    expired = JobRun.objects.filter(over, status=JobStatus.RUNNING)
    return sum(_recover(run) for run in expired.order_by("lease_until")[:BATCH])


def _recover(run: JobRun) -> bool:
    """The fence and the very lease we saw are expected: an extended one is left alone."""
    seen: dict[str, object] = {"fence": run.fence, "lease_until": run.lease_until}
    if run.cancel_asked_at is not None:
        return _end(run, JobStatus.CANCELLED, seen, summary="Cancelled; its worker had died.")
    if run.attempts >= _max_attempts(run):
        return _end(
            run,
            JobStatus.LOST,
            seen,
            error_code="WORKER_DIED",
            error_message=f"The worker died {run.attempts} times over this job.",
            error_hint="It ran out of memory or of time: look at the machine's log, then retry.",
        )
    log.warning("scheduling.run_recovered", job=run.job, job_id=run.pk, worker=run.worker)
    return _queue(run, JobStatus.RUNNING, **seen)


def _max_attempts(run: JobRun) -> int:
    try:
        return jobs.find(run.job).max_attempts
    except jobs.UnknownJob:
        return UNKNOWN_MAX_ATTEMPTS


def _end(run: JobRun, status: JobStatus, expected: dict[str, object], **values: object) -> bool:
    now = timezone.now()
    with transaction.atomic():
        ended = JobRun.objects.filter(pk=run.pk, status=JobStatus.RUNNING, **expected).update(
            status=status, finished_at=now, changed_at=now, lease_until=None, **values
        )
        if ended and status == JobStatus.LOST:
            audit.record(
                Actor.system("clock"),
                "scheduling.job.lost",
                run,
                note=str(values["error_message"]),
                outcome=AuditEvent.Outcome.FAILED,
            )
            notices.tell_of_failure(
                run, status, str(values["error_message"]), str(values["error_hint"])
            )
    return bool(ended)


def forget_old_runs() -> int:
    """Delete runs that ended more than RETENTION_JOB_DAYS ago; returns how many.

    The queue keeps a row of its own for each message whose worker was ended by force.
    """
    before = timezone.now() - timedelta(days=settings.RETENTION_JOB_DAYS)
    delete_old(Failure.objects.filter(stopped__lt=before).order_by("stopped"))
    return delete_old(JobRun.objects.filter(finished_at__lt=before).order_by("pk"))


def forget_old_occurrences() -> int:
    """Delete what became of due times more than RETENTION_JOB_DAYS ago; returns how many."""
    before = timezone.now() - timedelta(days=settings.RETENTION_JOB_DAYS)
    return delete_old(Occurrence.objects.filter(due_at__lt=before).order_by("pk"))
