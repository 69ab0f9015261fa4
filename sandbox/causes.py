"""Why runs of the sandbox fail: one table for the record's message and the log's lines."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Ending(Enum):
    """How a failing run ends in its log (forms of a real process log)."""

    HALT = "halt"  # an Exception step halts all documents
    DOCUMENTS = "documents"  # documents fail, cleanup names the first failure
    UNEXPECTED = "unexpected"  # the step dies without a closing line
    CANCELLED = "cancelled"  # killed at the time limit, no cleanup line at all


@dataclass(frozen=True, slots=True)
class Cause:
    """`text` is what the failing step says, `http_code` set for HTTP answers.

    `note` is the text of the Exception step in front of the chain.
    """

    key: str
    text: str
    ending: Ending
    http_code: int | None = None
    note: str = ""
    java_class: str = "java.lang.RuntimeException"

    @property
    def message(self) -> str:
        """The `message` of the ExecutionRecord."""
        if self.ending is Ending.HALT:
            return f"{HALT_PREFIX}{self.chain}"
        if self.ending is Ending.DOCUMENTS:
            return self.text
        return f"Unexpected error executing process: {self.java_class}: {self.text}"

    @property
    def chain(self) -> str:
        return f"{self.note}; Caused by: {self.text}" if self.note else self.text


HALT_PREFIX = (
    "Process terminating -- some documents reached an exception "
    "which is set to halt all documents: "
)


def _http(code: int, reason: str, key: str, ending: Ending, note: str = "") -> Cause:
    text = f"Error message received from Http Server, Code {code}: {reason}"
    return Cause(key, text, ending, http_code=code, note=note)


CAUSES = {
    cause.key: cause
    for cause in (
        _http(401, "Unauthorized", "erp-401", Ending.HALT, "Orders could not be sent to the ERP"),
        _http(409, "Conflict", "duplicate-409", Ending.DOCUMENTS),
        _http(400, "Bad Request", "bad-400", Ending.DOCUMENTS),
        _http(502, "Bad Gateway", "gateway-502", Ending.DOCUMENTS),
        _http(503, "Service Unavailable", "down-503", Ending.HALT, "Target system is down"),
        _http(429, "Too Many Requests", "slow-429", Ending.DOCUMENTS),
        Cause(
            "sftp-refused",
            "Unable to connect to sftp.partner.example:22; Caused by: Connection timed out",
            Ending.UNEXPECTED,
            java_class="com.boomi.connector.api.ConnectorException",
        ),
        Cause(
            "map-mandatory",
            "[Output ProfileLocation: Customer/Account/TaxNumber]: Invalid Data Element: "
            "MANDATORY_ELEMENT_MISSING",
            Ending.DOCUMENTS,
        ),
        Cause(
            "deadlock",
            "ORA-00060: deadlock detected while waiting for resource",
            Ending.HALT,
            note="Invoices could not be marked as exported",
        ),
        Cause(
            "edi-duplicate",
            "Interchange control number 000004711 was already received from this sender",
            Ending.DOCUMENTS,
        ),
        Cause(
            "script-null",
            "Script execution failed; Caused by: Cannot invoke method trim() on null object",
            Ending.HALT,
            note="Price list row is incomplete",
        ),
        Cause(
            "child-failed",
            "Child Synchronous Process Call: (sub) Load Article Master ended in error",
            Ending.DOCUMENTS,
        ),
        Cause(
            "cancelled",
            "Process execution was cancelled by a user",
            Ending.CANCELLED,
            java_class="java.util.concurrent.CancellationException",
        ),
        Cause(
            "time-limit",
            "Process exceeded maximum execution time limit",
            Ending.CANCELLED,
            java_class="java.util.concurrent.CancellationException",
        ),
    )
}
