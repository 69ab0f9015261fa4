"""Finds every route of the portal and makes an address of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from common.models import Team
from tests.sweeps.samples import Samples, model_of_route


@dataclass(frozen=True)
class Route:
    """`name` is the full url name with its namespaces; `parameters` what the address needs."""

    name: str
    parameters: tuple[str, ...]
    pattern: str


def all_routes() -> list[Route]:
    return sorted(set(_walk(get_resolver().url_patterns, (), (), "")), key=lambda r: r.name)


def _walk(
    patterns: list[URLPattern | URLResolver],
    spaces: tuple[str, ...],
    parameters: tuple[str, ...],
    before: str,
) -> Iterator[Route]:
    for entry in patterns:
        own = (*parameters, *entry.pattern.regex.groupindex)
        text = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = (*spaces, entry.namespace) if entry.namespace else spaces
            yield from _walk(entry.url_patterns, inner, own, text)
        elif entry.name:
            yield Route(":".join((*spaces, entry.name)), own, text)
        elif spaces != ("admin",):
            raise LookupError(f"The route {text} has no name; give it one.")


def address(route: Route, samples: Samples) -> tuple[str, bool]:
    """An address of the route and whether it names one object. Raises LookupError."""
    if not route.parameters:
        return reverse(route.name), False
    values = {name: _value(route, name, samples) for name in route.parameters}
    about_object = not {"url", "app_label"} & set(values) and route.name != "unsubscribe"
    return reverse(route.name, kwargs=values), about_object


def _value(route: Route, parameter: str, samples: Samples) -> object:
    if route.name.startswith("admin:"):
        return _admin_value(route, parameter, samples)
    if parameter == "line":
        return 1
    if route.name == "unsubscribe":
        return "no-link"
    model = model_of_route(route.name)
    row = samples.row(model) if model is not None else None
    if row is None or not hasattr(row, parameter):
        raise LookupError(
            f"tests/sweeps/samples.py cannot fill {parameter!r} of the route {route.name}."
        )
    return getattr(row, parameter)


def _admin_value(route: Route, parameter: str, samples: Samples) -> object:
    if parameter == "app_label":
        return "common"
    if parameter == "url":
        return "nothing"
    if route.name == "admin:view_on_site":
        kind = ContentType.objects.get_for_model(Team)
        return kind.pk if parameter == "content_type_id" else samples.row(Team).pk
    registered = {
        f"{model._meta.app_label}_{model._meta.model_name}": (model, options)
        for model, options in admin.site._registry.items()
    }
    # Django names the page for a user's password after its own, replaced user model.
    key = route.name.removeprefix("admin:").rsplit("_", 1)[0]
    key = "common_user" if key == "auth_user_password" else key
    model, options = registered[key]
    if parameter == "name":
        actions = getattr(options, "object_actions", ())
        return actions[0].name if actions else "none"
    return samples.row(model).pk
