"""The order-free half of an analysis: what one block of lines says by itself.

`Scanner.scan` reads each line of a block once and knows nothing of the blocks around it, so
blocks may be scanned in any order. It returns sums to be added up (`totals`) and the events whose
order matters (`story`). Line numbers are those of the block.
"""

import re
from array import array
from dataclasses import dataclass, field
from heapq import heappush, heapreplace

from analysis.engine.masking import TEXT_LIMIT, template_of
from analysis.engine.records import (
    FRAME_STEPS,
    LEVELS,
    NOTABLE_TYPES,
    OTHER,
    TRACE,
    Form,
    Kind,
    frame_form,
    is_operation,
    is_record,
    parse_stamp,
    step_form,
)
from analysis.engine.source import Block

SLOWEST = 50
QUOTED = 10
_FORMS_KEPT = 20_000
_SHORT = 200
# A line that begins like a record, or like one that lost its time or its tabs.
_BROKEN_RECORD = re.compile(rf"\d{{4}}-\d\d-\d\d[T ]\d\d:|(?:{'|'.join(LEVELS)})\s")

Key = tuple[str, str]  # step, info: all that identifies a step in the text form
# line, second, form, level, step, info, message cut to TEXT_LIMIT
Event = tuple[int, int, Form, str, str, str, str]


@dataclass(slots=True)
class Tally:
    """Executions of one (step, info). Four bytes per execution, for exact percentiles."""

    durations: "array[int]" = field(default_factory=lambda: array("I"))
    failed: int = 0
    documents: int = 0
    types: dict[str, int] = field(default_factory=dict)
    max_ms: int = -1
    max_line: int = 0
    open: int = 0  # started in this stretch of the log and not closed in it
    unopened: int = 0  # closed in this stretch without having been started in it

    def start(self, form: Form) -> None:
        """Count an opening line, the step type it names and its documents."""
        self.open += 1
        self.types[form.name] = self.types.get(form.name, 0) + 1
        if form.kind is Kind.OPENED:  # a fiber resumes with documents that were counted before
            self.documents += form.documents

    def close(self, form: Form, line: int) -> None:
        """Count a closing line."""
        self.durations.append(form.ms)
        self.failed += form.failed
        if form.ms > self.max_ms:
            self.max_ms, self.max_line = form.ms, line
        if self.open:
            self.open -= 1
        else:
            self.unopened += 1


@dataclass(slots=True)
class Quotes:
    """Some lines: how many, and the first ten of them."""

    count: int = 0
    first: list[tuple[int, str]] = field(default_factory=list)

    def add(self, number: int, text: str) -> None:
        """Count a line and quote it when it is among the first."""
        self.count += 1
        if len(self.first) < QUOTED:
            self.first.append((number, text[:_SHORT]))

    def drop_last(self) -> None:
        """Take the line added last out again."""
        if self.count == len(self.first):
            self.first.pop()
        self.count -= 1


@dataclass(slots=True)
class Scan:
    """What one block holds."""

    lines: int
    first: int  # lines before the block: what to add to its line numbers
    torn: bool = False  # the log ends in this block, within a line
    records: int = 0
    last_level: str = ""
    utc: bool = True
    levels: dict[str, int] = field(default_factory=lambda: dict.fromkeys(LEVELS, 0))
    # (second, records before it in the block) wherever the time changes
    ticks: list[tuple[int, int]] = field(default_factory=list)
    error_seconds: dict[int, int] = field(default_factory=dict)
    tallies: dict[Key, Tally] = field(default_factory=dict)
    slowest: list[tuple[int, int, Key]] = field(default_factory=list)  # ms, -line, key: a heap
    skipped: dict[str, int] = field(default_factory=dict)
    severe: dict[str, list[int]] = field(default_factory=dict)  # template: [count, first line]
    warnings: dict[str, list[int]] = field(default_factory=dict)
    blank: int = 0
    continuing: int = 0  # lines that go on with the message of a record of this block
    leading: Quotes = field(default_factory=Quotes)  # before the first record
    broken: Quotes = field(default_factory=Quotes)  # begin like a record, are none
    events: list[Event] = field(default_factory=list)

    def tally(self, key: Key) -> Tally:
        """The tally of a step, made when it is seen first."""
        tally = self.tallies.get(key)
        if tally is None:
            tally = self.tallies[key] = Tally()
        return tally


class Scanner:
    """Scans blocks, remembering the forms of short messages from one block to the next."""

    def __init__(self) -> None:
        self._step_forms: dict[str, Form] = {}
        self._frame_forms: dict[str, Form] = {}

    def scan(self, block: Block) -> Scan:
        """Read every line of `block` once."""
        scan = Scan(len(block.lines), block.first)
        levels, ticks, events = scan.levels, scan.ticks, scan.events
        step_forms = self._step_forms
        stamp, level, number, second, slow = "", "", 0, 0, -1
        form = OTHER
        for number, line in zip(block.numbers, block.lines, strict=True):
            fields = line.split("\t", 4)
            if len(fields) != 5 or fields[1] not in levels:
                _stray(scan, number, line, level)
                continue
            if fields[0] != stamp:
                moment = parse_stamp(fields[0])
                if moment is None:
                    _stray(scan, number, line, level)
                    continue
                stamp, second = fields[0], moment[0]
                ticks.append((second, scan.records))
                scan.utc = scan.utc and moment[1]
            _, level, step, info, message = fields
            scan.records += 1
            levels[level] += 1
            if step in FRAME_STEPS:
                form = self._frame_form(message)
            elif info and info[0] == "[" and is_operation(info):
                form = OTHER
            else:
                form = step_forms.get(message) or self._step_form(message)
            kind = form.kind
            if kind is Kind.CLOSED:
                scan.tally((step, info)).close(form, number)
                if form.ms > slow:
                    slow = _keep_slowest(scan.slowest, (form.ms, -number, (step, info)))
                events.append((number, second, form, level, step, info, ""))
            elif kind is Kind.OPENED:
                scan.tally((step, info)).start(form)
                if form.name in NOTABLE_TYPES:
                    events.append((number, second, form, level, step, info, ""))
            elif kind is not Kind.OTHER:
                _note(scan, (number, second, form, level, step, info, message[:TEXT_LIMIT]))
            if level == "SEVERE" or level == "WARNING":
                _alarm(scan, (number, second, form, level, step, info, message[:TEXT_LIMIT]))
        scan.last_level = level
        if block.torn:
            _judge_end(scan, number, block.lines[-1], form)
        return scan

    def _step_form(self, message: str) -> Form:
        return _remembered(self._step_forms, message, step_form(message))

    def _frame_form(self, message: str) -> Form:
        known = self._frame_forms.get(message)
        return known or _remembered(self._frame_forms, message, frame_form(message))


def _remembered(forms: dict[str, Form], message: str, form: Form) -> Form:
    if len(message) <= _SHORT:
        if len(forms) >= _FORMS_KEPT:
            forms.clear()
        forms[message] = form
    return form


def _stray(scan: Scan, number: int, line: str, level: str) -> None:
    """Count a line that is no record; below a SEVERE record it may name the cause."""
    if not line or line.isspace():
        scan.blank += 1
    elif _BROKEN_RECORD.match(line):
        scan.broken.add(number, line)
    elif scan.records:
        scan.continuing += 1
    else:
        scan.leading.add(number, line)
    if level in ("SEVERE", "") and line.lstrip().startswith("Caused by:"):
        scan.events.append((number, 0, TRACE, level, "", "", line.strip()[:TEXT_LIMIT]))


def _judge_end(scan: Scan, number: int, line: str, form: Form) -> None:
    """Decide whether a last line without a line end was cut off.

    A record that closes with a known message is whole: editors drop the last line end.
    """
    if is_record(line):
        scan.torn = form is OTHER
        return
    scan.torn = bool(line.strip())
    if scan.torn and not _BROKEN_RECORD.match(line):
        if scan.records:
            scan.continuing -= 1
        else:
            scan.leading.drop_last()
        scan.broken.add(number, line)


def _keep_slowest(heap: list[tuple[int, int, Key]], entry: tuple[int, int, Key]) -> int:
    """Keep `entry` among the slowest; returns the milliseconds a later one must exceed."""
    if len(heap) < SLOWEST:
        heappush(heap, entry)
    else:
        heapreplace(heap, entry)
    return heap[0][0] if len(heap) == SLOWEST else -1


def _note(scan: Scan, event: Event) -> None:
    _, _, form, _, step, info, _ = event
    if form.kind is Kind.SKIPPED:
        scan.skipped[form.name] = scan.skipped.get(form.name, 0) + 1
    elif form.kind is Kind.FOUND:
        scan.tally((step, info)).documents += form.documents
    else:
        if form.kind is Kind.RESUMED:
            scan.tally((step, info)).start(form)
        scan.events.append(event)


def _alarm(scan: Scan, event: Event) -> None:
    number, second, form, level, _, _, message = event
    templates = scan.severe if level == "SEVERE" else scan.warnings
    entry = templates.setdefault(template_of(message), [0, number])
    entry[0] += 1
    if level == "SEVERE":
        scan.error_seconds[second] = scan.error_seconds.get(second, 0) + 1
        if form.kind is Kind.OTHER:
            scan.events.append(event)
