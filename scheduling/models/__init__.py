"""Background work: jobs, what starts them by itself, and who is told of their results."""

from scheduling.models.automations import Automation, Occurrence, Schedule
from scheduling.models.deliveries import Delivery, NotificationChannel, OptOut
from scheduling.models.jobs import (
    FINAL,
    LIVE,
    Heartbeat,
    JobLogLine,
    JobRecordError,
    JobRun,
    JobStatus,
    Trigger,
)

__all__ = [
    "FINAL",
    "LIVE",
    "Automation",
    "Delivery",
    "Heartbeat",
    "JobLogLine",
    "JobRecordError",
    "JobRun",
    "JobStatus",
    "NotificationChannel",
    "Occurrence",
    "OptOut",
    "Schedule",
    "Trigger",
]
