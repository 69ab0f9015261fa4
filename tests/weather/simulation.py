"""An hour of the portal in seconds: one thread, a clock that moves when somebody waits.

`time_machine` holds the wall clock of both sides, portal and sandbox (they share the process;
between them is a real socket). It moves when the client sleeps, when an attempt has taken its
time, and from one due thing to the next. What measures by a monotonic clock is given the wall
clock instead, and the limiter, which asks the database for the time, gets it written into its
statements. Nothing of the code under test is replaced beyond where it reads the time.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine

from boomi import breaker, clients, limiter, limiter_sql
from boomi.client import BoomiClient, CallRecord
from boomi.health import check_platform
from boomi.models import Connection
from boomi.services import api_calls, sync
from common.registry import CheckResult
from scheduling.models import JobRun, JobStatus
from scheduling.testing import drain

TICK = timedelta(seconds=5)
# How long an attempt takes on this clock: an answer, and none at all.
ANSWER_SECONDS, SILENCE_SECONDS = 0.2, 30.0


class CircuitDiary:
    """Stands where the breaker logs and keeps what it says."""

    def __init__(self) -> None:
        self.events: list[tuple[str, datetime]] = []

    def _note(self, event: str, **values: object) -> None:
        self.events.append((event, datetime.now(UTC)))

    info = warning = _note

    def times(self, event: str) -> list[datetime]:
        return [at for name, at in self.events if name == event]


@dataclass
class Simulation:
    """The portal's clock and one queue worker, as one loop."""

    passing: time_machine.Traveller
    circuit: CircuitDiary = field(default_factory=CircuitDiary)
    health: list[tuple[datetime, CheckResult]] = field(default_factory=list)

    def wait(self, seconds: float) -> None:
        self.passing.shift(seconds)

    def run(self, span: timedelta) -> None:
        """Let so much time pass, with everything that becomes due in it."""
        end = datetime.now(UTC) + span
        while datetime.now(UTC) < end:
            sync.enqueue_due()
            drain()
            self.health.append((datetime.now(UTC), check_platform()))
            self.wait(self._until_next().total_seconds())

    def _until_next(self) -> timedelta:
        """Until the next waiting run is due, but no longer than the clock looks away."""
        waiting = JobRun.objects.filter(status=JobStatus.WAITING).order_by("run_at").first()
        until = waiting.run_at - datetime.now(UTC) if waiting else TICK
        return min(max(until, timedelta(milliseconds=100)), TICK)


def prepare(monkeypatch: pytest.MonkeyPatch, passing: time_machine.Traveller) -> Simulation:
    """Give the simulated clock to everything that reads another one."""
    simulation = Simulation(passing)
    wall: Any = SimpleNamespace(monotonic=time.time)
    for module in ("sandbox.counters", "sandbox.limits", "scheduling.context"):
        monkeypatch.setattr(f"{module}.time", wall)
    monkeypatch.setattr(
        clients, "BoomiClient", partial(BoomiClient, sleep=simulation.wait, clock=time.time)
    )
    patient = clients.policy
    # In real time a silent host is given up soon; the simulated wait is added below.
    monkeypatch.setattr(clients, "policy", lambda: replace(patient(), read_timeout=0.15))
    monkeypatch.setattr(limiter, "_statements", _statements)
    monkeypatch.setattr(breaker, "log", simulation.circuit)
    write = api_calls.record

    def record(call: CallRecord, connection_pk: int | None) -> None:
        silent = call.error == "TIMEOUT"
        simulation.wait(SILENCE_SECONDS if silent else ANSWER_SECONDS)
        write(call, connection_pk)

    monkeypatch.setattr(api_calls, "record", record)
    return simulation


def _statements() -> limiter_sql.Statements:
    """The limiter's own, with the simulated time in place of the database's."""
    postgresql = limiter.connection.vendor == "postgresql"
    known = limiter_sql.POSTGRESQL if postgresql else limiter_sql.SQLITE
    clock = limiter_sql._PG_NOW if postgresql else limiter_sql._LITE_NOW
    now = f"({time.time()!r}::float8)" if postgresql else f"({time.time()!r})"
    return limiter_sql.Statements(
        *(
            text.replace(clock, now)
            for text in (known.take, known.release, known.back_off, known.read)
        )
    )


def proved(connection: Connection) -> Connection:
    """The connection as if its test had just succeeded on the simulated clock."""
    connection.proved_at = connection.checked_at = datetime.now(UTC)
    connection.save()
    return connection
