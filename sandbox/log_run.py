"""One run while its log is written: its pace, which documents fail, and common steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.causes import Cause, Ending
from sandbox.log_writer import LogWriter, connector_info
from sandbox.processes import Connection

if TYPE_CHECKING:
    from sandbox.logs import LogSpec

_STOP = "continuing process"


class Run:
    """The state one recipe shares with its steps: pace, and which documents fail."""

    def __init__(self, writer: LogWriter, spec: LogSpec, calls: int) -> None:
        self.log = writer
        self.spec = spec
        self.cause = spec.cause
        self.mean_ms = max(2.0, spec.duration_ms * 0.9 / max(1, calls))
        self.dead = False
        self._failing = self._choose_failing()
        writer.calls.expect(self._failing, self.cause)

    def _choose_failing(self) -> frozenset[int]:
        """A halting cause breaks everything after it; others hit single documents."""
        spec = self.spec
        if self.cause is not None and self.cause.ending is not Ending.DOCUMENTS:
            first = max(0, spec.documents - spec.failed_documents)
            return frozenset(range(first, spec.documents))
        count = min(spec.failed_documents, spec.documents)
        return frozenset(self.log.rng.sample(range(spec.documents), count))

    def pause(self) -> int:
        """Milliseconds of one slow call, spread around the run's mean."""
        return int(self.mean_ms * (0.4 + 1.2 * self.log.rng.random()))

    def caught(self, document: int) -> Cause | None:
        """The cause that a Try/Catch absorbs at this document, if any."""
        if document not in self._failing:
            return None
        if self.cause is not None and self.cause.ending is Ending.HALT:
            return self.cause
        return self.spec.caught if self.cause is None else None

    @property
    def first_failing(self) -> int:
        """For recipes that make one call whatever the number of documents."""
        return min(self._failing, default=0)

    def uncaught(self, document: int) -> Cause | None:
        if self.cause is None or self.cause.ending is Ending.HALT:
            return None
        return self.cause if document in self._failing else None

    def fails(self, document: int) -> Cause | None:
        """The cause that hits this document where no Try/Catch is around it."""
        return self.caught(document) or self.uncaught(document)

    def start(self, *, listener: str = "") -> bool:
        """Header and start; False when there is nothing to do (already told)."""
        spec = self.spec
        source = spec.process.source
        how = listener or ("NoData" if source is None else connector_info(source, _fetch(source)))
        self.log.begin(how, spec.documents, ms=self.pause() // 2 + 3)
        if spec.documents == 0:
            self.log.skip("Start", "Business Rules")
        return spec.documents > 0

    def finish(self) -> None:
        """Cleanup lines that fit the cause; nothing for a run that was killed."""
        log, cause, truth = self.log, self.cause, self.log.truth
        if self.dead and cause is not None and cause.ending is Ending.CANCELLED:
            return
        log.go_to(self.spec.duration_ms)
        if cause is None:
            log.end()
            truth.outcome = "completed"
            return
        truth.outcome = "completed_with_errors"
        if cause.ending is Ending.HALT:
            log.halt("Stop the run", self.spec.failed_documents, cause)
            log.end(ok=False)
        elif cause.ending is Ending.DOCUMENTS:
            log.end(failed_documents=self.spec.failed_documents, first_failure=cause, ok=False)
        else:
            log.end(ok=False)

    # --- steps shared by recipes -----------------------------------------

    def send(self, connection: Connection, operation: str, cause: Cause | None) -> None:
        """A call for one document that may fail with `cause`, in the cause's own way."""
        log = self.log
        if cause is None:
            log.connector(connection, operation, 1, self.pause())
        elif cause.ending in (Ending.UNEXPECTED, Ending.CANCELLED):
            self._die(connection, operation, cause)
        elif cause.key == "map-mandatory":
            self._fail("Map", f"{operation} request", "Executing Map", cause)
        elif cause.key == "script-null":
            self._fail("Check row", "", "Executing Data Process Shape", cause)
        else:
            log.connector(connection, operation, 1, self.pause(), cause=cause)

    def _fail(self, step: str, info: str, opening: str, cause: Cause) -> None:
        self.log.record("INFO", step, info, f"{opening} with 1 document(s).")
        self.log.severe(step, info, cause.text)
        self.log.done(step, info, self.log.small(), failed=True)

    def _die(self, connection: Connection, operation: str, cause: Cause) -> None:
        """The step ends the run: a SEVERE record and no closing line."""
        info = connector_info(connection, operation)
        self.log.calls.called(connection, operation, 1, cause, self.log.elapsed_ms)
        self.log.record("INFO", "Connector", info, "Executing Connector Shape with 1 document(s).")
        self.log.spend(self.pause())
        self.log.severe("Connector", info, cause.message, connection.name)
        self.log.truth.started_without_completion += 1
        self.dead = True

    def stop(self, documents: int = 1) -> None:
        self.log.shape("Stop", documents, info=_STOP)

    def notify(self, title: str, text: str, level: str = "WARNING") -> None:
        """Three lines of a Notify step."""
        log = self.log
        log.record("INFO", "Notify", "", "Executing Notify Shape with 1 document(s).")
        message = f"{title}: {text}"
        if level == "SEVERE":
            log.severe("Notify", "", message)
        else:
            log.record(level, "Notify", "", message)
        log.done("Notify", "", log.small())

    def script(self, label: str, before: int, after: int, *said: str) -> None:
        """A Data Process step with one Groovy script and what the script logged."""
        log = self.log
        info = "[1] Scripting: groovy2"
        text = f"Executing Data Process Shape with {before} document(s)."
        log.record("INFO", label, "", text)
        log.record("INFO", label, info, f"Executing with {before} documents in")
        source = f"script_{log.rng.getrandbits(32):08x}_{log.rng.randrange(90, 400)}"
        log.record("INFO", label, info, f"Compiling code source: {source}")
        for line in said:
            log.record("INFO", label, info, line)
        log.record("INFO", label, info, f"Completed with {after} documents out")
        produced = f"Data Process Execution (SCRIPTING) produced {after} documents."
        log.record("INFO", label, "", produced)
        log.done(label, "", 8 + log.small() * 3)

    def split(self, label: str, parts: int) -> None:
        """A Data Process step that splits one JSON document."""
        log = self.log
        log.record("INFO", label, "", "Executing Data Process Shape with 1 document(s).")
        info = "[1] Data Split: JSON"
        log.record("INFO", label, info, "Executing with 1 documents in")
        log.record("INFO", label, info, f"Split resulted in {parts} document(s).")
        log.record("INFO", label, info, f"Completed with {parts} documents out")
        produced = f"Data Process Execution (SPLIT) produced {parts} documents."
        log.record("INFO", label, "", produced)
        log.done(label, "", 5 + log.small() * 2)

    def call(self, info: str, documents: int, *middle: str) -> None:
        """A Process Call step; `middle` says which process and how."""
        log = self.log
        text = f"Executing Process Call Shape with {documents} document(s)."
        log.record("INFO", "Process Call", info, text)
        for line in middle:
            log.truth.subprocess_calls += 1
            log.record("INFO", "Process Call", info, line)
        log.done("Process Call", info, 4 + log.small())


def _fetch(source: Connection) -> str:
    return "Select open rows" if source.connector == "database" else "GET new documents"
