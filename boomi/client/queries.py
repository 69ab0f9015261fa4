"""Builders for the platform's query grammar: `field("status").eq("ERROR") & …`.

Nothing is checked against the objects' lists of filterable properties; the platform
refuses what it does not know with 400. Arguments are always sent as strings.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal

Argument = str | int | bool | date | datetime
JsonObject = dict[str, object]


def platform_time(value: datetime) -> str:
    """An aware time as the platform writes it: UTC, whole seconds, rounded down.

    Raises ValueError for a naive time: nobody could say which instant it means.
    """
    if value.tzinfo is None:
        raise ValueError("A time in a query needs a time zone.")
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _written(value: Argument) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return platform_time(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison of a property."""

    name: str
    operator: str
    arguments: tuple[str, ...] = ()

    def to_api(self) -> JsonObject:
        found: JsonObject = {"operator": self.operator, "property": self.name}
        if self.arguments:
            found["argument"] = list(self.arguments)
        return found

    def __and__(self, other: "Expression") -> "Group":
        return all_of(self, other)

    def __or__(self, other: "Expression") -> "Group":
        return any_of(self, other)


@dataclass(frozen=True, slots=True)
class Group:
    """Expressions joined by "and" or "or"."""

    operator: Literal["and", "or"]
    parts: tuple["Expression", ...]

    def to_api(self) -> JsonObject:
        return {
            "operator": self.operator,
            "nestedExpression": [part.to_api() for part in self.parts],
        }

    def __and__(self, other: "Expression") -> "Group":
        return all_of(self, other)

    def __or__(self, other: "Expression") -> "Group":
        return any_of(self, other)


Expression = Condition | Group


def _group(operator: Literal["and", "or"], parts: Iterable[Expression]) -> Group:
    flat: list[Expression] = []
    for part in parts:
        same = isinstance(part, Group) and part.operator == operator
        flat += part.parts if isinstance(part, Group) and same else [part]
    if not flat:
        raise ValueError("A group of conditions needs at least one.")
    return Group(operator, tuple(flat))


def all_of(*parts: Expression) -> Group:
    """Every part holds. Raises ValueError without parts."""
    return _group("and", parts)


def any_of(*parts: Expression) -> Group:
    """At least one part holds. Raises ValueError without parts."""
    return _group("or", parts)


@dataclass(frozen=True, slots=True)
class Field:
    """A property by the platform's name, as written in its filters."""

    name: str

    def _with(self, operator: str, *arguments: Argument) -> Condition:
        return Condition(self.name, operator, tuple(_written(a) for a in arguments))

    def eq(self, value: Argument) -> Condition:
        return self._with("EQUALS", value)

    def ne(self, value: Argument) -> Condition:
        return self._with("NOT_EQUALS", value)

    def like(self, pattern: str) -> Condition:
        """`%` stands for any text; upper and lower case are alike."""
        return self._with("LIKE", pattern)

    def contains(self, text: str) -> Condition:
        return self._with("CONTAINS", text)

    def between(self, first: Argument, last: Argument) -> Condition:
        """Both ends belong to the range."""
        return self._with("BETWEEN", first, last)

    def gt(self, value: Argument) -> Condition:
        return self._with("GREATER_THAN", value)

    def ge(self, value: Argument) -> Condition:
        return self._with("GREATER_THAN_OR_EQUAL", value)

    def lt(self, value: Argument) -> Condition:
        return self._with("LESS_THAN", value)

    def le(self, value: Argument) -> Condition:
        return self._with("LESS_THAN_OR_EQUAL", value)

    def is_null(self) -> Condition:
        return self._with("IS_NULL")

    def is_not_null(self) -> Condition:
        return self._with("IS_NOT_NULL")

    def one_of(self, values: Iterable[Argument]) -> Expression:
        """Equal to any of the values: there is no IN, so this is an "or". Raises
        ValueError for none."""
        conditions = [self.eq(value) for value in values]
        return conditions[0] if len(conditions) == 1 else any_of(*conditions)


def field(name: str) -> Field:
    return Field(name)


@dataclass(frozen=True, slots=True)
class Sort:
    """Order by one property. The platform defines it for ExecutionRecord only."""

    name: str
    descending: bool = False

    def to_api(self) -> JsonObject:
        return {"fieldName": self.name, "sortOrder": "DESC" if self.descending else "ASC"}


def query(expr: Expression | None = None, sort: Iterable[Sort] | Sort | None = None) -> JsonObject:
    """The body of a query request; without an expression it asks for everything."""
    body: JsonObject = {"QueryFilter": {"expression": expr.to_api()} if expr else {}}
    fields = [sort] if isinstance(sort, Sort) else list(sort or ())
    if fields:
        body["QuerySort"] = {"sortField": [one.to_api() for one in fields]}
    return body
