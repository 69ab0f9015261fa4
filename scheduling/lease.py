"""Who may write to a run: one worker at a time, proven by the run's fencing number.

A claim raises the number; every later write names it. A worker whose lease ran out and
whose run was given to another finds its number outdated, writes nothing and leaves.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from scheduling.models import JobRun, JobStatus


class LostLease(Exception):
    """The run belongs to another worker now, or has ended: stop without writing anything."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write to one run, as long as its `fence` is the newest."""

    run_id: int
    fence: int

    def write(self, **values: object) -> None:
        """Update the run under the fence. Raises LostLease when it is no longer ours."""
        changed = JobRun.objects.filter(
            pk=self.run_id, fence=self.fence, status=JobStatus.RUNNING
        ).update(changed_at=timezone.now(), **values)
        if not changed:
            raise LostLease(f"Run {self.run_id} was taken from fence {self.fence}.")

    def extend(self) -> None:
        """Tell the sweeper that this worker is alive. Raises LostLease."""
        self.write(lease_until=lease_end())


def lease_end() -> datetime:
    return timezone.now() + timedelta(seconds=settings.JOB_LEASE_SECONDS)


def worker_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"[:120]


def claim(run_id: int) -> JobRun | None:
    """Take a queued run for one slice, counting the attempt before any work is done.

    None when nothing is to be done: a second delivery, a cancelled run, another worker.
    """
    now = timezone.now()
    with transaction.atomic():
        taken = JobRun.objects.filter(pk=run_id, status=JobStatus.QUEUED).update(
            status=JobStatus.RUNNING,
            fence=F("fence") + 1,
            attempts=F("attempts") + 1,
            slices=F("slices") + 1,
            worker=worker_name(),
            lease_until=lease_end(),
            started_at=Coalesce("started_at", now),
            changed_at=now,
        )
        runs = JobRun.objects.select_related("owner", "automation")
        return runs.get(pk=run_id) if taken else None
