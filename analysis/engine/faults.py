"""Faults: what went wrong once, with everything the log says about it folded in.

A fault is opened by its root (a step that closed with errors, a SEVERE line of a step) and
settled when its outcome is known: caught, recovered or fatal, or None when the log ends first.
"""

from dataclasses import dataclass, field, replace

from analysis.engine.masking import fingerprint, http_code, root_cause, template_of
from analysis.engine.records import connector_of
from analysis.engine.scan import Key

MAX_FAULTS = 500
MAX_GROUPS = 1_000

CAUGHT, RECOVERED, FATAL = "caught", "recovered", "fatal"


@dataclass(slots=True, eq=False)
class Fault:
    """One fault while its consequences are being read. Lines are those of the log.

    `scope` is the Try/Catch it happened under (depth, label), where a retry may follow.
    `own_text`: the text was logged by the failing step itself and not by a later consequence.
    """

    key: Key
    first_line: int
    last_line: int
    second: int
    text: str = ""
    own_text: bool = False
    scope: tuple[int, str] | None = None
    documents: int | None = None
    attempts: int = 1
    severe_records: int = 0
    warning_records: int = 0
    again: bool = False  # the step went through afterwards; a recovery unless denied later
    outcome: str | None = None

    def follow(self, line: int, level: str, text: str = "") -> None:
        """Fold in a record that is a consequence; its text serves when the root had none."""
        self.last_line = max(self.last_line, line)
        self.severe_records += level == "SEVERE"
        self.warning_records += level == "WARNING"
        if text and not self.text:
            self.text = text

    @property
    def root(self) -> str:
        """The root cause in one line, or what is known when the log gives no text."""
        return root_cause(self.text) if self.text else f"Step '{self.key[0]}' executed with errors"

    @property
    def template(self) -> str:
        """The root cause with what varies masked."""
        return template_of(self.root)

    @property
    def http_code(self) -> int | None:
        """The HTTP status of the failed call, or None."""
        root = http_code(self.root)
        return root if root is not None else http_code(self.text)

    @property
    def connection(self) -> str | None:
        """The connection of the failing step, when it is a connector."""
        connector = connector_of(self.key[1])
        return connector.connection if connector else None


@dataclass(slots=True)
class Group:
    """Settled faults with one cause."""

    template: str
    http_code: int | None
    first_line: int
    example: str
    count: int = 0


@dataclass(slots=True)
class FaultBook:
    """All faults of a log: the first in full, all of them counted by cause and by HTTP status."""

    kept: list[Fault] = field(default_factory=list)
    omitted: int = 0
    groups: dict[str, Group] = field(default_factory=dict)
    ungrouped: int = 0
    http: dict[int, int] = field(default_factory=dict)
    outcomes: dict[str | None, int] = field(default_factory=dict)
    # the first fault of each outcome
    firsts: dict[str | None, Fault] = field(default_factory=dict)
    # the first fault of each step and cause, whatever became of it
    origins: dict[tuple[Key, str], Fault] = field(default_factory=dict)

    def open(self, fault: Fault) -> None:
        """Enter a fault at its root."""
        if len(self.kept) < MAX_FAULTS:
            self.kept.append(fault)
        else:
            self.omitted += 1

    def count_http(self, text: str) -> None:
        """Count an HTTP status a failing step logged itself."""
        code = http_code(text)
        if code is not None:
            self.http[code] = self.http.get(code, 0) + 1

    def settle(self, fault: Fault, outcome: str | None) -> None:
        """Give a fault its outcome and count it. A fault is settled once."""
        fault.outcome = outcome
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1
        code = fault.http_code
        if code is not None and not fault.own_text:
            self.http[code] = self.http.get(code, 0) + fault.attempts
        first = self.firsts.get(outcome)
        if first is None or fault.first_line < first.first_line:
            self.firsts[outcome] = fault
        self._group(fault, code)

    @property
    def leading(self) -> Fault | None:
        """The root of what made the run fail; without a failure the first fault there was.

        What ended the run may have happened before and been caught: then the fatal fault is told
        from its first occurrence, in the same step and with the same cause.
        """
        fatal = self.firsts.get(FATAL)
        if fatal is not None:
            return self._from_origin(fatal)
        if None in self.firsts:
            return self.firsts[None]
        return min(self.firsts.values(), key=lambda fault: fault.first_line, default=None)

    def _from_origin(self, fatal: Fault) -> Fault:
        mark = fingerprint(fatal.template, fatal.http_code)
        origin = self.origins.get((fatal.key, mark), fatal)
        return replace(fatal, first_line=origin.first_line, second=origin.second, text=origin.text)

    def _group(self, fault: Fault, code: int | None) -> None:
        template = fault.template
        mark = fingerprint(template, code)
        origin = self.origins.get((fault.key, mark))
        known = origin is not None or len(self.origins) >= MAX_GROUPS
        if not known or (origin is not None and fault.first_line < origin.first_line):
            self.origins[fault.key, mark] = fault
        group = self.groups.get(mark)
        if group is None:
            if len(self.groups) >= MAX_GROUPS:
                self.ungrouped += 1
                return
            group = self.groups[mark] = Group(template, code, fault.first_line, fault.root)
        elif fault.first_line < group.first_line:
            group.first_line, group.example = fault.first_line, fault.root
        group.count += 1
