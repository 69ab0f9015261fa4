"""Whole lists as CSV or JSON, streamed: rows are read page by page along the primary key.

Each page is a short query of its own, so that a slow reader holds no database snapshot, and one
part of the answer, because a part per row costs more than the row.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model, QuerySet
from django.http import StreamingHttpResponse

from common.errors import InputError

BATCH = 1000
# A spreadsheet runs a text cell that begins like this as a formula; some read the full-width
# forms of the signs as the signs.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
M = TypeVar("M", bound=Model)
R = TypeVar("R")
Row = Mapping[str, object]
Page = Sequence[Row]
JSON = DjangoJSONEncoder(ensure_ascii=False)


def by_key(rows: QuerySet[M, R], key_of: Callable[[R], object]) -> Iterator[list[R]]:
    """All rows, newest key first, in lists of at most BATCH; `key_of` a row is its key."""
    ordered = rows.order_by("-pk")
    last: object = None
    while True:
        page = list((ordered if last is None else ordered.filter(pk__lt=last))[:BATCH])
        if page:
            yield page
            last = key_of(page[-1])
        if len(page) < BATCH:
            return


def respond(
    kind: str,
    name: str,
    columns: Sequence[str],
    queryset: QuerySet[M],
    as_rows: Callable[[list[M]], Iterable[Row]],
) -> StreamingHttpResponse:
    """A download of every row the queryset selects. `kind` is csv or json, else InputError."""
    pages = by_key(queryset, lambda row: row.pk)
    return _download(kind, name, columns, (list(as_rows(page)) for page in pages))


def respond_plain(
    kind: str, name: str, fields: Mapping[str, str], queryset: QuerySet[M]
) -> StreamingHttpResponse:
    """The same for columns that are database fields: no object is made of a row.

    `fields` maps a column to a field path such as account__account_id. Times are UTC.
    """
    pages = by_key(queryset.values_list("pk", *fields.values()), lambda row: row[0])
    return _download(kind, name, [*fields], (_plain_rows(fields, page) for page in pages))


def _plain_rows(columns: Iterable[str], page: Iterable[tuple[object, ...]]) -> list[Row]:
    return [dict(zip(columns, map(_plain, row[1:]), strict=True)) for row in page]


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value


def _download(
    kind: str, name: str, columns: Sequence[str], pages: Iterable[Page]
) -> StreamingHttpResponse:
    if kind == "csv":
        body, content_type = csv_parts(columns, pages), "text/csv; charset=utf-8"
    elif kind == "json":
        body, content_type = json_parts(pages), "application/json"
    else:
        raise InputError(
            f"There is no export as {kind!r}.", fields={"export": ["Choose csv or json."]}
        )
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.{kind}"',
        "Cache-Control": "no-store",
    }
    return StreamingHttpResponse(body, content_type=content_type, headers=headers)


def csv_parts(columns: Sequence[str], pages: Iterable[Page]) -> Iterator[str]:
    """CSV with a header line; values in the order of `columns`."""
    yield _csv([columns])
    for rows in pages:
        yield _csv([cell(row.get(column)) for column in columns] for row in rows)


def json_parts(pages: Iterable[Page]) -> Iterator[str]:
    """One JSON array, a row a line."""
    before = "[\n"
    for rows in pages:
        yield before + ",\n".join(map(JSON.encode, rows))
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def cell(value: object) -> str:
    """What stands in a CSV cell. Text that a spreadsheet would run gets a leading apostrophe."""
    if value is None:
        return ""
    if isinstance(value, str):  # most cells are texts, so ask for that first
        return _text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, (Mapping, list, tuple)):
        value = JSON.encode(value)
    return _text(str(value))


def _text(text: str) -> str:
    # NUL ends a cell early in common readers.
    text = text.replace("\0", "")
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _csv(rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
