"""What happens on one day, and how it gets into the store when its time comes.

A scenario is filled up to 60 days after its epoch. When the clock goes further, the
days it can see are made then, the same in every sandbox with the same seed. A schedule
that a client has changed or paused counts from the next run on.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from sandbox import planting
from sandbox import processes as boomi
from sandbox.audit import audit_of_day, audit_of_runs
from sandbox.clock import stamp
from sandbox.events import events_of
from sandbox.planting import Planted
from sandbox.processes import BoomiProcess, process_at
from sandbox.records import execution_row
from sandbox.rhythm import BoomiRun, children_of, run_at, runs_of_day
from sandbox.schedules import Entry, due_on
from sandbox.store import EXECUTION_COLUMNS, Store

_STARTERS = (*boomi.NORTHWIND, *boomi.ELSEWHERE)
_MARKS = ", ".join("?" * len(EXECUTION_COLUMNS.split(",")))
ADD_RUN = f"INSERT OR IGNORE INTO executions ({EXECUTION_COLUMNS}) VALUES ({_MARKS})"  # noqa: S608
ADD_OBJECT = (
    "INSERT INTO objects (kind, account, id, since, until, body, extra) "
    "VALUES (?, ?, ?, ?, ?, ?, ?)"
)
_COMING = "process_key = :key AND start > :after AND execution_type = 'exec_sched'"
_FORGET_RUNS = f"DELETE FROM executions WHERE {_COMING}"  # noqa: S608
_FORGET_EVENTS = (
    "DELETE FROM objects WHERE kind = 'Event' AND since > :after AND "  # noqa: S608
    "json_extract(body, '$.executionId') IN "
    f"(SELECT execution_id FROM executions WHERE {_COMING})"
)
Changed = dict[str, tuple[Entry, ...]]


def with_children(runs: Iterable[BoomiRun]) -> list[BoomiRun]:
    """Standalone subprocesses have executions of their own."""
    found = []
    for run in runs:
        found.append(run)
        if run.process is boomi.NIGHTLY_MASTER and run.status == "COMPLETE":
            found += [
                children_of(run, child, 1_000 + 4_000 * index)
                for index, child in enumerate(boomi.CHILDREN)
            ]
    return found


def runs_on(day: date, seed: int, epoch: datetime, changed: Changed) -> list[BoomiRun]:
    """Every run of a day after the scenario's own. `changed` holds schedules by process key."""
    runs: list[BoomiRun] = []
    for process in _STARTERS:
        if boomi.process_key(process) not in changed:
            runs += runs_of_day(process, day, seed)
    for key, entries in changed.items():
        runs += _scheduled(process_at(key), entries, day, seed)
    runs = planting.with_stories(runs, epoch, seed, Planted())
    return with_children(sorted(runs, key=lambda run: (run.start, run.uuid)))


def _scheduled(
    process: BoomiProcess, entries: tuple[Entry, ...], day: date, seed: int
) -> Iterator[BoomiRun]:
    for due in due_on(entries, day):
        yield run_at(process, due, seed)


class Days:
    """Fills days on demand. Only `northwind` goes on for ever; other scenarios are finite."""

    def __init__(self, store: Store, scenario: str, seed: int, epoch: datetime, last: date) -> None:
        self._store = store
        self._goes_on = scenario == "northwind"
        self._may_change = scenario in ("northwind", "small")
        self._seed = seed
        self._epoch = epoch
        self._last = last
        self._reached: date | None = None
        self._lock = threading.Lock()

    def reach(self, now: datetime, keep: timedelta = timedelta(days=30)) -> None:
        """Make sure that the days a client can see at `now` are there; it sees `keep` back."""
        if not self._goes_on or self._reached == now.date() or now.date() < self._last:
            return
        with self._lock:
            first = max((now - keep).date(), self._last + timedelta(days=1))
            days = [first + timedelta(days=n) for n in range((now.date() - first).days + 2)]
            with self._store.writing() as connection:
                done = {row[0] for row in connection.execute("SELECT day FROM days")}
                changed = self._changed(connection)
                for day in days:
                    if day.isoformat() not in done:
                        self._add(connection, runs_on(day, self._seed, self._epoch, changed), day)
            self._reached = now.date()

    def _add(self, connection: sqlite3.Connection, runs: list[BoomiRun], day: date) -> None:
        connection.execute("INSERT INTO days VALUES (?)", (day.isoformat(),))
        connection.executemany(ADD_RUN, (execution_row(run, self._seed) for run in runs))
        connection.executemany(ADD_OBJECT, events_of(runs))
        connection.executemany(ADD_OBJECT, [*audit_of_runs(runs), *audit_of_day(day)])

    def _changed(self, connection: sqlite3.Connection) -> Changed:
        """Entries of the schedules somebody has set; none for a paused one."""
        rows = connection.execute(
            "SELECT s.body, t.body, json_extract(s.extra, '$.key') "
            "FROM objects s JOIN objects t ON t.kind = 'ProcessScheduleStatus' "
            "AND t.account = s.account AND t.id = s.id WHERE s.kind = 'ProcessSchedules' AND "
            "(json_extract(s.extra, '$.changed') = 1 OR json_extract(t.extra, '$.changed') = 1)"
        ).fetchall()
        return {key: _entries(schedule, status) for schedule, status, key in rows}

    def replan(self, connection: sqlite3.Connection, process: BoomiProcess, now: datetime) -> None:
        """Put the coming runs of a process in line with its schedule, in the caller's
        transaction. Runs that have started stay.
        """
        if not self._may_change:
            return
        key, after = boomi.process_key(process), stamp(now)
        last = connection.execute("SELECT MAX(start) FROM executions").fetchone()[0] or after
        for statement in (_FORGET_EVENTS, _FORGET_RUNS):
            connection.execute(statement, {"key": key, "after": after})
        entries = self._changed(connection).get(key, ())
        end = date.fromisoformat(str(last)[:10])
        day, runs = now.date(), list[BoomiRun]()
        while entries and day <= end:
            runs += _scheduled(process, entries, day, self._seed)
            day += timedelta(days=1)
        runs = [run for run in runs if run.start > now]
        runs = planting.with_stories(runs, self._epoch, self._seed, Planted())
        connection.executemany(ADD_RUN, (execution_row(run, self._seed) for run in runs))
        connection.executemany(ADD_OBJECT, events_of(runs))


def _entries(schedule: str, status: str) -> tuple[Entry, ...]:
    if not json.loads(status)["enabled"]:
        return ()
    lines = json.loads(schedule)["Schedule"]
    return tuple(
        Entry(**{name: value for name, value in line.items() if name != "@type"}) for line in lines
    )
