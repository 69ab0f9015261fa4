"""Keeping a lease while the job works: a thread that extends it, so that jobs need not.

It ends with the slice. When the worker is killed it dies too, the lease runs out, and the
sweeper gives the run to another worker.
"""

from __future__ import annotations

import threading
from types import TracebackType

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from common.logs import get_logger
from scheduling import heartbeats
from scheduling.lease import Lease, LostLease

log = get_logger(__name__)


class LeaseKeeper:
    """Extends `lease` every JOB_HEARTBEAT_SECONDS until the with block ends.

    `queue` is the queue this process serves, which lives while the job does; "" for none.
    """

    def __init__(self, lease: Lease, queue: str, *, enabled: bool = True) -> None:
        self._lease = lease
        self._queue = queue
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="lease", daemon=True)
        self._enabled = enabled

    def __enter__(self) -> LeaseKeeper:
        if self._enabled:
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        if self._enabled:
            self._thread.join(settings.JOB_LEASE_SECONDS)

    def _keep(self) -> None:
        """The thread has a database connection of its own, opened at its first beat."""
        try:
            while not self._over.wait(settings.JOB_HEARTBEAT_SECONDS):
                self._beat()
        except LostLease:
            # The job notices by itself: each of its writes is fenced.
            return
        finally:
            connection.close()

    def _beat(self) -> None:
        try:
            self._lease.extend()
            if self._queue:
                heartbeats.beat(f"queue:{self._queue}")
        except (DatabaseError, InterfaceError) as error:
            # The next beat comes within the lease; until then the fence protects the run.
            log.warning("scheduling.beat_missed", error=str(error))
            connection.close()
