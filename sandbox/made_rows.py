"""Queries over rows that are made when they are asked for, instead of being kept.

A `Maker` turns a query into a `Source`; filters, pages and tokens are those of all
other objects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from sandbox.asking import Ask
from sandbox.clock import stamp
from sandbox.filters import Value
from sandbox.query import Expression, Group, Query, read_query
from sandbox.results import Source, count, fetch
from sandbox.shapes import Shape
from sandbox.wire import Answer, BadRequest

Maker = Callable[[Ask, Query], Source]
# One JSON text with a list of objects serves as a table of them.
_TABLE = (
    "(SELECT key AS seq, value AS body, '{}' AS extra, json_extract(value, '$.id') AS id "
    "FROM json_each(:rows))"
)


# The same with a second object beside each: what can be asked for, but is not shown.
_PAIRS = (
    "(SELECT key AS seq, json_extract(value, '$[0]') AS body, "
    "json_extract(value, '$[1]') AS extra FROM json_each(:rows))"
)


def source_of(bodies: Iterable[str], ask: Ask, *, pairs: bool = False) -> Source:
    """Rows from the JSON texts of objects, or of lists of object and extra values."""
    parameters: dict[str, Value] = {
        "rows": f"[{','.join(bodies)}]",
        "now": stamp(ask.services.clock.now()),
    }
    return Source(_PAIRS if pairs else _TABLE, "1", parameters)


def answer(ask: Ask, shape: Shape, maker: Maker) -> Answer | None:
    """`query` and `queryMore` of a made object; None for other verbs."""
    if not ask.is_post or ask.rest not in (("query",), ("queryMore",)):
        return None
    services, paging = ask.services, ask.services.paging
    asked = ask.rest == ("query",)
    if asked:
        query = read_query(ask.request.body, is_xml=ask.request.is_xml)
        token = paging.first(shape, ask.account, query, 0)
    else:
        token = paging.read(ask.request.body, shape, ask.account)
    source = maker(ask, token.query)
    with services.store.reading() as connection:
        if asked:
            token = replace(token, total=count(connection, shape, source, token.query))
        page = fetch(
            connection,
            shape,
            source,
            token.query,
            total=token.total,
            after=token.after or None,
            repeat_last=bool(token.after) and services.box.faults.duplicate_rows,
        )
    bodies = [body for body, _ in page.rows]
    return paging.answer(shape, page, bodies, token, as_json=ask.as_json)


def needed(query: Query, shape: Shape, name: str) -> str:
    """The value a query asks to EQUAL a property. Raises BadRequest if it does not."""
    found = _equal(query.expression, name)
    if found is None:
        raise BadRequest(f"A query of {shape.name} needs '{name}' with the operator EQUALS.")
    return found


def _equal(expression: Expression | None, name: str) -> str | None:
    if isinstance(expression, Group):
        if expression.operator != "and":
            return None
        found = (_equal(child, name) for child in expression.nested)
        return next((value for value in found if value is not None), None)
    if expression is None or (expression.property, expression.operator) != (name, "EQUALS"):
        return None
    return expression.arguments[0] if expression.arguments else None
