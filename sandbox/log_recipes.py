"""What happens in the processes of the sandbox, written as log events.

One recipe per kind of process; each takes the writer and the facts of the
execution and writes from header to cleanup. Failures are placed so that the
first fault of the log is the one the ExecutionRecord's message names.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING

from sandbox.causes import Cause
from sandbox.log_run import Run
from sandbox.log_writer import LogWriter
from sandbox.processes import (
    ARTICLE_MASTER,
    ORDERS_DB,
    SUPPLIER_MASTER,
)

if TYPE_CHECKING:
    from sandbox.logs import LogSpec

_PAGE_SIZE = 100
_DEEPEST_PAGE = 20
_LANES = 4
_NO_RETURN = "passing in start data, no return data"
_WITH_RETURN = "passing in start data, receiving returned data"
_STANDALONE = "standalone start data, no return data"


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
    """A paging process that calls itself: fibers nest, then start over.

    The Try/Catch of a page holds the paging only. The documents wait in a cache until the
    pages are there, so that a document that fails is not in anybody's try path.
    """
    total = -(-spec.documents // _PAGE_SIZE)
    run = Run(log, spec, total + spec.documents)
    if run.start():
        for first in range(0, total, _DEEPEST_PAGE):
            if run.dead:
                break
            block = range(first, min(first + _DEEPEST_PAGE, total))
            with ExitStack() as nested:
                for page in block:
                    nested.enter_context(log.protected("Get page", 1, 4))
                    _page(run, page)
            for page in block:
                log.done("Document Cache Retrieve", "", 1 + log.small())
                for document in _documents_of(spec, page):
                    _paged_document(run, document)
    run.finish()


def _documents_of(spec: LogSpec, page: int) -> range:
    return range(page * _PAGE_SIZE, min((page + 1) * _PAGE_SIZE, spec.documents))


def _page(run: Run, page: int) -> None:
    log, spec = run.log, run.spec
    source = spec.process.source or spec.process.target
    log.shape("Document Properties", 1, label="Set page URL")
    log.connector(source, "GET page", 1, run.pause())
    run.split("Split page", len(_documents_of(spec, page)))
    log.done("Document Cache Load", "", 2 + log.small())
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
                failed = sum(run.fails(document) is not None for document in documents)
                with log.lane(fiber, len(documents), failed=failed):
                    for document in documents:
                        log.shape("Map", 1, info="Stock row to shop item")
                        cause = run.fails(document)
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
        broken = run.fails(run.first_failing)
        for child in (ARTICLE_MASTER, SUPPLIER_MASTER):
            cause = broken if child is ARTICLE_MASTER else None
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
    log.count_status(cause.http_code)
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
            cause = run.fails(document)
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
            cause = run.fails(document)
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
        cause = run.fails(run.first_failing)
        run.send(spec.process.target, "POST order", cause)
        text = "Adding 1 document(s) to Return Documents."
        log.calls.returned(1, log.elapsed_ms)
        log.record("INFO", "Return Documents", "", text)
        log.done("Return Documents", "", log.small())
    run.finish()


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
