"""Words for background work."""

from common.badges import Badge, register
from scheduling.models import Delivery, JobStatus, Occurrence

register(
    "job",
    {
        JobStatus.QUEUED: Badge("neutral", "Queued", "clock", "The job waits for a free worker."),
        JobStatus.RUNNING: Badge("active", "Running", "loader-circle", "A worker is at it now."),
        JobStatus.WAITING: Badge(
            "active", "Waiting", "hourglass", "The job pauses and goes on by itself."
        ),
        JobStatus.SUCCEEDED: Badge(
            "good", "Succeeded", "circle-check", "The job did all it had to do."
        ),
        JobStatus.FAILED: Badge("bad", "Failed", "circle-x", "The job ended and says why."),
        JobStatus.ERRORED: Badge(
            "bad", "Crashed", "bug", "A fault of the portal itself ended the job."
        ),
        JobStatus.CANCELLED: Badge(
            "neutral", "Cancelled", "circle-slash", "Somebody stopped the job."
        ),
        JobStatus.LOST: Badge(
            "bad", "Lost", "skull", "Its worker died too often; it was given up."
        ),
    },
)
register(
    "occurrence",
    {
        Occurrence.Outcome.STARTED: Badge("good", "Started", "circle-check", "A run was started."),
        Occurrence.Outcome.WAITING: Badge(
            "active", "Waits", "hourglass", "It starts once the run before has ended."
        ),
        Occurrence.Outcome.OVERLAPPED: Badge(
            "warn", "Skipped", "circle-slash", "The run before had not ended; this one was skipped."
        ),
        Occurrence.Outcome.PAUSED: Badge(
            "neutral", "Paused", "circle-pause", "The schedule was paused at that time."
        ),
        Occurrence.Outcome.MISSED: Badge(
            "warn",
            "Missed",
            "circle-alert",
            "The portal was down and the start is not made up for.",
        ),
        Occurrence.Outcome.MERGED: Badge(
            "neutral",
            "Merged",
            "circle-dashed",
            "The portal was down; one later start stands for it.",
        ),
        Occurrence.Outcome.REFUSED: Badge(
            "bad", "Refused", "ban", "The automation could not be started; the note says why."
        ),
    },
    attribute="outcome",
)
register(
    "schedule",
    {
        "due": Badge("good", "On", "clock", "It starts by itself when it is due."),
        "paused": Badge("warn", "Paused", "circle-pause", "Somebody paused it; nothing starts."),
        "off": Badge("neutral", "Off", "circle-slash", "It or its automation is switched off."),
    },
    attribute="state",
)
register(
    "delivery",
    {
        Delivery.Status.QUEUED: Badge("neutral", "Queued", "clock", "It waits for its turn."),
        Delivery.Status.SENDING: Badge(
            "active", "Being sent", "loader-circle", "The mail server is being asked now."
        ),
        Delivery.Status.SENT: Badge(
            "good", "Sent", "circle-check", "The mail server took it; it may still bounce."
        ),
        Delivery.Status.FAILED: Badge(
            "bad", "Failed", "circle-x", "It was tried to the last and is given up."
        ),
        Delivery.Status.CANCELLED: Badge(
            "neutral", "Cancelled", "circle-slash", "Somebody kept it back before it went out."
        ),
    },
)
