"""Keeps the mirror of an account fresh: who may ask for a sync, when one is due, and its job.

request / enqueue_due → job "boomi.sync_connection" → one pass per kind of fact → rows
A pass works page by page; each page is committed with the cursor behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from boomi.access import audience_of
from boomi.client import BoomiClient, BoomiError, Forbidden, Unauthorised
from boomi.clients import open_client, translate
from boomi.models import Connection, ConnectionState, SyncMark
from boomi.services import connection_state, sync_deployments, sync_executions, sync_topology
from boomi.services.connection_state import ConnectionResult
from boomi.services.sync_tally import Tally
from common.access import require
from common.actors import Actor
from common.errors import Conflict, InputError
from scheduling import services as jobs
from scheduling.jobs import Again, Done, JobContext, JobFailed
from scheduling.models import LIVE, JobRun, JobStatus

JOB = "boomi.sync_connection"
Kind = SyncMark.Kind
Pass = Callable[[JobContext, BoomiClient, int, Tally], bool]
PASSES: dict[str, Pass] = {
    Kind.ENVIRONMENTS: sync_topology.mirror_environments,
    Kind.RUNTIMES: sync_topology.mirror_runtimes,
    Kind.DEPLOYMENTS: sync_deployments.mirror_deployments,
    Kind.EXECUTIONS: sync_executions.mirror_executions,
}
OLDEST_SINCE = timedelta(days=400)
TURN_SECONDS = 5.0
REST_AFTER_FAILURE = timedelta(minutes=10)


def request(
    connection: Connection,
    *,
    actor: Actor,
    kinds: Sequence[str] | None = None,
    since: datetime | None = None,
) -> JobRun:
    """Ask for a sync; a live one of the connection is returned instead of a second.

    `kinds` narrows it (see PASSES), `since` reads executions again from that time. Raises
    Conflict when the connection is disabled or not OK, InputError, NotAllowed.
    """
    require(actor, "boomi.connection.sync", connection)
    if not connection.enabled:
        raise Conflict("The connection is disabled.", hint="Enable it first.")
    if connection.status != ConnectionState.OK:
        raise Conflict(
            f"The connection is {connection.get_status_display().lower()}"
            + (f": {connection.status_reason}" if connection.status_reason else "."),
            hint="Test the connection first; it syncs again once a test succeeds.",
        )
    unknown = set(kinds or ()) - set(PASSES)
    if unknown:
        raise InputError(
            f"There is no kind {', '.join(sorted(unknown))} to sync.",
            hint=f"Choose from {', '.join(PASSES)}.",
            fields={"kinds": [f"Choose from {', '.join(PASSES)}."]},
        )
    _check_since(since)
    return start(connection, actor=actor, kinds=kinds, since=since)


def start(
    connection: Connection,
    *,
    actor: Actor,
    kinds: Sequence[str] | None = None,
    since: datetime | None = None,
) -> JobRun:
    """Enqueue a sync without asking whether one may: for the portal's own reasons."""
    key = f"sync:{connection.pk}"
    return jobs.enqueue(
        JOB,
        actor=actor,
        params={"connection": connection.pk, "kinds": list(kinds or PASSES), "since": since},
        key=f"{key}:since" if since else key,
        title=f"Sync {connection.name}",
        audience=audience_of(connection.account_id),
    )


def enqueue_due() -> int:
    """Start the syncs whose time has come, one per account; returns how many.

    An account is due AUTO_SYNC_SECONDS after its last sync ended, later after a failure. A
    failing connection is left alone until a test succeeds.
    """
    if not settings.AUTO_SYNC_SECONDS:
        return 0
    ready = Connection.objects.filter(enabled=True, status=ConnectionState.OK)
    # The last one stays in the dict: the oldest of those meant for monitoring.
    chosen = {row.account_id: row for row in ready.order_by("-purpose", "-pk")}
    newest = (
        JobRun.objects.filter(job=JOB, audience__in=[audience_of(pk) for pk in chosen])
        .order_by()
        .values("audience")
        .annotate(newest=Max("pk"))
        .values("newest")
    )
    last = {run.audience: run for run in JobRun.objects.filter(pk__in=newest)}
    started = 0
    for account_pk, connection in chosen.items():
        if _is_due(last.get(audience_of(account_pk))):
            start(connection, actor=Actor.system("sync"))
            started += 1
    return started


def _is_due(last: JobRun | None) -> bool:
    if last is None:
        return True
    if last.status in LIVE or last.finished_at is None:
        return False
    rest = timedelta(seconds=settings.AUTO_SYNC_SECONDS)
    if last.status != JobStatus.SUCCEEDED:
        rest = max(rest, REST_AFTER_FAILURE)
    return last.finished_at + rest <= timezone.now()


def advance(ctx: JobContext) -> Done | Again:
    """One slice of the job: go on with the kinds that are not done yet."""
    connection = _connection(ctx)
    if _must_wait(ctx, connection):
        return Again(TURN_SECONDS, "Another sync of this account is at work.")
    tally = Tally.of(ctx)
    client = open_client(connection, on_unreadable=tally.leave_out)
    for kind in ctx.params["kinds"]:
        if kind in tally.done or kind in tally.refused:
            continue
        tally.kind = kind
        ctx.phase(f"mirroring {kind}", detail=tally.detail)
        try:
            if not PASSES[kind](ctx, client, connection.account_id, tally):
                return Again()
        except Forbidden as error:
            # One missing right must not keep the other kinds from being mirrored.
            _note_refusal(ctx, connection, kind, error, tally)
        except Unauthorised as error:
            failure = translate(error)
            connection_state.store(connection, ConnectionResult.of(failure), ctx.actor)
            raise failure from None
        except BoomiError as error:
            raise translate(error) from None
        else:
            if tally.complaint:
                ctx.log(f"{kind}: {tally.complaint}", level="warning")
            tally.done.append(kind)
            with ctx.step(**tally.as_cursor()):
                pass
    return _ending(tally)


def _connection(ctx: JobContext) -> Connection:
    rows = Connection.objects.select_related("account")
    connection = rows.filter(pk=ctx.params["connection"]).first()
    if connection is None:
        raise JobFailed("The connection was deleted.", hint="Nothing is left to do.")
    if not connection.enabled:
        raise JobFailed("The connection was disabled.", hint="Enable it and sync again.")
    return connection


def _must_wait(ctx: JobContext, connection: Connection) -> bool:
    """Whether an older sync of the account lives: two would move the same marks."""
    audience = audience_of(connection.account_id)
    older = JobRun.objects.filter(job=JOB, audience=audience, status__in=LIVE, pk__lt=ctx.run.pk)
    return older.exists()


def _note_refusal(
    ctx: JobContext, connection: Connection, kind: str, error: Forbidden, tally: Tally
) -> None:
    failure = translate(error)
    ctx.log(f"{kind}: {failure.message} {failure.hint}", level="warning")
    tally.refused[kind] = failure.message
    with ctx.step(**tally.as_cursor()), transaction.atomic():
        SyncMark.objects.update_or_create(
            account_id=connection.account_id,
            kind=kind,
            defaults={"error": f"{failure.message} {failure.hint}"[:500]},
        )


def _ending(tally: Tally) -> Done:
    if tally.refused and not tally.done:
        first = next(iter(tally.refused.values()))
        raise JobFailed(
            first,
            hint="Ask an administrator of the Boomi account for the missing privilege.",
            code=Forbidden.default_code,
        )
    return Done(tally.summary, tally.result)


def _check_since(since: datetime | None) -> None:
    now = timezone.now()
    if since is not None and not now - OLDEST_SINCE <= since <= now:
        text = f"The time must lie within the last {OLDEST_SINCE.days} days."
        raise InputError(
            text, hint="The platform keeps executions for 30 days.", fields={"since": [text]}
        )
