"""What happens in the processes of the sandbox, written as log events.

One recipe per kind of process; each takes the writer and the facts of the
execution and writes from header to cleanup. Failures are placed so that the
first fault of the log is the one the ExecutionRecord's message names.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING

from sandbox.causes import Cause, Ending
from sandbox.log_writer import LogWriter, connector_info
from sandbox.processes import (
    ARTICLE_MASTER,
    ORDERS_DB,
    SUPPLIER_MASTER,
    Connection,
)

if TYPE_CHECKING:
    from sandbox.logs import LogSpec

_PAGE_SIZE = 100
_DEEPEST_PAGE = 20
_LANES = 4
_STOP = "continuing process"
_NO_RETURN = "passing in start data, no return data"
_WITH_RETURN = "passing in start data, receiving returned data"
_STANDALONE = "standalone start data, no return data"


class Run:
    """The state one recipe shares with its steps: pace, and which documents fail."""

    def __init__(self, writer: LogWriter, spec: LogSpec, calls: int) -> None:
        self.log = writer
        self.spec = spec
        self.cause = spec.cause
        self.mean_ms = max(2.0, spec.duration_ms * 0.9 / max(1, calls))
        self.dead = False
        self._failing = self._choose_failing()

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

    def uncaught(self, document: int) -> Cause | None:
        if self.cause is None or self.cause.ending is Ending.HALT:
            return None
        return self.cause if document in self._failing else None

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
            log.halt("Stop the run", self.spec.failed_documents, cause.chain)
            log.end(ok=False)
        elif cause.ending is Ending.DOCUMENTS:
            log.end(failed_documents=self.spec.failed_documents, first_failure=cause.text, ok=False)
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
        self.log.record("INFO", "Connector", info, "Executing Connector Shape with 1 document(s).")
        self.log.spend(self.pause())
        self.log.severe("Connector", info, cause.message, connection.name)
        self.log.truth.connector_calls += 1
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


def batches(log: LogWriter, spec: LogSpec) -> None:
    """One document after the other, each protected by a Try/Catch."""
    run = Run(log, spec, spec.documents * 2 + 1)
    if run.start():
        said = (
            f"Elapsed time: {log.rng.randrange(20, 400)} ms",
            "queue=orders\tstate=SEVERE backlog 0",
        )
        run.script("Deduplicate documents", spec.documents, spec.documents, *said)
        for document in range(spec.documents):
            _protected_document(run, document)
            if run.dead:
                break
    run.finish()


def _protected_document(run: Run, document: int) -> None:
    log, target = run.log, run.spec.process.target
    cause = run.caught(document)
    with log.protected("Try to send", 1, 6, failed=1 if cause else 0):
        log.shape("Map", 1, info=f"{target.name} request")
        log.shape("Decision", 1, label="Foreign currency?")
        run.send(target, "POST document", cause)
        run.stop()
    if cause is not None:
        log.shape("Message", 1, label="Error mail text")
        run.notify("Not sent", cause.text if cause.http_code is None else "see the step above")
        return
    run.send(target, "Confirm document", run.uncaught(document))


def pages(log: LogWriter, spec: LogSpec) -> None:
    """A paging process that calls itself: fibers nest, then start over."""
    total = -(-spec.documents // _PAGE_SIZE)
    run = Run(log, spec, total + spec.documents)
    if run.start():
        for first in range(0, total, _DEEPEST_PAGE):
            if run.dead:
                break
            with ExitStack() as nested:
                for page in range(first, min(first + _DEEPEST_PAGE, total)):
                    nested.enter_context(log.protected("Get page", 1, 4))
                    _page(run, page)
    run.finish()


def _page(run: Run, page: int) -> None:
    log, spec = run.log, run.spec
    source = spec.process.source or spec.process.target
    documents = range(page * _PAGE_SIZE, min((page + 1) * _PAGE_SIZE, spec.documents))
    log.shape("Document Properties", 1, label="Set page URL")
    log.connector(source, "GET page", 1, run.pause())
    run.split("Split page", len(documents))
    for document in documents:
        _paged_document(run, document)
    log.shape("Decision", 1, label="More pages?")
    run.call(_WITH_RETURN, 1, "Executing process [Sub] Get all pages")


def _paged_document(run: Run, document: int) -> None:
    log, target = run.log, run.spec.process.target
    cause = run.caught(document)
    log.shape("Map", 1, info="Record to canonical")
    if cause is None:
        log.shape("Decision", 1, label="Changed since last run?")
        run.send(target, "UPSERT record", run.uncaught(document))
        return
    with log.protected("Try once", 1, 9, failed=1):
        run.send(target, "UPSERT record", cause)
        run.stop()
    run.notify("Record left out", f"row {document + 1}")


def parallel(log: LogWriter, spec: LogSpec) -> None:
    """Flow Control with threads: the blocks stand in launch order, times overlap."""
    run = Run(log, spec, max(1, spec.documents // _LANES))
    if run.start():
        lanes = [range(lane, spec.documents, _LANES) for lane in range(_LANES)]
        lanes = [lane for lane in lanes if lane]
        with log.parallel([len(lane) for lane in lanes]) as fibers:
            begun, latest = log.elapsed_ms, 0
            for fiber, documents in zip(fibers, lanes, strict=True):
                log.go_to(begun)
                failed = sum(run.caught(document) is not None for document in documents)
                with log.lane(fiber, len(documents), failed=failed):
                    for document in documents:
                        log.shape("Map", 1, info="Stock row to shop item")
                        cause = run.caught(document) or run.uncaught(document)
                        run.send(spec.process.target, "PUT stock level", cause)
                latest = max(latest, log.elapsed_ms)
            log.go_to(latest)
    run.finish()


def subprocess(log: LogWriter, spec: LogSpec) -> None:
    """A child called inline, another asynchronously: its block is appended at the end."""
    run = Run(log, spec, spec.documents + 2)
    child = "(sub) Archive invoices"
    if run.start():
        log.shape("Document Properties", spec.documents)
        log.shape("Branch", spec.documents)
        run.call(_NO_RETURN, spec.documents, "Executing process (sub) Send invoice")
        log.done("Document Cache Retrieve", "", 3 + log.small())
        for document in range(spec.documents):
            log.shape("Map", 1, info="Invoice to IDoc")
            cause = run.caught(document)
            if cause is None:
                run.send(spec.process.target, "POST IDoc", run.uncaught(document))
                continue
            with log.protected("Protect IDoc", 1, 11, failed=1):
                run.send(spec.process.target, "POST IDoc", cause)
        text = f"Executing asynchronous process '{child}' with {spec.documents} document(s)"
        run.call(_NO_RETURN, spec.documents, text)
        _appended_child(run, child)
    run.finish()


def _appended_child(run: Run, name: str) -> None:
    log, documents = run.log, run.spec.documents
    waited = 20 + log.small() * 9
    ended = log.elapsed_ms
    text = f"Waited for 1 child process(es) in {waited} ms."
    log.record("INFO", "cleanup...", "", text)
    log.go_to(max(0, ended - 2_000))
    with log.named(name):
        log.begin("Passthrough", documents, passed_in=True)
        log.shape("Map", documents, info="Invoice to archive row")
        log.connector(ORDERS_DB, "Insert archive rows", documents, 15 + log.small())
        run.stop(documents)
        log.end()
    log.go_to(max(ended, log.elapsed_ms))


def children(log: LogWriter, spec: LogSpec) -> None:
    """A parent of standalone children: they have executions and logs of their own."""
    run = Run(log, spec, 2)
    if run.start():
        run.script("Which masters are due?", 1, 2)
        for document, child in enumerate((ARTICLE_MASTER, SUPPLIER_MASTER)):
            cause = run.uncaught(document)
            # The closing quote is missing in real logs, too.
            text = f"Executing process '{child.name}"
            if cause is None:
                run.call(_STANDALONE, 1, text)
                log.spend(run.pause())
                continue
            _failed_call(run, text, cause)
        run.stop(2)
    run.finish()


def _failed_call(run: Run, text: str, cause: Cause) -> None:
    log = run.log
    opening = "Executing Process Call Shape with 1 document(s)."
    log.record("INFO", "Process Call", _STANDALONE, opening)
    log.truth.subprocess_calls += 1
    log.record("INFO", "Process Call", _STANDALONE, text)
    log.severe("Process Call", _STANDALONE, cause.text)
    log.done("Process Call", _STANDALONE, run.pause(), failed=True)


def files(log: LogWriter, spec: LogSpec) -> None:
    """Files from a partner: read, check, map, hand over."""
    run = Run(log, spec, spec.documents * 2)
    if run.start():
        for document in range(spec.documents):
            log.shape("Business Rules", 1, label="Check envelope")
            run.script("Count segments", 1, 1, f"segments: {log.rng.randrange(12, 900)}")
            log.shape("Map", 1, info="Partner file to canonical")
            cause = run.caught(document) or run.uncaught(document)
            run.send(spec.process.target, "PUT file", cause)
            if run.dead:
                break
        else:
            run.stop(spec.documents)
    run.finish()


def cache(log: LogWriter, spec: LogSpec) -> None:
    """Documents joined through a document cache; some paths have nothing to do."""
    run = Run(log, spec, spec.documents)
    if run.start():
        log.shape("Branch", spec.documents)
        log.done("Document Cache Load", "", 6 + log.small())
        for document in range(spec.documents):
            log.done("Document Cache Retrieve", "", 1 + log.small())
            log.shape("Flow Control", 1)
            cause = run.caught(document) or run.uncaught(document)
            run.send(spec.process.target, "POST row", cause)
        step = "Document Cache Remove"
        text = f"Executing Remove from Cache Shape with {spec.documents} document(s)."
        log.record("INFO", step, "", text)
        log.record("INFO", step, "", "Successfully Removed Documents from Cache")
        log.done(step, "", log.small())
        log.skip(step, "Document Cache Retrieve")
    run.finish()


def listener(log: LogWriter, spec: LogSpec) -> None:
    """A web service call: one document in, one answer back."""
    run = Run(log, spec, 2)
    how = "Web Services Server: wss Connector; Order Webhook"
    if run.start(listener=how):
        log.shape("Business Rules", 1, label="Valid order?")
        log.record(
            "INFO",
            "Process Route",
            "Order Type Router",
            "Executing process 'Standard order' with 1 document(s) for route key 'ORDER'",
        )
        log.truth.subprocess_calls += 1
        log.done("Process Route", "Order Type Router", 3 + log.small())
        run.send(spec.process.target, "POST order", run.caught(0) or run.uncaught(0))
        text = "Adding 1 document(s) to Return Documents."
        log.record("INFO", "Return Documents", "", text)
        log.done("Return Documents", "", log.small())
    run.finish()


def _fetch(source: Connection) -> str:
    return "Select open rows" if source.connector == "database" else "GET new documents"


RECIPES: dict[str, Callable[[LogWriter, LogSpec], None]] = {
    "batches": batches,
    "pages": pages,
    "parallel": parallel,
    "subprocess": subprocess,
    "children": children,
    "files": files,
    "cache": cache,
    "listener": listener,
}
