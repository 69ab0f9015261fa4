"""A result as a short text for a terminal, at most a hundred columns wide."""

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from analysis.engine.verdict import duration

_TOP = 8
_WIDTH = 100

Part = Mapping[str, object]


def report_text(result: Part) -> str:
    """The report of one log, ending in a line end. Sections without content are left out."""
    parts = [
        _head(result),
        _faults(result),
        _steps(result),
        _connectors(result),
        _slowest(result),
        _alarms(result, "warnings", "WARNINGS"),
        _skipped(result),
        _notes(result),
    ]
    return _printable("\n".join(part for part in parts if part))


def _head(result: Part) -> str:
    source, process, time = (_part(result, name) for name in ("source", "process", "time"))
    runs, levels = _part(result, "shape_executions"), _part(result, "levels")
    counts = ", ".join(f"{_number(count)} {level}" for level, count in levels.items())
    lines = [
        f"  Process   {process['name'] or 'not named in this log'}",
        f"  Time      {time['earliest']} to {time['latest']}, "
        f"{duration(_int(time['span_seconds']))}",
        f"  Steps     {_number(runs['total'])} executions in {_ms(runs['total_ms'])}, "
        f"{_number(runs['with_errors'])} with errors, "
        f"{_number(runs['started_without_completion'])} not completed",
        f"  Records   {counts}",
        f"  Source    {source['name']}: {_number(source['physical_lines'])} lines, "
        f"{_number(source['bytes'])} bytes, {source['format']}, {source['encoding']}",
    ]
    return "\n".join([f"{result['verdict']}", "", *map(_cut, lines)]) + "\n"


def _faults(result: Part) -> str:
    groups = _rows(result, "fault_groups")
    rows = [
        (_number(group["count"]), f"line {_number(group['first_line'])}", str(group["example"]))
        for group in groups[:_TOP]
    ]
    return _table("FAULTS by cause", ("count", "first at", "cause"), rows, len(groups))


def _steps(result: Part) -> str:
    shapes = _rows(result, "shapes")
    rows = [
        (
            _ms(row["total_ms"]),
            _number(row["executions"]),
            _ms(row["mean_ms"]),
            _ms(row["p95_ms"]),
            _ms(row["max_ms"]),
            _number(row["with_errors"]),
            _labelled(row),
        )
        for row in shapes[:_TOP]
    ]
    head = ("total", "runs", "mean", "p95", "max", "errors", "step")
    return _table("STEPS by total time", head, rows, len(shapes))


def _connectors(result: Part) -> str:
    connectors = _rows(result, "connectors")
    rows = [
        (
            _number(row["calls"]),
            _number(row["with_errors"]),
            _ms(row["mean_ms"]),
            _ms(row["p95_ms"]),
            f"{100 * cast(float, row['share']):.1f} %",
            " · ".join(str(row[name]) for name in ("connection", "operation") if row[name]),
        )
        for row in connectors[:_TOP]
    ]
    head = ("calls", "errors", "mean", "p95", "share", "connection · operation")
    return _table("CONNECTORS", head, rows, len(connectors))


def _slowest(result: Part) -> str:
    rows = [
        (_ms(row["ms"]), f"line {_number(row['line'])}", _labelled(row))
        for row in _rows(result, "slowest")[:5]
    ]
    return _table("SLOWEST single executions", ("took", "at", "step"), rows, len(rows))


def _alarms(result: Part, name: str, title: str) -> str:
    templates = cast("Sequence[Part]", _part(result, name)["by_template"])
    rows = [
        (_number(row["count"]), f"line {_number(row['first_line'])}", str(row["template"]))
        for row in templates[:_TOP]
    ]
    return _table(title, ("count", "first at", "text"), rows, len(templates))


def _skipped(result: Part) -> str:
    skipped = _rows(result, "skipped")
    rows = [(_number(row["count"]), str(row["step"])) for row in skipped[:_TOP]]
    return _table("SKIPPED for want of documents", ("count", "step"), rows, len(skipped))


def _notes(result: Part) -> str:
    source, unparsed = _part(result, "source"), _part(result, "unparsed")
    notes = []
    if source["torn_last_line"]:
        notes.append("The last line is cut off.")
    if unparsed["count"]:
        notes.append(f"{_number(unparsed['count'])} lines could not be understood.")
    if source["continuation_lines"]:
        notes.append(
            f"{_number(source['continuation_lines'])} lines continue the record before them."
        )
    if _part(result, "time")["zone"] == "unknown":
        notes.append("Times are local to whoever copied the log; the zone is not known.")
    return "".join(f"{note}\n" for note in notes)


def _table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]], available: int) -> str:
    """Columns with numbers right-aligned; the last one is text and takes the room that is left."""
    if not rows:
        return ""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)][:-1]
    lines = [title]
    for row in (head, *rows):
        front = "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=False))
        lines.append(_cut(f"  {front}  {row[-1]}"))
    if available > len(rows):
        lines.append(f"  … and {available - len(rows):,} more")
    return "\n".join(lines) + "\n"


def _labelled(row: Part) -> str:
    step, step_type = str(row["step"]), row["type"]
    return step if step_type in (None, step) else f"{step} ({step_type})"


def _cut(text: str) -> str:
    return text if len(text) <= _WIDTH else text[: _WIDTH - 1] + "…"


def _printable(text: str) -> str:
    """Nothing of a log may steer the terminal it is shown on."""
    return "".join(
        char if char.isprintable() or char == "\n" else " " if char.isspace() else "?"
        for char in text
    )


def _ms(value: object) -> str:
    ms = _int(value)
    return f"{ms:,} ms" if ms < 10_000 else f"{ms / 1_000:,.1f} s"


def _number(value: object) -> str:
    return f"{_int(value):,}"


def _int(value: object) -> int:
    return cast(int, value)


def _part(result: Part, name: str) -> Part:
    return cast(Part, result[name])


def _rows(result: Part, name: str) -> Sequence[Part]:
    return cast("Sequence[Part]", list(cast("Iterable[Part]", result[name])))
