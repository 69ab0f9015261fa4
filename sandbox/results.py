"""Pages of results: keyset paging and the opaque tokens that carry it.

A token holds the whole query and the key of the last row, signed, so that it
works after a restart and page 1,000 costs as much as page 1.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import sqlite3
import threading
import zlib
from dataclasses import dataclass

from sandbox.filters import Bounds, Compiled, Ordering, Value, compile_query
from sandbox.query import Query, canonical, query_of
from sandbox.shapes import Shape
from sandbox.wire import BadRequest, Json

PAGE_SIZE = 100
_SIGNATURE_BYTES = 9
PAGE_GONE = "The queryToken is invalid."


@dataclass(frozen=True, slots=True)
class Source:
    """A table (or a subquery) and the condition under which rows exist now.

    `parameters` are those of `table` and `exists`; `:now` is among them.
    `window` bounds the start of executions, None for other objects.
    """

    table: str
    exists: str
    parameters: dict[str, Value]
    window: Bounds | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """`rows` are (body, recorded or None); `last` is the key of the last row."""

    rows: list[tuple[str, str | None]]
    total: int
    last: tuple[Value, ...] | None


@dataclass(frozen=True, slots=True)
class Token:
    """`issued` is seconds since 1970 by the sandbox's clock; it also tells tokens apart."""

    shape: str
    account: str
    query: Query
    after: tuple[Value, ...]
    total: int
    issued: float = 0.0


def count(connection: sqlite3.Connection, shape: Shape, source: Source, query: Query) -> int:
    """How many rows match, over all pages."""
    compiled = compile_query(shape, query)
    parameters = {**source.parameters, **compiled.parameters}
    where = _where(source, compiled, parameters, None)
    statement = f"SELECT COUNT(*) FROM {source.table} WHERE {where}"  # noqa: S608
    return int(connection.execute(statement, parameters).fetchone()[0])


def _where(
    source: Source,
    compiled: Compiled,
    parameters: dict[str, Value],
    after: tuple[Value, ...] | None,
) -> str:
    """What must hold, with one range on `start` that an index can begin at."""
    where = f"{source.exists} AND {compiled.where}"
    if source.window is None:
        return where
    low = max(source.window[0], compiled.bounds[0])
    high = min(source.window[1], compiled.bounds[1])
    if after is not None and compiled.order[0].sql == "start":
        if compiled.order[0].descending:
            high = min(high, str(after[0]))
        else:
            low = max(low, str(after[0]))
    parameters |= {"low": low, "high": high}
    return f"start BETWEEN :low AND :high AND {where}"


def fetch(
    connection: sqlite3.Connection,
    shape: Shape,
    source: Source,
    query: Query,
    *,
    total: int,
    after: tuple[Value, ...] | None = None,
    repeat_last: bool = False,
) -> Page:
    """Up to 100 rows that follow the key `after`.

    `repeat_last` sends the last row of the page before once more, as happens on
    the platform when rows arrive while a client is paging.
    """
    compiled = compile_query(shape, query)
    parameters = {**source.parameters, **compiled.parameters}
    where = _where(source, compiled, parameters, after)
    if after is not None:
        where += f" AND {_follows(compiled.order, after, parameters, inclusive=repeat_last)}"
    keys = [ordering.sql for ordering in compiled.order]
    order = ", ".join(f"{key} {_direction(o)}" for key, o in zip(keys, compiled.order, strict=True))
    order += (", " if order else "") + f"seq {_tie(compiled)}"
    recorded = "recorded" if shape.sortable else "NULL"
    columns = ", ".join(["body", recorded, *keys, "seq"])
    statement = (
        f"SELECT {columns} FROM {source.table} WHERE {where} ORDER BY {order} "  # noqa: S608
        f"LIMIT {PAGE_SIZE + 1}"
    )
    found = connection.execute(statement, parameters).fetchall()
    more = len(found) > PAGE_SIZE
    rows = found[:PAGE_SIZE]
    return Page([(row[0], row[1]) for row in rows], total, tuple(rows[-1][2:]) if more else None)


def _direction(ordering: Ordering) -> str:
    return "DESC" if ordering.descending else "ASC"


def _tie(compiled: Compiled) -> str:
    """The row number goes the way of the last sort field, so that an index can serve both."""
    return _direction(compiled.order[-1]) if compiled.order else "ASC"


def _follows(
    order: tuple[Ordering, ...],
    after: tuple[Value, ...],
    parameters: dict[str, Value],
    *,
    inclusive: bool,
) -> str:
    """Condition "comes after this key" for any mix of directions."""
    tie = Ordering("seq", order[-1].descending if order else False)
    names = []
    for index, value in enumerate(after):
        parameters[f"k{index}"] = value
        names.append(f":k{index}")
    fields = (*order, tie)
    if len({field.descending for field in fields}) == 1:
        sign = ("<" if tie.descending else ">") + ("=" if inclusive else "")
        # The plus sign keeps SQLite from taking this for the range of the index.
        columns = ", ".join(f"+{field.sql}" for field in fields)
        return f"({columns}) {sign} ({', '.join(names)})"
    choices = []
    for index, field in enumerate(fields):
        same = [f"{f.sql} = {n}" for f, n in zip(fields[:index], names[:index], strict=True)]
        last = "=" if inclusive and index == len(fields) - 1 else ""
        sign = ("<" if field.descending else ">") + last
        choices.append(" AND ".join([*same, f"{field.sql} {sign} {names[index]}"]))
    return f"(({') OR ('.join(choices)}))"


class UsedTokens:
    """Tokens that were used already, for a platform that takes each only once."""

    _MOST = 10_000

    def __init__(self) -> None:
        self._seen: dict[str, None] = {}
        self._lock = threading.Lock()

    def first_time(self, token: str) -> bool:
        with self._lock:
            if token in self._seen:
                return False
            self._seen[token] = None
            if len(self._seen) > self._MOST:
                self._seen.pop(next(iter(self._seen)))
            return True


def write_token(token: Token, secret: bytes) -> str:
    query = canonical(token.query)
    values = [token.shape, token.account, query, list(token.after), token.total, token.issued]
    payload = json.dumps(values, separators=(",", ":"))
    packed = zlib.compress(payload.encode(), 1)
    return base64.b64encode(_sign(packed, secret) + packed).decode()


def read_token(text: str, secret: bytes) -> Token:
    """Raises BadRequest for anything this sandbox did not write itself."""
    try:
        data = base64.b64decode(text.strip(), validate=True)
        packed = data[_SIGNATURE_BYTES:]
        if not hmac.compare_digest(data[:_SIGNATURE_BYTES], _sign(packed, secret)):
            raise ValueError("signature")
        shape, account, query, after, total, issued = json.loads(zlib.decompress(packed))
    except (ValueError, binascii.Error, zlib.error):
        raise BadRequest(PAGE_GONE) from None
    config: Json = json.loads(query)
    return Token(shape, account, query_of(config), tuple(after), total, issued)


def _sign(packed: bytes, secret: bytes) -> bytes:
    return hashlib.blake2b(packed, key=secret, digest_size=_SIGNATURE_BYTES).digest()
