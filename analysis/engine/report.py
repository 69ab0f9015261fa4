"""From totals and story to the one result object. The names of its sections are fixed.

Lists are ordered by total time, or else by count; ties by name or line. Values that are not
known are None, never absent.
"""

from dataclasses import dataclass
from datetime import date

from analysis.engine.faults import CAUGHT, Fault, FaultBook
from analysis.engine.figures import Figures, share
from analysis.engine.masking import fingerprint
from analysis.engine.records import Connector, connector_of
from analysis.engine.scan import Key, Tally
from analysis.engine.totals import Totals
from analysis.engine.verdict import Ending, verdict

SCHEMA = 1
TOP_TEMPLATES = 100
TOP_GROUPS = 200

Row = dict[str, object]
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Source:
    """What is known of the bytes before anybody understands them."""

    name: str
    bytes: int
    format: str
    encoding: str
    bom: bool
    line_end: str | None


@dataclass(frozen=True, slots=True)
class Run:
    """How the run went, as the story tells it."""

    name: str | None
    outcome: str | None
    document_errors: int
    faults: FaultBook


@dataclass(frozen=True, slots=True)
class Step:
    """A (step, info) with its figures and what it turned out to be."""

    key: Key
    tally: Tally
    figures: Figures
    type: str | None
    connector: Connector | None


def report(source: Source, totals: Totals, run: Run) -> dict[str, object]:
    """The result of an analysis as plain data, ready for JSON."""
    steps = _steps(totals)
    connectors = [step for step in steps if step.connector is not None]
    return {
        "schema": SCHEMA,
        "verdict": _verdict(totals, run),
        "source": _source(source, totals),
        "process": {
            "name": run.name,
            "outcome": run.outcome,
            "document_errors": run.document_errors,
        },
        "time": _time(totals),
        "levels": {level: count for level, count in totals.levels.items() if count},
        "shape_executions": _shape_executions(totals),
        "shapes": [_shape(step) for step in steps],
        "types": _types(steps),
        "slowest": _slowest(totals, {step.key: step.type for step in steps}),
        "connectors": _connectors(connectors, sum(step.figures.total for step in steps)),
        "connector_calls": {
            "total": sum(step.figures.count for step in connectors),
            "with_errors": sum(step.tally.failed for step in connectors),
            "documents": sum(step.tally.documents for step in connectors),
            "total_ms": sum(step.figures.total for step in connectors),
        },
        "faults": [_fault(fault) for fault in sorted(run.faults.kept, key=_fault_order)],
        "fault_groups": _groups(run.faults),
        "http_errors": {str(code): count for code, count in sorted(run.faults.http.items())},
        "first_fault": _first_fault(run.faults, totals.utc),
        "severe": _alarms(totals.levels["SEVERE"], totals.severe),
        "warnings": _alarms(totals.levels["WARNING"], totals.warnings),
        "skipped": _skipped(totals),
        "histogram": _histogram(totals),
        "unparsed": {
            "count": totals.unparsed,
            "first_lines": [{"line": line, "text": text} for line, text in totals.unparsed_lines],
        },
        "omitted": _omitted(totals, run.faults),
    }


def _verdict(totals: Totals, run: Run) -> str:
    return verdict(
        Ending(
            outcome=run.outcome,
            filtered=not totals.levels["INFO"],
            fault=run.faults.leading,
            faults=sum(run.faults.outcomes.values()),
            caught=run.faults.outcomes.get(CAUGHT, 0),
            lines=totals.lines,
            steps=sum(len(tally.durations) for tally in totals.tallies.values())
            + len(totals.rest.durations),
            seconds=totals.latest - totals.earliest,
        )
    )


def iso(second: int, utc: bool) -> str:
    """Seconds since 1970 as ISO 8601; without a zone when the log does not name one."""
    days, rest = divmod(second, 86_400)
    day = date.fromordinal(max(days + _EPOCH, 1)).isoformat()  # a bucket may begin before year 1
    clock = f"{rest // 3_600:02}:{rest % 3_600 // 60:02}:{rest % 60:02}"
    return f"{day}T{clock}{'Z' if utc else ''}"


def _source(source: Source, totals: Totals) -> Row:
    return {
        "name": source.name,
        "bytes": source.bytes,
        "physical_lines": totals.lines,
        "records": totals.records,
        "continuation_lines": totals.continuation_lines,
        "format": source.format,
        "encoding": source.encoding,
        "bom": source.bom,
        "line_end": source.line_end,
        "torn_last_line": totals.torn_last_line,
        "filtered": not totals.levels["INFO"],
    }


def _time(totals: Totals) -> Row:
    return {
        "first": iso(totals.first or 0, totals.utc),
        "last": iso(totals.last, totals.utc),
        "earliest": iso(totals.earliest, totals.utc),
        "latest": iso(totals.latest, totals.utc),
        "span_seconds": totals.latest - totals.earliest,
        "backward_jumps": totals.backward_jumps,
        "zone": "utc" if totals.utc else "unknown",
    }


def _shape_executions(totals: Totals) -> Row:
    tallies = [*totals.tallies.values(), totals.rest]
    return {
        "total": sum(len(tally.durations) for tally in tallies),
        "with_errors": sum(tally.failed for tally in tallies),
        "total_ms": sum(sum(tally.durations) for tally in tallies),
        "started_without_completion": sum(tally.open for tally in tallies),
    }


def _steps(totals: Totals) -> list[Step]:
    steps = []
    for key, tally in totals.tallies.items():
        if tally.durations:
            figures = Figures.of([tally.durations])
            step_type = type_of(key, tally)
            steps.append(Step(key, tally, figures, step_type, _connector(key, step_type)))
    return sorted(steps, key=lambda step: (-step.figures.total, step.key))


_CLOSING_ONLY = frozenset({"Document Cache Load", "Document Cache Retrieve"})


def type_of(key: Key, tally: Tally) -> str | None:
    """The step type its opening lines name most often.

    A label hides the type, so the step column only counts for the types that log no opening line.
    """
    if tally.types:
        return min(tally.types, key=lambda name: (-tally.types[name], name))
    if key[0] in _CLOSING_ONLY:
        return key[0]
    return "Connector" if connector_of(key[1]) else None


def _connector(key: Key, step_type: str | None) -> Connector | None:
    connector = connector_of(key[1])
    if connector is None and step_type == "Connector" and key[1]:
        return Connector(key[1], None, None)
    return connector


def _shape(step: Step) -> Row:
    figures = step.figures
    return {
        "step": step.key[0],
        "info": step.key[1],
        "type": step.type,
        "executions": figures.count,
        "with_errors": step.tally.failed,
        "total_ms": figures.total,
        "min_ms": figures.min,
        "mean_ms": figures.mean,
        "p50_ms": figures.p50,
        "p95_ms": figures.p95,
        "p99_ms": figures.p99,
        "max_ms": figures.max,
        "max_line": step.tally.max_line,
        "documents": step.tally.documents,
    }


def _types(steps: list[Step]) -> list[Row]:
    by_type: dict[str, list[Step]] = {}
    for step in steps:
        by_type.setdefault(step.type or "", []).append(step)
    rows: list[tuple[int, Row]] = []
    for name, some in sorted(by_type.items()):
        total = sum(step.figures.total for step in some)
        row: Row = {
            "type": name or None,
            "executions": sum(step.figures.count for step in some),
            "with_errors": sum(step.tally.failed for step in some),
            "total_ms": total,
            "max_ms": max(step.figures.max for step in some),
            "documents": sum(step.tally.documents for step in some),
        }
        rows.append((total, row))
    return [row for _, row in sorted(rows, key=lambda pair: -pair[0])]


def _slowest(totals: Totals, types: dict[Key, str | None]) -> list[Row]:
    return [
        {"line": -line, "step": key[0], "info": key[1], "type": types.get(key), "ms": ms}
        for ms, line, key in totals.slowest
    ]


def _connectors(steps: list[Step], whole: int) -> list[Row]:
    grouped: dict[Connector, list[Step]] = {}
    for step in steps:
        if step.connector is not None:
            grouped.setdefault(step.connector, []).append(step)
    rows = []
    for connector, some in grouped.items():
        figures = Figures.of(step.tally.durations for step in some)
        name = (connector.connection, connector.type or "", connector.operation or "")
        row: Row = {
            "connection": connector.connection,
            "connector_type": connector.type,
            "operation": connector.operation,
            "calls": figures.count,
            "with_errors": sum(step.tally.failed for step in some),
            "documents": sum(step.tally.documents for step in some),
            "total_ms": figures.total,
            "mean_ms": figures.mean,
            "p50_ms": figures.p50,
            "p95_ms": figures.p95,
            "p99_ms": figures.p99,
            "max_ms": figures.max,
            "share": share(figures.total, whole),
        }
        rows.append(((-figures.total, name), row))
    return [row for _, row in sorted(rows, key=lambda pair: pair[0])]


def _fault_order(fault: Fault) -> tuple[int, Key]:
    return fault.first_line, fault.key


def _fault(fault: Fault) -> Row:
    return {
        "root_cause": fault.root,
        "template": fault.template,
        "http_code": fault.http_code,
        "step": fault.key[0],
        "info": fault.key[1],
        "connection": fault.connection,
        "documents": fault.documents,
        "first_line": fault.first_line,
        "last_line": fault.last_line,
        "attempts": fault.attempts,
        "outcome": fault.outcome,
        "severe_records": fault.severe_records,
        "warning_records": fault.warning_records,
        "fingerprint": fingerprint(fault.template, fault.http_code),
    }


def _groups(faults: FaultBook) -> list[Row]:
    groups = sorted(
        faults.groups.items(), key=lambda pair: (-pair[1].count, pair[1].first_line, pair[0])
    )
    return [
        {
            "fingerprint": mark,
            "template": group.template,
            "count": group.count,
            "first_line": group.first_line,
            "http_code": group.http_code,
            "example": group.example,
        }
        for mark, group in groups[:TOP_GROUPS]
    ]


def _first_fault(faults: FaultBook, utc: bool) -> Row | None:
    fault = faults.leading
    if fault is None:
        return None
    return {
        "line": fault.first_line,
        "step": fault.key[0],
        "info": fault.key[1],
        "connection": fault.connection,
        "http_code": fault.http_code,
        "text": fault.text or None,
        "time": iso(fault.second, utc),
        "outcome": fault.outcome,
    }


def _alarms(total: int, templates: dict[str, list[int]]) -> Row:
    ordered = sorted(templates.items(), key=lambda pair: (-pair[1][0], pair[1][1], pair[0]))
    rows: list[Row] = [
        {"template": template, "count": count, "first_line": line}
        for template, (count, line) in ordered[:TOP_TEMPLATES]
    ]
    return {"total": total, "by_template": rows}


def _skipped(totals: Totals) -> list[Row]:
    ordered = sorted(totals.skipped.items(), key=lambda pair: (-pair[1], pair[0]))
    return [{"step": label, "count": count} for label, count in ordered]


def _histogram(totals: Totals) -> Row:
    histogram = totals.histogram
    first, last = totals.earliest // histogram.width, totals.latest // histogram.width
    return {
        "bucket_seconds": histogram.width,
        "start": iso(first * histogram.width, totals.utc),
        "records": [histogram.records.get(bucket, 0) for bucket in range(first, last + 1)],
        "errors": [histogram.errors.get(bucket, 0) for bucket in range(first, last + 1)],
    }


def _omitted(totals: Totals, faults: FaultBook) -> Row:
    """How many executions, skips, faults or records the bounded tables do not show."""
    left_out = dict(totals.omitted)
    left_out["faults"] = faults.omitted
    grouped = sorted((group.count for group in faults.groups.values()), reverse=True)
    left_out["fault_groups"] = faults.ungrouped + sum(grouped[TOP_GROUPS:])
    for table, templates in (("severe", totals.severe), ("warnings", totals.warnings)):
        counts = sorted((count for count, _ in templates.values()), reverse=True)
        left_out[table] = left_out.get(table, 0) + sum(counts[TOP_TEMPLATES:])
    return {table: count for table, count in sorted(left_out.items()) if count}
