"""Words for background work."""

from common.badges import Badge, register
from scheduling.models import JobStatus

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
