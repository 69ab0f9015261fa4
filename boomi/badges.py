"""Words for what the platform and the mirror say: executions, logs, connections, runtimes."""

from boomi.components import TYPES as COMPONENT_TYPES
from boomi.models import Circuit, ConnectionState, ExecutionOutcome, LogState
from common.badges import Badge, register

# The nine values of ExecutionRecord.status (Boomi platform API).
register(
    "execution",
    {
        "ENQUEUED": Badge("neutral", "Queued", "clock", "The run waits for the runtime to begin."),
        "STARTED": Badge("active", "Started", "circle-play", "The run has begun."),
        "INPROCESS": Badge("active", "Running", "loader-circle", "The run is at work now."),
        "COMPLETE": Badge("good", "Complete", "circle-check", "The run ended without error."),
        "COMPLETE_WARN": Badge(
            "warn", "With warnings", "triangle-alert", "The run ended and left warnings in its log."
        ),
        "ERROR": Badge("bad", "Error", "circle-x", "The run ended with an error."),
        "ABORTED": Badge("bad", "Aborted", "circle-stop", "The run was stopped before its end."),
        "ABORTED_RECOVERING": Badge(
            "warn",
            "Recovering",
            "rotate-ccw",
            "The run was cut off and the runtime is taking it up again.",
        ),
        "DISCARDED": Badge(
            "neutral", "Discarded", "circle-slash", "The platform dropped the run without working."
        ),
    },
)
register(
    "outcome",
    {
        ExecutionOutcome.RUNNING: Badge(
            "active", "Running", "loader-circle", "The run has not ended yet."
        ),
        ExecutionOutcome.SUCCESS: Badge(
            "good", "Success", "circle-check", "The run ended without error."
        ),
        ExecutionOutcome.ERROR: Badge("bad", "Error", "circle-x", "The run ended with an error."),
        ExecutionOutcome.CANCELLED: Badge(
            "neutral", "Cancelled", "circle-slash", "The run was stopped or dropped."
        ),
    },
    attribute="outcome",
)
register(
    "log",
    {
        LogState.UNKNOWN: Badge(
            "neutral", "Not fetched", "circle-dashed", "Nobody has asked for this log yet."
        ),
        LogState.REQUESTED: Badge(
            "active", "Requested", "loader-circle", "The platform is preparing the log."
        ),
        LogState.WAITING_RUNTIME: Badge(
            "warn",
            "Waiting for the runtime",
            "hourglass",
            "The runtime is offline; the log is fetched when it is back.",
        ),
        LogState.READY: Badge("good", "Stored", "file-text", "The log is stored in the portal."),
        LogState.NONE_BY_DESIGN: Badge(
            "neutral", "No log by design", "file-x", "This kind of run writes no process log."
        ),
        LogState.PURGED: Badge(
            "neutral", "Purged", "file-x", "The runtime has deleted this log by its retention rule."
        ),
        LogState.FAILED: Badge(
            "bad", "Could not be fetched", "circle-x", "Fetching the log did not work."
        ),
    },
    attribute="log_state",
)
register(
    "connection",
    {
        ConnectionState.UNVERIFIED: Badge(
            "warn", "Unverified", "circle-dashed", "The credential has not been tested yet."
        ),
        ConnectionState.OK: Badge(
            "good", "Connected", "plug-zap", "The last test of the credential succeeded."
        ),
        ConnectionState.FAILING: Badge(
            "bad", "Failing", "unplug", "The platform refuses the credential or cannot be reached."
        ),
    },
)
register(
    "runtime",
    {
        "ONLINE": Badge("good", "Online", "circle-check", "The runtime answers the platform."),
        "WARNING": Badge(
            "warn", "Warning", "triangle-alert", "The runtime answers, but reports trouble."
        ),
        "OFFLINE": Badge("bad", "Offline", "cloud-off", "The runtime does not answer."),
        "UNKNOWN": Badge(
            "neutral", "Unknown", "circle-question-mark", "The platform does not know its state."
        ),
    },
)
register(
    "circuit",
    {
        Circuit.State.CLOSED: Badge(
            "good", "Answering", "circle-check", "The platform answered when it was called last."
        ),
        Circuit.State.OPEN: Badge(
            "bad",
            "Not called",
            "unplug",
            "It failed several times in a row; a trial follows.",
        ),
        Circuit.State.HALF_OPEN: Badge(
            "warn", "Being tried", "loader-circle", "One call is finding out whether it answers."
        ),
    },
    attribute="state",
)
register(
    "mirror",
    {
        "current": Badge("good", "Current", "circle-check", "It is as new as it should be."),
        "waiting": Badge("active", "First pass", "hourglass", "The first pass is under way."),
        "faulty": Badge("warn", "With gaps", "triangle-alert", "Some of it could not be read."),
        "late": Badge("warn", "Late", "alarm-clock", "The next pass is overdue."),
        "refused": Badge("bad", "Refused", "ban", "The platform refuses to show it."),
    },
    attribute="state",
)
# What a component is, in the words of the platform's own pages.
register(
    "component",
    {
        entry.name: Badge("neutral", entry.word, entry.icon, f"The platform calls it {entry.name}.")
        for entry in COMPONENT_TYPES
    },
    attribute="type",
)
