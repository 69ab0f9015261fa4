"""Events of the platform: failed runs, runtimes that go and come, notices of processes.

Events are purged seven days after they happened.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from sandbox.causes import CAUSES, Ending
from sandbox.clock import stamp
from sandbox.company import DEV_ATOM, EDI_ATOM, Runtime, stable_id
from sandbox.planting import OUTAGE, OVERLOADED
from sandbox.rhythm import BoomiRun
from sandbox.store import ObjectRow
from sandbox.wire import Json, dump

EVENT_LIFE = timedelta(days=7)
_STEPS = {
    "map-mandatory": ("Map", ""),
    "script-null": ("Data Process", "Check row"),
    "child-failed": ("Process Call", ""),
}


def events_of(runs: Iterable[BoomiRun]) -> Iterator[ObjectRow]:
    """What the platform tells of these runs; nothing of runs in test mode."""
    for run in runs:
        if run.execution_type.startswith("test_"):
            continue
        if run.status in ("ERROR", "ABORTED"):
            yield _failure(run)
        elif run.caught and run.process.recipe == "batches":
            yield _notice(run)


def runtime_events(epoch: datetime) -> Iterator[ObjectRow]:
    """The night the EDI Atom was off, the Dev Atom's end, and one run too many."""
    off, on = epoch + OUTAGE[0], epoch + OUTAGE[1]
    yield _status(EDI_ATOM, off, "WARNING", "OFFLINE")
    yield _status(EDI_ATOM, on, "INFO", "ONLINE")
    gone = epoch - timedelta(days=DEV_ATOM.offline_since_days or 0)
    yield _status(DEV_ATOM, gone, "WARNING", "OFFLINE")


def missed_by_overload(due: datetime) -> ObjectRow:
    """The platform tells of a missed schedule only when it could not start the run itself."""
    process = OVERLOADED
    values: dict[str, Json] = {
        **_about(process.runtime),
        "eventLevel": "WARNING",
        "eventType": "process.missedSchedule",
        "eventDate": stamp(due + timedelta(minutes=2)),
        "status": "ERROR",
        "title": f"Scheduled execution of {process.name} was missed",
        "processName": process.name,
        "error": "The schedule could not be started in time because the service was busy.",
    }
    return _row(f"missed/{process.key}/{stamp(due)}", values, due + timedelta(minutes=2))


def _about(runtime: Runtime) -> dict[str, Json]:
    return {
        "accountId": runtime.account_id,
        "atomId": runtime.atom_id,
        "atomName": runtime.name,
        "environment": runtime.environment.name,
        "classification": runtime.environment.classification,
    }


def _row(name: str, values: dict[str, Json], at: datetime, lag: int = 6) -> ObjectRow:
    recorded = at + timedelta(seconds=lag)
    id_ = f"event-{stable_id('event', name)}"
    body = dump({
        "@type": "Event",
        "eventId": id_,
        **values,
        "updateDate": stamp(recorded),
        "recordDate": stamp(recorded),
    })  # fmt: skip
    until = stamp(at + EVENT_LIFE)
    return "Event", str(values["accountId"]), id_, stamp(recorded), until, body, "{}"


def _of_run(run: BoomiRun) -> dict[str, Json]:
    return {
        **_about(run.process.runtime),
        "eventDate": stamp(run.recorded),
        "executionId": run.execution_id,
        "processName": run.process.name,
        "startTime": stamp(run.start),
        "endTime": stamp(run.recorded),
        "inboundDocumentCount": run.documents,
        "outboundDocumentCount": run.documents - run.failed_documents,
        "errorDocumentCount": run.failed_documents,
    }


def _failure(run: BoomiRun) -> ObjectRow:
    cause = CAUSES[run.cause]
    halted = cause.ending is Ending.HALT
    step, label = _STEPS.get(run.cause, ("Connector", ""))
    if halted and run.cause not in _STEPS:
        step, label = "Exception", "Stop the run"
    values: dict[str, Json] = {
        **_of_run(run),
        "eventLevel": "ERROR",
        "eventType": "process.execution",
        "status": run.status,
        "title": f"{run.process.name} ended with status {run.status}",
        "error": run.message,
        "errorType": "DOCUMENT" if cause.ending is Ending.DOCUMENTS else "PROCESS",
        "erroredStepLabel": label,
        "erroredStepType": step,
    }
    lag = random.Random(f"{run.uuid}/event").randrange(2, 16)
    return _row(f"run/{run.uuid}", values, run.recorded, lag)


def _notice(run: BoomiRun) -> ObjectRow:
    """A Notify step that also writes an event; `status` is the text of the step."""
    values: dict[str, Json] = {
        **_of_run(run),
        "eventLevel": "WARNING",
        "eventType": "user.notification",
        "status": f"Not sent: {CAUSES[run.caught].text}",
        "title": "Not sent",
        "processId": run.process.process_id,
        "topLevelProcessId": run.process.process_id,
    }
    return _row(f"notice/{run.uuid}", values, run.recorded)


def _status(runtime: Runtime, at: datetime, level: str, status: str) -> ObjectRow:
    values: dict[str, Json] = {
        **_about(runtime),
        "eventLevel": level,
        "eventType": "atom.status",
        "eventDate": stamp(at),
        "status": status,
        "title": f"{runtime.name} is {status.lower()}",
    }
    return _row(f"status/{runtime.name}/{status}", values, at, lag=60)
