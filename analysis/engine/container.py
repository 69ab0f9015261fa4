"""Opening a file that holds a log: plain, in a zip, or gzipped.

What a file is is told by its content. A log in a zip is read as it unpacks and never written to
disk; the limits are kept while reading, so a zip bomb stops early whatever its directory claims.
"""

import errno
import gzip
import io
import os
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from typing import BinaryIO, cast

from analysis.engine.errors import (
    SAVE_LOGS_HINT,
    BrokenZip,
    EmptyLog,
    EncryptedZip,
    LogError,
    NoLogInZip,
    NotALog,
    TooLarge,
    TooManyMembers,
    ZipBomb,
    shown,
)
from analysis.engine.recognise import HEAD_BYTES, Shape, has_record, head_text, looks_like, shape_of

_MIB = 1 << 20
_NAMED = 5
# What the readers of the standard library raise for damaged archives, wrong offsets included.
_PACKED_BADLY = (
    zipfile.BadZipFile,
    zlib.error,
    gzip.BadGzipFile,
    struct.error,
    EOFError,
    ValueError,
    OverflowError,
    NotImplementedError,
    RuntimeError,
)
_OFFICE = (("word/", "a Word document"), ("xl/", "an Excel workbook"), ("ppt/", "a presentation"))


@dataclass(frozen=True, slots=True)
class Limits:
    """What an opened log may cost.

    `max_bytes` of unpacked log; `max_ratio` unpacked to packed, from one MiB on;
    `max_members` entries looked at in a zip, of which one may be a log.
    """

    max_bytes: int = 512 * _MIB
    max_ratio: int = 200
    max_members: int = 200


@dataclass(frozen=True, slots=True)
class OpenedLog:
    """A log ready to be read. `container` is plain, zip or gzip; `member` its name in the zip."""

    stream: BinaryIO
    name: str
    container: str
    member: str | None = None


@contextmanager
def open_log(
    path_or_stream: str | os.PathLike[str] | BinaryIO, *, name: str, limits: Limits | None = None
) -> Iterator[OpenedLog]:
    """Open the log in a file or a seekable stream and give it as a stream of its own bytes.

    Raises EmptyLog, NotALog, TooLarge, ZipBomb, TooManyMembers, NoLogInZip, BrokenZip or
    EncryptedZip, also while the stream is being read; OSError when the path cannot be opened.
    A stream that was passed in stays open.
    """
    limits = limits or Limits()
    with ExitStack() as stack:
        if isinstance(path_or_stream, (str, os.PathLike)):
            raw: BinaryIO = stack.enter_context(open(path_or_stream, "rb"))
        else:
            raw = path_or_stream
        start = raw.tell()
        head = raw.read(HEAD_BYTES)
        raw.seek(start)
        if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            yield _open_zip(raw, name, limits, stack)
        elif head.startswith(b"\x1f\x8b"):
            yield _open_gzip(raw, name, limits, stack)
        else:
            require_log(head, name)
            yield OpenedLog(_guarded(raw, name, limits, None), name, "plain")


def require_log(head: bytes, name: str) -> Shape:
    """The form of the log that begins with `head`. Raises EmptyLog or NotALog."""
    shape = shape_of(head)
    if shape is Shape.EMPTY:
        raise EmptyLog(
            f"'{shown(name)}' is empty.",
            "The platform sends an empty log when nothing was logged at the level asked for: "
            "fetch it again with all levels.",
        )
    if shape is Shape.OTHER:
        raise NotALog(
            f"'{shown(name)}' is {looks_like(head)}, not a Boomi process log.", SAVE_LOGS_HINT
        )
    return shape


def _open_gzip(raw: BinaryIO, name: str, limits: Limits, stack: ExitStack) -> OpenedLog:
    begin = raw.tell()

    def packed() -> int:
        return raw.tell() - begin

    unpacked = cast(BinaryIO, stack.enter_context(gzip.GzipFile(fileobj=raw, mode="rb")))
    stream = _guarded(unpacked, name, limits, packed)
    require_log(_head(stream), name)
    return OpenedLog(stream, name, "gzip")


def _open_zip(raw: BinaryIO, name: str, limits: Limits, stack: ExitStack) -> OpenedLog:
    with _readable(name):
        archive = stack.enter_context(zipfile.ZipFile(raw))
    entry = _only_log(archive, name, limits)
    _refuse_bomb(entry.file_size, entry.compress_size, name, limits)
    with _readable(name):
        unpacked = stack.enter_context(archive.open(entry))
    stream = _guarded(cast(BinaryIO, unpacked), name, limits, lambda: entry.compress_size)
    return OpenedLog(stream, name, "zip", entry.filename)


def _only_log(archive: zipfile.ZipFile, name: str, limits: Limits) -> zipfile.ZipInfo:
    """The one member that is a log; what else a zip may hold is left alone."""
    entries = [entry for entry in archive.infolist() if _is_file(entry)]
    _refuse_office(entries, name)
    if len(entries) > limits.max_members:
        raise TooManyMembers(
            f"'{shown(name)}' holds {len(entries):,} files, more than {limits.max_members} "
            "are not looked at.",
            "Take the log out and upload it alone.",
        )
    if any(entry.flag_bits & 1 for entry in entries):
        raise EncryptedZip(
            f"'{shown(name)}' is protected by a password.", "Unpack it and upload the log itself."
        )
    heads = {}
    for entry in entries:
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise broken(name)
        with _readable(name), archive.open(entry) as member:
            heads[entry.filename] = member.read(HEAD_BYTES)
    return _chosen(entries, heads, name)


def _chosen(entries: list[zipfile.ZipInfo], heads: dict[str, bytes], name: str) -> zipfile.ZipInfo:
    logs = [entry for entry in entries if _is_log(heads[entry.filename])]
    if len(logs) > 1:
        raise TooManyMembers(
            f"'{shown(name)}' holds {len(logs)} logs: {_listed(logs)}.",
            "An analysis is about one execution: upload the logs one at a time.",
        )
    if logs:
        return logs[0]
    if len(entries) == 1:
        only = entries[0]
        require_log(heads[only.filename], f"{only.filename} in {name}")
        return only
    holds = f"only {_listed(entries)}" if entries else "nothing"
    raise NoLogInZip(f"'{shown(name)}' holds no process log, {holds}.", SAVE_LOGS_HINT)


def _is_log(head: bytes) -> bool:
    shape = shape_of(head)
    return shape is Shape.XML or (shape is Shape.TEXT and has_record(head_text(head)))


def _is_file(entry: zipfile.ZipInfo) -> bool:
    parts = entry.filename.split("/")
    return not entry.is_dir() and parts[0] != "__MACOSX" and not parts[-1].startswith(".")


def _refuse_office(entries: list[zipfile.ZipInfo], name: str) -> None:
    names = {entry.filename for entry in entries}
    if "[Content_Types].xml" not in names:
        return
    for folder, words in _OFFICE:
        if any(member.startswith(folder) for member in names):
            raise NotALog(f"'{shown(name)}' is {words}, not a Boomi process log.", SAVE_LOGS_HINT)


def _listed(entries: list[zipfile.ZipInfo]) -> str:
    names = [shown(entry.filename) for entry in entries[:_NAMED]]
    more = len(entries) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")


def _refuse_bomb(unpacked: int, packed: int, name: str, limits: Limits) -> None:
    if unpacked > limits.max_bytes:
        raise TooLarge(
            f"'{shown(name)}' holds a log of more than {limits.max_bytes // _MIB:,} MiB.",
            "Fetch the log at a higher level, for example WARNING, to make it smaller.",
        )
    if unpacked > _MIB and unpacked > packed * limits.max_ratio:
        raise ZipBomb(
            f"'{shown(name)}' unpacks to more than {limits.max_ratio} times its size.",
            "No log does that; unpack it yourself and upload the log if you trust it.",
        )


def _head(stream: BinaryIO) -> bytes:
    """The first bytes of a seekable stream, which is left at its beginning."""
    head = stream.read(HEAD_BYTES)
    stream.seek(0)
    return head


@contextmanager
def _readable(name: str) -> Iterator[None]:
    """Turn what the zip and gzip readers raise into one sentence."""
    try:
        yield
    except _PACKED_BADLY as error:
        raise broken(name) from error
    except OSError as error:
        if error.errno == errno.EINVAL:  # a seek to before the beginning
            raise broken(name) from error
        raise


def broken(name: str) -> LogError:
    """The error for an archive that cannot be read."""
    return BrokenZip(
        f"'{shown(name)}' is damaged or packed in an unusual way.",
        "Download it again, or unpack it and upload the log itself.",
    )


class _Guarded(io.RawIOBase):
    """Reads another stream within the limits, and says in one sentence when it is broken."""

    def __init__(
        self, inner: BinaryIO, name: str, limits: Limits, packed: Callable[[], int] | None
    ) -> None:
        super().__init__()
        self._inner = inner
        self._name = name
        self._limits = limits
        self._packed = packed
        self._count = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._inner.seekable()

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        self._count = 0
        return self._inner.seek(offset, whence)

    def readinto(self, buffer: "memoryview | bytearray", /) -> int:  # type: ignore[override]
        with _readable(self._name) if self._packed else nullcontext():
            piece = self._inner.read(len(buffer))
        self._count += len(piece)
        packed = self._packed() if self._packed else self._count
        _refuse_bomb(self._count, packed, self._name, self._limits)
        buffer[: len(piece)] = piece
        return len(piece)


def _guarded(
    inner: BinaryIO, name: str, limits: Limits, packed: Callable[[], int] | None
) -> BinaryIO:
    return cast(BinaryIO, _Guarded(inner, name, limits, packed))
