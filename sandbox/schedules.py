"""Schedules of processes: what is served, and when a schedule is due.

A schedule belongs to a process on a runtime. Every deployed process has one; only
where the process starts by itself does it have entries. All parts are text in cron
style; `daysOfWeek` counts from 1 for Sunday. The zone is not documented: UTC here.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from sandbox import processes as boomi
from sandbox.company import EDI_ATOM, MOLECULE, TEST_ATOM, Runtime
from sandbox.processes import BoomiProcess, Rhythm
from sandbox.store import ObjectRow
from sandbox.wire import Json, dump

MAX_RETRY = 5
_RANGES = {
    "minutes": (0, 59),
    "hours": (0, 23),
    "daysOfWeek": (1, 7),
    "daysOfMonth": (1, 31),
    "months": (1, 12),
    "years": (1970, 2199),
}
_PIECE = re.compile(r"(\*|\d{1,4}(?:-\d{1,4})?)(?:/(\d{1,4}))?")
_WORKDAYS = "2-6"


class ScheduleError(ValueError):
    """A part of a schedule cannot be read; the message names it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a schedule, as the API writes it."""

    minutes: str
    hours: str
    daysOfWeek: str = "*"
    daysOfMonth: str = "*"
    months: str = "*"
    years: str = "*"

    def values(self, part: str) -> frozenset[int]:
        """All numbers a part stands for. Raises ScheduleError."""
        text, (low, high) = str(getattr(self, part)), _RANGES[part]
        found: set[int] = set()
        for piece in text.split(","):
            found.update(_numbers(part, piece.strip(), low, high))
        return frozenset(found)

    def check(self) -> None:
        """Raises ScheduleError for the first part that cannot be read."""
        for part in _RANGES:
            self.values(part)


def _numbers(part: str, piece: str, low: int, high: int) -> range:
    match = _PIECE.fullmatch(piece)
    if match is not None:
        span, step = match.group(1), int(match.group(2) or 1)
        first, last = (low, high) if span == "*" else _span(span, high if match.group(2) else None)
        if low <= first <= last <= high and step > 0:
            return range(first, last + 1, step)
    raise ScheduleError(f"Value '{piece}' is invalid for property '{part}'.")


def _span(text: str, open_end: int | None) -> tuple[int, int]:
    first, _, last = text.partition("-")
    return int(first), int(last) if last else (open_end if open_end is not None else int(first))


def due_on(entries: Iterable[Entry], day: date) -> list[datetime]:
    """When the entries are due on a UTC day, in order, each minute once."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    found = set()
    for entry in entries:
        if _is_on(entry, day):
            minutes = entry.values("minutes")
            found |= {
                midnight + timedelta(hours=hour, minutes=minute)
                for hour in entry.values("hours")
                for minute in minutes
            }
    return sorted(found)


def _is_on(entry: Entry, day: date) -> bool:
    return (
        day.isoweekday() % 7 + 1 in entry.values("daysOfWeek")
        and day.day in entry.values("daysOfMonth")
        and day.month in entry.values("months")
        and day.year in entry.values("years")
    )


def entries_of(rhythm: Rhythm) -> tuple[Entry, ...]:
    """The schedule behind a rhythm; none for processes that are called."""
    if not rhythm.hours:
        return ()
    days = _WORKDAYS if rhythm.workdays_only else "*"
    minutes = ",".join(map(str, rhythm.minutes))
    return (Entry(minutes, _short(rhythm.hours), days),)


def _short(hours: tuple[int, ...]) -> str:
    """The shortest of the forms a person would use."""
    if len(hours) == 24:
        return "*"
    steps = {after - before for before, after in pairwise(hours)}
    if len(hours) > 2 and len(steps) == 1:
        step = steps.pop()
        return f"{hours[0]}-{hours[-1]}" + (f"/{step}" if step > 1 else "")
    return ",".join(map(str, hours))


@dataclass(frozen=True, slots=True)
class Schedule:
    """`standby` has entries but is switched off."""

    process: BoomiProcess
    entries: tuple[Entry, ...]
    enabled: bool = True

    @property
    def schedule_id(self) -> str:
        joined = f"ProcessSchedule:{self.process.runtime.atom_id}:{self.process.process_id}"
        return base64.b64encode(joined.encode()).decode().rstrip("=")


def _where_deployed() -> Iterator[tuple[BoomiProcess, Runtime]]:
    """Which process is deployed to the environment of which runtime."""
    for process in boomi.NORTHWIND:
        for runtime in (MOLECULE, EDI_ATOM, TEST_ATOM):
            yield process, runtime
    for process in (boomi.DEV_RETURNS, boomi.CLIENT_ORDERS, *boomi.IN_DEVELOPMENT):
        if not process.execution_type.startswith("test_"):
            yield process, process.runtime


def all_schedules() -> list[Schedule]:
    """Every schedule of every account, as it is before anybody changes it."""
    found = []
    for process, runtime in _where_deployed():
        here = boomi.process_on(process.process_id, runtime)
        if here is None:
            continue
        usual = here in boomi.ALL and here.execution_type == "exec_sched"
        standby = process is boomi.SHIPMENT_TRACKING and runtime is MOLECULE
        entries = entries_of(here.rhythm) if usual or standby else ()
        found.append(Schedule(here, entries, enabled=not standby))
    return found


def schedule_body(id_: str, process_id: str, atom_id: str, entries: Iterable[Entry],
                  retry: Json = None) -> str:  # fmt: skip
    """The JSON text of a ProcessSchedules object."""
    lines: list[Json] = [dict(asdict(entry)) for entry in entries]
    values: dict[str, Json] = {
        "@type": "ProcessSchedules",
        "id": id_,
        "processId": process_id,
        "atomId": atom_id,
        "Schedule": [{"@type": "Schedule", **line} for line in lines if isinstance(line, dict)],
        "Retry": retry or {"@type": "ScheduleRetry", "maxRetry": MAX_RETRY, "Schedule": []},
    }
    return dump(values)


def status_body(id_: str, process_id: str, atom_id: str, *, enabled: bool) -> str:
    """The JSON text of a ProcessScheduleStatus object."""
    return dump({
        "@type": "ProcessScheduleStatus",
        "id": id_,
        "processId": process_id,
        "atomId": atom_id,
        "enabled": enabled,
    })  # fmt: skip


def schedule_rows() -> Iterator[ObjectRow]:
    """Both objects of every schedule. `changed` tells those somebody has set since."""
    for schedule in all_schedules():
        process = schedule.process
        account, id_ = process.runtime.account_id, schedule.schedule_id
        keys = (id_, process.process_id, process.runtime.atom_id)
        extra = dump({"key": boomi.process_key(process), "changed": 0})
        body = schedule_body(*keys, schedule.entries)
        yield "ProcessSchedules", account, id_, "0000", "9999", body, extra
        body = status_body(*keys, enabled=schedule.enabled)
        yield "ProcessScheduleStatus", account, id_, "0000", "9999", body, extra
