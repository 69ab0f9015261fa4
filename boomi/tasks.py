"""The jobs and chores of the mirror. Each slice is a service's `advance`; nothing is decided
here."""

from boomi import access, component_access, logstore
from boomi.services import api_calls, documents, log_fetches, removal, retention, sync
from scheduling.clock import tick
from scheduling.jobs import Again, Done, JobContext, job


@job(sync.JOB, title="Sync connection", queue="later", right=access.may_sync_again)
def sync_connection(ctx: JobContext) -> Done | Again:
    return sync.advance(ctx)


@job(log_fetches.JOB, title="Fetch log", queue="now", right=access.may_fetch_again)
def fetch_log(ctx: JobContext) -> Done | Again:
    return log_fetches.advance(ctx)


@job(
    documents.JOB,
    title="Fetch component",
    queue="now",
    right=component_access.may_fetch_again,
)
def fetch_document(ctx: JobContext) -> Done | Again:
    return documents.advance(ctx)


@job(
    removal.JOB,
    title="Delete a mirrored account",
    queue="later",
    right=access.may_delete_account,
)
def delete_account(ctx: JobContext) -> Done | Again:
    return removal.advance(ctx)


@tick(every_seconds=60)
def enqueue_due_syncs() -> None:
    sync.enqueue_due()


@tick(every_seconds=3600)
def forget_old_calls() -> None:
    api_calls.forget_old()


@tick(every_seconds=3600)
def sweep_log_store() -> None:
    logstore.forget_unused()
    logstore.sweep_orphans()
    documents.forget_unused()


@tick(every_seconds=3600)
def prune_mirror() -> None:
    retention.prune()
