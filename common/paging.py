"""Pages of a list."""

from __future__ import annotations

from functools import cached_property
from typing import TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest

M = TypeVar("M", bound=Model)
PAGE_SIZE = 50
COUNT_LIMIT = 100_000


class NewestPaginator(Paginator):  # type: ignore[type-arg]
    """Pages of the first COUNT_LIMIT rows: counting a long log takes longer than showing it."""

    @cached_property
    def count(self) -> int:
        return min(self._found, COUNT_LIMIT)

    @property
    def is_exact(self) -> bool:
        """Whether the count is that of all rows."""
        return self._found <= COUNT_LIMIT

    @cached_property
    def _found(self) -> int:
        rows = self.object_list
        return rows.order_by()[: COUNT_LIMIT + 1].count() if isinstance(rows, QuerySet) else 0


def newest_of(request: HttpRequest, rows: QuerySet[M], size: int = PAGE_SIZE) -> Page[M]:
    """The same for a list that may be very long: the pages end after COUNT_LIMIT rows."""
    return NewestPaginator(rows, size).get_page(request.GET.get("page"))


def page_of(request: HttpRequest, rows: QuerySet[M], size: int = PAGE_SIZE) -> Page[M]:
    """The page the address asks for; the first or the last one for a number that is none."""
    return Paginator(rows, size).get_page(request.GET.get("page"))
