"""What stands on the canvas of each process, step by step.

The names are those the logs use (`log_recipes`, `log_run`): a step, a connection,
an operation or a map that a log tells of is found in the process that wrote it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from sandbox.processes import (
    ARTICLE_MASTER,
    ORDERS_DB,
    SUPPLIER_MASTER,
    BoomiProcess,
    Connection,
)

StepKind = Literal[
    "start",
    "listen",
    "passthrough",
    "connector",
    "map",
    "script",
    "split",
    "decision",
    "catch",
    "branch",
    "message",
    "notify",
    "exception",
    "cache_load",
    "cache_get",
    "cache_remove",
    "flow",
    "rules",
    "call",
    "route",
    "return",
    "stop",
    "properties",
]


@dataclass(frozen=True, slots=True)
class Step:
    """`name` is the map, script, cache, route or process it uses, or what it says.

    `legs` are the ways out of a branch, a decision or a Try/Catch (try, catch).
    `number` is that of the shape where a log tells it, 0 for the next free one.
    """

    kind: StepKind
    label: str = ""
    name: str = ""
    connection: Connection | None = None
    legs: tuple[tuple[Step, ...], ...] = ()
    number: int = 0


Canvas = tuple[Step, ...]
CACHE = "Documents by key"
ROUTE = "Order Type Router"
LISTENER = "Order Webhook"
ALL_PAGES, SEND_INVOICE = "[Sub] Get all pages", "(sub) Send invoice"
ARCHIVE, STANDARD = "(sub) Archive invoices", "Standard order"
_STOP = Step("stop")
_HALT = Step("exception", "Stop the run")
_CHECK = Step("script", "Check row", "Check row")


def fetch_operation(source: Connection) -> str:
    """The operation with which a run reads its start data."""
    return "Select open rows" if source.connector == "database" else "GET new documents"


def _start(process: BoomiProcess) -> Step:
    if process.recipe == "listener":
        return Step("listen", name=LISTENER)
    if process.source is None:
        return Step("start")
    return Step("start", name=fetch_operation(process.source), connection=process.source)


def _send(process: BoomiProcess, operation: str) -> Canvas:
    """A call with what may go wrong right before it: a script and a map."""
    return (
        _CHECK,
        Step("map", name=f"{operation} request"),
        Step("connector", name=operation, connection=process.target),
    )


def _batches(process: BoomiProcess) -> Canvas:
    target = process.target
    attempt = (
        Step("map", name=f"{target.name} request"),
        Step("decision", "Foreign currency?", legs=((), (_STOP,))),
        *_send(process, "POST document"),
        _STOP,
    )
    failed = (Step("message", "Error mail text"), Step("notify", name="Not sent"), _HALT)
    confirm = (*_send(process, "Confirm document"), _STOP)
    return (
        Step("script", "Deduplicate documents", "Deduplicate documents"),
        Step(
            "branch",
            legs=((Step("catch", "Try to send", legs=(attempt, failed), number=6),), confirm),
        ),
    )


def _pages(process: BoomiProcess) -> Canvas:
    source = process.source or process.target
    page = (
        Step("properties", "Set page URL"),
        Step("connector", name="GET page", connection=source),
        Step("split", "Split page"),
        Step("cache_load", name=CACHE),
        Step("decision", "More pages?", legs=((), (_STOP,))),
        Step("call", name=ALL_PAGES),
    )
    send = (*_send(process, "UPSERT record"), _STOP)
    left_out = (Step("notify", name="Record left out"),)
    record = (
        Step("cache_get", name=CACHE),
        Step("map", name="Record to canonical"),
        Step("decision", "Changed since last run?", legs=((), (_STOP,))),
        Step("catch", "Try once", legs=(send, left_out), number=9),
    )
    return (
        Step(
            "branch", legs=((Step("catch", "Get page", legs=(page, (_HALT,)), number=4),), record)
        ),
    )


def _parallel(process: BoomiProcess) -> Canvas:
    return (
        Step("flow"),
        Step("map", name="Stock row to shop item"),
        *_send(process, "PUT stock level"),
        Step("decision", "Rejected?", legs=((_HALT,), (_STOP,))),
    )


def _subprocess(process: BoomiProcess) -> Canvas:
    send = (*_send(process, "POST IDoc"), _STOP)
    legs = (
        (Step("call", name=SEND_INVOICE),),
        (
            Step("cache_get", name=CACHE),
            Step("map", name="Invoice to IDoc"),
            Step("catch", "Protect IDoc", legs=(send, (_HALT,)), number=11),
        ),
        (Step("call", name=ARCHIVE),),
    )
    return (Step("properties"), Step("branch", legs=legs))


def _children(process: BoomiProcess) -> Canvas:
    return (
        Step("script", "Which masters are due?", "Which masters are due?"),
        Step(
            "branch",
            legs=(
                (Step("call", name=ARTICLE_MASTER.name),),
                (Step("call", name=SUPPLIER_MASTER.name), _STOP),
                (_HALT,),
            ),
        ),
    )


def _files(process: BoomiProcess) -> Canvas:
    return (
        Step("rules", "Check envelope"),
        Step("script", "Count segments", "Count segments"),
        Step("map", name="Partner file to canonical"),
        *_send(process, "PUT file"),
        Step("decision", "Refused?", legs=((_HALT,), (_STOP,))),
    )


def _cache(process: BoomiProcess) -> Canvas:
    legs = (
        (Step("cache_load", name=CACHE),),
        (Step("cache_get", name=CACHE), Step("flow"), *_send(process, "POST row")),
        (Step("cache_remove", name=CACHE), _HALT),
    )
    return (Step("branch", legs=legs),)


def _listener(process: BoomiProcess) -> Canvas:
    return (
        Step("rules", "Valid order?"),
        Step("route", name=ROUTE),
        *_send(process, "POST order"),
        Step("decision", "Refused?", legs=((_HALT,), ())),
        Step("return"),
    )


_RECIPES: dict[str, Callable[[BoomiProcess], Canvas]] = {
    "batches": _batches,
    "pages": _pages,
    "parallel": _parallel,
    "subprocess": _subprocess,
    "children": _children,
    "files": _files,
    "cache": _cache,
    "listener": _listener,
}


def canvas_of(process: BoomiProcess) -> Canvas:
    """The steps of a process, its start first."""
    return (_start(process), *_RECIPES[process.recipe](process))


def helper_canvas(name: str, process: BoomiProcess) -> Canvas:
    """The steps of a subprocess without executions of its own, used by `process`."""
    steps: dict[str, Canvas] = {
        ALL_PAGES: _pages(process),
        SEND_INVOICE: (Step("message", "Invoice mail"), Step("notify", name="Invoice sent")),
        ARCHIVE: (
            Step("map", name="Invoice to archive row"),
            Step("connector", name="Insert archive rows", connection=ORDERS_DB),
            _STOP,
        ),
        STANDARD: (
            Step("map", name="Order to canonical"),
            Step("cache_load", name=CACHE),
            Step("return"),
        ),
    }
    return (Step("passthrough"), *steps[name])


HELPERS = (ALL_PAGES, SEND_INVOICE, ARCHIVE, STANDARD)


def walk(canvas: Canvas) -> Iterator[Step]:
    """Every step, legs included."""
    for step in canvas:
        yield step
        for leg in step.legs:
            yield from walk(leg)
