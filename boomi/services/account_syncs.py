"""The sync of an account as an automation starts it: the usual sync, waited for.

A sync of the account may be live already; if it leaves out a kind that is wanted, another one
follows it.
"""

from __future__ import annotations

from collections.abc import Sequence

from boomi.models import Account
from boomi.services import account_connections, sync
from scheduling.jobs import Again, Done, JobContext, JobFailed
from scheduling.models import JobRun, JobStatus

LOOK_SECONDS = 3.0
MOST_SYNCS = 3


def advance(ctx: JobContext) -> Done | Again:
    """One slice of the job "boomi.sync_account"."""
    wanted = list(ctx.params.get("kinds") or sync.PASSES)
    begun = ctx.cursor.get("sync")
    run = JobRun.objects.filter(pk=begun).first() if begun else None
    if run is not None and not run.is_final:
        ctx.phase(run.phase or "waiting for the sync", run.percent, run.detail)
        return Again(LOOK_SECONDS, run.detail)
    if run is not None and _covers(run, wanted):
        return _ending(ctx, run)
    if ctx.cursor.get("syncs", 0) >= MOST_SYNCS:
        raise JobFailed(
            "Other syncs of the account were always in the way.",
            hint="Let this automation start at another time.",
        )
    _start(ctx, wanted)
    return Again(LOOK_SECONDS, "The sync was started.")


def _start(ctx: JobContext, wanted: Sequence[str]) -> None:
    account = Account.objects.filter(pk=ctx.params["account"]).first()
    if account is None:
        raise JobFailed("The account was deleted.", hint="Delete this automation too.")
    connection = account_connections.working(account, actor=ctx.actor)
    with ctx.step(syncs=ctx.cursor.get("syncs", 0) + 1) as cursor:
        # Who may work on the account was asked at the start; the connection may be another's.
        cursor["sync"] = sync.start(connection, actor=ctx.actor, kinds=wanted).pk


def _covers(run: JobRun, wanted: Sequence[str]) -> bool:
    return set(wanted) <= set(run.params.get("kinds") or sync.PASSES)


def _ending(ctx: JobContext, run: JobRun) -> Done:
    if run.status != JobStatus.SUCCEEDED:
        raise JobFailed(
            run.error_message or f"The sync was {run.get_status_display().lower()}.",
            hint=run.error_hint or "Its page says more.",
            code=run.error_code,
        )
    return Done(run.summary, {**run.result, "sync": run.pk})
