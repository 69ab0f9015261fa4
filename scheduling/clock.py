"""The portal's clock: a loop of a second that moves due work and keeps an eye on the queues.

Apps add their own repeating chores with `@tick`. Any number of clocks may run: moving work
is conditional, and a tick belongs to the clock that claims its heartbeat row first.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.db import close_old_connections, connection
from django.utils import timezone
from django_q.models import OrmQ
from django_q.tasks import async_task

from common.logs import get_logger
from common.sealing import seal_pending
from scheduling import heartbeats, sweeps
from scheduling.models import JobRun
from scheduling.services import due

log = get_logger(__name__)
PASS_SECONDS = 1.0
NAP_SECONDS = 0.1
BEAT_SECONDS = 5.0
PRUNE_SECONDS = 3600.0
DUE_SECONDS = 5.0

Chore = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Tick:
    """A chore done by one clock of the installation every so many seconds."""

    name: str
    every_seconds: float
    chore: Chore


_ticks: dict[str, Tick] = {}


def tick(every_seconds: float = 60, *, name: str = "") -> Callable[[Chore], Chore]:
    """Register a chore under its name; it must be short, for it runs inside the loop.

    Longer work is enqueued from it. A chore that raises is logged and called again next time.
    """

    def register(chore: Chore) -> Chore:
        known = name or f"{chore.__module__.split('.')[0]}.{chore.__name__}"
        if known in _ticks and _ticks[known].chore is not chore:
            raise ValueError(f"Two ticks are called {known!r}.")
        _ticks[known] = Tick(known, every_seconds, chore)
        return chore

    return register


def canary_seconds() -> float:
    """How often an idle queue is asked for a sign of life: six chances before it is stale."""
    return max(1.0, min(15.0, settings.CLUSTER_STALE_SECONDS / 6))


class Clock:
    """One clock process. `run` loops until `stop` is called; `once` is a single full pass."""

    def __init__(self) -> None:
        self._stopping = False
        self._done_at: dict[str, float] = {}

    def stop(self) -> None:
        """End the loop after the pass it is in. Safe in a signal handler, as no lock is taken."""
        self._stopping = True

    def run(self) -> None:
        while not self._stopping:
            started = time.monotonic()
            self.once(everything=False)
            while not self._stopping and time.monotonic() - started < PASS_SECONDS:
                time.sleep(NAP_SECONDS)

    def once(self, *, everything: bool = True) -> None:
        """One pass. `everything` asks for all chores now instead of those due in this process."""
        if not connection.in_atomic_block:
            close_old_connections()
        if everything:
            self._done_at.clear()
        self._do("clock", BEAT_SECONDS, lambda: heartbeats.beat("clock"))
        self._do("dispatch_due", 0, sweeps.dispatch_due)
        self._do("recover_expired", sweeps.sweep_seconds(), sweeps.recover_expired)
        self._do("resend_lost_messages", sweeps.sweep_seconds(), sweeps.resend_lost_messages)
        self._do("canaries", canary_seconds() / 3, send_canaries)
        for known in list(_ticks.values()):
            self._do(known.name, known.every_seconds, partial(_claimed, known))

    def _do(self, name: str, every_seconds: float, chore: Chore) -> None:
        """Do a chore when it is due here; one that fails must not stop the others."""
        now = time.monotonic()
        if now - self._done_at.get(name, float("-inf")) < every_seconds:
            return
        self._done_at[name] = now
        try:
            chore()
        except Exception as error:
            log.error("scheduling.chore_failed", chore=name, error=str(error), exc_info=True)
            if not connection.in_atomic_block:
                connection.close()


def _claimed(known: Tick) -> None:
    """Clocks wake a little early or late: a tenth of the period is given away to that."""
    if heartbeats.claim(f"tick:{known.name}"[:60], known.every_seconds * 0.9):
        known.chore()
        heartbeats.beat(f"tick:{known.name}"[:60])


def send_canaries() -> int:
    """Ask each queue for a sign of life unless messages lie there that will give one anyway."""
    asked = 0
    for queue in JobRun.Queue.values:
        if OrmQ.objects.filter(key=queue, lock__lte=timezone.now()).exists():
            continue
        if heartbeats.claim(f"queue:{queue}", canary_seconds()):
            async_task("scheduling.tasks.canary", q_options={"cluster": queue, "save": False})
            asked += 1
    return asked


@tick(every_seconds=PRUNE_SECONDS)
def forget_old_runs() -> int:
    return sweeps.forget_old_runs() + sweeps.forget_old_occurrences()


@tick(every_seconds=2, name="common.seal_audit")
def seal_audit() -> None:
    """Several clocks may seal at once: the chain's end moves by compare-and-set."""
    seal_pending()


@tick(every_seconds=DUE_SECONDS)
def start_due() -> int:
    return due.start_due()
