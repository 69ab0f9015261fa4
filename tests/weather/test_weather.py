"""Syncing through bad weather: nothing lost, nothing doubled, no cap broken.

Five in a hundred requests are refused with 503, two get no answer, one a torn body, one a
closed connection, and in the middle the platform is away altogether. See `simulation` for how
the hour passes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db.models import Sum

from boomi.breaker import LONGEST_PAUSE
from boomi.client import BoomiClient, Credentials, Policy
from boomi.models import CallCount, Circuit, Connection, SyncMark
from boomi.services import sync
from sandbox.clock import stamp
from sandbox.faults import Faults
from sandbox.scenario import TRUTH
from sandbox.server import Sandbox
from scheduling.models import JobRun, JobStatus
from tests.weather import simulation, truth
from tests.weather.simulation import TICK, Simulation

pytestmark = [pytest.mark.db, pytest.mark.django_db(transaction=True)]
START = datetime(2026, 9, 16, 9, 30, tzinfo=UTC)
CALM = timedelta(minutes=35)
# The slowest of what is compared is told after ten minutes and read every ten.
SETTLED = timedelta(minutes=25)
PER_SECOND, PER_MINUTE, AT_ONCE = 5, 100, 5
ENDED_BADLY = (JobStatus.FAILED, JobStatus.ERRORED, JobStatus.LOST)


@pytest.fixture
def passing() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def sandbox(passing: time_machine.Traveller) -> Iterator[Sandbox]:
    with Sandbox(scenario="small", rate_limit=10.0, epoch=START) as server:
        yield server


@pytest.fixture
def hour(monkeypatch: pytest.MonkeyPatch, passing: time_machine.Traveller, settings) -> Simulation:
    settings.API_REQUESTS_PER_SECOND = PER_SECOND
    settings.API_REQUESTS_PER_MINUTE = PER_MINUTE
    settings.API_CONCURRENCY = AT_ONCE
    return simulation.prepare(monkeypatch, passing)


def stormy(away_from: datetime, minutes: float) -> Faults:
    return Faults(
        throttle_503=0.05,
        timeout_rate=0.02,
        timeout_seconds=0.4,
        broken_json=0.01,
        drop_connection=0.01,
        outage="drop",
        outage_from=stamp(away_from),
        outage_until=stamp(away_from + timedelta(minutes=minutes)),
        seed=11,
    )


def platform(sandbox: Sandbox) -> BoomiClient:
    """A reader of the truth, who keeps out of the portal's books."""
    who = TRUTH.credential(TRUTH.primary)
    return BoomiClient(
        Credentials(TRUTH.primary.account_id, who.user, who.token),
        base_url=sandbox.url,
        policy=Policy(allow_http_private=True),
    )


def weather(
    hour: Simulation, sandbox: Sandbox, connection: Connection, minutes: int, away: int
) -> None:
    """`minutes` of storm with `away` minutes of outage in their middle, then calm."""
    begins = datetime.now(UTC) + timedelta(minutes=(minutes - away) // 2)
    sandbox.faults = stormy(begins, away)
    hour.run(timedelta(minutes=minutes))
    sandbox.faults = Faults()
    hour.run(CALM)
    calls = sandbox.counters
    assert_caps_were_kept(sandbox)
    assert_the_circuit_opened_and_closed_once(hour, begins, timedelta(minutes=away))
    assert not JobRun.objects.filter(status__in=ENDED_BADLY).exists()
    counted = CallCount.objects.aggregate(calls=Sum("calls"))["calls"]
    assert counted == calls.total
    until = datetime.now(UTC) - SETTLED
    sandbox.rate_limit.rate = 0
    found = truth.differences(platform(sandbox), connection.account, until, mirrored_kinds())
    assert found == {}


def mirrored_kinds() -> list[str]:
    """Every kind that syncs know and that can be compared row by row."""
    return [kind for kind in sync.PASSES if kind in truth.KINDS]


def assert_caps_were_kept(sandbox: Sandbox) -> None:
    seen, account = sandbox.counters, TRUTH.primary.account_id
    assert seen.total > 50
    assert seen.max_per_second(account) <= PER_SECOND
    assert seen.max_per_minute(account) <= PER_MINUTE
    assert seen.max_in_flight <= AT_ONCE


def assert_the_circuit_opened_and_closed_once(
    hour: Simulation, begins: datetime, away: timedelta
) -> None:
    (opened,) = hour.circuit.times("boomi.circuit_opened")
    (closed,) = hour.circuit.times("boomi.circuit_closed")
    assert begins <= opened <= begins + timedelta(minutes=4)
    # A trial after the end may meet the storm, and then the longest pause passes once more.
    assert begins + away <= closed <= begins + away + 2 * LONGEST_PAUSE + TICK
    assert Circuit.objects.get().state == Circuit.State.CLOSED
    during = [result for at, result in hour.health if opened < at < begins + away]
    assert during
    assert {result.state for result in during} == {"degraded"}
    assert all(TRUTH.primary.account_id in result.detail for result in during)
    assert hour.health[-1][1].state == "healthy"


def test_every_kind_that_is_mirrored_is_compared():
    """A new kind must join: the account itself is the only one without rows of its own."""
    assert set(sync.PASSES) - set(truth.KINDS) <= {SyncMark.Kind.ACCOUNT}


def test_a_comparison_finds_what_is_wrong(sandbox, connection, hour):
    hour.run(timedelta(minutes=3))
    account = connection.account
    reader, until = platform(sandbox), datetime.now(UTC) - timedelta(minutes=10)
    sandbox.rate_limit.rate = 0
    assert truth.differences(reader, account, until, ["executions", "environments"]) == {}
    account.executions.filter(started_at__lt=until).first().delete()
    account.environments.update(name="Another")
    found = truth.differences(reader, account, until, ["executions", "environments"])
    assert set(found) == {"executions", "environments"}


def test_a_storm_with_an_outage_loses_nothing(sandbox, connection, hour):
    weather(hour, sandbox, connection, minutes=20, away=6)


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_an_hour_of_storm_with_ten_minutes_away_loses_nothing(sandbox, connection, hour):
    weather(hour, sandbox, connection, minutes=60, away=10)
