"""Deployments: a year of history once, then what is new, and each hour what is live.

The client reads a query to its end, so history is asked for in windows that are short enough
to fit into a minute's share of calls. Rows are committed batch by batch, for writing them twice
is harmless, and what was read with the cursor behind them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypeVar

from django.db.models import Q

from boomi import mirror_rows
from boomi.client import BoomiClient, DeployedPackageRecord, field
from boomi.models import Deployment, SyncMark
from boomi.services.sync_tally import Tally, moment, now
from scheduling.jobs import JobContext

T = TypeVar("T")

HISTORY = timedelta(days=360)
WINDOW = timedelta(days=30)
OVERLAP = timedelta(hours=1)
LIVE_EVERY = timedelta(hours=1)


def mirror_deployments(ctx: JobContext, client: BoomiClient, account_pk: int, tally: Tally) -> bool:
    """Go on with the history, or read what came since; False when the slice is over."""
    mark, _ = SyncMark.objects.get_or_create(account_id=account_pk, kind=SyncMark.Kind.DEPLOYMENTS)
    started = now()
    if mark.watermark is None:
        with ctx.step():
            cursor = {"to": started.isoformat(), "from": (started - HISTORY).isoformat()}
            _save(mark, watermark=started, cursor={"history": cursor})
    _read_new(ctx, client, mark, started)
    while history := mark.cursor.get("history"):
        if ctx.should_stop():
            return False
        _read_window(ctx, client, mark, history)
    live_at = moment(mark.cursor.get("live_at"))
    if live_at is None or started - live_at >= LIVE_EVERY:
        _read_live(ctx, client, mark, started)
    with ctx.step():
        _save(mark, completed_at=now(), error=tally.complaint)
    return True


def _read_new(ctx: JobContext, client: BoomiClient, mark: SyncMark, started: datetime) -> None:
    since = (mark.watermark or started) - OVERLAP
    records = client.deployed_packages(field("deployedDate").ge(since))
    _store(ctx, mark, records)
    with ctx.step():
        # The platform switches the earlier deployment off without a new row for it.
        for record in records:
            if record.active and record.deployed_at is not None:
                Deployment.objects.filter(
                    account_id=mark.account_id,
                    component_id=record.component_id,
                    environment_id=record.environment_id,
                    deployed_at__lt=record.deployed_at,
                    active=True,
                ).update(active=False)
        _save(mark, watermark=started)


def _read_window(
    ctx: JobContext, client: BoomiClient, mark: SyncMark, history: dict[str, str]
) -> None:
    """One window of the past, newest first."""
    end, floor = datetime.fromisoformat(history["to"]), datetime.fromisoformat(history["from"])
    start = max(floor, end - WINDOW)
    records = client.deployed_packages(field("deployedDate").between(start, end))
    _store(ctx, mark, records)
    with ctx.step():
        cursor = {**mark.cursor, "history": {**history, "to": start.isoformat()}}
        if start <= floor:
            del cursor["history"]
        _save(mark, cursor=cursor)


def _read_live(ctx: JobContext, client: BoomiClient, mark: SyncMark, started: datetime) -> None:
    """What is live now, however old; whatever else we took for live was undeployed."""
    records = client.deployed_packages(field("active").eq(True))
    live = [record.deployment_id for record in records if record.active is not False]
    _store(ctx, mark, records)
    with ctx.step():
        claimed = Deployment.objects.filter(Q(active=True), account_id=mark.account_id)
        stale = set(claimed.values_list("deployment_id", flat=True)) - set(live)
        for batch in _batches(sorted(stale)):
            claimed.filter(deployment_id__in=batch).update(active=False)
        _save(mark, cursor={**mark.cursor, "live_at": started.isoformat()})


def _store(ctx: JobContext, mark: SyncMark, records: list[DeployedPackageRecord]) -> None:
    """A transaction per batch: an account may have thousands, and others want to write too."""
    for batch in _batches(records):
        with ctx.step():
            stored = mirror_rows.store_deployments(mark.account_id, batch, now())
            _save(mark, rows=mark.rows + stored.new)


def _batches(items: list[T], size: int = 200) -> list[list[T]]:
    return [items[start : start + size] for start in range(0, len(items), size)]


def _save(mark: SyncMark, **values: object) -> None:
    for name, value in values.items():
        setattr(mark, name, value)
    mark.save(update_fields=list(values))
