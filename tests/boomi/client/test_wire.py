"""What only a real socket shows: slow, torn, squeezed and refused connections."""

import gzip
import json
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from threading import Thread

import pytest

from boomi.client import (
    BoomiClient,
    Credentials,
    ForeignHost,
    NotReady,
    Policy,
    Timeout,
    TooLarge,
    Unreachable,
)
from tests.boomi.client.conftest import CANARY
from tests.boomi.client.samples import account

QUICK = Policy(read_timeout=0.2, max_attempts=1, allow_http_private=True)


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer: Callable[[Handler], None] = Handler.send_account
        self.connections: set[tuple[str, int]] = set()
        self.paths: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Broken pipes are what these tests are about."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        self.server.connections.add(self.client_address)
        self.server.paths.append(self.path)
        self.server.answer(self)

    def log_message(self, *args: object) -> None:
        return None

    def send(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content_Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def send_account(self) -> None:
        self.send(json.dumps(account()).encode())

    def send_drops(self) -> None:
        self.send(b"", Content_Length="100")
        for _ in range(20):
            self.wfile.write(b"x")
            self.wfile.flush()
            time.sleep(0.05)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join(5)


def client_of(server: Server, policy: Policy = QUICK) -> BoomiClient:
    credentials = Credentials("acme-A1B2C3", "jo@acme.example", CANARY)
    return BoomiClient(credentials, base_url=server.url, policy=policy)


def test_one_connection_serves_call_after_call(server):
    for _ in range(5):
        assert client_of(server).account().name == "Acme"
    assert len(server.connections) == 1


def test_polling_a_file_keeps_its_connection(server):
    server.answer = lambda handler: handler.send(b"still collecting", 202)
    for _ in range(3):
        with pytest.raises(NotReady):
            client_of(server).download(f"{server.url}/x", BytesIO())
    assert len(server.connections) == 1


def test_many_threads_share_one_client(server):
    client = client_of(server)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: client.account().name, range(40)))
    assert found == ["Acme"] * 40
    assert len(server.connections) <= 8


def test_an_answer_that_comes_drop_by_drop_is_given_up(server):
    server.answer = Handler.send_drops
    policy = Policy(read_timeout=0.2, max_attempts=1, download_seconds=0.2, allow_http_private=True)
    started = time.monotonic()
    with pytest.raises(Timeout):
        client_of(server, policy).download(f"{server.url}/x", BytesIO())
    assert time.monotonic() - started < 0.9


def test_an_answer_that_stops_is_given_up(server):
    server.answer = lambda handler: (handler.send(b"ab", Content_Length="100"), time.sleep(0.4))
    with pytest.raises(Timeout):
        client_of(server).download(f"{server.url}/x", BytesIO())


def test_a_torn_answer_is_no_whole_one(server):
    def torn(handler: Handler) -> None:
        handler.send(b"half of it", Content_Length="100")
        handler.close_connection = True

    server.answer = torn
    with pytest.raises(Unreachable) as caught:
        client_of(server).download(f"{server.url}/x", BytesIO())
    assert caught.value.code == "CONNECTION_DROPPED"


def test_a_torn_chunked_answer_is_no_whole_one(server):
    def torn(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(b"4\r\nhalf\r\n")
        handler.close_connection = True

    server.answer = torn
    with pytest.raises(Unreachable):
        client_of(server).download(f"{server.url}/x", BytesIO())


def test_a_squeezed_answer_counts_by_what_it_unpacks_to(server):
    squeezed = gzip.compress(b"0" * 5_000_000)
    server.answer = lambda handler: handler.send(squeezed, Content_Encoding="gzip")
    out = BytesIO()
    with pytest.raises(TooLarge):
        client_of(server).download(f"{server.url}/x", out, max_bytes=1_000_000)
    assert len(out.getvalue()) <= 1_000_000


def test_a_squeezed_answer_is_unpacked(server):
    body = gzip.compress(json.dumps(account()).encode())
    server.answer = lambda handler: handler.send(body, Content_Encoding="gzip")
    assert client_of(server).account().name == "Acme"


def test_nobody_is_asked_after_a_redirect_off_the_list(server):
    with Server() as other:
        target = f"{other.url}/stolen"
        server.answer = lambda handler: handler.send(b"x", 302, Location=target)
        with pytest.raises(ForeignHost):
            client_of(server).account()
        assert other.paths == []


def test_a_refused_connection_is_named():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        credentials = Credentials("acme-A1B2C3", "jo@acme.example", CANARY)
        with pytest.raises(Unreachable, match="does not accept connections") as caught:
            BoomiClient(credentials, base_url=url, policy=QUICK).account()
    assert caught.value.code == "CONNECTION_REFUSED"


def test_a_server_that_speaks_no_tls_is_named(server):
    credentials = Credentials("acme-A1B2C3", "jo@acme.example", CANARY)
    url = server.url.replace("http:", "https:")
    with pytest.raises(Unreachable, match="secured connection") as caught:
        BoomiClient(credentials, base_url=url, policy=QUICK).account()
    assert caught.value.code == "TLS_FAILED"


def test_a_proxy_of_the_environment_is_not_used_for_private_addresses(server, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert client_of(server).account().name == "Acme"


def test_plain_http_needs_to_be_switched_on(server):
    with pytest.raises(ForeignHost, match="not secured"):
        client_of(server, Policy()).account()
    assert server.paths == []
