"""Reads of the mirror for pages, each with a fixed number of SQL queries."""

from __future__ import annotations

from django.db.models import Max, Q, QuerySet

from boomi.access import audience_of
from boomi.models import Account, Circuit, Connection, SyncMark
from boomi.services.sync import JOB as SYNC_JOB
from scheduling.models import JobRun


def with_freshness(connections: QuerySet[Connection]) -> QuerySet[Connection]:
    """Annotate `synced_at`: when the mirror of the account's executions was last complete."""
    of = of_executions("account__sync_marks")
    return connections.annotate(synced_at=Max("account__sync_marks__completed_at", filter=of))


def of_executions(marks: str) -> Q:
    """Only the marks of executions: what people mean by fresh. `marks` is the path to them."""
    return Q(**{f"{marks}__kind": SyncMark.Kind.EXECUTIONS})


def sync_marks(account: Account) -> list[SyncMark]:
    """How far each kind of fact is mirrored, in the order of the kinds."""
    order = list(SyncMark.Kind.values)
    return sorted(account.sync_marks.all(), key=lambda mark: order.index(mark.kind))


def circuit_of(account: Account) -> Circuit | None:
    """The circuit of the account while it is not closed."""
    return Circuit.objects.exclude(state=Circuit.State.CLOSED).filter(pk=account.account_id).first()


def last_sync(connection: Connection) -> JobRun | None:
    """The newest sync of the connection's account, live or ended."""
    runs = JobRun.objects.filter(job=SYNC_JOB, audience=audience_of(connection.account_id))
    return runs.order_by("-pk").first()
