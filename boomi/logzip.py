"""Reads the log out of the archive the platform delivers, streamed and without trusting it. Pure.

The archive holds one `*.log` entry whose name is not documented; the first one counts, else
the first file (Boomi's own tool does the same). Size and ratio are checked while reading: what
the archive says of itself is not believed.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO, cast

LARGEST_RATIO = 200
# Short repetitive logs pack very well and harm nobody.
RATIO_FREE_BYTES = 16 * 1024 * 1024


class BadArchive(Exception):
    """One sentence for people; `damaged` says that another download may be better."""

    def __init__(self, message: str, *, damaged: bool = False) -> None:
        super().__init__(message)
        self.damaged = damaged


@contextmanager
def open_log_member(archive: BinaryIO, *, max_bytes: int) -> Iterator[BinaryIO]:
    """The log inside a seekable archive as a stream of its bytes.

    Raises BadArchive at once or, for what shows only while reading, from `read`.
    """
    with _said(), zipfile.ZipFile(archive) as opened:
        info = _choose(opened)
        if info.flag_bits & 1:
            raise BadArchive("The downloaded archive is encrypted.")
        with opened.open(info) as member:
            yield cast("BinaryIO", _Guarded(member, info.compress_size, max_bytes))


def _choose(opened: zipfile.ZipFile) -> zipfile.ZipInfo:
    files = [info for info in opened.infolist() if not info.is_dir()]
    if not files:
        raise BadArchive("The downloaded archive holds no log.")
    logs = [info for info in files if info.filename.lower().endswith(".log")]
    return (logs or files)[0]


@contextmanager
def _said() -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError):
        raise BadArchive("The downloaded archive is damaged.", damaged=True) from None
    except NotImplementedError:
        raise BadArchive("The downloaded archive is packed in an unknown way.") from None


class _Guarded(io.RawIOBase):
    """A member that refuses to grow beyond what its packed size can honestly hold."""

    def __init__(self, member: IO[bytes], packed: int, max_bytes: int) -> None:
        self._member = member
        self._honest = max(RATIO_FREE_BYTES, packed * LARGEST_RATIO)
        self._max_bytes = max_bytes
        self._taken = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        block: bytes = self._member.read(size)
        self._taken += len(block)
        if self._taken > self._honest:
            raise BadArchive(
                f"The downloaded archive unpacks to more than {LARGEST_RATIO} times its size."
            )
        if self._taken > self._max_bytes:
            raise BadArchive(f"The log is larger than {self._max_bytes // 2**20:,} MB.")
        return block
