"""The query grammar of the AtomSphere API, read from JSON or XML.

Values in, values out: `Query` is plain data and `canonical` turns it back into
text, which is how a query travels inside a query token.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from sandbox.wire import BadRequest, Element, Json, read_json, read_xml

_DEEPEST = 30


@dataclass(frozen=True, slots=True)
class Simple:
    property: str
    operator: str
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    operator: str
    nested: tuple[Expression, ...]


Expression = Simple | Group


@dataclass(frozen=True, slots=True)
class SortField:
    name: str
    descending: bool


@dataclass(frozen=True, slots=True)
class Query:
    """`expression` is None for "everything"."""

    expression: Expression | None = None
    sort: tuple[SortField, ...] = ()


def read_query(body: bytes, *, is_xml: bool) -> Query:
    """A QueryConfig in either format. An empty body or `{}` asks for everything.

    Raises BadRequest.
    """
    if not body.strip():
        return Query()
    if is_xml:
        return _from_xml(read_xml(body))
    return query_of(read_json(body))


def query_of(config: Json) -> Query:
    config = _object(config, "QueryConfig")
    filter_ = _object(config.get("QueryFilter") or {}, "QueryFilter")
    expression = filter_.get("expression")
    sort = _object(config.get("QuerySort") or {}, "QuerySort").get("sortField") or []
    if isinstance(sort, dict):
        sort = [sort]
    if not isinstance(sort, list):
        raise BadRequest("sortField must be a list.")
    return Query(
        None if expression is None else _expression(expression, 0),
        tuple(_sort_field(_object(field, "sortField")) for field in sort),
    )


def canonical(query: Query) -> str:
    """Compact JSON from which `query_of` makes the same query."""
    config: dict[str, Json] = {}
    if query.expression is not None:
        config["QueryFilter"] = {"expression": _plain(query.expression)}
    if query.sort:
        config["QuerySort"] = {
            "sortField": [
                {"fieldName": field.name, "sortOrder": "DESC" if field.descending else "ASC"}
                for field in query.sort
            ]
        }
    return json.dumps(config, separators=(",", ":"))


def properties(expression: Expression | None) -> set[str]:
    """Every property the expression mentions."""
    if expression is None:
        return set()
    if isinstance(expression, Simple):
        return {expression.property}
    return set().union(*(properties(nested) for nested in expression.nested))


def _plain(expression: Expression) -> Json:
    if isinstance(expression, Group):
        nested: list[Json] = [_plain(child) for child in expression.nested]
        return {"operator": expression.operator, "nestedExpression": nested}
    return {
        "property": expression.property,
        "operator": expression.operator,
        "argument": list(expression.arguments),
    }


def _object(value: Json, name: str) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise BadRequest(f"{name} must be an object.")
    return value


def _expression(value: Json, depth: int) -> Expression:
    node = _object(value, "expression")
    if depth > _DEEPEST:
        raise BadRequest("The expression is nested too deeply.")
    if "nestedExpression" in node:
        nested = node["nestedExpression"]
        children = nested if isinstance(nested, list) else [nested]
        return _group(
            str(node.get("operator") or "and"),
            tuple(_expression(child, depth + 1) for child in children),
        )
    property_, operator = node.get("property"), node.get("operator")
    if not isinstance(property_, str) or not isinstance(operator, str):
        raise BadRequest("A simple expression needs a property and an operator.")
    arguments = node.get("argument")
    if arguments is None:
        arguments = []
    if not isinstance(arguments, list):
        arguments = [arguments]
    return Simple(property_, operator, tuple(_argument(argument) for argument in arguments))


def _group(operator: str, nested: tuple[Expression, ...]) -> Group:
    if operator not in ("and", "or"):
        raise BadRequest(f"Operator '{operator}' is invalid for a grouping expression.")
    if not nested:
        raise BadRequest("A grouping expression needs a nestedExpression.")
    return Group(operator, nested)


def _argument(value: Json) -> str:
    """Arguments are strings; clients also send booleans and numbers."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise BadRequest("An argument must be a string.")


def _sort_field(field: dict[str, Json]) -> SortField:
    name, order = field.get("fieldName"), field.get("sortOrder", "ASC")
    if not isinstance(name, str) or order not in ("ASC", "DESC"):
        raise BadRequest("A sortField needs a fieldName and a sortOrder ASC or DESC.")
    return SortField(name, order == "DESC")


def _from_xml(root: Element) -> Query:
    filter_ = root.child("QueryFilter")
    expression = filter_.child("expression") if filter_ else None
    sort = root.child("QuerySort")
    fields = sort.children_named("sortField") if sort else []
    return Query(
        None if expression is None else _xml_expression(expression, 0),
        tuple(_sort_field(dict(field.attributes)) for field in fields),
    )


def _xml_expression(node: Element, depth: int) -> Expression:
    if depth > _DEEPEST:
        raise BadRequest("The expression is nested too deeply.")
    nested = node.children_named("nestedExpression")
    if nested or node.attributes.get("type", "").endswith("GroupingExpression"):
        return _group(
            node.attributes.get("operator", "and"),
            tuple(_xml_expression(child, depth + 1) for child in nested),
        )
    property_, operator = node.attributes.get("property"), node.attributes.get("operator")
    if property_ is None or operator is None:
        raise BadRequest("A simple expression needs a property and an operator.")
    arguments = tuple(child.text for child in node.children_named("argument"))
    return Simple(property_, operator, arguments)
