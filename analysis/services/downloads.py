"""Handing out the raw log of an analysis: its own right, and its own line in the audit."""

from __future__ import annotations

from typing import BinaryIO

from analysis.models import Analysis
from analysis.queries import stored_log
from boomi import logstore
from common import access, audit
from common.actors import Actor


def download_log(analysis: Analysis, *, actor: Actor) -> tuple[str, BinaryIO]:
    """A file name and the whole log as it came, decompressed while it is read.

    The caller closes the stream. A raw log may hold customer data, so every download is
    audited. Raises NotAllowed, NotFound when no log is stored, StorageFailed.
    """
    access.require(actor, "analysis.log.download", analysis)
    log_file = stored_log(analysis)
    stream = logstore.open_log_file(log_file)
    audit.record(
        actor,
        "analysis.log.downloaded",
        analysis,
        after={"bytes": log_file.size, "sha256": log_file.sha256},
    )
    return file_name(analysis.name), stream


def file_name(name: str) -> str:
    """What the log is called outside of the archive it may have come in."""
    stem, dot, ending = name.rpartition(".")
    if dot and ending.lower() in {"log", "txt", "xml"}:
        return name
    return f"{stem if dot else name}.log"
