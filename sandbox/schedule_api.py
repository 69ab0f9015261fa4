"""Changing schedules: replacing the entries, pausing and resuming.

The runs to come follow at once; what has started goes on.
"""

from __future__ import annotations

import json
import sqlite3

from sandbox import audit, wire
from sandbox.activity_shapes import PROCESS_SCHEDULE_STATUS, PROCESS_SCHEDULES
from sandbox.asking import Ask
from sandbox.processes import process_at
from sandbox.schedules import MAX_RETRY, Entry, ScheduleError, schedule_body, status_body
from sandbox.wire import Answer, BadRequest, Json

_BULK_UPDATE = "Bulk UPDATE is not served by this sandbox: send one request per schedule."
_PARTS = ("minutes", "hours", "daysOfWeek", "daysOfMonth", "months", "years")
_CHANGE = (
    "UPDATE objects SET body = ?, extra = json_set(extra, '$.changed', 1) "
    "WHERE kind = ? AND account = ? AND id = ?"
)


def process_schedules(ask: Ask) -> Answer | None:
    """`POST /ProcessSchedules/{id}` replaces the whole set; an empty one clears it."""
    if not _is_update(ask):
        return None
    values = _read(ask)
    entries = _entries(values.get("Schedule"))
    retry = _retry(values.get("Retry"))
    with ask.services.store.writing() as connection:
        known, key = _known(ask, connection, values)
        text = schedule_body(known["id"], known["processId"], known["atomId"], entries, retry)
        before = [_short(line) for line in json.loads(known["body"])["Schedule"]]
        after = [_short(line) for line in json.loads(text)["Schedule"]]
        changed = audit.Property("SCHEDULE", "; ".join(after), "; ".join(before))
        _save(ask, connection, text, known, key, ("UPDATE", "NONE", changed))
    return wire.one(PROCESS_SCHEDULES, text, as_json=ask.as_json)


def schedule_status(ask: Ask) -> Answer | None:
    """`POST /ProcessScheduleStatus/{id}` with `enabled` pauses or resumes."""
    if not _is_update(ask):
        return None
    values = _read(ask)
    enabled = {"true": True, "false": False}.get(str(values.get("enabled")).lower())
    if enabled is None:
        raise BadRequest("Property 'enabled' must be true or false.")
    with ask.services.store.writing() as connection:
        known, key = _known(ask, connection, values)
        text = status_body(known["id"], known["processId"], known["atomId"], enabled=enabled)
        changed = audit.Property("ENABLED", str(enabled).lower())
        action = "RESUME" if enabled else "STOP"
        _save(ask, connection, text, known, key, (action, "SINGLE", changed))
    return wire.one(PROCESS_SCHEDULE_STATUS, text, as_json=ask.as_json)


def _is_update(ask: Ask) -> bool:
    if ask.is_post and ask.rest == ("bulk",):
        if not ask.request.is_xml and b'"UPDATE"' in ask.request.body.upper():
            raise BadRequest(_BULK_UPDATE)
        return False
    return ask.is_post and len(ask.rest) == 1 and ask.rest[0] not in ("query", "queryMore")


def _read(ask: Ask) -> dict[str, Json]:
    """The object in either format."""
    if not ask.request.is_xml:
        read = wire.read_json(ask.request.body)
        return read if isinstance(read, dict) else {}
    root = wire.read_xml(ask.request.body)
    lines: list[Json] = [dict(line.attributes) for line in root.children_named("Schedule")]
    values: dict[str, Json] = {**root.attributes, "Schedule": lines}
    retry = root.child("Retry")
    if retry is not None:
        again: list[Json] = [dict(line.attributes) for line in retry.children_named("Schedule")]
        values["Retry"] = {**retry.attributes, "Schedule": again}
    return values


def _entries(lines: Json) -> list[Entry]:
    """Raises BadRequest for what is no list of complete entries."""
    found = []
    if lines is not None and not isinstance(lines, list):
        raise BadRequest("Property 'Schedule' must be a list.")
    for line in lines or []:
        if not isinstance(line, dict):
            raise BadRequest("Property 'Schedule' must be a list of objects.")
        entry = Entry(**{part: str(line.get(part, "*")) for part in _PARTS})
        try:
            entry.check()
        except ScheduleError as problem:
            raise BadRequest(str(problem)) from None
        found.append(entry)
    return found


def _retry(values: Json) -> Json:
    if not isinstance(values, dict):
        return None
    text = str(values.get("maxRetry", MAX_RETRY))
    if not text.isdecimal() or not 1 <= int(text) <= MAX_RETRY:
        raise BadRequest(f"Value '{text}' is invalid for property 'maxRetry'.")
    again = _entries(values.get("Schedule"))
    lines = json.loads(schedule_body("", "", "", again))["Schedule"]
    return {"@type": "ScheduleRetry", "maxRetry": int(text), "Schedule": lines}


def _known(
    ask: Ask, connection: sqlite3.Connection, values: dict[str, Json]
) -> tuple[dict[str, str], str]:
    """The object as it is, and the key of its process. Raises BadRequest."""
    row = connection.execute(
        "SELECT body, json_extract(extra, '$.key') FROM objects "
        "WHERE kind = ? AND account = ? AND id = ?",
        (ask.name, ask.account, ask.rest[0]),
    ).fetchone()
    if row is None:
        raise BadRequest(f"{ask.name}Id {ask.rest[0]} is invalid.")
    body = json.loads(row[0])
    for name in ("id", "processId", "atomId"):
        if values.get(name) not in (None, body[name]):
            raise BadRequest(f"Property '{name}' does not belong to {ask.name} {ask.rest[0]}.")
    known = {name: str(body[name]) for name in ("id", "processId", "atomId")}
    return {**known, "body": str(row[0])}, str(row[1])


def _short(line: dict[str, str]) -> str:
    return " ".join(line[part] for part in _PARTS)


def _save(
    ask: Ask,
    connection: sqlite3.Connection,
    text: str,
    known: dict[str, str],
    key: str,
    told: tuple[str, str, audit.Property],
) -> None:
    """Keep the new object, say who changed it, and plan the coming runs anew."""
    now = ask.services.clock.now()
    action, modifier, changed = told
    connection.execute(_CHANGE, (text, ask.name, ask.account, known["id"]))
    audit.write(
        connection,
        audit.Entry(
            ask.account,
            now,
            ask.user,
            "Schedules updated",
            "as.schedules",
            action,
            known["atomId"],
            modifier,
            source="API",
            properties=(audit.Property("PROCESS_ID", known["processId"]), changed),
        ),
    )
    ask.services.days.replan(connection, process_at(key), now)
