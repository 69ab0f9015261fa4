"""ExecutionArtifacts, AtomLog and AtomWorkerLog: requests for zips of a run or a runtime."""

from __future__ import annotations

import re
from datetime import date, timedelta

from sandbox import audit, wire
from sandbox.asking import Ask, flat_values
from sandbox.company import RUNTIMES, Runtime
from sandbox.wire import Answer, BadRequest, Json

_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def execution_artifacts(ask: Ask) -> Answer | None:
    """`POST /ExecutionArtifacts` for an execution that has ended; `statusCode` is text."""
    if not ask.is_post or ask.rest:
        return None
    execution_id = flat_values(ask.request).get("executionId")
    downloads = ask.services.downloads
    atom_id, atom_name = downloads.check_ended(ask.account, str(execution_id))
    if downloads.offline(ask.account, atom_id, atom_name):
        told = downloads.unavailable()
    else:
        told = downloads.open(
            "ExecutionArtifacts", ask.account, str(execution_id), "", ask.url_base
        )
        _tell(ask, atom_id)
    told["statusCode"] = str(told["statusCode"])
    return wire.flat("LogDownload", told, as_json=ask.as_json)


def atom_log(ask: Ask) -> Answer | None:
    """`POST /AtomLog`: the log of a runtime on one day of the last 30."""
    if not ask.is_post or ask.rest:
        return None
    values = flat_values(ask.request)
    runtime = _runtime(ask, "AtomId", values.get("atomId"))
    day = _day(ask, values.get("logDate"))
    with_bin = str(values.get("includeBin", False)).lower() == "true"
    detail = f"{day.isoformat()}{'+bin' if with_bin else ''}"
    return _runtime_log(ask, "AtomLog", runtime, detail)


def atom_worker_log(ask: Ask) -> Answer | None:
    """`POST /AtomWorkerLog`: today's log of a worker; its id is the node's."""
    if not ask.is_post or ask.rest:
        return None
    worker = flat_values(ask.request).get("workerId")
    found = [r for r in RUNTIMES if (r.node, r.account_id) == (worker, ask.account)]
    if not worker or not found:
        raise BadRequest(f"WorkerId {worker} is invalid.")
    today = ask.services.clock.now().date().isoformat()
    return _runtime_log(ask, "AtomWorkerLog", found[0], today)


def _runtime(ask: Ask, label: str, wanted: Json) -> Runtime:
    for runtime in RUNTIMES:
        if (runtime.atom_id, runtime.account_id) == (wanted, ask.account):
            return runtime
    raise BadRequest(f"{label} {wanted} is invalid.")


def _day(ask: Ask, text: Json) -> date:
    today = ask.services.clock.now().date()
    kept = timedelta(days=ask.services.box.faults.keep_days)
    if isinstance(text, str) and _DAY.fullmatch(text):
        try:
            day = date.fromisoformat(text)
        except ValueError:
            day = date.max
        if today - kept <= day <= today:
            return day
    raise BadRequest(f"logDate {text} is invalid.")


def _runtime_log(ask: Ask, kind: str, runtime: Runtime, detail: str) -> Answer:
    downloads = ask.services.downloads
    if downloads.offline(ask.account, runtime.atom_id, runtime.name):
        told = downloads.unavailable()
    else:
        told = downloads.open(kind, ask.account, runtime.atom_id, detail, ask.url_base)
        _tell(ask, runtime.atom_id)
    return wire.flat("LogDownload", told, as_json=ask.as_json)


def _tell(ask: Ask, atom_id: str) -> None:
    """Fetching what lies on a runtime is audited."""
    entry = audit.Entry(
        ask.account,
        ask.services.clock.now(),
        ask.user,
        f"{ask.name} downloaded",
        "as.atom.log",
        "DOWNLOAD",
        atom_id,
        source="API",
    )
    with ask.services.store.writing() as connection:
        audit.write(connection, entry)
