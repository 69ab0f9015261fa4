"""The transport serves the platform's client, and a client of something quite different."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from boomi.client import BoomiClient, Breaker, CallRecord, Credentials, Limiter, Policy
from boomi.client.answers import Answer
from boomi.client.hosts import HostRule, read_address
from boomi.client.http import Transport
from boomi.client.messages import Request
from tests.boomi.client.contract import SECRET, Adapter, Reply, TransportContract

Tell = Callable[[CallRecord], None]
PLATFORM = Credentials("acme-A1B2C3", "jo@acme.example", SECRET)


def platform_call(
    url: str, limiter: Limiter, breaker: Breaker, tell: Tell, policy: Policy
) -> object:
    client = BoomiClient(
        PLATFORM,
        base_url=url,
        limiter=limiter,
        breaker=breaker,
        on_call=tell,
        policy=policy,
        sleep=lambda seconds: None,
    )
    return client.account().name


class TestPlatform(TransportContract):
    adapter = Adapter(
        service="boomi",
        good=Reply(body=json.dumps({"accountId": "acme-A1B2C3", "name": "Acme"}).encode()),
        answer="Acme",
        header=PLATFORM.authorization,
        call=platform_call,
    )


@dataclass(frozen=True)
class ToyKey:
    """A system of its own: a bearer key, tickets in a list, no accounts and no envelope."""

    account_id: str = "desk"
    key: str = field(default=SECRET, repr=False)

    @property
    def authorization(self) -> str:
        return f"Bearer {self.key}"

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.key,)


class ToyClient:
    """Counts open tickets of a help desk."""

    def __init__(
        self, url: str, limiter: Limiter, breaker: Breaker, tell: Tell, policy: Policy
    ) -> None:
        self._url = url
        self._transport = Transport(
            ToyKey(),
            HostRule(read_address(url)[0], (), policy.allow_http_private),
            policy,
            limiter=limiter,
            breaker=breaker,
            on_call=tell,
            service="toy",
            sleep=lambda seconds: None,
        )

    def open_tickets(self) -> int:
        def read(answer: Answer) -> int:
            return len(json.loads(answer.body))

        return self._transport.fetch(Request("GET", f"{self._url}/tickets"), read)


def toy_call(url: str, limiter: Limiter, breaker: Breaker, tell: Tell, policy: Policy) -> object:
    return ToyClient(url, limiter, breaker, tell, policy).open_tickets()


class TestToy(TransportContract):
    adapter = Adapter(
        service="toy",
        good=Reply(body=b'["printer", "coffee"]'),
        answer=2,
        header=ToyKey().authorization,
        call=toy_call,
    )
