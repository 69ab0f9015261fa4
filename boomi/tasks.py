"""The jobs and chores of the mirror. Each slice is a service's `advance`; nothing is decided
here."""

from boomi import access, automations, component_access, logstore
from boomi.services import (
    account_syncs,
    api_calls,
    captures,
    document_refreshes,
    documents,
    log_fetches,
    process_runs,
    removal,
    retention,
    sync,
)
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


@job(automations.SYNC, title="Sync account", right=automations.may_work_on)
def sync_account(ctx: JobContext) -> Done | Again:
    return account_syncs.advance(ctx)


@job(automations.CAPTURE, title="Capture logs", right=automations.may_work_on)
def capture_logs(ctx: JobContext) -> Done | Again:
    return captures.advance(ctx)


@job(automations.REFRESH, title="Refresh components", right=automations.may_work_on)
def refresh_components(ctx: JobContext) -> Done | Again:
    return document_refreshes.advance(ctx)


@job(automations.RUN, title="Run a process", right=automations.may_run_process)
def run_process(ctx: JobContext) -> Done | Again:
    return process_runs.advance(ctx)


@job(automations.PRUNE, title="Prune the mirror", right=automations.may_prune)
def prune(ctx: JobContext) -> Done | Again:
    return retention.advance(ctx)


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
    retention.prune_hourly()
