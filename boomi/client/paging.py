"""One page of a query: at most 100 records, and the token that asks for the next.

`total` is what the platform claims and is information only; paging ends when there is
no token. Pages are no snapshot: a record may come twice, so key by its id. A record that cannot
be read is left out and told of, because one of them must not hide the others.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from boomi.client.errors import Broken
from boomi.client.fields import integer

T = TypeVar("T")

# So many records, none of them readable, are no accident: the platform's form has changed.
ALL_UNREADABLE = 10


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """`next_token` is None on the last page; it may be stored to go on later.

    `unreadable` is a sentence per record that is left out.
    """

    items: tuple[T, ...]
    next_token: str | None
    total: int | None
    unreadable: tuple[str, ...] = ()


def read_page(found: Mapping[str, object], make: Callable[[Mapping[str, object]], T]) -> Page[T]:
    """A QueryResult. Raises Broken when it is none, or when none of many records is readable."""
    result = found.get("result", [])
    rows = result if isinstance(result, list) else [result]
    if "result" not in found and "numberOfResults" not in found and "queryToken" not in found:
        raise Broken("The platform's answer is no query result.")
    records = [row for row in rows if isinstance(row, dict)]
    if len(records) != len(rows):
        raise Broken("The platform's list of results holds something that is no record.")
    items: list[T] = []
    unreadable: list[str] = []
    for record in records:
        try:
            items.append(make(record))
        except Broken as error:
            if not items and len(unreadable) + 1 == len(records) >= ALL_UNREADABLE:
                raise
            unreadable.append(error.message)
    token = found.get("queryToken")
    return Page(
        items=tuple(items),
        next_token=token if isinstance(token, str) and token else None,
        total=integer(found.get("numberOfResults")),
        unreadable=tuple(unreadable),
    )
