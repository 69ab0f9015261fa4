"""Words for analyses and for the levels of a process log."""

from analysis.models import AnalysisStatus
from common.badges import Badge, register

register(
    "analysis",
    {
        AnalysisStatus.PENDING: Badge(
            "active", "Waiting", "loader-circle", "The log is being fetched or read."
        ),
        AnalysisStatus.DONE: Badge("good", "Done", "circle-check", "The log has been read."),
        AnalysisStatus.FAILED: Badge("bad", "Failed", "circle-x", "The log could not be read."),
    },
)
# `process.outcome` of an analysis result.
register(
    "analysis_outcome",
    {
        "completed": Badge("good", "Completed", "circle-check", "The process ended without error."),
        "completed_with_errors": Badge(
            "bad",
            "Ended with errors",
            "circle-x",
            "The process came to its end and says that errors occurred in it.",
        ),
        "aborted": Badge("bad", "Aborted", "circle-x", "The process stopped before its end."),
        "running": Badge(
            "active", "Still running", "loader-circle", "The log ends before the process does."
        ),
    },
    attribute="outcome",
)
# Levels of java.util.logging, which process logs use; WARN and ERROR are met in pasted text.
register(
    "level",
    {
        "FINEST": Badge("neutral", "Finest", "minus", "Detail for developers."),
        "FINER": Badge("neutral", "Finer", "minus", "Detail for developers."),
        "FINE": Badge("neutral", "Fine", "minus", "Detail for developers."),
        "CONFIG": Badge("neutral", "Config", "settings", "A setting in force."),
        "INFO": Badge("neutral", "Info", "info", "What happens normally."),
        "WARNING": Badge("warn", "Warning", "triangle-alert", "Unusual, but the process goes on."),
        "WARN": Badge("warn", "Warning", "triangle-alert", "Unusual, but the process goes on."),
        "SEVERE": Badge("bad", "Severe", "circle-x", "An error of a step or of the process."),
        "ERROR": Badge("bad", "Error", "circle-x", "An error of a step or of the process."),
    },
    attribute="level",
)
# `severity` of a finding.
register(
    "severity",
    {
        "info": Badge("neutral", "Info", "info", "Worth knowing; nothing to do."),
        "low": Badge("neutral", "Low", "info", "Worth a look when there is time."),
        "medium": Badge("warn", "Medium", "triangle-alert", "Should be looked at soon."),
        "warning": Badge("warn", "Warning", "triangle-alert", "Should be looked at soon."),
        "high": Badge("bad", "High", "circle-alert", "Needs somebody now."),
        "error": Badge("bad", "Error", "circle-x", "Needs somebody now."),
        "critical": Badge("bad", "Critical", "circle-x", "Needs somebody at once."),
    },
    attribute="severity",
)
