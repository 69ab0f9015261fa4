"""The executions of Northwind: when each process runs and how it goes.

Deterministic per process and day, so that a short scenario shows the same
runs as a long one. Nothing here is planted; see `planting`.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from sandbox.causes import CAUSES, Ending
from sandbox.logs import LogSpec
from sandbox.processes import BoomiProcess

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class BoomiRun:
    """One execution: the source of its record and of its log.

    `cause` is why it failed, `caught` what a Try/Catch absorbed (keys of CAUSES).
    `lag_seconds` is how long after the start the platform shows the record.
    """

    uuid: str
    process: BoomiProcess
    start: datetime
    duration_ms: int
    documents: int
    execution_type: str
    status: str = "COMPLETE"
    cause: str = ""
    caught: str = ""
    failed_documents: int = 0
    lag_seconds: int = 3
    original_id: str = ""
    parent_id: str = ""
    top_level_id: str = ""
    note: str = ""

    @property
    def execution_id(self) -> str:
        return f"execution-{self.uuid}-{self.start:%Y.%m.%d}"

    @property
    def recorded(self) -> datetime:
        """End of the run, in whole seconds, never before its last log line."""
        return self.start + timedelta(seconds=-(-self.duration_ms // 1000))

    @property
    def message(self) -> str:
        return CAUSES[self.cause].message if self.cause else self.note

    def failing(self, cause: str, documents: int) -> BoomiRun:
        """The same run, ended by `cause` at `documents` of its documents."""
        ending = CAUSES[cause].ending
        status = "ABORTED" if ending is Ending.CANCELLED else "ERROR"
        if ending in (Ending.UNEXPECTED, Ending.CANCELLED):
            documents = 1
        count = min(max(1, documents), self.documents)
        return replace(self, cause=cause, caught="", status=status, failed_documents=count)

    def cancelled(self, at: datetime) -> BoomiRun:
        """The same run, ended by a person while it went on."""
        taken = max(1, int((at - self.start).total_seconds() * 1000))
        return replace(self.failing("cancelled", 1), duration_ms=min(taken, self.duration_ms))

    def log_spec(self, seed: int) -> LogSpec:
        return LogSpec.of(
            self.execution_id,
            self.process,
            self.start,
            self.duration_ms,
            self.documents,
            self.failed_documents,
            self.cause,
            self.caught,
            seed,
        )


def make_uuid(rng: random.Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def runs_of_day(process: BoomiProcess, day: date, seed: int) -> Iterator[BoomiRun]:
    """The day's runs of one process, in order of their start."""
    if process.rhythm.workdays_only and day.weekday() >= _SATURDAY:
        return
    rng = random.Random(f"{seed}/{process.runtime.name}/{process.key}/{day.isoformat()}")
    for start in _starts(process, day, rng):
        yield _run(process, start, rng)


def run_at(process: BoomiProcess, due: datetime, seed: int) -> BoomiRun:
    """The scheduled run of a process for one due time, wherever its schedule has it."""
    rng = random.Random(f"{seed}/{process.runtime.name}/{process.key}/{due.isoformat()}")
    run = _run(process, due + timedelta(seconds=rng.randrange(1, 5)), rng)
    return replace(run, execution_type="exec_sched")


def requested_run(
    process: BoomiProcess, start: datetime, rng: random.Random, *, fails: bool
) -> BoomiRun:
    """A run that somebody asked for. It ends as such runs do, or in error if it `fails`."""
    run = replace(_run(process, start, rng), execution_type="exec_manual")
    if fails and not run.cause:
        cause = process.failures[0][0] if process.failures else "bad-400"
        return run.failing(cause, max(1, run.documents // 2))
    return run


def _starts(process: BoomiProcess, day: date, rng: random.Random) -> list[datetime]:
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    rhythm = process.rhythm
    starts = [
        midnight + timedelta(hours=hour, minutes=minute, seconds=rng.randrange(1, 5))
        for hour in rhythm.hours
        for minute in rhythm.minutes
    ]
    if rhythm.per_day:
        count = rng.randint(rhythm.per_day * 2 // 3, rhythm.per_day * 4 // 3)
        # Most calls come in working hours, a few at night.
        seconds = (int(rng.triangular(0, 86_399, 46_000)) for _ in range(count))
        starts = [midnight + timedelta(seconds=second) for second in sorted(seconds)]
    return starts


def _load(start: datetime) -> float:
    """Share of the usual number of documents: quiet nights and weekends."""
    hour = 1.0 if 8 <= start.hour < 18 else 0.45
    return hour * (0.5 if start.weekday() >= _SATURDAY else 1.0)


def _run(process: BoomiProcess, start: datetime, rng: random.Random) -> BoomiRun:
    low, high = process.documents
    documents = max(low, round(rng.randint(low, high) * _load(start)))
    run = BoomiRun(
        uuid=make_uuid(rng),
        process=process,
        start=start,
        duration_ms=duration_of(process, documents, rng),
        documents=documents,
        execution_type=process.execution_type,
        lag_seconds=rng.choice((1, 2, 2, 3, 3, 4, 5, 8, 30)),
    )
    return _with_fate(run, rng)


def duration_of(process: BoomiProcess, documents: int, rng: random.Random) -> int:
    spread = rng.lognormvariate(0, 0.18)
    return int((process.base_ms + process.ms_per_document * documents) * spread)


def _with_fate(run: BoomiRun, rng: random.Random) -> BoomiRun:
    chance = rng.random()
    share = rng.randint(1, max(1, run.documents // 5))
    for cause, probability in run.process.failures:
        if chance < probability:
            return run.failing(cause, share)
        chance -= probability
    for cause, probability in run.process.caught:
        if chance < probability:
            return replace(run, caught=cause, failed_documents=share)
        chance -= probability
    return run


def children_of(parent: BoomiRun, process: BoomiProcess, offset_ms: int) -> BoomiRun:
    """The execution of a standalone subprocess that `parent` called."""
    rng = random.Random(f"{parent.uuid}/{process.key}")
    documents = rng.randint(*process.documents)
    return BoomiRun(
        uuid=make_uuid(rng),
        process=process,
        start=parent.start + timedelta(milliseconds=offset_ms),
        duration_ms=duration_of(process, documents, rng),
        documents=documents,
        execution_type="sub_process",
        parent_id=parent.execution_id,
        top_level_id=parent.execution_id,
    )
