"""What each ending of an attempt tells the breaker."""

from contextlib import suppress
from io import BytesIO

import pytest
import requests

from boomi.client import BoomiError, CircuitOpen, RateLimited
from tests.boomi.client.conftest import BASE, DOWNLOAD
from tests.boomi.client.samples import account

ACCOUNT = f"{BASE}/Account/acme-A1B2C3"


class Recorder:
    """A breaker that lets `leave` calls through and writes down what they ended in."""

    def __init__(self, leave: int = 99) -> None:
        self.leave = leave
        self.told: list[str] = []

    def before_call(self) -> "Recorder":
        if len(self.told) >= self.leave:
            raise CircuitOpen(15)
        return self

    def succeeded(self) -> None:
        self.told.append("succeeded")

    def failed(self, reason: str) -> None:
        assert reason
        self.told.append("failed")

    def unused(self) -> None:
        self.told.append("unused")


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"json": account()}, "succeeded"),
        ({"status": 400, "json": {"message": "No."}}, "succeeded"),
        ({"status": 401}, "succeeded"),
        ({"status": 403}, "succeeded"),
        ({"status": 404}, "succeeded"),
        ({"status": 429}, "succeeded"),
        ({"status": 500}, "succeeded"),
        ({"body": "torn {"}, "succeeded"),
        ({"status": 502}, "failed"),
        ({"status": 503}, "failed"),
        ({"status": 504}, "failed"),
        ({"body": requests.ConnectTimeout("slow")}, "failed"),
        ({"body": requests.ConnectionError("gone")}, "failed"),
    ],
)
def test_only_a_system_that_does_not_answer_fails(platform, make_client, answer, told):
    platform.get(ACCOUNT, **answer)
    breaker = Recorder(leave=1)
    with_one_try = make_client(breaker=breaker)
    with suppress(BoomiError):
        with_one_try.account()
    assert breaker.told == [told]


@pytest.mark.parametrize("status", [410, 504])
def test_a_runtime_that_is_away_is_an_answer(platform, make_client, status):
    platform.get(DOWNLOAD, status=status)
    breaker = Recorder(leave=1)
    with pytest.raises(BoomiError):
        make_client(breaker=breaker).download(DOWNLOAD, BytesIO())
    assert breaker.told == ["succeeded"]


def test_a_call_ends_at_once_when_the_circuit_opens_between_its_attempts(
    platform, make_client, passing
):
    platform.get(ACCOUNT, status=503)
    breaker = Recorder(leave=2)
    with pytest.raises(CircuitOpen):
        make_client(breaker=breaker).account()
    assert breaker.told == ["failed", "failed"]
    assert len(platform.calls) == 2


def test_a_permit_without_a_lease_is_given_back(make_client, limiter):
    limiter.refusals = [30]
    breaker = Recorder()
    with pytest.raises(RateLimited):
        make_client(breaker=breaker).account()
    assert breaker.told == ["unused"]


def test_a_call_without_time_left_says_nothing_about_the_system(make_client, passing):
    breaker = Recorder()
    limits: list[int] = []

    class Slow:
        def take(self, purpose: str) -> "Slow":
            limits.append(1)
            return self

        def release(self) -> None:
            return None

        def back_off(self, seconds: float) -> None:
            return None

    client = make_client(
        breaker=breaker, limiter=Slow(), clock=lambda: passing.now + 61 * len(limits)
    )
    with pytest.raises(BoomiError):
        client.account()
    assert breaker.told == ["unused"]
