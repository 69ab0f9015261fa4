"""The grammar of one record: time, level, and the forms a message can take.

A record is `time TAB level TAB step TAB info TAB message`. The message forms are those the
engine of the runtime writes; everything a user, script or connector writes is `Kind.OTHER`.
Nothing here knows about the lines before or after.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto
from functools import lru_cache

LEVELS = ("SEVERE", "WARNING", "INFO", "CONFIG", "FINE", "FINER", "FINEST")
INITIALIZING = "initializing..."
CLEANUP = "cleanup..."
FRAME_STEPS = frozenset({INITIALIZING, CLEANUP})

# Step types whose opening line matters for the story of a run, not only for its totals.
NOTABLE_TYPES = frozenset(
    {"Try/Catch", "Flow Control", "Process Call", "Process Route", "Exception", "Notify"}
)

# Engine forms other than quoted texts are short; a longer message is only tried by its prefix.
_LONGEST_FORM = 1_000


class Kind(Enum):
    """What a message says. The comment names the step it stands on, where that is fixed."""

    OTHER = auto()
    OPENED = auto()
    RESUMED = auto()  # a fiber takes up the step that launched it
    CLOSED = auto()
    FOUND = auto()  # Start: documents found for processing
    SKIPPED = auto()
    LAUNCHED = auto()
    CALLED = auto()  # Process Call, Process Route
    SENDING = auto()  # Try/Catch: documents go down the error path
    TERMINATING = auto()  # Exception
    UNEXPECTED = auto()
    HEADER = auto()  # initializing...
    ENDED = auto()  # cleanup...
    ENCOUNTERED = auto()  # cleanup...
    FIRST_FAILURE = auto()  # cleanup...
    WAITED = auto()  # cleanup...
    TRACE = auto()  # a line under a SEVERE record; not a record itself


@dataclass(frozen=True, slots=True)
class Form:
    """A message as understood.

    `name` is the step type, the process name, the label of a skipped step or the quoted
    text, as the kind has it. `ms` is the duration a closing line states.
    """

    kind: Kind
    name: str = ""
    documents: int = 0
    ms: int = 0
    failed: bool = False
    fiber: str = ""


OTHER = Form(Kind.OTHER)
TRACE = Form(Kind.TRACE)

_FIBER = r"(?P<fiber>f(?:_\d{1,9})+)"
_DOCUMENTS = r"(?P<docs>\d{1,9}) document\(s\)"
# Up to nine digits: a step of more than eleven days is a text, not a measurement.
_CLOSED = re.compile(r"Shape executed (successfully|with errors) in (\d{1,9}) ?ms\.")
_CALLED = re.compile(
    rf"Executing (?:asynchronous )?process '?(?P<name>.+?)'?"
    rf"(?: with {_DOCUMENTS}(?: for route key '.*')?)?"
)
_RESUMED = re.compile(
    rf"Executing (?P<name>.+?) Shape continuation as {_FIBER} with {_DOCUMENTS}\."
)
_OPENED_SHAPE = re.compile(rf"Executing (?P<name>.+?) Shape(?: with {_DOCUMENTS}\.)?")
_OPENED_BARE = re.compile(rf"Executing (?P<name>.+?) with {_DOCUMENTS}\.")
_PASSED_IN = re.compile(r"Executing Passthrough Shape with \d{1,9} passed in document\(s\)\.")
_RETURNING = re.compile(rf"Adding {_DOCUMENTS} to (?P<name>Return Documents)\b.*")
_FOUND = re.compile(rf"{_DOCUMENTS} found for processing\.")
_SKIPPED = re.compile(r"No documents found\. Skipping execution for the (?P<name>.*) step\.")
_LAUNCHED = re.compile(rf"Launching (?P<name>.+?) Shape fiber {_FIBER} as \S+ with {_DOCUMENTS}\.")
_SENDING = re.compile(rf"(?P<name>.+?) Shape sending {_DOCUMENTS} down error path\.?")
_HEADER = re.compile(rf"Executing Process (?P<name>.*?)(?: \(Continuation {_FIBER}\))?")
_ENCOUNTERED = re.compile(
    rf"(?P<name>.*?)(?: \(Continuation {_FIBER}\))? encountered (?P<docs>\d{{1,9}}) "
    r"document error\(s\)"
)
_WAITED = re.compile(r"Waited for (?P<docs>\d{1,9}) child process\(es\) in (?P<ms>\d{1,9}) ms\.")
_TERMINATING = re.compile(r"Process terminating\b[^:]*(?:: (?P<text>.*))?", re.DOTALL)
_FIRST_FAILURE = "First document failure: "
_UNEXPECTED = "Unexpected error executing process: "
_ENDINGS = {
    "Process execution completed normally.": Form(Kind.ENDED),
    "Errors occurred in process.": Form(Kind.ENDED, failed=True),
}
_CONNECTOR = re.compile(r"(?P<connection>.*): (?P<type>[^:;]+) Connector; (?P<operation>.*)")
_OPERATION = re.compile(r"\[\d+\] .*")
_STAMP = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:T(\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?Z| (\d\d):(\d\d):(\d\d)(?:\.\d{1,9})? ([AP])M)"
)
_EPOCH = date(1970, 1, 1).toordinal()


@lru_cache(maxsize=4096)
def parse_stamp(text: str) -> tuple[int, bool] | None:
    """Seconds since 1970 and whether they are UTC, or None when `text` is not a record's time.

    A download carries UTC; text copied from the page carries the reader's local 12-hour time,
    which is counted as if it were UTC. A fraction of a second is accepted and dropped.
    """
    match = _STAMP.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, *local, half = match.groups()
    utc = half is None
    if not utc:
        hour, minute, second = local
        if not 1 <= int(hour) <= 12:
            return None
        hour = str(int(hour) % 12 + (12 if half == "P" else 0))
    if int(hour) > 23 or int(minute) > 59 or int(second) > 59:
        return None
    try:
        days = date(int(year), int(month), int(day)).toordinal() - _EPOCH
    except ValueError:
        return None
    return days * 86_400 + int(hour) * 3_600 + int(minute) * 60 + int(second), utc


def is_record(line: str) -> bool:
    """Whether the line has the five columns with a time and a level in front."""
    fields = line.split("\t", 4)
    return len(fields) == 5 and fields[1] in LEVELS and parse_stamp(fields[0]) is not None


def step_form(message: str) -> Form:
    """The form of a message that stands on a step of the process."""
    if message.startswith("Process terminating"):
        return _quoted(Kind.TERMINATING, _TERMINATING.fullmatch(message))
    if message.startswith(_UNEXPECTED):
        return Form(Kind.UNEXPECTED, name=message[len(_UNEXPECTED) :])
    if len(message) > _LONGEST_FORM:
        return OTHER
    message = message.rstrip()
    if message.startswith("Executing "):
        return _executing_form(message)
    match = _CLOSED.fullmatch(message)
    if match:
        return Form(Kind.CLOSED, ms=int(match[2]), failed=match[1] == "with errors")
    for kind, pattern in _STEP_FORMS:
        match = pattern.fullmatch(message)
        if match:
            return _matched(kind, match)
    return OTHER


_STEP_FORMS = (
    (Kind.FOUND, _FOUND),
    (Kind.LAUNCHED, _LAUNCHED),
    (Kind.SKIPPED, _SKIPPED),
    (Kind.SENDING, _SENDING),
    (Kind.OPENED, _RETURNING),
)


def _executing_form(message: str) -> Form:
    called = _CALLED.fullmatch(message)
    if called:
        return _matched(Kind.CALLED, called)
    resumed = _RESUMED.fullmatch(message)
    if resumed:
        return _matched(Kind.RESUMED, resumed)
    if _PASSED_IN.fullmatch(message):
        return OTHER
    opened = _OPENED_SHAPE.fullmatch(message) or _OPENED_BARE.fullmatch(message)
    return _matched(Kind.OPENED, opened) if opened else OTHER


def frame_form(message: str) -> Form:
    """The form of a message on `initializing...` or `cleanup...`.

    Only there is `Executing Process <name>` the header of a run: on a step the same words
    open a Process Call.
    """
    if message.startswith(_FIRST_FAILURE):
        return Form(Kind.FIRST_FAILURE, name=message[len(_FIRST_FAILURE) :])
    if message.startswith(_UNEXPECTED):
        return Form(Kind.UNEXPECTED, name=message[len(_UNEXPECTED) :])
    if len(message) > _LONGEST_FORM:
        return OTHER
    message = message.rstrip()
    for kind, pattern in (
        (Kind.HEADER, _HEADER),
        (Kind.ENCOUNTERED, _ENCOUNTERED),
        (Kind.WAITED, _WAITED),
    ):
        match = pattern.fullmatch(message)
        if match:
            return _matched(kind, match)
    return _ENDINGS.get(message, OTHER)


def _matched(kind: Kind, match: re.Match[str]) -> Form:
    groups = match.groupdict()
    return Form(
        kind,
        name=groups.get("name") or "",
        documents=int(groups.get("docs") or 0),
        ms=int(groups.get("ms") or 0),
        fiber=groups.get("fiber") or "",
    )


def _quoted(kind: Kind, match: re.Match[str] | None) -> Form:
    return Form(kind, name=(match["text"] or "") if match else "")


@dataclass(frozen=True, slots=True)
class Connector:
    """A connector's extended information: connection, connector type, operation."""

    connection: str
    type: str | None
    operation: str | None


def connector_of(info: str) -> Connector | None:
    """The connector an extended information names, or None.

    The last `: ` before the type counts, because a connection's own name may hold a colon.
    """
    match = _CONNECTOR.fullmatch(info)
    if match is None:
        return None
    return Connector(match["connection"], match["type"], match["operation"])


def is_operation(info: str) -> bool:
    """Whether the line was written by an operation inside a step, such as `[1] Scripting: …`.

    What a script logs there may read like a line of the engine and must not be taken for one.
    """
    return _OPERATION.fullmatch(info) is not None and _CONNECTOR.fullmatch(info) is None
