"""Whole lists as CSV or JSON, streamed: rows are read page by page along the primary key.

Each page is a short query of its own, so that a slow reader holds no database snapshot.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model, QuerySet
from django.http import StreamingHttpResponse

from common.errors import InputError

BATCH = 500
# A spreadsheet runs a text cell that begins like this as a formula; some read the full-width
# forms of the signs as the signs.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
M = TypeVar("M", bound=Model)
Row = Mapping[str, object]


def by_key(queryset: QuerySet[M]) -> Iterator[list[M]]:
    """All rows of `queryset`, newest key first, in lists of at most BATCH."""
    ordered = queryset.order_by("-pk")
    last: object = None
    while True:
        page = ordered if last is None else ordered.filter(pk__lt=last)
        rows = list(page[:BATCH])
        if rows:
            yield rows
            last = rows[-1].pk
        if len(rows) < BATCH:
            return


def respond(
    kind: str,
    name: str,
    columns: Sequence[str],
    queryset: QuerySet[M],
    as_rows: Callable[[list[M]], Iterable[Row]],
) -> StreamingHttpResponse:
    """A download of every row the queryset selects. `kind` is csv or json, else InputError."""
    rows = (row for page in by_key(queryset) for row in as_rows(page))
    if kind == "csv":
        body, content_type = csv_lines(columns, rows), "text/csv; charset=utf-8"
    elif kind == "json":
        body, content_type = json_lines(rows), "application/json"
    else:
        raise InputError(
            f"There is no export as {kind!r}.", fields={"export": ["Choose csv or json."]}
        )
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.{kind}"',
        "Cache-Control": "no-store",
    }
    return StreamingHttpResponse(body, content_type=content_type, headers=headers)


def csv_lines(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    """CSV with a header line; values in the order of `columns`."""
    yield _csv_line(columns)
    for row in rows:
        yield _csv_line([cell(row.get(column)) for column in columns])


def json_lines(rows: Iterable[Row]) -> Iterator[str]:
    """One JSON array, a row a line."""
    before = "[\n"
    for row in rows:
        yield before + json.dumps(row, cls=DjangoJSONEncoder, ensure_ascii=False)
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def cell(value: object) -> str:
    """What stands in a CSV cell. Text that a spreadsheet would run gets a leading apostrophe."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, (Mapping, list, tuple)):
        value = json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)
    text = str(value)
    # NUL ends a cell early in common readers.
    text = text.replace("\0", "")
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _csv_line(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()
