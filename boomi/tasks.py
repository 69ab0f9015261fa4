"""The jobs of the mirror. Each slice is a service's `advance`; nothing is decided here."""

from boomi.services import removal, sync
from scheduling.jobs import Again, Done, JobContext, job


@job(sync.JOB, title="Sync connection", queue="later")
def sync_connection(ctx: JobContext) -> Done | Again:
    return sync.advance(ctx)


@job(removal.JOB, title="Delete a mirrored account", queue="later")
def delete_account(ctx: JobContext) -> Done | Again:
    return removal.advance(ctx)
