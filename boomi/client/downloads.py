"""Streams a collected file (a log, an artifact) into an open binary file.

The platform answers 202 while it collects, 200 with the file, and 204 both before it
is there and after it was fetched or expired; an empty 200 counts as not there yet.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from boomi.client.errors import NotReady
from boomi.client.messages import Incoming

Progress = Callable[[int, int | None], None]

_SMALL_BODY = 64 * 1024
_WHY_NOT_READY = {
    202: "The runtime is still collecting the file.",
    204: "The file is not there yet, or was already fetched or has expired.",
}


@dataclass(frozen=True, slots=True)
class DownloadResult:
    """A complete download: HTTP status, bytes written, content type as sent."""

    status: int
    bytes: int
    content_type: str


class Sink:
    """Where one download goes. A repeated attempt starts over at the same place."""

    def __init__(self, out: BinaryIO, limit: int, progress: Progress | None) -> None:
        self._out = out
        self._limit = limit
        self._progress = progress
        self.repeatable = out.seekable()
        self._origin = out.tell() if self.repeatable else 0

    def fill(self, incoming: Incoming) -> DownloadResult:
        """Write the body. Raises NotReady, TooLarge, Timeout, Unreachable."""
        if incoming.status in _WHY_NOT_READY:
            # Read to the end, so that the connection can serve the next poll.
            incoming.start(_SMALL_BODY)
            raise NotReady(_WHY_NOT_READY[incoming.status], **incoming.details)
        if self.repeatable:
            self._out.seek(self._origin)
            self._out.truncate()
        written = 0
        for chunk in incoming.chunks(self._limit):
            self._out.write(chunk)
            written += len(chunk)
            if self._progress is not None:
                self._progress(written, incoming.length)
        if not written:
            raise NotReady("The file is still empty.", **incoming.details)
        return DownloadResult(incoming.status, written, incoming.content_type)
