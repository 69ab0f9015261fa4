"""One line of a log as the log viewer shows it. Pure: text in, values out.

What the lines mean together is the engine's business; this only tells the columns apart.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

LEVELS = frozenset({"SEVERE", "WARNING", "INFO", "CONFIG", "FINE", "FINER", "FINEST"})
TEXT_CHARACTERS = 20_000
_FRACTION = re.compile(r"\.\d{1,9}")
_EVENT = re.compile(r"\s*<LogEvent\b(?P<attributes>[^>]*)>(?P<rest>.*)", re.DOTALL)
_ATTRIBUTE = re.compile(r"""([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_MESSAGE = re.compile(r"<Message>(.*?)(?:</Message>|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class LogLine:
    """A physical line; `number` counts from 1 in the log itself.

    `time` is aware UTC for downloaded logs, naive for text copied from the page (the reader's
    own zone, which nobody recorded), None on a continuation, whose `level` is that of the
    record above when that one is in view. `is_fault`: the analysis names this line.
    `is_cut`: `text` is the beginning of a longer line.
    """

    number: int
    time: datetime | None
    level: str
    step: str
    info: str
    text: str
    is_fault: bool = False
    is_continuation: bool = False
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Columns:
    time: datetime | None
    level: str
    step: str
    info: str
    text: str


def log_lines(lines: Iterable[tuple[int, str]], faults: Collection[int]) -> list[LogLine]:
    """Tell the columns of numbered lines apart. Never fails: what is no record is continuation."""
    shown = []
    level = ""
    for number, raw in lines:
        text = raw.removeprefix("\ufeff").rstrip("\r\n")
        columns = record_columns(text) or event_columns(text)
        level = columns.level if columns else level
        shown.append(_line(number, columns or Columns(None, level, "", "", text), faults))
    return shown


def _line(number: int, columns: Columns, faults: Collection[int]) -> LogLine:
    return LogLine(
        number=number,
        time=columns.time,
        level=columns.level,
        step=columns.step,
        info=columns.info,
        text=columns.text[:TEXT_CHARACTERS],
        is_fault=number in faults,
        is_continuation=columns.time is None,
        is_cut=len(columns.text) > TEXT_CHARACTERS,
    )


def record_columns(line: str) -> Columns | None:
    """The five tab-separated columns of a record, or None. The message keeps its own tabs."""
    fields = line.split("\t", 4)
    if len(fields) < 5 or fields[1] not in LEVELS:
        return None
    time = record_time(fields[0])
    return Columns(time, fields[1], fields[2], fields[3], fields[4]) if time else None


def event_columns(line: str) -> Columns | None:
    """The same of a `LogEvent` element that begins on this line (process_log.xml)."""
    event = _EVENT.fullmatch(line)
    if event is None:
        return None
    attributes = {
        name: html.unescape(double or single)
        for name, double, single in _ATTRIBUTE.findall(event["attributes"])
    }
    time = record_time(attributes.get("time", ""))
    level = attributes.get("level", "")
    if time is None or level not in LEVELS:
        return None
    message = _MESSAGE.search(event["rest"])
    return Columns(
        time,
        level,
        attributes.get("shapelabel") or attributes.get("shapetype", ""),
        attributes.get("shapeextendedinfo", ""),
        html.unescape(message[1]) if message else "",
    )


def record_time(text: str) -> datetime | None:
    """Read `2026-09-13T08:15:02Z` (UTC) or `2026-09-13 08:15:02 AM` (zone unknown)."""
    plain = _FRACTION.sub("", text, count=1)
    try:
        if plain.endswith("Z"):
            return datetime.strptime(plain, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        return datetime.strptime(plain, "%Y-%m-%d %I:%M:%S %p")
    except ValueError:
        return None
