"""What connectors do in a run, noted while its log is written."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sandbox.causes import Cause
from sandbox.processes import Connection


@dataclass(frozen=True, slots=True)
class Call:
    """What one connector did at one moment of the run.

    `documents` went through it and `failed` of them failed, with `error`; of a start
    step `failing` says which. `type` is the connector's, or nodata or return.
    """

    connection: str
    type: str
    operation: str
    documents: int
    at_ms: int
    failed: int = 0
    error: str = ""
    is_start: bool = False
    failing: frozenset[int] = frozenset()


class CallNotes:
    """The calls of one log, in its order. A recipe says beforehand what will fail."""

    def __init__(self) -> None:
        self.noted: list[Call] = []
        self._failing: frozenset[int] = frozenset()
        self._because = ""

    def expect(self, failing: frozenset[int], cause: Cause | None) -> None:
        """These documents end in error because of `cause`; None: something catches them."""
        self._failing = failing if cause is not None else frozenset()
        self._because = cause.text if cause is not None else ""

    def called(
        self,
        connection: Connection,
        operation: str,
        documents: int,
        cause: Cause | None,
        at_ms: int,
    ) -> None:
        failed, error = (documents, cause.text) if cause else (0, "")
        kind = connection.connector
        self.noted.append(Call(connection.name, kind, operation, documents, at_ms, failed, error))

    def started(self, how: str, documents: int, at_ms: int) -> None:
        """A start step; `how` is its text in the log."""
        connection, _, rest = how.rpartition(": ")
        kind, _, operation = rest.partition(" Connector; ")
        if not operation:
            connection, kind = "Start", "nodata"
        call = Call(connection, kind, operation, documents, at_ms, is_start=True)
        failing = self._failing
        self.noted.append(replace(call, failed=len(failing), failing=failing, error=self._because))

    def returned(self, documents: int, at_ms: int) -> None:
        """Documents leave through a Return Documents step."""
        self.noted.append(Call("Return Documents", "return", "", documents, at_ms))
