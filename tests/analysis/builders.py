"""Logs, archives and rows for the tests of stored analyses; the logs are our own."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime, timedelta

from boomi.models import Account, Execution, ExecutionOutcome

START = datetime(2026, 9, 13, 8, 15, tzinfo=UTC)
CRM = "CRM API: HTTP Connector; POST Order"


def record(second: int, level: str, step: str, info: str, message: str) -> str:
    at = START + timedelta(seconds=second)
    return f"{at:%Y-%m-%dT%H:%M:%SZ}\t{level}\t{step}\t{info}\t{message}\n"


def failing_log(passes: int = 1) -> bytes:
    """A run that maps `passes` times and then fails on its connector with code 401."""
    lines = [
        record(0, "INFO", "initializing...", "", "Executing Process Send orders"),
        record(0, "INFO", "Start", "NoData", "Executing Start Shape"),
        record(0, "INFO", "Start", "NoData", "Shape executed successfully in 1 ms."),
    ]
    for number in range(passes):
        second = 1 + number // 500
        lines += [
            record(second, "INFO", "Order to CRM", "Map A", "Executing Map with 1 document(s)."),
            record(
                second,
                "INFO",
                "Order to CRM",
                "Map A",
                f"Shape executed successfully in {number % 90} ms.",
            ),
        ]
    last = 2 + passes // 500
    lines += [
        record(last, "INFO", "Post order", CRM, "Executing Connector Shape with 1 document(s)."),
        record(
            last,
            "SEVERE",
            "Post order",
            CRM,
            "Error message received from Http Server, Code 401: Unauthorized",
        ),
        record(last, "INFO", "Post order", CRM, "Shape executed with errors in 230 ms."),
        record(last, "INFO", "cleanup...", "", "Errors occurred in process."),
    ]
    return "".join(lines).encode()


def failing_xml() -> bytes:
    """The same run as the runtime keeps it on disk: `process_log.xml`."""
    events = []
    for line in failing_log().decode().splitlines():
        time, level, step, info, message = line.split("\t")
        events.append(
            f'<LogEvent level="{level}" time="{time}" shapename="shape1" shapetype="{step}" '
            f'shapelabel="{step}" shapeextendedinfo="{info}">'
            f"<Message>{message}</Message></LogEvent>"
        )
    document = ["<ExecutionLogModel>", *events, "</ExecutionLogModel>"]
    return "\n".join(document).encode()


def zipped(**members: bytes) -> bytes:
    """A zip with these members; `_` in a name stands for the dot of its ending."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("_", "."), content)
    return packed.getvalue()


def make_account(account_id: str = "northwind-7Q2K9D") -> Account:
    return Account.objects.get_or_create(account_id=account_id)[0]


def make_execution(execution_id: str = "execution-1", **fields: object) -> Execution:
    """A failed run of a process, its log not fetched yet."""
    values: dict[str, object] = {
        "account": fields.pop("account", None) or make_account(),
        "process_name": "Send orders",
        "runtime_id": "runtime-1",
        "status": "ERROR",
        "outcome": ExecutionOutcome.ERROR,
        "started_at": START,
        **fields,
    }
    return Execution.objects.create(execution_id=execution_id, **values)
