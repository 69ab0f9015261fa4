"""ExecutionRequest and what follows: start a process, watch for its record, cancel it.

A requested run is an execution like any other, with a record, a log, connectors, an
audit entry and, should it fail, an event.
"""

from __future__ import annotations

import random
import sqlite3
import uuid
from dataclasses import replace
from datetime import datetime, timedelta

from sandbox import audit, wire
from sandbox.asking import Ask, Refused
from sandbox.clock import parse_stamp, stamp
from sandbox.company import RUNTIMES, Runtime
from sandbox.day_by_day import ADD_OBJECT, ADD_RUN, with_children
from sandbox.events import events_of
from sandbox.processes import ALL, BoomiProcess, process_at, process_on
from sandbox.records import execution_row, running_body
from sandbox.rhythm import BoomiRun, requested_run
from sandbox.shapes import EXECUTION_RECORD
from sandbox.store import EXECUTION_COLUMNS
from sandbox.wire import Answer, BadRequest, Element, Json

OFFLINE = "Runtime is unavailable."
_DONE = "Operation completed successfully."
_MARKS = ", ".join("?" * len(EXECUTION_COLUMNS.split(",")))
_CHANGE_RUN = f"UPDATE executions SET ({EXECUTION_COLUMNS}) = ({_MARKS}) WHERE execution_id = ?"  # noqa: S608
_DEPLOYED = (
    "SELECT 1 FROM objects WHERE kind = 'DeployedPackage' AND account = :account "
    "AND since <= :now AND until > :now AND json_extract(body, '$.active') = 1 "
    "AND json_extract(body, '$.componentId') = :process "
    "AND json_extract(body, '$.environmentId') = :environment"
)
_RUN_COLUMNS = (
    "process_key, start, duration_ms, documents_in, execution_type, status, cause, caught, "
    "failed_documents, visible, recorded"
)
_CONTAINERS = ("DynamicProcessProperties", "ProcessProperties")


def execution_request(ask: Ask) -> Answer | None:
    """`POST /ExecutionRequest`: starts a run; the answer names where its record will be."""
    if not ask.is_post or ask.rest:
        return None
    values = _values(ask)
    request_id = _start(ask, values)
    return _told(ask, {**values, "requestId": request_id, "recordUrl": _url(ask, request_id)})


def execute_process(ask: Ask) -> Answer | None:
    """`POST /executeProcess`: the older form, which says nothing about the record."""
    if not ask.is_post or ask.rest:
        return None
    values = _values(ask)
    _start(ask, values)
    return _told(ask, values)


def requested_record(ask: Ask) -> Answer | None:
    """`GET /ExecutionRecord/async/{requestId}`: 202 until there is a record."""
    if not ask.is_get or len(ask.rest) != 2 or ask.rest[0] != "async":
        return None
    now = stamp(ask.services.clock.now())
    with ask.services.store.reading() as connection:
        row = connection.execute(
            "SELECT r.visible, e.body, e.recorded FROM requests r JOIN executions e "
            "ON e.execution_id = r.execution_id WHERE r.id = ? AND r.account = ?",
            (ask.rest[1], ask.account),
        ).fetchone()
    if row is None:
        raise BadRequest(f"Request id {ask.rest[1]} is invalid.")
    visible, body, recorded = row
    if visible > now:
        return Answer(202, b"", wire.JSON_TYPE if ask.as_json else wire.XML_TYPE)
    body = running_body(body) if recorded > now else body
    if ask.services.box.faults.wrapped_async:
        return wire.wrapped(EXECUTION_RECORD, body, as_json=ask.as_json)
    return wire.one(EXECUTION_RECORD, body, as_json=ask.as_json)


def cancel_execution(ask: Ask) -> Answer | None:
    """`POST /cancelExecution/{executionId}`: 202; 400 for a run that has ended."""
    if not ask.is_post or len(ask.rest) != 1:
        return None
    services, now = ask.services, ask.services.clock.now()
    with services.store.writing() as connection:
        run = _find(connection, ask.account, ask.rest[0], now)
        _check_online(ask, run.process.runtime)
        ended = run.cancelled(now)
        row = execution_row(ended, services.downloads.seed)
        connection.execute(_CHANGE_RUN, (*row, run.execution_id))
        connection.execute(
            "DELETE FROM objects WHERE kind = 'Event' AND account = ? "
            "AND json_extract(body, '$.executionId') = ?",
            (ask.account, run.execution_id),
        )
        connection.executemany(ADD_OBJECT, events_of([ended]))
    answer = wire.flat("CancelExecution", {"message": _DONE}, as_json=ask.as_json)
    return replace(answer, status=202)


def _find(
    connection: sqlite3.Connection, account: str, execution_id: str, now: datetime
) -> BoomiRun:
    """A run that goes on. Raises BadRequest."""
    row = connection.execute(
        f"SELECT {_RUN_COLUMNS} FROM executions "  # noqa: S608
        "WHERE execution_id = ? AND account = ? AND visible <= ?",
        (execution_id, account, stamp(now)),
    ).fetchone()
    if row is None:
        raise BadRequest(f"Execution id {execution_id} is invalid.")
    key, start, duration, documents, type_, status, cause, caught, failed, visible, recorded = row
    if recorded <= stamp(now):
        raise BadRequest(f"Execution {execution_id} has already ended with status {status}.")
    begun = parse_stamp(start)
    return BoomiRun(
        execution_id.removeprefix("execution-")[:36],
        process_at(key),
        begun,
        duration,
        documents,
        type_,
        status,
        cause,
        caught,
        failed,
        int((parse_stamp(visible) - begun).total_seconds()),
    )


# --- starting ---------------------------------------------------------------


def _start(ask: Ask, values: dict[str, Json]) -> str:
    """Put a new run into the store. Raises BadRequest and Refused; gives the request id."""
    services = ask.services
    runtime = _runtime(ask, values)
    process = _process(ask, values, runtime)
    now = services.clock.now()
    _check_online(ask, runtime)
    _check_deployed(ask, process, now)
    rng = random.Random(uuid.uuid4().int)
    start = now.replace(microsecond=0) + timedelta(seconds=rng.choice((1, 2, 2, 3)))
    fails = services.box.strikes("", "next_failing_runs")
    run = requested_run(process, start, rng, fails=fails)
    request_id = f"executionrecord-{uuid.uuid4()}"
    runs = with_children([run])
    seed = services.downloads.seed
    visible = stamp(run.start + timedelta(seconds=run.lag_seconds))
    with services.store.writing() as connection:
        connection.executemany(ADD_RUN, [execution_row(each, seed) for each in runs])
        connection.executemany(ADD_OBJECT, events_of(runs))
        connection.execute(
            "INSERT INTO requests VALUES (?, ?, ?, ?)",
            (request_id, ask.account, run.execution_id, visible),
        )
        entry = audit.started_by_hand(ask.account, ask.user, now, process, source="API")
        audit.write(connection, entry)
    return request_id


def _runtime(ask: Ask, values: dict[str, Json]) -> Runtime:
    wanted = values.get("atomId")
    for runtime in RUNTIMES:
        if (runtime.atom_id, runtime.account_id) == (wanted, ask.account):
            return runtime
    raise BadRequest(f"AtomId {wanted} is invalid.")


def _process(ask: Ask, values: dict[str, Json], runtime: Runtime) -> BoomiProcess:
    """By id or, without one, by name."""
    wanted, name = values.get("processId"), values.get("processName")
    if not wanted:
        named = (p for p in ALL if (p.name, p.runtime.account_id) == (name, ask.account))
        wanted = next((process.process_id for process in named), None)
    process = process_on(str(wanted), runtime)
    if process is None:
        raise BadRequest(f"ProcessId {values.get('processId') or name} is invalid.")
    return process


def _check_online(ask: Ask, runtime: Runtime) -> None:
    if ask.services.downloads.offline(ask.account, runtime.atom_id, runtime.name):
        raise Refused(504, OFFLINE)


def _check_deployed(ask: Ask, process: BoomiProcess, now: datetime) -> None:
    runtime = process.runtime
    with ask.services.store.reading() as connection:
        found = connection.execute(_DEPLOYED, {
            "account": ask.account,
            "now": stamp(now),
            "process": process.process_id,
            "environment": runtime.environment.environment_id,
        }).fetchone()  # fmt: skip
    if found is None:
        raise BadRequest(f"Process {process.name} is not deployed to {runtime.name}.")


# --- reading and answering --------------------------------------------------


def _values(ask: Ask) -> dict[str, Json]:
    """The request in either format, without what only answers have."""
    if not ask.request.is_xml:
        read = wire.read_json(ask.request.body)
        values = dict(read) if isinstance(read, dict) else {}
    else:
        root = wire.read_xml(ask.request.body)
        values = {**root.attributes, **{c.name: _plain(c) for c in root.children}}
    for name in ("@type", "requestId", "recordUrl"):
        values.pop(name, None)
    return values


def _plain(element: Element) -> dict[str, Json]:
    """An element as JSON would write it; children are always lists."""
    values: dict[str, Json] = dict(element.attributes)
    for child in element.children:
        listed = values.setdefault(child.name, [])
        if isinstance(listed, list):
            listed.append(_plain(child))
    return values


def _url(ask: Ask, request_id: str) -> str:
    path = f"ExecutionRecord/async/{request_id}"
    if ask.charged:
        start = f"{ask.url_base}/partner/api/rest/v1/{ask.charged}"
        return f"{start}/{path}?overrideAccount={ask.account}"
    return f"{ask.url_base}/api/rest/v1/{ask.account}/{path}"


def _told(ask: Ask, values: dict[str, Json]) -> Answer:
    if ask.as_json:
        for name in _CONTAINERS:
            inner = values.get(name)
            if isinstance(inner, dict):
                values[name] = {**inner, "@type": f"ExecutionRequest{name}"}
        return Answer(200, wire.dump({"@type": "ExecutionRequest", **values}).encode())
    nested: dict[str, Json] = {n: v for n, v in values.items() if isinstance(v, dict)}
    plain: dict[str, Json] = {n: v for n, v in values.items() if n not in nested}
    return wire.tree("ExecutionRequest", plain, nested)
