"""A window of a stored log as the log viewer shows it, and where its errors are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from analysis import queries
from analysis.lines import LogLine, log_lines
from analysis.models import Analysis
from boomi import logstore
from boomi.models import LogFile

SIZE = 200


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A LogLine with its time in words: as the log writes it, which is what people search for."""

    number: int
    time: str
    level: str
    step: str
    text: str
    is_fault: bool
    is_continuation: bool


@dataclass(frozen=True, slots=True)
class Window:
    """Lines `first` to `last` of `total`. `earlier` and `later` are lines to go to, or None."""

    lines: list[ShownLine]
    first: int
    last: int
    total: int
    earlier: int | None
    later: int | None
    previous_error: int | None
    next_error: int | None


def window(analysis: Analysis, line: int) -> Window:
    """SIZE lines around `line`; a line outside the log is moved to its nearest end.

    Raises NotFound when the log is not stored any more.
    """
    log_file: LogFile = queries.stored_log(analysis)
    total = log_file.lines
    line = max(1, min(line, total))
    first = max(1, min(line - SIZE // 2, total - SIZE + 1))
    numbered = logstore.read_lines(log_file, first, SIZE)
    last = numbered[-1][0] if numbered else first
    errors = error_lines(analysis)
    return Window(
        lines=shown(log_lines(numbered, queries.fault_lines(analysis))),
        first=first,
        last=last,
        total=total,
        earlier=max(1, first - SIZE // 2) if first > 1 else None,
        later=min(total, last + SIZE // 2) if last < total else None,
        previous_error=max((number for number in errors if number < first), default=None),
        next_error=min((number for number in errors if number > last), default=None),
    )


def around(analysis: Analysis, line: int, lines: int = 50) -> list[ShownLine]:
    """The lines before and after `line`. Raises NotFound when the log is not stored any more."""
    return shown(queries.log_context(analysis, line, lines))


def error_lines(analysis: Analysis) -> frozenset[int]:
    """The lines with errors that the analysis names: faults, and the first of each template."""
    severe = analysis.result.get("severe", {}).get("by_template", [])
    groups = analysis.result.get("fault_groups", [])
    return queries.fault_lines(analysis) | _first_lines(severe) | _first_lines(groups)


def shown(lines: Iterable[LogLine]) -> list[ShownLine]:
    return [
        ShownLine(
            number=line.number,
            time=_written(line.time),
            level=line.level,
            step=line.step,
            text=f"{line.text} …" if line.is_cut else line.text,
            is_fault=line.is_fault,
            is_continuation=line.is_continuation,
        )
        for line in lines
    ]


def _first_lines(rows: Iterable[Mapping[str, int]]) -> frozenset[int]:
    return frozenset(row["first_line"] for row in rows)


def _written(moment: datetime | None) -> str:
    if moment is None:
        return ""
    text = f"{moment:%Y-%m-%d %H:%M:%S}"
    return f"{text}Z" if moment.tzinfo is UTC else text
