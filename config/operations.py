"""The operations of the REST API as a list for people, read from the same schema as the docs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

LONGEST_TEXT = 100
_SCHEMA_PREFIX = "#/components/schemas/"


@dataclass(frozen=True, slots=True)
class Parameter:
    """`place` is path, query or body; `type` in the words of OpenAPI."""

    name: str
    place: str
    type: str
    required: bool
    description: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address. `tag` is the first word of its address."""

    method: str
    path: str
    tag: str
    summary: str
    parameters: tuple[Parameter, ...]


@cache
def operations() -> tuple[Operation, ...]:
    """Every operation in the order of the addresses; made once per process."""
    generator: Any = SchemaGenerator  # without types
    schema = generator().get_schema(request=None, public=True)
    bodies: Mapping[str, Any] = schema.get("components", {}).get("schemas", {})
    return tuple(
        _operation(method, path, told, bodies)
        for path, methods in schema["paths"].items()
        for method, told in methods.items()
    )


def _operation(
    method: str, path: str, told: Mapping[str, Any], bodies: Mapping[str, Any]
) -> Operation:
    parameters = [
        Parameter(
            name=one["name"],
            place=one["in"],
            type=_type(one.get("schema", {})),
            required=bool(one.get("required")),
            description=one.get("description", ""),
        )
        for one in told.get("parameters", ())
    ]
    return Operation(
        method=method.upper(),
        path=path,
        tag=(told.get("tags") or ["api"])[0],
        summary=str(told.get("description") or told.get("summary") or "").strip().split("\n")[0],
        parameters=(*parameters, *_body(told, bodies)),
    )


def _body(told: Mapping[str, Any], bodies: Mapping[str, Any]) -> list[Parameter]:
    """The fields of the JSON body, or the body itself where it is no object."""
    content = told.get("requestBody", {}).get("content", {})
    if not content:
        return []
    kind, described = next(iter(content.items()))
    schema = described.get("schema", {})
    known = bodies.get(str(schema.get("$ref", "")).removeprefix(_SCHEMA_PREFIX), schema)
    if "properties" not in known:
        return [Parameter("body", "body", kind, True, "")]
    required = set(known.get("required", ()))
    return [
        Parameter(name, "body", _type(field), name in required, field.get("description", ""))
        for name, field in known["properties"].items()
        if not field.get("readOnly")
    ]


def _type(schema: Mapping[str, Any]) -> str:
    reference = schema.get("$ref") or next(
        (part["$ref"] for part in schema.get("allOf", ()) if "$ref" in part), ""
    )
    if reference:
        return str(reference).removeprefix(_SCHEMA_PREFIX)
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"] if value not in (None, ""))
    found = schema.get("format") or schema.get("type") or "any"
    return str(found)


@login_required
@require_safe
def operation_list(request: HttpRequest) -> HttpResponse:
    """All operations with their parameters; `?q=` keeps those whose address or text holds it."""
    text = request.GET.get("q", "").strip()[:LONGEST_TEXT]
    wanted = text.casefold()
    groups: dict[str, list[Operation]] = {}
    for one in operations():
        if wanted in f"{one.method} {one.path} {one.summary}".casefold():
            groups.setdefault(one.tag, []).append(one)
    context = {
        "groups": sorted(groups.items()),
        "text": text,
        "count": sum(map(len, groups.values())),
    }
    return render(request, "config/operations.html", context)
