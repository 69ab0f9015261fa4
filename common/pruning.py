"""Deleting what is older than it is kept, in short transactions and within a bounded time."""

from __future__ import annotations

import time

from django.db.models import Model, QuerySet

BATCH = 500
SECONDS = 2.0


def delete_old(rows: QuerySet[Model], *, seconds: float = SECONDS) -> int:
    """Delete `rows`, the first of their order first; returns how many went.

    Ends after about `seconds`, for the clock calls it: what is left goes the next time. Each
    batch is a transaction of its own, so nobody waits long for the database.
    """
    ends = time.monotonic() + seconds
    deleted = 0
    while True:
        keys = list(rows.values_list("pk", flat=True)[:BATCH])
        rows.model._default_manager.filter(pk__in=keys).delete()
        deleted += len(keys)
        if len(keys) < BATCH or time.monotonic() >= ends:
            return deleted
