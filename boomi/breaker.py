"""The circuit breaker that all processes share: one row per charged account.

Several failures in a row open the circuit, and nobody calls. When `retry_at` has come, one
conditional update lets exactly one process try; its answer closes the circuit, its failure opens
it for twice as long. Nothing has to be restarted, and no lock is held during a call.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import DatabaseError
from django.db.models import F, QuerySet
from django.utils import timezone

from boomi.client import CircuitOpen, Permit
from boomi.models import Circuit, Connection
from common.logs import get_logger

# With 8 % of all calls failing by chance, eight in a row happen once in 600 million calls.
FAILURES_TO_OPEN = 8
FIRST_PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(minutes=5)
# As long as one attempt may take; then the trial counts as lost, and another process may try.
TRIAL = timedelta(seconds=90)
# While another process tries, asking again soon is worth it.
DURING_TRIAL = timedelta(seconds=5)
REASON_LENGTH = 500

State = Circuit.State
log = get_logger(__name__)


def pause_after(openings: int) -> timedelta:
    """How long the circuit stays open after so many openings in a row: 15 s, doubling to 5 min."""
    doublings: int = 2 ** min(max(openings, 1) - 1, 16)
    return min(LONGEST_PAUSE, FIRST_PAUSE * doublings)


class DatabaseBreaker:
    """A `boomi.client.Breaker` whose state is a row of the database.

    A call costs one read while the platform answers; only failures write.
    """

    def __init__(self, account_id: str) -> None:
        self._account_id = account_id

    def before_call(self) -> Permit:
        """Leave for one attempt. Raises CircuitOpen while nobody may call."""
        row = Circuit.objects.filter(pk=self._account_id).first()
        if row is None or row.state == State.CLOSED:
            return _Attempt(self._account_id, row.failures if row else 0)
        now = timezone.now()
        if row.retry_at is not None and row.retry_at > now:
            wait = row.retry_at - now
            raise _refusal(row, min(wait, DURING_TRIAL) if row.state == State.HALF_OPEN else wait)
        return self._try(row, now)

    def _try(self, row: Circuit, now: datetime) -> Permit:
        """Be the one whose call is the trial. Raises CircuitOpen when another process was first."""
        until = now + TRIAL
        as_read = Circuit.objects.filter(
            pk=row.pk, state=row.state, retry_at=row.retry_at, openings=row.openings
        )
        if not as_read.update(state=State.HALF_OPEN, retry_at=until):
            raise _refusal(row, DURING_TRIAL)
        return _Trial(row.pk, until)


@dataclass(frozen=True, slots=True)
class _Attempt:
    """An attempt while the circuit is closed; `failures` is how many in a row came before."""

    account_id: str
    failures: int

    def succeeded(self) -> None:
        if self.failures:
            _quietly(lambda: self._closed().filter(failures__gt=0).update(failures=0, reason=""))

    def failed(self, reason: str) -> None:
        _quietly(lambda: self._count(reason[:REASON_LENGTH]))

    def unused(self) -> None:
        return None

    def _closed(self) -> QuerySet[Circuit]:
        return Circuit.objects.filter(pk=self.account_id, state=State.CLOSED)

    def _count(self, reason: str) -> None:
        counted = {"failures": F("failures") + 1, "reason": reason}
        if not self._closed().update(**counted):
            Circuit.objects.get_or_create(pk=self.account_id)
            self._closed().update(**counted)
        now = timezone.now()
        opened = self._closed().filter(failures__gte=FAILURES_TO_OPEN)
        if opened.update(
            state=State.OPEN, state_since=now, openings=1, retry_at=now + pause_after(1)
        ):
            log.warning("boomi.circuit_opened", account=self.account_id, reason=reason)


@dataclass(frozen=True, slots=True)
class _Trial:
    """The one attempt that a half-open circuit lets through; `until` tells it from later ones."""

    account_id: str
    until: datetime

    def succeeded(self) -> None:
        _quietly(self._close)

    def failed(self, reason: str) -> None:
        _quietly(lambda: self._open_again(reason[:REASON_LENGTH]))

    def unused(self) -> None:
        """Let the next caller try in a moment."""
        soon = timezone.now() + timedelta(seconds=1)
        _quietly(lambda: self._mine().update(state=State.OPEN, retry_at=soon))

    def _mine(self) -> QuerySet[Circuit]:
        return Circuit.objects.filter(
            pk=self.account_id, state=State.HALF_OPEN, retry_at=self.until
        )

    def _close(self) -> None:
        closed = {"state": State.CLOSED, "failures": 0, "openings": 0, "reason": ""}
        if self._mine().update(**closed, retry_at=None, state_since=timezone.now()):
            log.info("boomi.circuit_closed", account=self.account_id)

    def _open_again(self, reason: str) -> None:
        row = self._mine().first()
        if row is None:
            return
        openings = row.openings + 1
        self._mine().update(
            state=State.OPEN,
            failures=F("failures") + 1,
            openings=openings,
            retry_at=timezone.now() + pause_after(openings),
            reason=reason,
        )


def _quietly(write: Callable[[], object]) -> None:
    """What a call gave is not lost because its circuit could not be written."""
    try:
        write()
    except DatabaseError as error:
        log.warning("boomi.circuit_not_written", error=str(error))


def _refusal(row: Circuit, wait: timedelta) -> CircuitOpen:
    seconds = max(1.0, wait.total_seconds())
    return CircuitOpen(
        seconds,
        f"The platform does not answer for {row.account_id}, so it is not called; it is tried "
        f"again in {seconds:.0f} s. Last: {row.reason or 'no answer.'}",
    )


def away() -> list[Circuit]:
    """The circuits that are not closed, of accounts that are still called."""
    called = Connection.objects.filter(enabled=True).order_by().values("account__account_id")
    return list(
        Circuit.objects.exclude(state=State.CLOSED)
        .filter(account_id__in=called)
        .order_by("state_since")
    )
