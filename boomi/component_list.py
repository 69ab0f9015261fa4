"""The components page as a value: what its address asks for, and what the template shows."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F, QuerySet
from django.db.models.expressions import OrderBy
from django.forms import BoundField
from django.http import HttpRequest

from boomi import component_queries
from boomi.component_filters import ComponentPageFilter
from boomi.components import component_type
from boomi.models import Component
from common.addresses import with_changes
from common.errors import InputError

NOT_FILTERS = ("page", "sort", "export")
# Chosen by the row of counts and by links, and so without a field in the form.
HIDDEN = ("type", "component_id", "sub_type", "modified_by")
ORDERS: dict[str, tuple[str | OrderBy, ...]] = {
    "": ("name", "pk"),
    "name": ("name", "pk"),
    "-name": ("-name", "-pk"),
    "modified": (F("modified_at").asc(nulls_last=True), "pk"),
    "-modified": (F("modified_at").desc(nulls_last=True), "-pk"),
    "version": ("version", "pk"),
    "-version": ("-version", "-pk"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table; `used_by` is None where the mirror knows no user."""

    component: Component
    folder: str
    used_by: int | None


class ListPage:
    """Give it components the viewer may see, without an order."""

    def __init__(self, request: HttpRequest, components: QuerySet[Component]) -> None:
        self.request = request
        self.filter = ComponentPageFilter(request.GET, queryset=components, request=request)
        self.is_valid: bool = self.filter.is_valid()

    @property
    def is_narrowed(self) -> bool:
        given = self.request.GET
        return any(
            value for name in given if name not in NOT_FILTERS for value in given.getlist(name)
        )

    @property
    def problems(self) -> list[str]:
        """What is wrong with the address, a sentence per field."""
        return [
            f"{self.filter.form.fields[name].label}: {' '.join(texts)}"
            for name, texts in self.filter.form.errors.items()
        ]

    @property
    def fields(self) -> list[BoundField]:
        return [field for field in self.filter.form if field.name not in HIDDEN]

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """What the form must keep though it has no field for it."""
        given = self.request.GET
        return [
            (name, value) for name in (*HIDDEN, "sort") for value in given.getlist(name) if value
        ]

    def rows(self) -> QuerySet[Component]:
        order = ORDERS.get(self.request.GET.get("sort", ""), ORDERS[""])
        return component_queries.for_list(self.filter.narrowed()).order_by(*order)

    def selected_or_refuse(self) -> QuerySet[Component]:
        """What an export holds. Raises InputError rather than export what nobody asked for."""
        if not self.is_valid:
            raise InputError(self.problems[0], hint="Remove the filter and try again.")
        return self.filter.narrowed()

    def counts(self) -> dict[str, int]:
        """By type, most frequent first: how many components the other filters leave."""
        return component_queries.type_counts(self.filter.narrowed(without=("type",)))

    def total(self, counts: dict[str, int]) -> int:
        chosen = self.filter.form.cleaned_data.get("type") or []
        return sum(count for name, count in counts.items() if not chosen or name in chosen)

    def tabs(self, counts: dict[str, int]) -> list[dict[str, object]]:
        """All, and each type there is, with its count, as links."""
        chosen = list(self.filter.form.cleaned_data.get("type") or [])
        tabs: list[dict[str, object]] = [
            {"label": "All", "url": self.url(type=""), "active": not chosen,
             "count": sum(counts.values())}
        ]  # fmt: skip
        names = [*counts, *(name for name in chosen if name not in counts)]
        for name in names:
            tabs.append(
                {"label": component_type(name).plural, "url": self.url(type=name),
                 "active": name in chosen, "count": counts.get(name, 0)}
            )  # fmt: skip
        return tabs

    def chips(self) -> list[dict[str, str]]:
        """A chip per filter in force, with the address that drops it."""
        chips = []
        for name, value in self.filter.form.cleaned_data.items():
            if value and name in self.request.GET:
                bound = self.filter.form[name]
                chips.append(
                    {
                        "label": str(bound.label),
                        "value": _word(bound, value),
                        "url": self.url(**{name: ""}),
                    }
                )
        return chips

    def table(self, components: list[Component]) -> list[Row]:
        counts = component_queries.used_by_counts(components)
        paths = component_queries.paths(components)
        return [
            Row(
                row,
                paths.get((row.account_id, row.folder_id)) or row.folder_name,
                counts.get((row.account_id, row.component_id)),
            )
            for row in components
        ]

    def url(self, **changes: str) -> str:
        """This page with other filters, from its first page on; "" drops a filter."""
        return with_changes(self.request, changes)


def _word(bound: BoundField, value: object) -> str:
    if bound.name == "type" and isinstance(value, list):
        return ", ".join(component_type(name).word for name in value)
    words = {str(key): str(word) for key, word in getattr(bound.field, "choices", ()) or ()}
    return words.get(str(value), str(value)) if bound.name == "show" else str(value)
