"""Running background work in this process: for tests and for commands that must not wait."""

from __future__ import annotations

from django.db.models import Q
from django.utils import timezone

from scheduling import runner
from scheduling.models import JobRun, JobStatus


def drain(max_slices: int = 1000, *, ignore_waits: bool = False) -> int:
    """Run every due run to its end, oldest first, and return how many slices that took.

    `ignore_waits` also runs what waits for a later time, as if that time had come.
    Raises RuntimeError when work is still due after `max_slices`: a job that never ends.
    """
    for done in range(max_slices):
        run_id = _next_due(ignore_waits)
        if run_id is None:
            return done
        JobRun.objects.filter(pk=run_id, status=JobStatus.WAITING).update(status=JobStatus.QUEUED)
        runner.run_slice(run_id, keep_alive=False)
    raise RuntimeError(f"Work is still due after {max_slices} slices.")


def _next_due(ignore_waits: bool) -> int | None:
    due = Q(status=JobStatus.QUEUED)
    waiting = Q(status=JobStatus.WAITING)
    due |= waiting if ignore_waits else waiting & Q(run_at__lte=timezone.now())
    return JobRun.objects.filter(due).order_by("run_at", "pk").values_list("pk", flat=True).first()
