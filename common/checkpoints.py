"""Marks of the audit chain kept outside the database: a JSON object per line.

Who can edit the database but not this file cannot cut off the end of the chain unseen. An
*anchor* says that rows up to it were pruned on purpose.
"""

from __future__ import annotations

import errno
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings

from common.audit import mac


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """`at` is ISO 8601 UTC; `mac` covers the other four under AUDIT_KEY."""

    at: str
    seq: int
    seal: str
    anchor: bool
    mac: str = ""

    def expected_mac(self) -> str:
        return mac(f"checkpoint|{self.at}|{self.seq}|{self.seal}|{self.anchor}")

    @property
    def is_genuine(self) -> bool:
        return self.mac == self.expected_mac()


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """`damaged` lists the numbers of lines that are not genuine, from 1."""

    rows: tuple[Checkpoint, ...]
    damaged: tuple[int, ...]

    @property
    def anchor(self) -> Checkpoint | None:
        """Up to where the chain was pruned."""
        anchors = [row for row in self.rows if row.anchor]
        return max(anchors, key=lambda row: row.seq) if anchors else None


def path() -> Path:
    return Path(settings.AUDIT_CHECKPOINT_FILE)


def append(at: str, seq: int, seal: str, *, anchor: bool = False) -> Checkpoint:
    """Write one mark and wait until the disk has it. Raises OSError."""
    bare = Checkpoint(at, seq, seal, anchor)
    checkpoint = Checkpoint(at, seq, seal, anchor, bare.expected_mac())
    file = path()
    file.parent.mkdir(parents=True, exist_ok=True)
    line = (json.dumps(asdict(checkpoint), separators=(",", ":")) + "\n").encode()
    descriptor = os.open(file, os.O_CREAT | os.O_APPEND | os.O_RDWR, 0o600)
    try:
        # A line that a full disk cut off must not spoil the next one too.
        line = b"\n" + line if _is_torn(descriptor) else line
        # One write of one short line: appends of several processes do not mix.
        if os.write(descriptor, line) < len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(file))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return checkpoint


def _is_torn(descriptor: int) -> bool:
    size = os.fstat(descriptor).st_size
    return size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"


def read() -> Checkpoints:
    """Every genuine mark, oldest first. A file that is not there holds none."""
    rows, damaged = [], []
    try:
        lines = path().read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        lines = []
    for number, line in enumerate(lines, start=1):
        checkpoint = _parse(line)
        if checkpoint is not None and checkpoint.is_genuine:
            rows.append(checkpoint)
        else:
            damaged.append(number)
    return Checkpoints(tuple(rows), tuple(damaged))


def last_seq() -> int:
    """The place the newest mark names; 0 without any. Reads only the end of the file."""
    try:
        with path().open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - 2048))
            tail = file.read().decode("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return 0
    checkpoint = _parse(tail[-1]) if tail else None
    return checkpoint.seq if checkpoint is not None else 0


def _parse(line: str) -> Checkpoint | None:
    try:
        values = json.loads(line)
        return Checkpoint(
            str(values["at"]),
            int(values["seq"]),
            str(values["seal"]),
            bool(values["anchor"]),
            str(values["mac"]),
        )
    except (ValueError, KeyError, TypeError):
        return None
