"""Deleting what was mirrored of an account once its last connection went, in small steps."""

from __future__ import annotations

from django.db.models import Model

from boomi.access import audience_of
from boomi.models import (
    Account,
    AccountGroup,
    CompletenessCheck,
    Component,
    ComponentReference,
    Connection,
    Deployment,
    Environment,
    Execution,
    ExecutionSummary,
    ExecutionTally,
    Folder,
    PackagedComponent,
    PlatformAuditEntry,
    PlatformEvent,
    ProcessSchedule,
    Runtime,
    SyncMark,
)
from common.actors import Actor
from scheduling import services as jobs
from scheduling.jobs import Again, Done, JobContext
from scheduling.models import JobRun

JOB = "boomi.delete_account"
ROWS_PER_STEP = 200
MIRRORED: tuple[tuple[str, type[Model]], ...] = (
    ("executions", Execution),
    ("deployments", Deployment),
    ("summaries", ExecutionSummary),
    ("events", PlatformEvent),
    ("audit log entries", PlatformAuditEntry),
    ("packages", PackagedComponent),
    ("references", ComponentReference),
    ("components", Component),
    ("folders", Folder),
    ("schedules", ProcessSchedule),
    ("runtimes", Runtime),
    ("environments", Environment),
    ("account groups", AccountGroup),
)
BOOKKEEPING: tuple[tuple[str, type[Model]], ...] = (
    ("sync marks", SyncMark),
    ("counts", CompletenessCheck),
    ("tallies", ExecutionTally),
)


def dependants(connection: Connection) -> dict[str, int]:
    """How many mirrored rows only this connection stands for; empty when others remain."""
    others = Connection.objects.filter(account=connection.account_id).exclude(pk=connection.pk)
    if others.exists():
        return {}
    counts = {
        name: model._default_manager.filter(account=connection.account_id).count()
        for name, model in MIRRORED
    }
    return {name: count for name, count in counts.items() if count}


def request(account: Account, *, actor: Actor) -> JobRun:
    return jobs.enqueue(
        JOB,
        actor=actor,
        params={"account": account.pk},
        key=f"delete-account:{account.pk}",
        title=f"Delete what was mirrored of {account}",
        audience=audience_of(account.pk),
    )


def advance(ctx: JobContext) -> Done | Again:
    """Delete until nothing is left, or until somebody connected the account again."""
    account = Account.objects.filter(pk=ctx.params["account"]).first()
    deleted = int(ctx.cursor.get("deleted", 0))
    if account is None:
        return Done(f"{deleted:,} rows deleted.")
    for name, model in (*MIRRORED, *BOOKKEEPING):
        while True:
            if ctx.should_stop():
                return Again()
            ctx.phase(f"deleting {name}", detail=f"{deleted:,} rows so far")
            with ctx.step() as cursor:
                if account.connections.exists():
                    return Done(f"Stopped after {deleted:,} rows: the account is connected again.")
                rows = model._default_manager.filter(account=account).order_by("pk")
                keys = list(rows.values_list("pk", flat=True)[:ROWS_PER_STEP])
                rows.filter(pk__in=keys).delete()
                deleted += len(keys)
                cursor["deleted"] = deleted
            if not keys:
                break
    with ctx.step():
        if not account.connections.exists():
            account.delete()
    return Done(f"{deleted:,} rows deleted.")
