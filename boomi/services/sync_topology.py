"""Environments, runtimes and which runtime serves which environment: short complete lists."""

from __future__ import annotations

from django.utils import timezone

from boomi import mirror_rows
from boomi.client import BoomiClient
from boomi.models import SyncMark
from boomi.services.sync_tally import Tally
from scheduling.jobs import JobContext


def mirror_environments(
    ctx: JobContext, client: BoomiClient, account_pk: int, tally: Tally
) -> bool:
    """Read all environments; one that is not listed any more is marked gone."""
    records = client.environments()
    with ctx.step():
        stored = mirror_rows.store_environments(account_pk, records, timezone.now())
        complete(account_pk, SyncMark.Kind.ENVIRONMENTS, stored.seen, tally.complaint)
    return True


def mirror_runtimes(ctx: JobContext, client: BoomiClient, account_pk: int, tally: Tally) -> bool:
    """Read all runtimes with their status, and their attachments to environments."""
    runtimes, attachments = client.atoms(), client.attachments()
    with ctx.step():
        stored = mirror_rows.store_runtimes(account_pk, runtimes, timezone.now())
        mirror_rows.store_attachments(account_pk, attachments)
        complete(account_pk, SyncMark.Kind.RUNTIMES, stored.seen, tally.complaint)
    return True


def complete(account_pk: int, kind: str, rows: int, error: str) -> None:
    """Note that a complete list was read just now; `error` tells of records left out of it."""
    now = timezone.now()
    SyncMark.objects.update_or_create(
        account_id=account_pk,
        kind=kind,
        defaults={"watermark": now, "completed_at": now, "rows": rows, "error": error},
    )
