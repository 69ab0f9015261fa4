"""Every address of the portal that can be looked at, and every list that can be downloaded."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib import admin
from django.urls import reverse

from tests.sweeps.routes import all_routes
from tests.sweeps.samples import model_of_route

ROWS_A_ROUTE = 6  # of each kind of object, newest first


def addresses() -> Iterator[str]:
    """All pages and endpoints, with the newest rows of each kind."""
    for route in all_routes():
        if route.name.startswith("admin:"):
            continue
        model = model_of_route(route.name)
        if not route.parameters:
            yield reverse(route.name)
        elif route.parameters == ("pk",) and model is not None:
            for row in model._default_manager.order_by("-pk")[:ROWS_A_ROUTE]:
                yield reverse(route.name, args=[row.pk])
    yield reverse("admin:index")
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{name}_changelist")
        for row in model._default_manager.order_by("-pk")[:ROWS_A_ROUTE]:
            yield reverse(f"{name}_change", args=[row.pk])
            yield reverse(f"{name}_history", args=[row.pk])


def exports() -> Iterator[str]:
    """Whatever takes no parameter, asked for as a download; not all can."""
    for route in all_routes():
        if not route.parameters and not route.name.startswith("admin:"):
            for form in ("csv", "json"):
                yield f"{reverse(route.name)}?export={form}"
