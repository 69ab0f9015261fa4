"""From the JobRun row to the queue: the message carries the run's id and nothing else.

The queue's table is in the same database, so a message written inside a transaction
appears with its commit and disappears with its rollback: nothing is lost in between.
"""

from __future__ import annotations

from django.utils import timezone
from django_q.tasks import async_task

from scheduling.models import JobRun, JobStatus


def send(run: JobRun) -> None:
    """Put a queued run's id into its queue. Sending it twice is harmless: the claim decides."""
    now = timezone.now()
    JobRun.objects.filter(pk=run.pk, status=JobStatus.QUEUED).update(dispatched_at=now)
    run.dispatched_at = now
    async_task(
        "scheduling.tasks.run_job",
        run.pk,
        task_name=f"{run.job} #{run.pk}"[:100],
        q_options={"cluster": run.queue, "save": False},
    )
