"""The verbs of background work: enqueue, cancel, retry."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypedDict, Unpack

from django.db import IntegrityError, transaction
from django.utils import timezone

from common import audit
from common.access import require
from common.actors import Actor
from common.errors import Conflict, IllegalMove
from scheduling import chains, dispatch, jobs
from scheduling.models import LIVE, Automation, JobRun, JobStatus, Trigger
from scheduling.texts import plain_json

RACES = 5


class Asked(TypedDict, total=False):
    """What may be said about a run that is asked for; see `enqueue`."""

    params: Mapping[str, Any] | None
    key: str
    title: str
    audience: str
    subject_url: str
    run_at: datetime | None
    queue: str | None
    automation: Automation | None
    trigger: str | None


def enqueue(name: str, *, actor: Actor, **asked: Unpack[Asked]) -> JobRun:
    """Ask for a run of a registered job; it starts once the caller's transaction commits.

    With a `key` there is at most one live run: a second call returns that one, unchanged.
    `run_at` in the future lets the run wait. `trigger` is by hand for people and the portal's
    own otherwise. What people start by hand is audited, the rest is not. Raises UnknownJob for
    an unregistered name, TypeError for params JSON cannot say.
    """
    return enqueue_once(name, actor=actor, **asked)[0]


def enqueue_once(name: str, *, actor: Actor, **asked: Unpack[Asked]) -> tuple[JobRun, bool]:
    """`enqueue`, and whether the run is new: False when its key had a live one."""
    job = jobs.find(name)
    now = timezone.now()
    run_at = asked.get("run_at") or now
    by_default = Trigger.MANUAL if actor.user is not None else Trigger.SYSTEM
    run = JobRun(
        job=name,
        title=(asked.get("title") or job.title)[:200],
        queue=asked.get("queue") or job.queue,
        params=plain_json(chains.passed_on(asked.get("params") or {})),
        key=asked.get("key", ""),
        status=JobStatus.WAITING if run_at > now else JobStatus.QUEUED,
        owner=actor.user,
        actor_text=actor.text[:254],
        request_id=actor.request_id,
        audience=asked.get("audience", ""),
        subject_url=asked.get("subject_url", ""),
        automation=asked.get("automation"),
        trigger=asked.get("trigger") or by_default,
        run_at=run_at,
    )
    return _insert_once(run, actor)


def _insert_once(run: JobRun, actor: Actor) -> tuple[JobRun, bool]:
    """Insert the run unless its key has a live one; the unique constraint settles a race."""
    for _ in range(RACES):
        live = JobRun.objects.filter(key=run.key, status__in=LIVE).first() if run.key else None
        if live is not None:
            return live, False
        try:
            with transaction.atomic():
                run.save(force_insert=True)
                if actor.user is not None and run.trigger == Trigger.MANUAL:
                    audit.record(actor, "scheduling.job.enqueued", run, after={"job": run.job})
                if run.status == JobStatus.QUEUED:
                    dispatch.send(run)
        except IntegrityError:
            if not run.key:
                raise
            run.pk = None
        else:
            return run, True
    raise Conflict(
        "The same work is being started over and over by others.", hint="Try again in a moment."
    )


def cancel(run: JobRun, *, actor: Actor) -> JobRun:
    """Cancel a run: at once while it waits, else at its next step. Repeating it is harmless.

    Raises NotAllowed, and IllegalMove when the run has ended.
    """
    require(actor, "scheduling.job.cancel", run)
    for _ in range(RACES):
        with transaction.atomic():
            if _cancel_waiting(run) or _ask_running(run):
                audit.record(actor, "scheduling.job.cancelled", run)
                run.refresh_from_db()
                return run
        run.refresh_from_db()
        if run.is_final:
            raise IllegalMove(
                f"This job has ended already: {run.get_status_display().lower()}.",
                hint="There is nothing left to cancel.",
            )
        if run.cancel_asked_at is not None:
            return run
    raise Conflict("The job changes too quickly to cancel it.", hint="Try again in a moment.")


def _cancel_waiting(run: JobRun) -> bool:
    now = timezone.now()
    waiting = JobRun.objects.filter(
        pk=run.pk, status__in=[JobStatus.QUEUED, JobStatus.WAITING]
    ).update(
        status=JobStatus.CANCELLED,
        cancel_asked_at=now,
        finished_at=now,
        summary="Cancelled before it went on." if run.slices else "Cancelled before it began.",
        changed_at=now,
    )
    return bool(waiting)


def _ask_running(run: JobRun) -> bool:
    asked = JobRun.objects.filter(pk=run.pk, status=JobStatus.RUNNING, cancel_asked_at=None).update(
        cancel_asked_at=timezone.now(), changed_at=timezone.now()
    )
    return bool(asked)


def retry(run: JobRun, *, actor: Actor) -> JobRun:
    """Start the same work anew as a run of its own, on behalf of `actor`.

    Returns the live run instead when its key has one. Raises NotAllowed, Conflict for a run
    that is still live or that succeeded, UnknownJob when the job no longer exists.
    """
    require(actor, "scheduling.job.retry", run)
    run.refresh_from_db()
    if not run.is_final or run.status == JobStatus.SUCCEEDED:
        raise Conflict(
            f"This job is {run.get_status_display().lower()} and cannot be retried.",
            hint="Only a job that ended without success can be retried.",
        )
    with transaction.atomic():
        again = enqueue(
            run.job,
            actor=actor,
            params=run.params,
            key=run.key,
            title=run.title,
            audience=run.audience,
            subject_url=run.subject_url,
            queue=run.queue,
            automation=run.automation,
        )
        JobRun.objects.filter(pk=again.pk, retry_of=None).exclude(pk=run.pk).update(retry_of=run)
        audit.record(actor, "scheduling.job.retried", run, after={"run": again.pk})
    again.refresh_from_db()
    return again
