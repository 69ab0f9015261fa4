"""Turns a Query into SQL for one kind of object.

Both the table of executions and the JSON rows of all other objects go through
here, so that an operator means the same everywhere. Comparison of absent
values follows plain reading: an absent value is not equal to anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from sandbox.clock import stamp
from sandbox.query import Expression, Group, Query, Simple, properties
from sandbox.shapes import Kind, Shape
from sandbox.wire import BadRequest

Value = str | int | None
Bounds = tuple[str, str]
EVER: Bounds = ("0000", "9999")
_ORDERING = {
    "GREATER_THAN": ">",
    "GREATER_THAN_OR_EQUAL": ">=",
    "LESS_THAN": "<",
    "LESS_THAN_OR_EQUAL": "<=",
}
_TEXT_ONLY = {"LIKE", "CONTAINS", "NOT_CONTAINS"}
_ARGUMENTS = {"BETWEEN": 2, "IS_NULL": 0, "IS_NOT_NULL": 0}
# Until its end a run has only what was known at its start.
_RUNNING = "CASE WHEN recorded <= :now THEN {} ELSE {} END"
# Only the bounds of a Compiled may use the index: given several conditions on one
# column, SQLite would start from any of them. The plus sign hides the column.
_UNINDEXED_TIME = "+start"
_EXECUTION_SQL = {
    "executionId": "execution_id",
    "originalExecutionId": "original_id",
    "account": "account",
    "executionTime": _UNINDEXED_TIME,
    "status": _RUNNING.format("status", "'INPROCESS'"),
    "executionType": "execution_type",
    "processName": "process_name",
    "processId": "process_id",
    "atomName": "atom_name",
    "atomId": "atom_id",
    "inboundDocumentCount": _RUNNING.format("documents_in", "NULL"),
    "outboundDocumentCount": _RUNNING.format("documents_out", "NULL"),
    "executionDuration": _RUNNING.format("duration_ms", "NULL"),
    "message": _RUNNING.format("message", "NULL"),
    "reportKey": "NULL",
    "launcherId": "NULL",
    "nodeId": "node_id",
    "recordedDate": _RUNNING.format("recorded", "start"),
}


@dataclass(frozen=True, slots=True)
class Ordering:
    sql: str
    descending: bool


@dataclass(frozen=True, slots=True)
class Compiled:
    """`where` uses the named parameters of `parameters` plus `:now`.

    `bounds` are the tightest times of executionTime that `where` implies.
    """

    where: str
    parameters: dict[str, Value]
    order: tuple[Ordering, ...]
    bounds: Bounds


# Rows of ComponentReference that answer "who uses it": the user's version is the newest,
# and the used component is not deleted.
STILL_USED = """json_extract(extra, '$.currentUntil') > :now AND NOT EXISTS (
    SELECT 1 FROM objects AS used WHERE used.kind = 'ComponentMetadata'
    AND used.account = :account AND used.id = objects.id
    AND used.since <= :now AND used.until > :now AND json_extract(used.body, '$.deleted')
)"""


@lru_cache(maxsize=512)
def compile_query(shape: Shape, query: Query) -> Compiled:
    """Raises BadRequest for what the platform refuses: unknown properties,
    operators an object does not allow, wrong arguments, sorting where there is none.
    """
    names = properties(query.expression)
    for name in names | {field.name for field in query.sort}:
        if name not in shape.filters:
            raise BadRequest(f"Property '{name}' is invalid for {shape.name}.")
    _check_companions(shape, names)
    if query.sort and not shape.sortable:
        raise BadRequest(f"QuerySort is not supported for {shape.name}.")
    parameters: dict[str, Value] = {}
    where = "1"
    if query.expression is not None:
        where = _sql(shape, query.expression, parameters)
    if shape.name == "ComponentReference" and "parentComponentId" not in names:
        where = f"{STILL_USED} AND {where}"
    bounds = times_of(query.expression, "executionTime") if shape.sortable else EVER
    return Compiled(where, parameters, _ordering(shape, query), bounds)


def bounds_of(
    expression: Expression | None, name: str, plain: Callable[[str, bool], str] = lambda t, _: t
) -> Bounds:
    """The span of a property outside of which nothing can match.

    `plain` brings an argument into the form in which values are kept; it is told
    whether the argument is a border to be rounded up.
    """
    low, high = EVER
    if isinstance(expression, Group) and expression.operator == "and":
        for child in expression.nested:
            child_low, child_high = bounds_of(child, name, plain)
            low, high = max(low, child_low), min(high, child_high)
    elif isinstance(expression, Simple) and expression.property == name:
        values = [
            plain(text, _rounds_up(expression.operator, index))
            for index, text in enumerate(expression.arguments)
        ]
        if expression.operator in ("BETWEEN", "EQUALS"):
            low, high = values[0], values[-1]
        elif expression.operator.startswith("GREATER_THAN"):
            low = values[0]
        elif expression.operator.startswith("LESS_THAN"):
            high = values[0]
    return low, high


def times_of(expression: Expression | None, name: str) -> Bounds:
    """`bounds_of` for a property that is a time. Raises BadRequest for what is none."""
    try:
        return bounds_of(expression, name, _date)
    except ValueError as error:
        raise BadRequest(f"Value '{error}' is invalid for property '{name}'.") from None


def _check_companions(shape: Shape, names: set[str]) -> None:
    """Properties that need another one beside them."""
    for name, needed in _COMPANIONS.get(shape.name, ()):
        if name in names and needed not in names:
            raise BadRequest(f"Property '{name}' may only be used together with '{needed}'.")
    if shape.name == "ComponentReference" and not names & {"componentId", "parentComponentId"}:
        raise BadRequest("A ComponentReference query needs componentId, or the parent.")


_COMPANIONS = {
    "ComponentMetadata": (
        ("version", "componentId"),
        ("copiedFromComponentVersion", "copiedFromComponentId"),
    ),
    "ComponentReference": (
        ("parentComponentId", "parentVersion"),
        ("parentVersion", "parentComponentId"),
    ),
}


def _ordering(shape: Shape, query: Query) -> tuple[Ordering, ...]:
    if not query.sort:
        return (Ordering("start", True),) if shape.sortable else ()
    found = []
    for field in query.sort:
        column = column_of(shape, field.name).removeprefix("+")
        # Rows without the value come first; the key must be comparable.
        absent = "''" if shape.filters[field.name] in ("string", "date") else "-1"
        plain = re.fullmatch(r"[a-z_]+", column) and field.name not in _MAY_BE_ABSENT
        found.append(
            Ordering(column if plain else f"COALESCE({column}, {absent})", field.descending)
        )
    return tuple(found)


_MAY_BE_ABSENT = {"originalExecutionId", "nodeId"}


def column_of(shape: Shape, name: str) -> str:
    """SQL for a filter property: a column, or a value inside the row's JSON."""
    if shape.sortable:
        return _EXECUTION_SQL[name]
    path = shape.aliases.get(name, name)
    if path == shape.key:
        return "id"
    source = "body" if shape.field(path) is not None else "extra"
    return f"json_extract({source}, '$.{path}')"


def _sql(shape: Shape, expression: Expression, parameters: dict[str, Value]) -> str:
    if isinstance(expression, Group):
        joint = f" {expression.operator.upper()} "
        return f"({joint.join(_sql(shape, child, parameters) for child in expression.nested)})"
    return _comparison(shape, expression, parameters)


def _comparison(shape: Shape, simple: Simple, parameters: dict[str, Value]) -> str:
    kind = shape.filters[simple.property]
    _check_operator(shape, simple, kind)
    column = column_of(shape, simple.property)
    operator = simple.operator
    if operator == "IS_NULL":
        return f"{column} IS NULL"
    if operator == "IS_NOT_NULL":
        return f"{column} IS NOT NULL"
    names = []
    for index, argument in enumerate(simple.arguments):
        name = f"p{len(parameters)}"
        parameters[name] = _value(simple, kind, argument, index)
        names.append(f":{name}")
    if operator == "BETWEEN":
        return f"{column} BETWEEN {names[0]} AND {names[1]}"
    if operator in _ORDERING:
        return f"{column} {_ORDERING[operator]} {names[0]}"
    return _EQUALITY[operator].format(column=column, value=names[0])


_EQUALITY = {
    "EQUALS": "{column} = {value}",
    "NOT_EQUALS": "{column} IS NOT {value}",
    "LIKE": r"casefold({column}) LIKE casefold({value}) ESCAPE '\'",
    "CONTAINS": "instr({column}, {value}) > 0",
    "NOT_CONTAINS": "COALESCE(instr({column}, {value}), 0) = 0",
}


def _check_operator(shape: Shape, simple: Simple, kind: Kind) -> None:
    operator = simple.operator
    fits = operator in shape.operators
    if kind in ("integer", "long", "date", "day", "boolean") and operator in _TEXT_ONLY:
        fits = False
    if kind == "boolean" and (operator in _ORDERING or operator == "BETWEEN"):
        fits = False
    if not fits:
        raise BadRequest(f"Operator '{operator}' is invalid for property '{simple.property}'.")
    wanted = _ARGUMENTS.get(operator, 1)
    if len(simple.arguments) != wanted:
        raise BadRequest(
            f"Operator '{operator}' on '{simple.property}' needs {wanted} argument(s), "
            f"not {len(simple.arguments)}."
        )


def _value(simple: Simple, kind: Kind, text: str, index: int) -> Value:
    try:
        if kind in ("integer", "long"):
            return int(text)
        if kind == "date":
            return _date(text, _rounds_up(simple.operator, index))
        if kind == "day":
            return date.fromisoformat(text).isoformat()
        if kind == "boolean":
            return {"true": 1, "false": 0}[text.lower()]
    except (ValueError, KeyError):
        raise BadRequest(f"Value '{text}' is invalid for property '{simple.property}'.") from None
    if simple.operator == "LIKE":
        # Only % is a wildcard of the API; SQL's own _ is not.
        return text.replace("\\", "\\\\").replace("_", "\\_")
    return text


def _rounds_up(operator: str, index: int) -> bool:
    """Stored times have whole seconds; a fraction must not move the border."""
    lower = operator == "BETWEEN" and index == 0
    return lower or operator in ("GREATER_THAN_OR_EQUAL", "LESS_THAN")


_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:?\d\d)?")


def _date(text: str, round_up: bool) -> str:
    if _DATE.fullmatch(text) is None:
        raise ValueError(text)
    moment = datetime.fromisoformat(text)
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    if round_up and moment.microsecond:
        moment += timedelta(seconds=1)
    return stamp(moment)
