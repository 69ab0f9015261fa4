"""What the transport promises to any service, whatever is asked of it.

A subclass says how its adapter makes one call and what a good answer looks like; the promises
are then tested for it over a real socket. The transport knows an Authorization header, hosts,
statuses and bytes, and no object of any one system.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from boomi.client import (
    BoomiError,
    Breaker,
    Broken,
    CallRecord,
    CircuitOpen,
    Forbidden,
    Limiter,
    Missing,
    Policy,
    RateLimited,
    Throttled,
    Timeout,
    TransportError,
    Unauthorised,
)

SECRET = "contract-secret-4d1f"
PATIENT = Policy(read_timeout=0.3, max_attempts=3, allow_http_private=True)


@dataclass
class Reply:
    """What the server sends next; `hang` sends nothing, `torn` half a body."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    hang: bool = False
    torn: bool = False


class Script(ThreadingHTTPServer):
    """Answers by script, the good answer when it has run out; keeps what it was asked."""

    daemon_threads = True

    def __init__(self, good: Reply) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.good = good
        self.script: list[Reply] = []
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.sockets: set[tuple[str, int]] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is what some of these tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Script

    def _serve(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.server.sockets.add(self.client_address)
        self.server.asked.append((self.command, self.path, dict(self.headers.items())))
        reply = self.server.script.pop(0) if self.server.script else self.server.good
        if reply.hang:
            self.close_connection = True
            self.connection.settimeout(1)
            self.connection.recv(1)
            return
        self.send_response(reply.status)
        headers = {"Content-Type": "application/json", **reply.headers}
        headers["Content-Length"] = str(len(reply.body) + (50 if reply.torn else 0))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)
        self.close_connection = reply.torn

    do_GET = do_POST = _serve

    def log_message(self, *args: object) -> None:
        return None


@dataclass
class Gate:
    """A limiter and a breaker in one that only write down how they are used."""

    events: list[str] = field(default_factory=list)
    shut: bool = False
    full: bool = False

    def take(self, purpose: str) -> Gate:
        if self.full:
            raise RateLimited(30)
        self.events.append(f"take {purpose}")
        return self

    def release(self) -> None:
        self.events.append("release")

    def back_off(self, seconds: float) -> None:
        self.events.append("back off")

    def before_call(self) -> Gate:
        if self.shut:
            raise CircuitOpen(15)
        return self

    def succeeded(self) -> None:
        self.events.append("succeeded")

    def failed(self, reason: str) -> None:
        self.events.append("failed")

    def unused(self) -> None:
        self.events.append("unused")


@dataclass
class Adapter:
    """How the contract makes a service's client and its one harmless, repeatable call."""

    service: str
    good: Reply
    answer: object
    header: str
    call: Callable[[str, Limiter, Breaker, Callable[[CallRecord], None], Policy], object]


class TransportContract:
    """The promises. A subclass sets `adapter`."""

    adapter: Adapter

    @pytest.fixture
    def server(self) -> Iterator[Script]:
        with Script(self.adapter.good) as server:
            thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
            thread.start()
            yield server
            server.shutdown()
            thread.join(5)

    @pytest.fixture
    def gate(self) -> Gate:
        return Gate()

    @pytest.fixture
    def told(self) -> list[CallRecord]:
        return []

    @pytest.fixture
    def call(self, server: Script, gate: Gate, told: list[CallRecord]) -> Callable[..., object]:
        def make(policy: Policy = PATIENT) -> object:
            return self.adapter.call(server.url, gate, gate, told.append, policy)

        return make

    def test_it_signs_in_and_understands_the_answer(self, call, server):
        assert call() == self.adapter.answer
        (_, _, headers) = server.asked[0]
        assert headers["Authorization"] == self.adapter.header

    def test_a_passing_fault_is_repeated(self, call, server):
        server.script = [Reply(500), Reply(503), self.adapter.good]
        assert call() == self.adapter.answer
        assert len(server.asked) == 3

    def test_a_lasting_fault_ends_after_the_attempts_allowed(self, call, server):
        server.script = [Reply(500)] * 9
        with pytest.raises(Broken):
            call()
        assert len(server.asked) == 3

    def test_throttling_is_passed_on_to_the_limiter(self, call, server, gate):
        server.script = [Reply(429, headers={"Retry-After": "60"})]
        with pytest.raises(Throttled) as caught:
            call()
        assert caught.value.wait_seconds == 60
        assert "back off" in gate.events

    @pytest.mark.parametrize(
        ("status", "error"), [(401, Unauthorised), (403, Forbidden), (404, Missing)]
    )
    def test_a_refusal_is_final_and_an_answer(self, call, server, gate, status, error):
        server.script = [Reply(status)]
        with pytest.raises(error):
            call()
        assert len(server.asked) == 1
        assert "succeeded" in gate.events

    def test_silence_is_a_timeout_and_counts_against_the_service(self, call, server, gate):
        server.script = [Reply(hang=True)]
        with pytest.raises(Timeout):
            call(Policy(read_timeout=0.1, max_attempts=1, allow_http_private=True))
        assert "failed" in gate.events

    def test_a_torn_answer_is_none(self, call, server):
        server.script = [Reply(torn=True)] * 3
        with pytest.raises(TransportError):
            call()

    def test_each_attempt_takes_a_place_and_gives_it_back(self, call, server, gate):
        server.script = [Reply(500)]
        call()
        taken = [one for one in gate.events if one.startswith("take")]
        assert len(taken) == gate.events.count("release") == 2

    def test_nobody_is_asked_while_the_limiter_is_full(self, call, server, gate):
        gate.full = True
        with pytest.raises(RateLimited):
            call()
        assert server.asked == []

    def test_nobody_is_asked_while_the_circuit_is_open(self, call, server, gate):
        gate.shut = True
        with pytest.raises(CircuitOpen):
            call()
        assert server.asked == []

    def test_every_attempt_is_told_under_the_name_of_the_service(self, call, server, told):
        server.script = [Reply(500)]
        call()
        assert [(one.service, one.status, one.final) for one in told] == [
            (self.adapter.service, 500, False),
            (self.adapter.service, 200, True),
        ]

    def test_a_redirect_elsewhere_is_not_followed(self, call, server):
        server.script = [Reply(307, headers={"Location": "https://elsewhere.example/"})]
        with pytest.raises(BoomiError) as caught:
            call()
        assert caught.value.code == "FOREIGN_HOST"
        assert len(server.asked) == 1

    def test_no_secret_is_in_an_error(self, call, server, told):
        said = json.dumps({"message": f"Bad {self.adapter.header} or {SECRET}"}).encode()
        server.script = [Reply(400, said)]
        with pytest.raises(BoomiError) as caught:
            call()
        shown = f"{caught.value} {caught.value.said} {caught.value.excerpt} {told}"
        assert SECRET not in shown
        assert self.adapter.header not in shown

    def test_a_hundred_calls_need_no_more_than_five_connections(self, call, server):
        for _ in range(100):
            call()
        assert len(server.asked) == 100
        assert len(server.sockets) <= 5
