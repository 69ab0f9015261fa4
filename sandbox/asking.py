"""What a request is, and what the handlers of single objects are given.

`Request` is the call as it came, `Ask` the same call once it is known who asks
about which object. Objects that are more than rows of a `Shape` have a handler
of their own (`sandbox.dispatch`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sandbox import wire
from sandbox.clock import Clock
from sandbox.day_by_day import Days
from sandbox.downloads import Downloads
from sandbox.faults import FaultBox
from sandbox.paging import Paging
from sandbox.store import Store
from sandbox.wire import Answer, BadRequest

FORBIDDEN = "Access denied due to insufficient permissions."
NO_ENDPOINT = "Endpoint is invalid or no longer exists."


class Refused(Exception):
    """A status other than 400, with its message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Request:
    """`path` as on the wire, with its query string. Header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""

    @property
    def is_xml(self) -> bool:
        return wire.is_xml(self.headers.get("content-type", ""), self.body)


@dataclass(frozen=True, slots=True)
class Services:
    """What handlers work with. `days` makes coming days."""

    store: Store
    clock: Clock
    box: FaultBox
    downloads: Downloads
    paging: Paging
    days: Days


@dataclass(frozen=True, slots=True)
class Ask:
    """One request about one object of `account`, already authenticated and allowed.

    `rest` is the address after the object's name, `url_base` where this server is
    reached, `as_json` what the client accepts, `user` whose token it is. `charged` is
    the account in the address when the partner API asks about another one, else empty.
    """

    request: Request
    name: str
    rest: tuple[str, ...]
    account: str
    url_base: str
    as_json: bool
    services: Services
    user: str = ""
    charged: str = ""

    @property
    def is_get(self) -> bool:
        return self.request.method == "GET"

    @property
    def is_post(self) -> bool:
        return self.request.method == "POST"


Handler = Callable[[Ask], Answer | None]
"""Answers, or gives None for what the rows of the object's shape answer (else 404).

Raises BadRequest (400) and Refused.
"""


def bulk_ids(request: Request) -> list[str]:
    """The ids of a BulkRequest in either format. Raises BadRequest."""
    if request.is_xml:
        root = wire.read_xml(request.body)
        return [child.attributes.get("id", "") for child in root.children_named("request")]
    read = wire.read_json(request.body)
    asked = read.get("request") if isinstance(read, dict) else None
    if not isinstance(asked, list):
        raise BadRequest("A BulkRequest needs a list named request.")
    return [str(item.get("id", "")) if isinstance(item, dict) else "" for item in asked]


def flat_values(request: Request) -> dict[str, wire.Json]:
    """The values of a small object in either format: JSON keys or XML attributes."""
    if request.is_xml:
        return dict(wire.read_xml(request.body).attributes)
    read = wire.read_json(request.body)
    return read if isinstance(read, dict) else {}
