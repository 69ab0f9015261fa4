"""Adding up the scans of a log's blocks, in the order of the blocks.

Every table that grows with the input is bounded here: the first entries in file order are kept
and the others counted in `omitted`, so the result does not depend on how the log was cut.
"""

from dataclasses import dataclass, field

from analysis.engine.records import LEVELS
from analysis.engine.scan import QUOTED, SLOWEST, Key, Scan, Tally

MAX_SHAPES = 2_000
MAX_TEMPLATES = 1_000
MAX_SKIPPED = 1_000
MAX_TYPES = 20  # names of step types under one label
MAX_BUCKETS = 240

# Every width divides the next, so that buckets can be joined as a run turns out to be longer.
_WIDTHS = (1, 5, 15, 60, 300, 900, 3_600, 21_600, 86_400, 604_800)


@dataclass(slots=True)
class Histogram:
    """Counts per bucket of time, in the narrowest buckets of which 240 cover the run."""

    width: int = 1
    records: dict[int, int] = field(default_factory=dict)
    errors: dict[int, int] = field(default_factory=dict)

    def widen(self, earliest: int, latest: int) -> None:
        """Join buckets until those from `earliest` to `latest` are few enough."""
        while latest // self.width - earliest // self.width >= MAX_BUCKETS:
            wider = next((width for width in _WIDTHS if width > self.width), self.width * 4)
            self.records = _joined(self.records, wider // self.width)
            self.errors = _joined(self.errors, wider // self.width)
            self.width = wider


def _joined(counts: dict[int, int], factor: int) -> dict[int, int]:
    joined: dict[int, int] = {}
    for bucket, count in counts.items():
        joined[bucket // factor] = joined.get(bucket // factor, 0) + count
    return joined


@dataclass(slots=True)
class Totals:
    """The sums of a whole log. Line numbers are those of the log."""

    lines: int = 0
    records: int = 0
    continuation_lines: int = 0
    unparsed: int = 0
    unparsed_lines: list[tuple[int, str]] = field(default_factory=list)
    torn_last_line: bool = False
    utc: bool = True
    levels: dict[str, int] = field(default_factory=lambda: dict.fromkeys(LEVELS, 0))
    first: int | None = None
    last: int = 0
    earliest: int = 0
    latest: int = 0
    backward_jumps: int = 0
    histogram: Histogram = field(default_factory=Histogram)
    tallies: dict[Key, Tally] = field(default_factory=dict)
    rest: Tally = field(default_factory=Tally)  # steps beyond MAX_SHAPES, together
    slowest: list[tuple[int, int, Key]] = field(default_factory=list)
    skipped: dict[str, int] = field(default_factory=dict)
    severe: dict[str, list[int]] = field(default_factory=dict)
    warnings: dict[str, list[int]] = field(default_factory=dict)
    omitted: dict[str, int] = field(default_factory=dict)

    def add(self, scan: Scan) -> None:
        """Add the next block of the log."""
        self._add_strays(scan)
        self._add_times(scan)
        for key, tally in scan.tallies.items():
            self._add_tally(key, tally, scan.first)
        for level, count in scan.levels.items():
            self.levels[level] += count
        for label, count in scan.skipped.items():
            if label in self.skipped or len(self.skipped) < MAX_SKIPPED:
                self.skipped[label] = self.skipped.get(label, 0) + count
            else:
                self._omit("skipped", count)
        self._add_templates("severe", self.severe, scan.severe, scan.first)
        self._add_templates("warnings", self.warnings, scan.warnings, scan.first)
        moved = [(ms, line - scan.first, key) for ms, line, key in scan.slowest]
        self.slowest = sorted(self.slowest + moved, reverse=True)[:SLOWEST]
        self.lines += scan.lines
        self.records += scan.records

    def _omit(self, table: str, count: int) -> None:
        self.omitted[table] = self.omitted.get(table, 0) + count

    def _add_strays(self, scan: Scan) -> None:
        self.continuation_lines += scan.blank + scan.continuing
        unparsed = [scan.broken]
        if self.records:
            self.continuation_lines += scan.leading.count
        else:
            unparsed.append(scan.leading)
        quotes = sorted(quote for lines in unparsed for quote in lines.first)
        room = QUOTED - len(self.unparsed_lines)
        self.unparsed_lines += [(number + scan.first, text) for number, text in quotes[:room]]
        self.unparsed += sum(lines.count for lines in unparsed)
        self.torn_last_line = self.torn_last_line or scan.torn

    def _add_times(self, scan: Scan) -> None:
        if not scan.ticks:
            return
        self.utc = self.utc and scan.utc
        if self.first is None:
            self.first = self.last = self.earliest = self.latest = scan.ticks[0][0]
        for second, _ in scan.ticks:
            if second < self.last:
                self.backward_jumps += 1
                self.earliest = min(self.earliest, second)
            elif second > self.latest:
                self.latest = second
            self.last = second
        self._add_histogram(scan)

    def _add_histogram(self, scan: Scan) -> None:
        histogram = self.histogram
        histogram.widen(self.earliest, self.latest)
        ends = [before for _, before in scan.ticks[1:]] + [scan.records]
        for (second, before), end in zip(scan.ticks, ends, strict=True):
            bucket = second // histogram.width
            histogram.records[bucket] = histogram.records.get(bucket, 0) + end - before
        for second, count in scan.error_seconds.items():
            bucket = second // histogram.width
            histogram.errors[bucket] = histogram.errors.get(bucket, 0) + count

    def _add_tally(self, key: Key, other: Tally, first: int) -> None:
        mine = self.tallies.get(key)
        if mine is None:
            if len(self.tallies) < MAX_SHAPES:
                mine = self.tallies[key] = Tally()
            else:
                self._omit("shapes", len(other.durations))
                mine = self.rest
        mine.durations.extend(other.durations)
        mine.failed += other.failed
        mine.documents += other.documents
        for name, count in other.types.items():
            if name in mine.types or len(mine.types) < MAX_TYPES:
                mine.types[name] = mine.types.get(name, 0) + count
        if other.max_ms > mine.max_ms:
            mine.max_ms, mine.max_line = other.max_ms, other.max_line + first
        # What this stretch closed without having started was started before it.
        matched = min(mine.open, other.unopened)
        mine.unopened += other.unopened - matched
        mine.open += other.open - matched

    def _add_templates(
        self, table: str, mine: dict[str, list[int]], other: dict[str, list[int]], first: int
    ) -> None:
        for template, (count, line) in other.items():
            if template in mine:
                mine[template][0] += count
            elif len(mine) < MAX_TEMPLATES:
                mine[template] = [count, line + first]
            else:
                self._omit(table, count)
