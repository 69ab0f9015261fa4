"""One request on its way out and one answer on its way in."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError

from boomi.client.errors import Details, Timeout, TooLarge, TransportError
from boomi.client.failures import transport_failure

CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Request:
    """What to send; `url` is absolute.

    `safe`: repeating it changes nothing. `needs_runtime`: the platform has to ask a
    runtime, so that 410 and 504 mean the runtime is away and not the object.
    """

    method: str
    url: str
    body: bytes | None = None
    content_type: str = "application/json"
    accept: str = "application/json"
    safe: bool = True
    needs_runtime: bool = False


@dataclass(slots=True)
class Hop:
    """What becomes of one HTTP request; filled in while it runs. `path` is redacted."""

    request: Request
    path: str
    attempt: int
    status: int | None = None
    request_id: str | None = None
    received: int = 0
    sent: bool = False
    error: str = ""

    @property
    def host(self) -> str:
        return urlsplit(self.request.url).netloc

    @property
    def details(self) -> Details:
        return {
            "status": self.status,
            "method": self.request.method,
            "path": self.path,
            "attempts": self.attempt,
            "request_id": self.request_id,
        }


class Incoming:
    """An answer whose body has not been read yet."""

    def __init__(
        self, response: requests.Response, hop: Hop, remaining: Callable[[], float]
    ) -> None:
        self._response = response
        self._hop = hop
        self._remaining = remaining
        self.status = response.status_code
        self.content_type = response.headers.get("Content-Type", "")
        length = response.headers.get("Content-Length", "")
        encoded = "Content-Encoding" in response.headers
        self.length = int(length) if length.isdigit() and not encoded else None

    @property
    def details(self) -> Details:
        return self._hop.details

    def chunks(self, limit: int) -> Iterator[bytes]:
        """The decompressed body piece by piece. Raises TooLarge, Timeout, Unreachable."""
        if self.length is not None and self.length > limit:
            raise self._too_large(limit)
        while chunk := self._next():
            self._hop.received += len(chunk)
            if self._hop.received > limit:
                raise self._too_large(limit)
            if self._remaining() <= 0:
                raise Timeout("The answer took too long to arrive.", **self.details)
            yield chunk

    def start(self, limit: int) -> bytes:
        """At most `limit` bytes of an error body; a body that breaks off is cut there."""
        kept = bytearray()
        try:
            while len(kept) < limit and self._remaining() > 0 and (chunk := self._next()):
                kept += chunk
                self._hop.received += len(chunk)
        except TransportError:
            # The status already says what failed; its text is only a comfort.
            return bytes(kept[:limit])
        return bytes(kept[:limit])

    def _next(self) -> bytes:
        # read1 returns what is there; read would wait for a full chunk past any deadline.
        try:
            return self._response.raw.read1(CHUNK, decode_content=True) or b""
        except (HTTPError, OSError, ValueError) as exc:
            failed = transport_failure(exc, self._hop.host, self.details)
        raise failed

    def _too_large(self, limit: int) -> TooLarge:
        known: Details = {**self.details, "hint": "Ask for less at once, or raise the limit."}
        return TooLarge(f"The answer is larger than the {limit:,} bytes allowed.", **known)
