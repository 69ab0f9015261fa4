"""How often each kind of fact is read, and which kinds of an account are due.

Chosen so that an account at rest costs some 170 calls an hour, of the 3,420 that the caps leave
to background work; what is told early (executions, events, runtimes) is asked often.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from boomi.models import SyncMark

Kind = SyncMark.Kind
# In the order of a sync. Executions and their connectors: with every sync.
EVERY: dict[str, timedelta] = {
    Kind.ACCOUNT: timedelta(days=1),
    Kind.ENVIRONMENTS: timedelta(minutes=30),
    Kind.RUNTIMES: timedelta(minutes=5),
    Kind.EXECUTIONS: timedelta(0),
    Kind.EVENTS: timedelta(minutes=5),
    Kind.CONNECTORS: timedelta(0),
    Kind.DEPLOYMENTS: timedelta(minutes=5),
    Kind.AUDIT_LOG: timedelta(minutes=5),
    Kind.SUMMARIES: timedelta(minutes=10),
    Kind.SCHEDULES: timedelta(minutes=15),
    Kind.FOLDERS: timedelta(hours=1),
    Kind.COMPONENTS: timedelta(minutes=10),
    Kind.PACKAGES: timedelta(minutes=15),
    Kind.REFERENCES: timedelta(minutes=10),
}
SHORTEST = timedelta(seconds=60)
# A right that is missing is seldom granted within minutes; a fault may pass.
AFTER_REFUSAL = timedelta(hours=1)
AFTER_TROUBLE = timedelta(minutes=10)


def every(kind: str) -> timedelta:
    """The pause between two passes of a kind; never shorter than between two syncs."""
    return max(EVERY[kind], timedelta(seconds=settings.AUTO_SYNC_SECONDS), SHORTEST)


def next_due(kind: str, started: datetime) -> datetime:
    """When a kind whose pass began at `started` is due again."""
    return started + every(kind)


def due_kinds(accounts: Iterable[int], now: datetime | None = None) -> dict[int, list[str]]:
    """The kinds of each account that are due, in the order they are synced."""
    now = now or timezone.now()
    wanted = list(accounts)
    later: dict[int, set[str]] = defaultdict(set)
    marks = SyncMark.objects.filter(account__in=wanted, due_at__gt=now)
    for account_pk, kind in marks.values_list("account_id", "kind"):
        later[account_pk].add(kind)
    return {
        account_pk: [kind for kind in EVERY if kind not in later[account_pk]]
        for account_pk in wanted
    }
