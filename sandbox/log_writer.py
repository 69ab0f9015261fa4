"""Writes records of a process log and keeps count of what it wrote.

The form is that of a log downloaded from the platform: five tab-separated
columns, whole seconds UTC, LF. Recipes (`log_recipes`) decide what happens;
this module knows how each event is spelled.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timedelta
from typing import Protocol

from sandbox.causes import HALT_PREFIX, Cause
from sandbox.clock import STAMP
from sandbox.log_calls import CallNotes
from sandbox.processes import Connection
from sandbox.wire import Json

_FLUSH_LINES = 4096
_RANK = {"SEVERE": 7, "WARNING": 6, "INFO": 5, "CONFIG": 4, "FINE": 3, "FINER": 2, "FINEST": 1}
LEVELS = (*_RANK, "ALL")


class Sink(Protocol):
    def write(self, data: bytes, /) -> int: ...


@dataclass(frozen=True, slots=True)
class ErrorLine:
    """First sign of failure: a SEVERE record or an `executed with errors` one.

    Where calls failed without a text and an Exception step tells why, it is the last of
    them that counts.

    `line` is 1-based. `connection` is None where no connector step failed.
    """

    line: int
    step: str
    info: str
    text: str
    connection: str | None


@dataclass(slots=True)
class LogTruth:
    """What a generated log holds; the analysis of it must come to the same numbers.

    `shape_executions` counts closing lines, `started_without_completion` steps that
    died in between. `connector_calls` counts calls that came back (a start step that
    reads from a connection is one), `http_codes` failed calls whose status the log
    tells: by the step itself, or by the text of the Exception or first document failure
    that follows a call without a text. `document_errors` counts the documents the log says
    failed, once each: a fiber tells of them first, its run again if nothing caught them.
    `outcome` is completed, completed_with_errors or aborted.
    Counts describe the log at level ALL.
    """

    execution_id: str = ""
    process_name: str = ""
    size_bytes: int = 0
    physical_lines: int = 0
    records: int = 0
    levels: Counter[str] = field(default_factory=Counter)
    shape_executions: int = 0
    shapes_with_errors: int = 0
    total_ms: int = 0
    started_without_completion: int = 0
    connector_calls: int = 0
    connector_errors: int = 0
    http_codes: Counter[str] = field(default_factory=Counter)
    fibers: Counter[str] = field(default_factory=Counter)
    subprocess_calls: int = 0
    skipped: int = 0
    document_errors: int = 0
    first_error: ErrorLine | None = None
    outcome: str = "aborted"

    def as_json(self) -> dict[str, Json]:
        """Plain values; `dataclasses.asdict` cannot copy counters."""
        first = None if self.first_error is None else asdict(self.first_error)
        values: dict[str, Json] = {}
        for entry in fields(self):
            value = getattr(self, entry.name)
            values[entry.name] = dict(value) if isinstance(value, Counter) else value
        return {**values, "first_error": first}

    @property
    def severe(self) -> int:
        return self.levels["SEVERE"]

    @property
    def warnings(self) -> int:
        return self.levels["WARNING"]


class LogWriter:
    """Appends records to `sink`; time moves only through `spend`.

    `level` is the threshold of the download: records below it are counted
    in the truth but not written.
    """

    def __init__(
        self,
        sink: Sink,
        *,
        process_name: str,
        execution_id: str,
        start: datetime,
        duration_ms: int,
        rng: random.Random,
        level: str = "ALL",
    ) -> None:
        self.truth = LogTruth(execution_id=execution_id, process_name=process_name)
        self.name = process_name
        self.rng = rng
        self.calls = CallNotes()
        self.duration_ms = duration_ms
        self._sink = sink
        self._start = start
        self._ms = 0
        self._second = -1
        self._text = ""
        self._floor = _RANK.get(level, 0)
        self._buffer: list[str] = []
        self._fibers: list[str] = []
        self._launched: Counter[str] = Counter()
        self._day = execution_id[-10:]
        self._untaken = 0  # documents failed in fibers that no error path has taken
        self._silent = False  # a call failed and the log has not said why
        self._last_error: ErrorLine | None = None

    # --- time -----------------------------------------------------------

    @property
    def elapsed_ms(self) -> int:
        return self._ms

    def spend(self, ms: int) -> None:
        """Let `ms` pass, but never beyond the end of the run."""
        self._ms = min(self._ms + ms, self.duration_ms)

    def go_to(self, ms: int) -> None:
        """Jump to a moment of the run; parallel fibers begin at a common one."""
        self._ms = min(ms, self.duration_ms)

    def _now(self) -> str:
        second = self._ms // 1000
        if second != self._second:
            self._second = second
            self._text = (self._start + timedelta(seconds=second)).strftime(STAMP)
        return self._text

    # --- records --------------------------------------------------------

    def record(self, level: str, step: str, info: str, message: str) -> None:
        truth = self.truth
        truth.records += 1
        truth.levels[level] += 1
        if _RANK[level] < self._floor:
            return
        self._buffer.append(f"{self._now()}\t{level}\t{step}\t{info}\t{message}\n")
        if len(self._buffer) >= _FLUSH_LINES:
            self.flush()

    def flush(self) -> None:
        data = "".join(self._buffer).encode()
        self.truth.physical_lines += len(self._buffer)
        self.truth.size_bytes += len(data)
        self._buffer.clear()
        self._sink.write(data)

    def severe(self, step: str, info: str, message: str, connection: str | None = None) -> None:
        self.record("SEVERE", step, info, message)
        self._note_error(step, info, message, connection)

    def _note_error(self, step: str, info: str, text: str, connection: str | None) -> None:
        self._last_error = ErrorLine(self.truth.records, step, info, text, connection)
        self.truth.first_error = self.truth.first_error or self._last_error

    def done(
        self,
        step: str,
        info: str,
        ms: int,
        *,
        failed: bool = False,
        connection: str | None = None,
    ) -> None:
        """The closing line, the only one with a duration."""
        self.spend(ms)
        truth = self.truth
        truth.shape_executions += 1
        truth.total_ms += ms
        if failed:
            truth.shapes_with_errors += 1
            text = f"Shape executed with errors in {ms} ms."
            self.record("INFO", step, info, text)
            self._note_error(step, info, text, connection)
        else:
            self.record("INFO", step, info, f"Shape executed successfully in {ms} ms.")

    def shape(
        self, type_: str, documents: int, *, label: str = "", info: str = "", ms: int = -1
    ) -> None:
        """A step without anything between its opening and its closing line."""
        step = label or type_
        opening = _OPENINGS.get(type_, f"Executing {type_} Shape")
        self.record("INFO", step, info, f"{opening} with {documents} document(s).")
        self.done(step, info, self.small() if ms < 0 else ms)

    def small(self) -> int:
        return int(self.rng.random() * 7)

    def connector(
        self,
        connection: Connection,
        operation: str,
        documents: int,
        ms: int,
        *,
        label: str = "Connector",
        cause: Cause | None = None,
    ) -> None:
        """A connector call, failing with `cause` if one is given."""
        info = connector_info(connection, operation)
        truth = self.truth
        truth.connector_calls += 1
        self.calls.called(connection, operation, documents, cause, self._ms)
        self.record("INFO", label, info, f"Executing Connector Shape with {documents} document(s).")
        if cause is None:
            self.done(label, info, ms)
            return
        truth.connector_errors += 1
        # REST connectors log no text of their own: the cause shows up later or never.
        if connection.connector.startswith("officialboomi"):
            self._silent = True
        else:
            self.count_status(cause.http_code)
            self.severe(label, info, cause.text, connection.name)
        self.done(label, info, ms, failed=True, connection=connection.name)

    def count_status(self, http_code: int | None) -> None:
        """The log tells the status of one failed call."""
        if http_code is not None:
            self.truth.http_codes[str(http_code)] += 1

    def _told_later(self, cause: Cause) -> None:
        if self._silent:
            self.count_status(cause.http_code)
        self._silent = False

    def skip(self, step: str, next_label: str) -> None:
        self.truth.skipped += 1
        self.record(
            "INFO",
            step,
            "",
            f"No documents found. Skipping execution for the {next_label} step.",
        )

    # --- frames ---------------------------------------------------------

    def begin(self, how: str, documents: int, *, passed_in: bool = False, ms: int = 4) -> None:
        """Header and Start step of the run (or of a child that has its own block)."""
        if not passed_in:
            self.calls.started(how, documents, self._ms)
        self.record("INFO", "initializing...", "", f"Executing Process {self.name}")
        self.record("INFO", "Start", how, "Executing Start Shape")
        if passed_in:
            text = f"Executing Passthrough Shape with {documents} passed in document(s)."
            self.record("INFO", "Start", how, text)
        self.record("INFO", "Start", how, f"{documents} document(s) found for processing.")
        # A start step that reads from a connection is a call of it, too.
        self.truth.connector_calls += " Connector; " in how
        self.done("Start", how, ms)

    def end(
        self, *, failed_documents: int = 0, first_failure: Cause | None = None, ok: bool = True
    ) -> None:
        """Cleanup lines of the run. Documents that failed are told before the last line."""
        if failed_documents:
            self.truth.document_errors += max(0, failed_documents - self._untaken)
            text = f"{self.name} encountered {failed_documents} document error(s)"
            self.record("WARNING", "cleanup...", "", text)
        if first_failure is not None:
            self._told_later(first_failure)
            self.severe("cleanup...", "", f"First document failure: {first_failure.text}")
        self.record("INFO", "cleanup...", "", _COMPLETED if ok else _ERRORS)

    @contextmanager
    def named(self, name: str) -> Iterator[None]:
        """Write the lines of a child that carries its own name."""
        parent, self.name = self.name, name
        yield
        self.name = parent

    @contextmanager
    def protected(
        self, label: str, documents: int, shape: int, *, failed: int = 0
    ) -> Iterator[None]:
        """Try/Catch: the body is the try path, which always runs as a fiber.

        `failed` documents go down the error path; the catch path is written
        by the caller afterwards.
        """
        fiber = self._launch()
        step = label or "Try/Catch"
        self.truth.fibers["Try/Catch"] += 1
        self.record("INFO", step, "", f"Executing Try/Catch Shape with {documents} document(s).")
        self._announce(step, "Try/Catch", fiber, documents)
        self.record("INFO", step, "", f"Completed Try/Catch initial execution (shape{shape})")
        with self._fiber(fiber, step, "Try/Catch", documents, failed):
            yield
        if failed:
            text = f"Try/Catch Shape sending {failed} document(s) down error path"
            self.record("WARNING", step, "", text)
        self.done(step, "", 1 + self.small())

    @contextmanager
    def parallel(self, documents: list[int]) -> Iterator[list[str]]:
        """Flow Control with threads: all launches first; the body writes each `lane`."""
        step = "Flow Control"
        self.record("INFO", step, "", f"Executing {step} Shape with {sum(documents)} document(s).")
        fibers = []
        for count in documents:
            fibers.append(self._launch())
            self.truth.fibers[step] += 1
            self._announce(step, step, fibers[-1], count)
        yield fibers
        self.done(step, "", self.small())

    @contextmanager
    def lane(self, fiber: str, documents: int, *, failed: int = 0) -> Iterator[None]:
        """The block of one fiber of `parallel`; nothing catches what fails in it."""
        self._untaken += failed
        with self._fiber(fiber, "Flow Control", "Flow Control", documents, failed):
            yield

    def _launch(self) -> str:
        parent = self._fibers[-1] if self._fibers else "f"
        fiber = f"{parent}_{self._launched[parent]}"
        self._launched[parent] += 1
        return fiber

    def _announce(self, step: str, type_: str, fiber: str, documents: int) -> None:
        bits = f"{self.rng.getrandbits(128):032x}"
        uuid = f"{bits[:8]}-{bits[8:12]}-{bits[12:16]}-{bits[16:20]}-{bits[20:]}"
        self.record(
            "INFO",
            step,
            "",
            f"Launching {type_} Shape fiber {fiber} as execution-{uuid}-{self._day} "
            f"with {documents} document(s).",
        )

    @contextmanager
    def _fiber(
        self, fiber: str, step: str, type_: str, documents: int, failed: int
    ) -> Iterator[None]:
        self._fibers.append(fiber)
        name = f"{self.name} (Continuation {fiber})"
        self.record("INFO", "initializing...", "", f"Executing Process {name}")
        text = f"Executing {type_} Shape continuation as {fiber} with {documents} document(s)."
        self.record("INFO", step, "", text)
        self.done(step, "", self.small())
        yield
        if failed:
            self.truth.document_errors += failed
            text = f"{name} encountered {failed} document error(s)"
            self.record("WARNING", "cleanup...", "", text)
        self.record("INFO", "cleanup...", "", _COMPLETED)
        self._launched.pop(fiber, None)
        self._fibers.pop()

    def halt(self, label: str, documents: int, cause: Cause) -> None:
        """An Exception step that stops everything."""
        text = f"Executing Exception Shape with {documents} document(s)."
        self.record("INFO", label, "", text)
        if self._silent:
            # The Exception tells of the last call; those before it were caught and forgotten.
            self.truth.first_error = self._last_error
        self._told_later(cause)
        self.severe(label, "", f"{HALT_PREFIX}{cause.chain}")
        self.done(label, "", 2 + self.small(), failed=True)


_COMPLETED = "Process execution completed normally."
_ERRORS = "Errors occurred in process."
# The opening line of these names something else than the step type (seen in real logs).
_OPENINGS = {
    "Map": "Executing Map",
    "Decision": "Executing Decision",
    "Document Properties": "Executing Set Properties Shape",
    "Document Cache Remove": "Executing Remove from Cache Shape",
}


def connector_info(connection: Connection, operation: str) -> str:
    """Third-level text of a connector step: connection, connector type, operation."""
    return f"{connection.name}: {connection.connector} Connector; {operation}"
