"""What the connectors of a run did, told from its log: calls, counts and documents.

Start connector first, then one per connection and operation in order of their first
call, then the Return Documents step where there is one.
"""

from __future__ import annotations

import base64
import binascii
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from sandbox.clock import stamp
from sandbox.company import PRIMARY, stable_id
from sandbox.components import COMPONENTS, PRIMARY_TREE
from sandbox.log_calls import Call
from sandbox.logs import LogSpec, calls_of
from sandbox.wire import Json, dump

_FIRST_BYTE = 900
_DOCUMENT_BYTES = 900
_RETURN = "Return Documents"
_CONNECTION = "connector-settings"


@dataclass(frozen=True, slots=True)
class Connector:
    """The calls of one connection and operation within one execution."""

    spec: LogSpec
    connection: str
    type: str
    operation: str
    is_start: bool
    calls: tuple[Call, ...]

    @property
    def action(self) -> str:
        """The action as the connector's type names it."""
        reads = self.operation.split(" ")[0].upper() in ("GET", "SELECT")
        if self.type in ("nodata", "return"):
            return self.type
        if self.type == "wss":
            return "Listen"
        if self.type.startswith("officialboomi"):
            return "GET" if reads else "EXECUTE"
        if self.type == "sftp":
            return "GET" if reads else "CREATE"
        return "Get" if reads else "Send"

    @property
    def connection_id(self) -> str:
        return _component(self._account, _CONNECTION, self.connection, self.connection)

    @property
    def operation_id(self) -> str:
        # A listener has an operation, but no connection.
        listens = self.type == "wss"
        key = self.operation if listens else f"{self.connection}/{self.operation}"
        return _component(self._account, "connector-action", self.operation, key)

    @property
    def _account(self) -> str:
        return self.spec.process.runtime.account_id

    @property
    def connector_id(self) -> str:
        start = str(self.is_start).lower()
        parts = (self.action, self.connection_id, self.operation_id, self.spec.execution_id)
        return _packed(f"EXEC_CONN{start}:{':'.join(parts)}")

    @property
    def errors(self) -> int:
        return sum(call.failed for call in self.calls)

    @property
    def documents(self) -> int:
        return sum(call.documents for call in self.calls)

    def body(self) -> str:
        """The JSON text of the ExecutionConnector."""
        kinds = {"nodata": "nodata", "return": "return"}
        names = {"nodata": "Start", "return": _RETURN}
        nothing = self.type == "nodata"
        values: dict[str, Json] = {
            "@type": "ExecutionConnector",
            "id": self.connector_id,
            "executionId": self.spec.execution_id,
            "executionConnector": names.get(self.type, self.connection),
            "connectorType": self.type,
            "actionType": self.action,
            "errorCount": self.errors,
            "successCount": self.documents - self.errors,
            "size": 0 if nothing else sum(map(_size, self.numbers())),
            "isStartShape": self.is_start,
            "recordType": kinds.get(self.type, "connector"),
        }
        return dump(values)

    def numbers(self) -> range:
        return range(self.documents)

    def document_bodies(self) -> Iterator[str]:
        """The JSON texts of the GenericConnectorRecords, one per document."""
        if self.type == "nodata":
            return
        shared, index = self._shared(), 0
        for call in self.calls:
            at = stamp(self.spec.start + timedelta(milliseconds=call.at_ms))
            for _ in range(call.documents):
                failed = index in call.failing if self.is_start else bool(call.failed)
                own = self._own(index, call.error if failed else "")
                yield dump({**shared, "dateProcessed": at, **own})
                index += 1

    def _shared(self) -> dict[str, Json]:
        """What all records of this connector have in common."""
        return {
            "@type": "GenericConnectorRecord",
            "executionConnectorId": self.connector_id,
            "executionId": self.spec.execution_id,
            "account": self._account,
            "atomId": self.spec.process.runtime.atom_id,
            "actionType": self.action,
            "connectorType": self.type,
            "connectionName": self.connection,
            "operationName": self.operation,
            "connectionId": self.connection_id,
            "operationId": self.operation_id,
            "startShape": self.is_start,
            "connectorFields": {"@type": "ConnectorFields", "connectorField": []},
        }

    def _own(self, index: int, error: str) -> dict[str, Json]:
        """What belongs to one record; `error` is empty for one that went well."""
        place = f"{self.spec.execution_id}:{int(self.is_start)}:{self.operation}:{index}"
        return {
            "id": _packed(f"DOC:{place}"),
            "documentIndex": index,
            "incrementalDocumentIndex": index + 1,
            "status": "ERROR" if error else "SUCCESS",
            "retryable": self.is_start and bool(error),
            "size": max(1, _size(index) // 1000),
            "errorMessage": error,
            "trackedFields": {"@type": "TrackedFields", "trackedField": _tracked(self.spec, index)},
        }


def _tracked(spec: LogSpec, index: int) -> list[Json]:
    number = int(spec.execution_id[10:18], 16) % 90_000 + 10_000 + index
    return [{"@type": "TrackedField", "name": "Order", "value": str(number)}]


def _size(index: int) -> int:
    """Bytes of a document; its place decides."""
    return _FIRST_BYTE + (index * 7_919) % _DOCUMENT_BYTES


def _packed(text: str) -> str:
    return base64.b64encode(text.encode()).decode().rstrip("=")


def execution_of_document(id_: str) -> str:
    """The execution a GenericConnectorRecord belongs to; empty for an id that is none."""
    try:
        text = base64.b64decode(id_ + "=" * (-len(id_) % 4), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
    kind, _, rest = text.partition(":")
    return rest.partition(":")[0] if kind == "DOC" else ""


@lru_cache(maxsize=256)
def _component(account: str, type_: str, name: str, key: str) -> str:
    """The id of a component by its name; `key` is what the primary account knows it by."""
    if account == PRIMARY.account_id:
        return PRIMARY_TREE.identify(type_, key)
    for component in COMPONENTS:
        if (component.account_id, component.type, component.name) == (account, type_, name):
            return component.component_id
    return stable_id("component", f"{account}/{type_}/{key}")


@lru_cache(maxsize=8)
def connectors_of(spec: LogSpec) -> tuple[Connector, ...]:
    """Every connector of an execution that has ended."""
    grouped: dict[tuple[str, str, str, bool], list[Call]] = {}
    for call in calls_of(spec):
        key = (call.connection, call.type, call.operation, call.is_start)
        grouped.setdefault(key, []).append(call)
    ordered = sorted(grouped, key=lambda key: (not key[3], key[1] == "return"))
    return tuple(Connector(spec, *key, tuple(grouped[key])) for key in ordered)


@lru_cache(maxsize=2)
def record_bodies(spec: LogSpec) -> tuple[str, ...]:
    """The JSON texts of all GenericConnectorRecords of an execution that has ended."""
    return tuple(body for each in connectors_of(spec) for body in each.document_bodies())


def document_text(spec: LogSpec, id_: str) -> str:
    """What a document holds: invented, the same each time."""
    rng = random.Random(f"{spec.execution_id}/{id_}")
    lines: list[Json] = [
        {"article": f"NW-{rng.randrange(1_000, 9_999)}", "quantity": rng.randrange(1, 40)}
        for _ in range(rng.randrange(1, 5))
    ]
    return dump({"order": rng.randrange(10_000, 99_999), "currency": "EUR", "lines": lines})
