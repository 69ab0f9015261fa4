"""The ordered half of an analysis: how the run went and what became of its faults.

`Story.apply` walks the events of the scans in the order of the log. A failing step or a SEVERE
line of a step opens a fault; the lines that only pass the failure on (document errors, the error
path, an Exception step, the first document failure) are folded into it. Who catches it, if
anyone, decides its outcome.
"""

from collections.abc import Callable
from dataclasses import dataclass

from analysis.engine.faults import CAUGHT, FATAL, RECOVERED, Fault, FaultBook
from analysis.engine.frames import Frame, Frames
from analysis.engine.masking import http_code, template_of
from analysis.engine.records import Form, Kind, is_operation
from analysis.engine.scan import Key, Scan

MAX_PENDING = 10_000
_MAX_TYPES = 5_000
_TEXT = 1_000
_RECENT = 50  # how far back a retry of the same step is looked for
# Steps that fail because of what happened inside them or before them.
_PASSES_ON = frozenset({"Try/Catch", "Flow Control", "Process Call", "Process Route", "Exception"})


@dataclass(frozen=True, slots=True)
class Moment:
    """An event with its line in the log."""

    line: int
    second: int
    form: Form
    level: str
    key: Key
    message: str


class Story:
    """Feed it the scans of a log in order, then call `finish` once."""

    def __init__(self) -> None:
        self.faults = FaultBook()
        self.name: str | None = None
        self.document_errors = 0
        self._frames = Frames()
        self._ended: bool | None = None  # no end so far; else whether it ended with errors
        self._failed_before = False  # a run that stands earlier in the same file
        self._halted = False  # an error ended the run, and nothing has caught it since
        self._doomed = False  # the run itself stated a failure at its end
        self._types: dict[Key, str] = {}
        self._level = ""
        self._alarm: Fault | None = None  # what the last SEVERE record belongs to
        self._headed = False
        self._touched = False  # an event was seen
        self._timed = False  # an event of level INFO was seen: closing lines may be expected

    def apply(self, scan: Scan) -> None:
        """Walk the events of the next block."""
        for line, second, form, level, step, info, message in scan.events:
            kind = form.kind
            if kind is Kind.CLOSED and not form.failed:
                frame = self._frames.top
                if not frame.running and not frame.pending:
                    self._touched = self._timed = True
                    continue
            act = _ACTS.get(kind)
            if act is not None:
                act(self, Moment(line + scan.first, second, form, level, (step, info), message))
            self._touched = True
            self._timed = self._timed or level == "INFO"
        if scan.records:
            self._level = scan.last_level

    def finish(self, *, filtered: bool) -> str | None:
        """Settle what is open and return the outcome of the run.

        completed, completed_with_errors, aborted (halted by an error and no end in the log) or
        running (the log ends before the run does); None for a filtered log, which cannot tell.
        """
        halted = self._halted or (filtered and self._doomed)
        while (frame := self._frames.close()) is not None:
            self._hand_over(frame)
        base = self._frames.top
        self.document_errors += base.own_document_errors
        self._settle(base.caught, CAUGHT)
        self._settle(base.pending, FATAL if halted else None)
        if filtered:
            return None
        if self._ended is None:
            return "aborted" if halted else "running"
        return "completed_with_errors" if self._ended or self._failed_before else "completed"

    # Frames

    def _header(self, moment: Moment) -> None:
        form = moment.form
        if self.name is None:
            self.name = form.name
        if self._ended is not None:  # a second log follows in the same file
            self._failed_before = self._failed_before or self._ended
            self._ended, self._frames = None, Frames()
            self._frames.top.fiber = form.fiber
        elif not self._touched:
            self._frames.top.fiber = form.fiber
        elif form.fiber or self._headed:
            for lost in self._frames.open(form.fiber):
                self._hand_over(lost)
        self._headed = True

    def _resumed(self, moment: Moment) -> None:
        self._opened(moment)
        if moment.form.name == "Try/Catch":
            self._frames.top.trying = moment.key[0]

    def _opened(self, moment: Moment) -> None:
        if len(self._types) < _MAX_TYPES:
            self._types[moment.key] = moment.form.name

    def _over(self, moment: Moment) -> None:
        frame = self._frames.close()
        if frame is not None:
            self._hand_over(frame)
            return
        frame = self._frames.top
        self._ended = moment.form.failed
        self._settle(frame.caught, CAUGHT)
        self.document_errors += frame.own_document_errors
        again_only = all(fault.again for fault in frame.pending)
        for fault in frame.pending:
            recovered = fault.again and (not self._ended or not again_only)
            failed = FATAL if self._ended else CAUGHT
            self.faults.settle(fault, RECOVERED if recovered else failed)
        self._frames = Frames()

    def _hand_over(self, frame: Frame) -> None:
        """Give the faults of a frame that is over to the frame around it."""
        around = self._frames.top
        self._settle(frame.caught, CAUGHT)
        for fault in frame.pending:
            if fault.again and not frame.reported:
                self.faults.settle(fault, RECOVERED)
            else:
                self._await(around, fault)
        self.document_errors += frame.own_document_errors
        around.inherited += max(frame.reported, frame.inherited)

    def _await(self, frame: Frame, fault: Fault) -> None:
        frame.pending.append(fault)
        if len(frame.pending) > MAX_PENDING:
            self.faults.settle(frame.pending.pop(0), None)

    def _settle(self, faults: list[Fault], outcome: str | None) -> None:
        for fault in faults:
            self.faults.settle(fault, outcome)
        faults.clear()

    # Roots

    def _closed(self, moment: Moment) -> None:
        frame = self._frames.top
        mine = [fault for fault in frame.running if fault.key == moment.key]
        frame.running = []
        if not moment.form.failed:
            self._went_through(frame, moment, mine)
            return
        step_type = self._type(moment.key)
        if step_type == "Exception" and not frame.pending:
            self._raise_again(frame)
        if step_type in _PASSES_ON and frame.pending:
            frame.pending[-1].follow(moment.line, moment.level)
            return
        for fault in mine:
            fault.follow(moment.line, moment.level)
        if not mine:
            self._fail_without_text(frame, moment)
            frame.running = []

    def _fail_without_text(self, frame: Frame, moment: Moment) -> None:
        """A step closed with errors and logged no cause, except perhaps from its script."""
        remark, frame.remark = frame.remark, None
        if remark is None or remark[2] != moment.key[0]:
            self._open(moment, "")
            return
        line, second, _, text = remark
        fault = self._open(moment, text)
        if fault.first_line == moment.line:
            fault.first_line, fault.second = line, second
        fault.severe_records += 1

    def _went_through(self, frame: Frame, moment: Moment, mine: list[Fault]) -> None:
        for fault in mine:
            self._recover(frame, fault)
        recent = frame.pending[-_RECENT:]
        around = self._frames.parent
        if frame.trying and around is not None:
            recent += around.pending[-_RECENT:]
        scope = self._frames.scope()
        for fault in recent:
            if fault.scope is not None and fault.scope == scope and fault.key == moment.key:
                fault.again = True
        if self._type(moment.key) == "Try/Catch":
            inside = (len(self._frames.stack), moment.key[0])
            for fault in [f for f in recent if f.again and f.scope == inside]:
                self._recover(frame, fault)

    def _recover(self, frame: Frame, fault: Fault) -> None:
        if _taken(frame.pending, fault):
            self.faults.settle(fault, RECOVERED)

    def _severe(self, moment: Moment) -> None:
        """A SEVERE record that is none of the engine's consequences."""
        frame = self._frames.top
        step, info = moment.key
        if is_operation(info):
            frame.remark = (moment.line, moment.second, step, moment.message)
        if is_operation(info) or self._type(moment.key) == "Notify":
            self._alarm = None
            if frame.caught:
                frame.caught[-1].follow(moment.line, moment.level)
            return
        self._alarm = self._fail(frame, moment, moment.message)

    def _unexpected(self, moment: Moment) -> None:
        frame = self._frames.top
        self._halted = True
        told = frame.running or [f for f in frame.pending[-1:] if _same(f, moment.form.name)]
        if told:
            told[-1].follow(moment.line, moment.level, moment.form.name)
            self._alarm = told[-1]
        else:
            self._alarm = self._fail(frame, moment, moment.form.name)

    def _fail(self, frame: Frame, moment: Moment, text: str) -> Fault:
        """Open a fault for a text of the running step, or add to the one it has opened."""
        self.faults.count_http(text)
        template = template_of(text[:_TEXT])
        for fault in frame.running[-_RECENT:] if self._timed else ():
            if fault.key == moment.key and template_of(fault.text) == template:
                fault.follow(moment.line, moment.level)
                return fault
        fault = self._open(moment, text)
        fault.own_text = True
        fault.severe_records += 1
        return fault

    def _open(self, moment: Moment, text: str) -> Fault:
        frame, scope = self._frames.top, self._frames.scope()
        text = text[:_TEXT]
        fault = self._earlier_attempt(moment.key, text, scope)
        if fault is None:
            fault = Fault(moment.key, moment.line, moment.line, moment.second, text, scope=scope)
            self.faults.open(fault)
            self._await(frame, fault)
        else:
            fault.attempts += 1
            fault.again = False
            fault.last_line = moment.line
            around = self._frames.parent
            if around is not None and _taken(around.pending, fault):
                frame.pending.append(fault)
        frame.running.append(fault)
        if len(frame.running) > MAX_PENDING:
            del frame.running[0]
        return fault

    def _earlier_attempt(self, key: Key, text: str, scope: tuple[int, str] | None) -> Fault | None:
        """The same failure of the same step under a Try/Catch that has not given up yet."""
        if scope is None:
            return None
        around = self._frames.parent
        waiting = around.pending[-_RECENT:] if around else []
        waiting = waiting + self._frames.top.pending[-_RECENT:]
        for fault in reversed(waiting):
            same = (fault.scope, fault.key) == (scope, key)
            if same and template_of(fault.text) == template_of(text):
                return None if fault in self._frames.top.running else fault
        return None

    # Consequences

    def _terminating(self, moment: Moment) -> None:
        frame = self._frames.top
        text = moment.form.name or moment.message
        self._halted = True
        raised = self._raise_again(frame)
        if not raised and not (frame.pending and _same(frame.pending[-1], text)):
            self._alarm = self._fail(frame, moment, text)
            return
        self._alarm = frame.pending[-1]
        self._alarm.follow(moment.line, moment.level, text[:_TEXT])

    def _raise_again(self, frame: Frame) -> bool:
        """An Exception step on the error path: what was caught is not caught after all."""
        caught, frame.caught = frame.caught, []
        for fault in caught:
            self._await(frame, fault)
        return bool(caught)

    def _first_failure(self, moment: Moment) -> None:
        frame = self._frames.top
        frame.running = []
        self._doomed = self._doomed or len(self._frames.stack) == 1
        if frame.pending:
            self._alarm = frame.pending[0]
            self._alarm.follow(moment.line, moment.level, moment.form.name[:_TEXT])
        else:
            self._alarm = self._fail(frame, moment, moment.form.name)

    def _encountered(self, moment: Moment) -> None:
        frame, count = self._frames.top, moment.form.documents
        frame.running = []
        if moment.form.fiber and moment.form.fiber != frame.fiber:  # a log without its headers
            frame.inherited += count
            self.document_errors += count
        else:
            frame.reported += count
        if not frame.pending:
            return
        frame.pending[0].follow(moment.line, moment.level)
        if len(frame.pending) == 1:
            frame.pending[0].documents = count
        if all(fault.again for fault in frame.pending):
            for fault in frame.pending:
                fault.again = False

    def _sending(self, moment: Moment) -> None:
        """Documents go down the error path: the faults under this Try/Catch are caught."""
        frame = self._frames.top
        depth = len(self._frames.stack)
        inside = [f for f in frame.pending if f.scope is not None and f.scope[0] >= depth]
        inside = inside or list(frame.pending)
        frame.running = []
        self._settle(frame.caught, CAUGHT)
        taken = set(inside)
        frame.pending = [fault for fault in frame.pending if fault not in taken]
        frame.caught = inside
        frame.inherited = max(0, frame.inherited - moment.form.documents)
        self._halted = False
        if inside:
            inside[0].follow(moment.line, moment.level)
        if len(inside) == 1:
            inside[0].documents = moment.form.documents

    def _trace(self, moment: Moment) -> None:
        level = moment.level or self._level
        if level == "SEVERE" and self._alarm is not None and self._alarm.own_text:
            self._alarm.text = f"{self._alarm.text}; {moment.message}"[:_TEXT]

    def _type(self, key: Key) -> str:
        return self._types.get(key, key[0])


def _taken(faults: list[Fault], fault: Fault) -> bool:
    """Take a fault out of the last of a list; whether it was there."""
    for index in range(len(faults) - 1, max(-1, len(faults) - 1 - 2 * _RECENT), -1):
        if faults[index] is fault:
            del faults[index]
            return True
    return False


def _same(fault: Fault, text: str) -> bool:
    """Whether a later text tells of the fault again."""
    if fault.text and fault.root in text:
        return True
    code = http_code(text)
    return code is not None and code == fault.http_code


_ACTS: dict[Kind, Callable[[Story, Moment], None]] = {
    Kind.HEADER: Story._header,
    Kind.RESUMED: Story._resumed,
    Kind.OPENED: Story._opened,
    Kind.CLOSED: Story._closed,
    Kind.ENDED: Story._over,
    Kind.OTHER: Story._severe,
    Kind.UNEXPECTED: Story._unexpected,
    Kind.TERMINATING: Story._terminating,
    Kind.FIRST_FAILURE: Story._first_failure,
    Kind.ENCOUNTERED: Story._encountered,
    Kind.SENDING: Story._sending,
    Kind.TRACE: Story._trace,
}
