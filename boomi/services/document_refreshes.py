"""The daily refresh of stored component documents: what is due is fetched, the rest is not."""

from __future__ import annotations

from boomi.client import BoomiError, Unauthorised
from boomi.clients import open_client, translate
from boomi.models import Account, Component
from boomi.services import account_connections, connection_state, documents
from boomi.services.connection_state import ConnectionResult
from scheduling.jobs import Again, Done, JobContext, JobFailed

DEFAULT_LIMIT = 500
AT_ONCE = 50


def advance(ctx: JobContext) -> Done | Again:
    """One slice of the job "boomi.refresh_components": some fifty documents, then give way."""
    account = Account.objects.filter(pk=ctx.params["account"]).first()
    if account is None:
        raise JobFailed("The account was deleted.", hint="Delete this automation too.")
    limit = int(ctx.params.get("limit") or DEFAULT_LIMIT)
    looked_at, stored = ctx.cursor.get("looked_at", 0), ctx.cursor.get("stored", 0)
    waiting = documents.due(account.pk).count()
    batch = min(AT_ONCE, limit - looked_at, waiting)
    if batch <= 0:
        return _ending(ctx, account, stored, waiting)
    fetched = _refresh(ctx, account, batch)
    gone = waiting - documents.due(account.pk).count()
    if not gone and not ctx.should_stop():
        # What is due and stays due without an error would be asked for without an end.
        return _ending(ctx, account, stored + fetched, waiting)
    with ctx.step(looked_at=looked_at + gone, stored=stored + fetched):
        ctx.count_records(done=fetched, failed=max(0, gone - fetched))
        ctx.phase("refreshing", 100 * (looked_at + gone) / max(limit, 1), f"{waiting} were due")
    return Again()


def _refresh(ctx: JobContext, account: Account, batch: int) -> int:
    connection = account_connections.working(account, actor=ctx.actor)
    client = open_client(connection)
    try:
        return documents.refresh_due(ctx, client, account.pk, batch)
    except Unauthorised as error:
        failure = translate(error)
        connection_state.store(connection, ConnectionResult.of(failure), ctx.actor)
        raise failure from None
    except BoomiError as error:
        raise translate(error) from None


def _ending(ctx: JobContext, account: Account, stored: int, left: int) -> Done:
    refused = Component.objects.filter(account=account).exclude(document_error="").count()
    if not stored and not left:
        return Done("Every document is fresh.", {"stored": 0, "left": 0, "refused": refused})
    sentence = f"{stored} documents refreshed" + (f", {left} still due." if left else ".")
    return Done(sentence, {"stored": stored, "left": left, "refused": refused})
