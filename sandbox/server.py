"""The sandbox as a server: sockets, life cycle, and faults of the network."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import socket
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import IO

from sandbox.api import UNAVAILABLE, Api, target_of
from sandbox.asking import Request
from sandbox.clock import Clock, parse_stamp
from sandbox.control import PREFIX, Control
from sandbox.counters import Counters, Seen
from sandbox.day_by_day import Days
from sandbox.downloads import Downloads
from sandbox.faults import FaultBox, Faults
from sandbox.limits import RateLimit
from sandbox.logs import LogTruth
from sandbox.scenario import Truth, check_scenario, fill, last_day, truth_of
from sandbox.store import Store, StoreError
from sandbox.wire import Answer, error, wants_json

_LARGEST_BODY = 10_000_000
_BLOCK = 1 << 18
_LAST_ANSWERS_SECONDS = 2.0
_LOOPBACK = ("127.0.0.1", "::1", "::ffff:127.0.0.1")
_HTML = (
    b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
)


class Sandbox:
    """An imitation AtomSphere on a port of its own.

    `db_path` None keeps the state in a temporary file that `stop` removes. A file
    that exists already keeps its epoch; asking it for another scenario, seed or
    epoch raises StoreError. `rate_limit` is requests a second and account, 0 for
    none. Use as a context manager, or `start` and `stop`.
    """

    def __init__(
        self,
        db_path: Path | str | None = None,
        *,
        scenario: str = "northwind",
        seed: int = 1,
        rate_limit: float = 10.0,
        latency_ms: int = 0,
        host: str = "127.0.0.1",
        port: int = 0,
        epoch: datetime | None = None,
    ) -> None:
        check_scenario(scenario)
        self.counters = Counters()
        self.latency_ms = latency_ms
        self.rate_limit = RateLimit(rate_limit)
        self.stopping = threading.Event()
        self._box = FaultBox()
        self._thread: threading.Thread | None = None
        # The port first: a taken one should be told before the long work.
        self._server = _Server((host, port), self)
        self._temporary = tempfile.mkdtemp(prefix="sandbox-") if db_path is None else None
        try:
            self.store = Store(Path(db_path or f"{self._temporary}/sandbox.sqlite3"))
            self.truth = self._open(scenario, seed, epoch)
        except BaseException:
            self._server.server_close()
            self._remove_temporary()
            raise
        offset = float(self.store.meta("clock_offset") or 0)
        self.clock = Clock(offset, lambda s: self.store.set_meta("clock_offset", str(s)))
        self.downloads = Downloads(self.store, self.clock, self._box.faults, seed)
        secret = hashlib.sha256(f"sandbox/{seed}".encode()).digest()
        self.days = Days(self.store, scenario, seed, self.epoch, last_day(self.epoch))
        self.api = Api(
            self.store, self.clock, self._box, self.rate_limit, self.downloads, secret, self.days
        )
        self.control = Control(self.clock, self._box, self.counters, self.truth)

    def _open(self, scenario: str, seed: int, epoch: datetime | None) -> Truth:
        """Fill a new file, or take the epoch from an old one."""
        if not self.store.seeded:
            start = (epoch or datetime.now(UTC)).astimezone(UTC).replace(second=0, microsecond=0)
            fill(self.store, scenario, seed, start)
            return truth_of(scenario, seed, start)
        kept = parse_stamp(self.store.meta("epoch") or "")
        found = (self.store.meta("scenario"), self.store.meta("seed"))
        if found != (scenario, str(seed)) or (epoch is not None and epoch != kept):
            raise StoreError(
                f"{self.store.path} holds scenario {found[0]} with seed {found[1]} and epoch "
                f"{kept:%Y-%m-%d %H:%M}. Ask for that one, or name another file."
            )
        return truth_of(scenario, seed, kept)

    @property
    def faults(self) -> Faults:
        return self._box.faults

    @faults.setter
    def faults(self, faults: Faults) -> None:
        self._box.replace(faults, self.clock.now())

    @property
    def fault_box(self) -> FaultBox:
        return self._box

    @property
    def epoch(self) -> datetime:
        return self.truth.epoch

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        host = str(self._server.server_address[0])
        return f"http://{'127.0.0.1' if host in ('0.0.0.0', '::') else host}:{self.port}"  # noqa: S104

    @property
    def base_url_template(self) -> str:
        return self.url + "/api/rest/v1/{accountId}"

    def log_truth(self, execution_id: str) -> LogTruth:
        """What the log of an execution holds. Raises KeyError for an unknown one."""
        return self.downloads.truth(execution_id)

    def start(self) -> Sandbox:
        """Serve in a thread; returns at once."""
        self._thread = threading.Thread(target=self.serve, name="sandbox", daemon=True)
        self._thread.start()
        return self

    def serve(self) -> None:
        """Serve in this thread until `stop`."""
        self._server.serve_forever(poll_interval=0.02)

    def stop(self) -> None:
        """End serving, close connections and files. Repeating it does nothing."""
        if self.stopping.is_set():
            return
        self.stopping.set()
        if self._thread is not None:
            self._server.shutdown()
            self._thread.join()
        self._server.close_connections()
        self._server.server_close()
        patience = time.monotonic() + _LAST_ANSWERS_SECONDS
        while self.counters.in_flight and time.monotonic() < patience:
            time.sleep(0.01)
        self.store.close()
        self._remove_temporary()

    def _remove_temporary(self) -> None:
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)

    def __enter__(self) -> Sandbox:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(address, _Handler)

    def remember(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.add(connection)

    def forget(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.discard(connection)

    def close_connections(self) -> None:
        """Wake the threads that wait for a next request on a kept connection."""
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is daily business; anything else should be seen."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Dropped(Exception):
    """Close the connection without an answer."""


class _Call:
    """One counted request. It ends before its last byte goes out: a client that has
    its answer and sends the next request must not look like two at once.
    """

    def __init__(self, sandbox: Sandbox, seen: Seen) -> None:
        self._sandbox = sandbox
        self._seen = seen
        self._ended = False

    def end(self, status: int) -> None:
        """Only the first call counts; status 0 is a connection closed without an answer."""
        if not self._ended:
            self._ended = True
            self._sandbox.counters.end(self._seen._replace(status=status))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.remember(self.connection)

    def finish(self) -> None:
        self.server.forget(self.connection)
        with contextlib.suppress(OSError):
            super().finish()

    def log_message(self, format: str, *args: object) -> None:
        """Requests are counted, not printed."""

    def _serve(self) -> None:
        body = self._body()
        if body is None:
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, headers, body)
        if self.path.startswith(PREFIX):
            self._control(request)
        else:
            self._platform(request)

    do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = _serve

    def _body(self) -> bytes | None:
        """The request body; None when it was refused (and answered)."""
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isdecimal():
            self.close_connection = True
            self._send(Answer(411, b"", "text/plain"))
            return None
        if int(length) > _LARGEST_BODY:
            self.close_connection = True
            self._send(Answer(413, b"", "text/plain"))
            return None
        return self.rfile.read(int(length))

    def _control(self, request: Request) -> None:
        if self.client_address[0] not in _LOOPBACK:
            self._send(Answer(403, b"", "text/plain"))
            return
        self._send(self.server.sandbox.control.answer(request))

    def _platform(self, request: Request) -> None:
        sandbox = self.server.sandbox
        target = target_of(request.path)
        account = target.account if target is not None else ""
        sandbox.counters.begin(account, target.verb if target is not None else "none")
        path = request.path.partition("?")[0]
        call = _Call(sandbox, Seen(sandbox.clock.now(), account, request.method, path, 0))
        try:
            answer = self._away(request)
            if answer is None:
                self._misbehave()
                answer = self._misprint(sandbox.api.answer(request, target, self._url_base()))
            self._send(answer, call)
        except _Dropped:
            call.end(0)
            self._drop()
        except OSError:
            self.close_connection = True
        finally:
            call.end(0)

    def _url_base(self) -> str:
        """Where the client reached us: behind a published port our own address is wrong."""
        host = self.headers.get("Host", "")
        return f"http://{host}" if host else self.server.sandbox.url

    def _away(self, request: Request) -> Answer | None:
        """How the request ends while the platform is away. Raises _Dropped."""
        sandbox = self.server.sandbox
        outage = sandbox.fault_box.outage_at(sandbox.clock.now())
        if outage == "drop":
            raise _Dropped
        if outage == "html":
            return Answer(502, _HTML, "text/html;charset=UTF-8")
        if outage is None:
            return None
        return error(503, UNAVAILABLE, as_json=wants_json(request.headers.get("accept", "")))

    def _misbehave(self) -> None:
        """Faults that come before any answer. Raises _Dropped."""
        sandbox = self.server.sandbox
        box = sandbox.fault_box
        if box.strikes("drop_connection", "next_drops"):
            raise _Dropped
        if box.strikes("timeout_rate", "next_timeouts"):
            sandbox.stopping.wait(sandbox.faults.timeout_seconds)
            raise _Dropped
        if sandbox.latency_ms:
            sandbox.stopping.wait(sandbox.latency_ms / 1000)

    def _misprint(self, answer: Answer) -> Answer:
        """Faults of the body."""
        box = self.server.sandbox.fault_box
        if box.strikes("html_error", "next_html_errors"):
            return Answer(502, _HTML, "text/html;charset=UTF-8")
        if answer.body and box.strikes("broken_json", "next_broken_json"):
            half = answer.body[: len(answer.body) // 2]
            return Answer(answer.status, half, answer.content_type, answer.headers)
        return answer

    def _drop(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def _send(self, answer: Answer, call: _Call | None = None) -> None:
        if answer.zip_of:
            with self.server.sandbox.downloads.zip(answer.zip_of) as file:
                self._send_file(answer, file, call)
            return
        has_body = answer.status != HTTPStatus.NO_CONTENT
        length = len(answer.body) if has_body else None
        head = self._head(answer, length)
        if call is not None:
            call.end(answer.status)
        self.wfile.write(head + (answer.body if has_body else b""))

    def _send_file(self, answer: Answer, file: IO[bytes], call: _Call | None) -> None:
        size = file.seek(0, 2)
        file.seek(0)
        if self.server.sandbox.faults.truncated_zip:
            size //= 2
        self.wfile.write(self._head(answer, size))
        while size > 0:
            block = file.read(min(size, _BLOCK))
            size -= len(block)
            if size == 0 and call is not None:
                call.end(answer.status)
            self.wfile.write(block)

    def _head(self, answer: Answer, length: int | None) -> bytes:
        """Status line and headers in one piece, so that a small answer is one packet."""
        status = HTTPStatus(answer.status)
        lines = [
            f"HTTP/1.1 {status.value} {status.phrase}",
            f"Date: {formatdate(usegmt=True)}",
        ]
        if length is not None:
            lines += [f"Content-Type: {answer.content_type}", f"Content-Length: {length}"]
        lines += [f"{name}: {value}" for name, value in answer.headers]
        if self.close_connection:
            lines.append("Connection: close")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
