"""What the page of an analysis shows of its result, beyond what the result says itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analysis.models import Analysis
from common import formats

STEPS_SHOWN = 50
FORMATS = {"text": "Text, as downloaded or copied", "xml": "XML, as the runtime keeps it"}
OMITTED = {
    "shapes": "executions of further steps",
    "faults": "further faults",
    "fault_groups": "faults of further groups",
    "severe": "further severe records",
    "warnings": "further warnings",
    "skipped": "further skipped steps",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """A peculiarity of the log that changes how far the figures can be trusted."""

    title: str
    hint: str


def context(analysis: Analysis, *, all_steps: bool = False) -> dict[str, object]:
    """Values for the template. `analysis` is DONE."""
    result: Mapping[str, Any] = analysis.result
    shapes = result["shapes"]
    whole = result["shape_executions"]["total_ms"] or 1
    shown = shapes if all_steps else shapes[:STEPS_SHOWN]
    return {
        "steps": [{**row, "share": row["total_ms"] / whole} for row in shown],
        "steps_hidden": len(shapes) - len(shown),
        "tabs": _tabs(result),
        "facts": _facts(result),
        "source_words": _source_words(analysis, result),
        "fault_total": len(result["faults"]) + result["omitted"].get("faults", 0),
        "step_note": _with_errors(result["shape_executions"]["with_errors"]),
        "call_note": _with_errors(result["connector_calls"]["with_errors"]),
        "length": formats.duration(result["time"]["span_seconds"] * 1000),
        "http_errors": list(result["http_errors"].items()),
        "omitted": [
            (OMITTED.get(name, name.replace("_", " ")), count)
            for name, count in result["omitted"].items()
        ],
    }


def _tabs(result: Mapping[str, Any]) -> list[dict[str, object]]:
    parts = (
        *([("Cause", "cause", None)] if result["first_fault"] else []),
        ("Errors", "errors", result["levels"].get("SEVERE", 0)),
        ("Slowest", "slowest", None),
        ("Steps", "steps", len(result["shapes"])),
        ("Connectors", "connectors", len(result["connectors"])),
        ("Warnings", "warnings", result["warnings"]["total"]),
        ("Over time", "time", None),
        ("Source", "source", None),
    )
    return [
        {"label": label, "url": f"#{anchor}", "active": False, "count": count}
        for label, anchor, count in parts
    ]


def _with_errors(count: int) -> str:
    return f"{formats.number(count)} with errors" if count else "none with errors"


def _facts(result: Mapping[str, Any]) -> list[Fact]:
    """What the reader must know before trusting the figures."""
    source, time = result["source"], result["time"]
    facts = []
    if source["filtered"]:
        facts.append(
            Fact(
                "This log was filtered: it has no INFO records.",
                "Steps and durations stand in those. Download the log without a filter.",
            )
        )
    if source["torn_last_line"]:
        facts.append(
            Fact("The last line is torn.", "The log was cut off; what came after is unknown.")
        )
    if result["process"]["outcome"] == "running":
        facts.append(
            Fact("The log ends before the run does.", "Analyse it again when the run has ended.")
        )
    if result["unparsed"]["count"]:
        facts.append(
            Fact(
                f"{formats.number(result['unparsed']['count'])} lines belong to no record.",
                "They are listed under Source; everything else was read.",
            )
        )
    if time["backward_jumps"]:
        facts.append(
            Fact(
                f"Time goes back {time['backward_jumps']} times.",
                "Runs appended to one another, or a clock that was set; spans count from the "
                "earliest to the latest record.",
            )
        )
    return facts


def moment(text: str) -> str:
    """A moment of the engine, as "2026-11-20 22:35:21 UTC"; no zone where the log has none."""
    return text.replace("T", " ").replace("Z", " UTC")


def _source_words(analysis: Analysis, result: Mapping[str, Any]) -> list[tuple[str, str]]:
    source, time = result["source"], result["time"]
    zone = "" if time["zone"] == "utc" else " (zone unknown)"
    return [
        ("Log", analysis.name),
        ("Size", formats.size(source["bytes"])),
        ("Lines", formats.number(source["physical_lines"])),
        ("Records", formats.number(source["records"])),
        ("Continuation lines", formats.number(source["continuation_lines"])),
        ("Format", FORMATS.get(source["format"], source["format"])),
        ("Encoding", source["encoding"] + (" with byte order mark" if source["bom"] else "")),
        ("Line ends", (source["line_end"] or "none").upper()),
        ("First record", moment(time["first"]) + zone),
        ("Last record", moment(time["last"]) + zone),
        ("Engine", f"version {analysis.engine_version}"),
    ]
