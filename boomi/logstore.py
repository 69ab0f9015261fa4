"""Stored logs: content-addressed files of independent gzip members with a line index.

store:      bytes → members of about 1 MiB → temporary file → fsync → rename → LogFile row
read_lines: index → one member → lines

Any line opens at once and costs one member, however large the log. Files go through the
storage "logs"; a storage on this machine's disk is written in place, others get the
finished file.
"""

from __future__ import annotations

import errno
import gzip
import os
import tempfile
import time
import uuid
import zlib
from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO, cast

from django.core.files import File
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from boomi.logindex import BLOCK_BYTES, MemberWriter, Written, line_end, split_lines
from boomi.models import LogFile
from common.errors import InputError, PortalError

SUFFIX = ".log.gz"
PARTS = "incoming"
ORPHAN_AGE = timedelta(hours=1)
ROWS_AT_ONCE = 500
FORGET_SECONDS = 2.0
LONGEST_LINE_CHARS = 100_000
LONGEST_LINE_BYTES = 4 * LONGEST_LINE_CHARS

Progress = Callable[[int], None]


class StorageFailed(PortalError):
    """The log could not be written or read; nothing of it is left behind."""

    status = 507
    default_code = "STORAGE_FAILED"


class LogTooLarge(InputError):
    default_code = "TOO_LARGE"


class EmptyLog(InputError):
    """There is nothing to store."""

    default_code = "EMPTY_LOG"


def store(
    stream: BinaryIO,
    *,
    name: str,
    encoding: str = "utf-8",
    max_bytes: int,
    progress: Progress | None = None,
) -> LogFile:
    """Store a log read to its end from `stream`; equal bytes give the row that exists.

    `encoding` is how the bytes are written (it decides what ends a line), `progress` gets
    the bytes taken so far. Raises EmptyLog, LogTooLarge and StorageFailed; nothing is stored
    then.
    """
    storage = storages["logs"]
    with _part(storage) as part:
        with _disk_faults():
            written = _write_members(part, stream, encoding, max_bytes, progress)
        if not written.size:
            raise EmptyLog("The log is empty.", hint="The run wrote nothing at this level.")
        found = LogFile.objects.filter(sha256=written.sha256).first()
        if found is not None and storage.exists(found.storage_key) and _keep(found):
            return found
        key = f"{written.sha256[:2]}/{written.sha256}{SUFFIX}"
        with _disk_faults():
            _publish(storage, part, key)
    return _row(written, key, name, encoding)


def _keep(found: LogFile) -> bool:
    """Let a row live for another while, as if it were new; False when it has just been swept."""
    now = timezone.now()
    if found.created_at > now - ORPHAN_AGE / 2:
        return True
    return bool(LogFile.objects.filter(pk=found.pk).update(created_at=now))


def _row(written: Written, key: str, name: str, encoding: str) -> LogFile:
    """Two stores of equal bytes at once make one row; a file written anew gets its own index."""
    layout = {
        "storage_key": key,
        "stored_size": written.stored_size,
        "index": written.index,
        "encoding": encoding,
        "created_at": timezone.now(),
    }
    told = {"name": name[:200], "size": written.size, "lines": written.lines}
    row, _ = LogFile.objects.update_or_create(
        sha256=written.sha256, defaults=layout, create_defaults={**layout, **told}
    )
    return row


def _write_members(
    part: Path, stream: BinaryIO, encoding: str, max_bytes: int, progress: Progress | None
) -> Written:
    with part.open("wb") as out:
        writer = MemberWriter(out, line_end(encoding))
        while block := stream.read(BLOCK_BYTES):
            writer.write(block)
            if writer.size > max_bytes:
                raise LogTooLarge(
                    f"The log is larger than {max_bytes // 2**20:,} MB.",
                    hint="An admin can raise UPLOAD_MAX_MB.",
                )
            if progress is not None:
                progress(writer.size)
        written = writer.finish()
        out.flush()
        os.fsync(out.fileno())
    return written


@contextmanager
def _part(storage: Storage) -> Iterator[Path]:
    """A temporary name on the disk of the storage where it has one, else of this machine."""
    root = _root(storage)
    folder = root / PARTS if root else Path(tempfile.gettempdir())
    with _disk_faults():
        folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{uuid.uuid4().hex}.part"
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)


def _root(storage: Storage) -> Path | None:
    return Path(storage.location) if isinstance(storage, FileSystemStorage) else None


def _publish(storage: Storage, part: Path, key: str) -> None:
    if _root(storage) is None:
        storage.delete(key)
        with part.open("rb") as source:
            storage.save(key, File(source))
        return
    target = Path(storage.path(key))
    target.parent.mkdir(parents=True, exist_ok=True)
    part.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def _disk_faults() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise StorageFailed(
            "The log store is full." if full else f"The log store failed: {error.strerror}.",
            hint="Free space on the disk of the log store, or point LOG_DIR to a larger one."
            if full
            else "Check that the log store exists and may be written by the portal.",
            code="STORAGE_FULL" if full else "",
        ) from error


@contextmanager
def _damage() -> Iterator[None]:
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise StorageFailed(
            "The stored log is damaged.",
            hint="Restore the log store from its backup, or fetch the log again.",
            code="LOG_FILE_DAMAGED",
        ) from error


def is_stored(log_file: LogFile) -> bool:
    """Whether the file is still there; a store may have been lost or restored without it."""
    return storages["logs"].exists(log_file.storage_key)


def _open(log_file: LogFile) -> BinaryIO:
    try:
        return cast("BinaryIO", storages["logs"].open(log_file.storage_key, "rb"))
    except FileNotFoundError:
        raise StorageFailed(
            "The stored log is gone from the log store.",
            hint="Restore the log store from its backup, or fetch the log again.",
            code="LOG_FILE_MISSING",
        ) from None


def open_log_file(log_file: LogFile) -> BinaryIO:
    """The whole log as it came, decompressed while it is read. Raises StorageFailed."""
    return cast("BinaryIO", gzip.GzipFile(fileobj=_open(log_file), mode="rb"))


def read_lines(log_file: LogFile, first: int, count: int) -> list[tuple[int, str]]:
    """Up to `count` lines from line `first` (1-based) as (number, text without its line end).

    Fewer, or none, past the end. A line longer than 100,000 characters is cut. What cannot
    be decoded shows as a replacement character. Raises StorageFailed.
    """
    first = max(1, first)
    last = min(first + count - 1, log_file.lines)
    lines: list[tuple[int, str]] = []
    with _open(log_file) as source, _disk_faults(), _damage():
        for number, raw in _raw_lines(log_file, source, first, last):
            text = raw.decode(log_file.encoding, errors="replace").removeprefix("\ufeff")
            lines.append((number, text.rstrip("\r\n")[:LONGEST_LINE_CHARS]))
    return lines


def _raw_lines(
    log_file: LogFile, source: BinaryIO, first: int, last: int
) -> Iterator[tuple[int, bytes]]:
    """Lines `first` to `last`, put together again where a member ends inside one."""
    starts = [member[0] for member in log_file.index]
    place = max(0, bisect_right(starts, first) - 1)
    end = line_end(log_file.encoding)
    rest = b""
    # The member may begin with the end of a line that began before it.
    number = starts[place] - (1 if len(log_file.index[place]) > 3 else 0) if starts else 1
    while place < len(starts) and number <= last:
        _, offset, length, *_ = log_file.index[place]
        source.seek(offset)
        pieces = split_lines(rest + gzip.decompress(source.read(length)), end)
        rest = b"" if pieces[-1].endswith(end) else pieces.pop()[:LONGEST_LINE_BYTES]
        for piece in pieces:
            if first <= number <= last:
                yield number, piece
            number += 1
        place += 1
    if rest and first <= number <= last:
        yield number, rest


def sweep_orphans() -> int:
    """Delete files without a row and parts of broken stores, both once an hour old.

    Returns how many were deleted. Safe at any time on any number of machines.
    """
    storage = storages["logs"]
    deleted = 0
    for key in _keys_without_row(storage):
        if _is_old(storage, key):
            storage.delete(key)
            deleted += 1
    return deleted


def _keys_without_row(storage: Storage) -> Iterator[str]:
    """One query per folder, by the indexed hash that a key is made of."""
    with suppress(FileNotFoundError):
        folders, _ = storage.listdir("")
        for folder in folders:
            _, names = storage.listdir(folder)
            rows = LogFile.objects.filter(sha256__in=[n.removesuffix(SUFFIX) for n in names])
            known = set(rows.values_list("storage_key", flat=True))
            yield from (key for key in (f"{folder}/{name}" for name in names) if key not in known)


def _is_old(storage: Storage, key: str) -> bool:
    try:
        return storage.get_modified_time(key) < timezone.now() - ORPHAN_AGE
    except FileNotFoundError:
        return False


def forget_unused() -> int:
    """Delete the rows of logs that nothing refers to, once an hour old; returns how many.

    So end logs whose execution was deleted, and those whose sender was killed between storing
    and using them. The files go with `sweep_orphans`. Ends after about two seconds, as a chore
    of the clock must; the rest goes the next time.
    """
    ends = time.monotonic() + FORGET_SECONDS
    forgotten = 0
    while keys := _forget_batch():
        forgotten += len(keys)
        if time.monotonic() >= ends:
            break
    return forgotten


@transaction.atomic
def _forget_batch() -> list[int]:
    """The lock makes a `store` of equal bytes wait, which then finds the row gone."""
    old = _unused().filter(created_at__lt=timezone.now() - ORPHAN_AGE)
    locked = old.select_for_update().order_by("pk")
    keys = list(locked.values_list("pk", flat=True)[:ROWS_AT_ONCE])
    LogFile.objects.filter(pk__in=keys).delete()
    return keys


def _unused() -> QuerySet[LogFile]:
    """Upper apps refer to logs too, so whoever refers is asked of the model."""
    rows = LogFile.objects.all()
    for relation in LogFile._meta.related_objects:
        users = relation.related_model._default_manager.filter(
            **{relation.field.name: OuterRef("pk")}
        )
        rows = rows.filter(~Exists(users))
    return rows
