"""Keeps the mirror of an account fresh: who may ask for a sync, when one is due, and its job.

request / enqueue_due → job "boomi.sync_connection" → one pass per kind of fact → rows
A pass works page by page; each page is committed with the cursor behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from boomi.access import audience_of
from boomi.client import (
    BadAddress,
    BoomiClient,
    BoomiError,
    Broken,
    Forbidden,
    ForeignHost,
    NotReady,
    RateLimited,
    TransportError,
    Unauthorised,
)
from boomi.clients import open_client, translate
from boomi.models import Connection, ConnectionState, SyncMark
from boomi.services import (
    cadence,
    completeness,
    connection_state,
    sync_activity,
    sync_audit,
    sync_components,
    sync_deployments,
    sync_executions,
    sync_packages,
    sync_topology,
)
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
    Kind.ACCOUNT: sync_topology.mirror_account,
    Kind.ENVIRONMENTS: sync_topology.mirror_environments,
    Kind.RUNTIMES: sync_topology.mirror_runtimes,
    Kind.EXECUTIONS: sync_executions.mirror_executions,
    Kind.EVENTS: sync_activity.mirror_events,
    Kind.CONNECTORS: sync_activity.mirror_connectors,
    Kind.DEPLOYMENTS: sync_deployments.mirror_deployments,
    Kind.AUDIT_LOG: sync_audit.mirror_audit_log,
    Kind.SUMMARIES: sync_activity.mirror_summaries,
    Kind.SCHEDULES: sync_topology.mirror_schedules,
    Kind.FOLDERS: sync_topology.mirror_folders,
    Kind.COMPONENTS: sync_components.mirror_components,
    Kind.PACKAGES: sync_packages.mirror_packages,
    Kind.REFERENCES: sync_components.mirror_references,
}
OLDEST_SINCE = timedelta(days=400)
TURN_SECONDS = 5.0
REST_AFTER_FAILURE = timedelta(minutes=10)
# An answer nobody can read is asked for so often before the other kinds go on without it.
FAULTS_BORNE = 3


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
    """Enqueue a sync without asking whether one may: for the portal's own reasons.

    Without `kinds` everything is read, and compared with the platform's own counts.
    """
    params = {
        "connection": connection.pk,
        "kinds": list(kinds or PASSES),
        "since": since,
        "count": kinds is None,
    }
    key = f"sync:{connection.pk}"
    return jobs.enqueue(
        JOB,
        actor=actor,
        params=params,
        key=f"{key}:since" if since else key,
        title=f"Sync {connection.name}",
        audience=audience_of(connection.account_id),
    )


def enqueue_due() -> int:
    """Start the syncs whose time has come, one per account; returns how many.

    A sync reads the kinds that are due (see cadence), AUTO_SYNC_SECONDS after the last whole one
    ended at the earliest, later after a failure. A failing connection is left alone until a test
    succeeds.
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
    due = cadence.due_kinds(chosen)
    started = 0
    for account_pk, connection in chosen.items():
        if due[account_pk] and _has_rested(last.get(audience_of(account_pk))):
            _start_due(connection, due[account_pk])
            started += 1
    return started


def _start_due(connection: Connection, kinds: Sequence[str]) -> JobRun:
    """A sync of a person's is not answered with this one, which may read less."""
    return jobs.enqueue(
        JOB,
        actor=Actor.system("sync"),
        params={"connection": connection.pk, "kinds": kinds, "since": None, "count": True},
        key=f"sync:{connection.pk}:due",
        title=f"Sync {connection.name}",
        audience=audience_of(connection.account_id),
    )


def _has_rested(last: JobRun | None) -> bool:
    if last is None:
        return True
    if last.status in LIVE or last.finished_at is None:
        return False
    if not last.params.get("count"):
        # It read some kinds only: started often, it would keep the others from ever being read.
        return True
    rest = timedelta(seconds=settings.AUTO_SYNC_SECONDS)
    if last.status != JobStatus.SUCCEEDED:
        rest = max(rest, REST_AFTER_FAILURE)
    return last.finished_at + rest <= timezone.now()


def advance(ctx: JobContext) -> Done | Again:
    """One slice of the job: go on with the kinds that are not done yet.

    What became due again while a long past is read comes first, so that one does not make the
    rest of the mirror old.
    """
    connection = _connection(ctx)
    if _must_wait(ctx, connection):
        return Again(TURN_SECONDS, "Another sync of this account is at work.")
    tally = Tally.of(ctx)
    if _next_kind(ctx, tally):
        due = cadence.due_kinds([connection.account_id])[connection.account_id]
        tally.done = [kind for kind in tally.done if kind not in due]
    client = open_client(connection, on_unreadable=tally.leave_out)
    while True:
        while kind := _next_kind(ctx, tally):
            if not _mirror(ctx, connection, client, kind, tally):
                return Again()
        if not ctx.params.get("count") or tally.checked:
            break
        if not _compare(ctx, connection, client, tally):
            return Again()
    if tally.checked:
        with ctx.step():
            completeness.recount(connection.account_id)
    return _ending(tally)


def _next_kind(ctx: JobContext, tally: Tally) -> str:
    """What to mirror next: the order of the request, those that let others go first last."""
    kinds = [kind for kind in ctx.params["kinds"] if not tally.is_settled(kind)]
    tally.others_wait = len(kinds) > 1
    first = [kind for kind in kinds if kind not in tally.later]
    return str((first or kinds or [""])[0])


def _mirror(
    ctx: JobContext, connection: Connection, client: BoomiClient, kind: str, tally: Tally
) -> bool:
    """Bring one kind forward; False when the slice is over."""
    tally.kind = kind
    ctx.phase(f"mirroring {Kind(kind).label.lower()}", detail=tally.detail)
    own = client.with_feature(f"sync.{kind}")
    try:
        finished = PASSES[kind](ctx, own, connection.account_id, tally)
    except Unauthorised as error:
        failure = translate(error)
        connection_state.store(connection, ConnectionResult.of(failure), ctx.actor)
        raise failure from None
    except BoomiError as error:
        if _is_about_everything(error):
            raise translate(error) from None
        _note_trouble(ctx, connection, kind, error, tally)
        return True
    if finished:
        if tally.complaint:
            ctx.log(f"{kind}: {tally.complaint}", level="warning")
        tally.done.append(kind)
        with ctx.step(**tally.as_cursor()):
            pass
        return True
    if ctx.should_stop() or not tally.others_wait or kind in tally.later:
        return False
    tally.later.append(kind)
    return True


def _is_about_everything(error: BoomiError) -> bool:
    """Whether no other kind would fare better: the network, the limit, the whole platform."""
    return isinstance(error, RateLimited | TransportError | NotReady | BadAddress | ForeignHost)


def _note_trouble(
    ctx: JobContext, connection: Connection, kind: str, error: BoomiError, tally: Tally
) -> None:
    """A kind that is refused, or whose answer cannot be read, must not hold the others back."""
    failure = translate(error)
    sentence = f"{failure.message} {failure.hint}".strip()
    if isinstance(error, Broken):
        tally.faults[kind] = tally.faults.get(kind, 0) + 1
        if tally.faults[kind] < FAULTS_BORNE:
            with ctx.step(**tally.as_cursor()):
                pass
            raise failure from None
    refused = isinstance(error, Forbidden)
    (tally.refused if refused else tally.troubled)[kind] = failure.message
    ctx.log(f"{kind}: {sentence}", level="warning")
    pause = cadence.AFTER_REFUSAL if refused else cadence.AFTER_TROUBLE
    with ctx.step(**tally.as_cursor()):
        SyncMark.objects.update_or_create(
            account_id=connection.account_id,
            kind=kind,
            defaults={"error": sentence[:500], "due_at": timezone.now() + pause},
        )


def _compare(ctx: JobContext, connection: Connection, client: BoomiClient, tally: Tally) -> bool:
    """Compare with the platform's own counts; what lacks something is read again in this run.

    False when the slice is over.
    """
    own = client.with_feature("sync.count")
    try:
        gaps = completeness.check(ctx, own, connection.account_id, tally)
    except BoomiError as error:
        if isinstance(error, Unauthorised) or _is_about_everything(error):
            raise translate(error) from None
        ctx.log(f"count: {translate(error).message}", level="warning")
        gaps = set()
    if gaps is None:
        return False
    tally.checked = True
    # A gap is read again in this run by the kinds that it was asked for.
    tally.done = [kind for kind in tally.done if kind not in gaps]
    with ctx.step(**tally.as_cursor()):
        pass
    return True


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


def _ending(tally: Tally) -> Done:
    if tally.refused and not tally.done:
        first = next(iter(tally.refused.values()))
        raise JobFailed(
            first,
            hint="Ask an administrator of the Boomi account for the missing privilege.",
            code=Forbidden.default_code,
        )
    if tally.troubled and not tally.done:
        first = next(iter(tally.troubled.values()))
        raise JobFailed(first, hint="The log of the run says more about each kind.")
    return Done(tally.summary, tally.result)


def _check_since(since: datetime | None) -> None:
    now = timezone.now()
    if since is not None and not now - OLDEST_SINCE <= since <= now:
        text = f"The time must lie within the last {OLDEST_SINCE.days} days."
        raise InputError(
            text, hint="The platform keeps executions for 30 days.", fields={"since": [text]}
        )
