"""The verbs of stored analyses, called by page, API, admin, job and command alike."""

from analysis.queries import log_context
from analysis.services.downloads import download_log
from analysis.services.executions import request_execution_analysis
from analysis.services.reading import run_analysis
from analysis.services.uploads import analyse_upload, delete_upload, restart

__all__ = [
    "analyse_upload",
    "delete_upload",
    "download_log",
    "log_context",
    "request_execution_analysis",
    "restart",
    "run_analysis",
]
