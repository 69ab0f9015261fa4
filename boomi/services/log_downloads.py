"""Handing out the stored log of an execution: its own right, and its own line in the audit."""

from __future__ import annotations

from typing import BinaryIO

from boomi import logstore
from boomi.models import Execution
from common import access, audit
from common.actors import Actor
from common.errors import NotFound


def download_log(execution: Execution, *, actor: Actor) -> tuple[str, BinaryIO]:
    """A file name and the whole log as it came, decompressed while it is read.

    The caller closes the stream. A raw log may hold customer data, so every download is
    audited. Raises NotAllowed, NotFound when no log is stored, StorageFailed.
    """
    access.require(actor, "boomi.log.download", execution)
    log_file = execution.log_file
    if log_file is None:
        raise NotFound(
            execution.log_reason or "The log of this execution is not stored.",
            hint="Analyse the execution; its log is fetched and stored then.",
            code="LOG_NOT_STORED",
        )
    stream = logstore.open_log_file(log_file)
    audit.record(
        actor,
        "boomi.log.downloaded",
        execution,
        after={"bytes": log_file.size, "sha256": log_file.sha256},
    )
    return log_file.name, stream
