"""The one sentence an analysis comes down to."""

from dataclasses import dataclass

from analysis.engine.faults import FATAL, Fault
from analysis.engine.masking import http_phrase

_LONGEST_CAUSE = 160


@dataclass(frozen=True, slots=True)
class Ending:
    """What the sentence is made of. `fault` is the leading one of `faults`."""

    outcome: str | None
    filtered: bool
    fault: Fault | None
    faults: int
    caught: int
    lines: int
    steps: int
    seconds: int


def verdict(ending: Ending) -> str:
    """What happened, in one sentence without a full stop."""
    if ending.filtered:
        return "Filtered log: no INFO records" + _mention(ending)
    if ending.outcome == "running":
        return f"The log ends before the run does, at line {ending.lines:,}" + _mention(ending)
    if ending.outcome in ("completed_with_errors", "aborted"):
        return _failed(ending)
    if ending.faults:
        return _overcome(ending.caught, ending.faults - ending.caught)
    steps = "1 step" if ending.steps == 1 else f"{ending.steps:,} steps"
    return f"Completed normally: {steps} in {duration(ending.seconds)}"


def _failed(ending: Ending) -> str:
    if ending.fault is None or ending.fault.outcome != FATAL:
        return "Failed; the log does not name the cause"
    word = "Aborted" if ending.outcome == "aborted" else "Failed"
    return f"{word} in step '{ending.fault.key[0]}' – {cause(ending.fault)}"


def _overcome(caught: int, recovered: int) -> str:
    first = caught or recovered
    errors = "1 error was" if first == 1 else f"{first:,} errors were"
    if not caught:
        return f"Completed; {errors} recovered on the way"
    return f"Completed; {errors} caught on the way" + (
        f", {recovered:,} recovered" if recovered else ""
    )


def _mention(ending: Ending) -> str:
    if ending.fault is None:
        return ""
    which = "the fatal one" if ending.fault.outcome == FATAL else "the first"
    errors = "1 error" if ending.faults == 1 else f"{ending.faults:,} errors, {which}"
    return f"; {errors} in step '{ending.fault.key[0]}' – {cause(ending.fault)}"


def cause(fault: Fault) -> str:
    """`HTTP 401 Unauthorized from CRM API, line 1,204`, or the text in place of the status."""
    origin = f" from {fault.connection}" if fault.connection else ""
    where = f", line {fault.first_line:,}"
    if fault.http_code is not None:
        phrase = http_phrase(fault.text) or _standard_phrase(fault.http_code)
        return f"HTTP {fault.http_code} {phrase}".rstrip() + origin + where
    words = fault.root if fault.text else "executed with errors"
    if len(words) > _LONGEST_CAUSE:
        words = words[: _LONGEST_CAUSE - 1] + "…"
    return words + origin + where


def _standard_phrase(code: int) -> str:
    from http import HTTPStatus  # only failing calls pay for the import

    try:
        return HTTPStatus(code).phrase
    except ValueError:
        return ""


def duration(seconds: int) -> str:
    """Seconds as people say them: `4 s`, `2 min 5 s`, `1 h 3 min`."""
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3_600:
        return f"{seconds // 60} min {seconds % 60} s"
    return f"{seconds // 3_600} h {seconds % 3_600 // 60} min"
