"""A client whose time is ours: sleeping moves the clock, and every wait is written down."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
import responses

from boomi.client import BoomiClient, CallRecord, Credentials, RateLimited

CANARY = "9f3c1a52-canary-token-77e0"
BASE = "https://api.boomi.com/api/rest/v1/acme-A1B2C3"
DOWNLOAD = "https://platform.boomi.com/account/acme-A1B2C3/api/download/ProcessLog-1"


@dataclass
class Time:
    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def clock(self) -> float:
        return self.now


@dataclass
class CountingLimiter:
    """Counts leases; refuses with the given waits first; knows when one is held."""

    refusals: list[float] = field(default_factory=list)
    purposes: list[str] = field(default_factory=list)
    backed_off: list[float] = field(default_factory=list)
    held: int = 0

    def take(self, purpose: str) -> "CountingLimiter":
        if self.refusals:
            raise RateLimited(self.refusals.pop(0))
        self.purposes.append(purpose)
        self.held += 1
        return self

    def release(self) -> None:
        self.held -= 1

    def back_off(self, seconds: float) -> None:
        self.backed_off.append(seconds)


@pytest.fixture
def platform() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=True) as mock:
        yield mock


@pytest.fixture
def passing() -> Time:
    return Time()


@pytest.fixture
def limiter() -> CountingLimiter:
    return CountingLimiter()


@pytest.fixture
def calls() -> list[CallRecord]:
    return []


@pytest.fixture
def credentials() -> Credentials:
    return Credentials("acme-A1B2C3", "jo@acme.example", CANARY)


@pytest.fixture
def make_client(
    credentials: Credentials, passing: Time, limiter: CountingLimiter, calls: list[CallRecord]
) -> Callable[..., BoomiClient]:
    def make(**changes: object) -> BoomiClient:
        known = {
            "limiter": limiter,
            "on_call": calls.append,
            "sleep": passing.sleep,
            "clock": passing.clock,
        }
        return BoomiClient(credentials, **{**known, **changes})

    return make


@pytest.fixture
def client(make_client: Callable[..., BoomiClient]) -> BoomiClient:
    return make_client()
