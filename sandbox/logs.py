"""Process logs of the sandbox: generated on demand, equal for equal executions.

`write_log` is a pure function of the spec: nothing is stored, and a log asked
for twice is the same to the byte.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime

from sandbox.causes import CAUSES, Cause
from sandbox.log_calls import Call
from sandbox.log_recipes import RECIPES
from sandbox.log_writer import LEVELS, ErrorLine, LogTruth, LogWriter, Sink
from sandbox.processes import BoomiProcess

__all__ = ["LEVELS", "ErrorLine", "LogSpec", "LogTruth", "Nowhere", "calls_of", "write_log"]


@dataclass(frozen=True, slots=True)
class LogSpec:
    """The facts of an execution that its log must agree with.

    `cause` ends the run (or its documents), `caught` is a cause that a Try/Catch
    absorbed for `failed_documents` documents.
    """

    execution_id: str
    process: BoomiProcess
    start: datetime
    duration_ms: int
    documents: int
    failed_documents: int = 0
    cause: Cause | None = None
    caught: Cause | None = None
    seed: int = 1

    @classmethod
    def of(
        cls,
        execution_id: str,
        process: BoomiProcess,
        start: datetime,
        duration_ms: int,
        documents: int,
        failed_documents: int,
        cause: str,
        caught: str,
        seed: int,
    ) -> LogSpec:
        return cls(
            execution_id,
            process,
            start,
            duration_ms,
            documents,
            failed_documents,
            CAUSES.get(cause),
            CAUSES.get(caught),
            seed,
        )


def write_log(spec: LogSpec, out: Sink, level: str = "ALL") -> LogTruth:
    """Write the log of one execution to `out` and tell what it holds.

    `level` keeps records of that level and above, as the platform's download does.
    """
    return _written(spec, out, level).truth


def calls_of(spec: LogSpec) -> list[Call]:
    """What connectors did in the run, in the order of its log."""
    return _written(spec, Nowhere(), "SEVERE").calls.noted


def _written(spec: LogSpec, out: Sink, level: str) -> LogWriter:
    writer = LogWriter(
        out,
        process_name=spec.process.name,
        execution_id=spec.execution_id,
        start=spec.start,
        duration_ms=spec.duration_ms,
        rng=random.Random(f"{spec.seed}/{spec.execution_id}"),
        level=level,
    )
    RECIPES[spec.process.recipe](writer, spec)
    writer.flush()
    return writer


class Nowhere:
    """A sink for logs of which only the truth is wanted."""

    def write(self, data: bytes, /) -> int:
        return len(data)
