"""One page of a query: at most 100 records, and the token that asks for the next.

`total` is what the platform claims and is information only; paging ends when there is
no token. Pages are no snapshot: a record may come twice, so key by its id.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from boomi.client.errors import Broken
from boomi.client.fields import integer

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """`next_token` is None on the last page; it may be stored to go on later."""

    items: tuple[T, ...]
    next_token: str | None
    total: int | None


def read_page(found: Mapping[str, object], make: Callable[[Mapping[str, object]], T]) -> Page[T]:
    """A QueryResult. Raises Broken when it is none; a record's own Broken passes."""
    result = found.get("result", [])
    rows = result if isinstance(result, list) else [result]
    if "result" not in found and "numberOfResults" not in found and "queryToken" not in found:
        raise Broken("The platform's answer is no query result.")
    records = [row for row in rows if isinstance(row, dict)]
    if len(records) != len(rows):
        raise Broken("The platform's list of results holds something that is no record.")
    token = found.get("queryToken")
    return Page(
        items=tuple(make(record) for record in records),
        next_token=token if isinstance(token, str) and token else None,
        total=integer(found.get("numberOfResults")),
    )
