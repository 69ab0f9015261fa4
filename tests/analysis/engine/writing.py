"""Writes small logs for the tests of the engine and analyses them."""

import io
from pathlib import Path
from typing import Any

from analysis.engine import analyze_stream

LOGS = Path(__file__).parents[2] / "data" / "logs"
CRM = "Northwind CRM: http Connector; Update customer"
HEADER = ("initializing...", "", "Executing Process Sync customers")
END = ("cleanup...", "", "Process execution completed normally.")
FAILED_END = ("cleanup...", "", "Errors occurred in process.")

Record = tuple[str, ...]


def record(step: str, info: str, message: str, level: str = "INFO", second: int = 0) -> str:
    return f"2026-04-14T06:{second // 60:02}:{second % 60:02}Z\t{level}\t{step}\t{info}\t{message}"


def log(*records: Record | str) -> str:
    """Records as tuples (step, info, message, level), other lines as they are."""
    lines = [line if isinstance(line, str) else record(*line) for line in records]
    return "".join(f"{line}\n" for line in lines)


def analyze(*records: Record | str, **options: Any) -> Any:
    return analyze_bytes(log(*records).encode(), **options)


def analyze_bytes(content: bytes, **options: Any) -> Any:
    return analyze_stream(io.BytesIO(content), name="test.log", **options)


def opened(step: str, info: str, kind: str, documents: int = 1) -> Record:
    return (step, info, f"Executing {kind} Shape with {documents} document(s).")


def closed(step: str, info: str, ms: int, failed: bool = False) -> Record:
    how = "with errors" if failed else "successfully"
    return (step, info, f"Shape executed {how} in {ms} ms.")


def try_path(label: str, fiber: str, *steps: Record) -> list[Record]:
    """A Try/Catch with its try path, up to and without the end of the fiber."""
    return [
        opened(label, "", "Try/Catch"),
        (
            label,
            "",
            f"Launching Try/Catch Shape fiber {fiber} as "
            "execution-0c9d2f5e-7a31-4b8e-9d40-1f2e3d4c5b6a-2026.04.14 with 1 document(s).",
        ),
        (label, "", "Completed Try/Catch initial execution (shape4)"),
        ("initializing...", "", f"Executing Process Sync customers (Continuation {fiber})"),
        (label, "", f"Executing Try/Catch Shape continuation as {fiber} with 1 document(s)."),
        closed(label, "", 1),
        *steps,
    ]


def sent_down(label: str, fiber: str, documents: int = 1) -> list[Record]:
    """The end of a fiber that failed, and the error path being taken."""
    return [
        (
            "cleanup...",
            "",
            f"Sync customers (Continuation {fiber}) encountered {documents} document error(s)",
            "WARNING",
        ),
        END,
        (label, "", f"Try/Catch Shape sending {documents} document(s) down error path", "WARNING"),
        closed(label, "", 2),
    ]
