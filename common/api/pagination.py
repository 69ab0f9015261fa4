"""Pages of a list: `page` and `page_size` in, rows with total and neighbours out."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

from common.errors import InputError

COUNT_LIMIT = 100_000


class PortalPagination(BasePagination):
    """`total` is exact up to 100,000 rows; beyond that `total_is_exact` is false.

    Counting on would read the whole table for each page; whether there is a next page is
    known from one row more than was asked for. A view that knows better has `exact_total()`.
    """

    default_size = 50
    max_size = 500
    largest_page = 1_000_000

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.page = _whole(request, "page", 1, self.largest_page)
        self.size = _whole(request, "page_size", self.default_size, self.max_size)
        self.url = request.build_absolute_uri()
        start = (self.page - 1) * self.size
        rows = list(queryset[start : start + self.size + 1])
        self.has_next = len(rows) > self.size
        self.is_exact = True
        self.total = self._total(queryset, start, rows, view)
        return rows[: self.size]

    def _total(self, queryset: QuerySet[Any], start: int, rows: list[Any], view: Any) -> int:
        if rows and not self.has_next:
            return start + len(rows)
        if hasattr(view, "exact_total"):
            return int(view.exact_total())
        found = queryset.order_by()[: COUNT_LIMIT + 1].count()
        self.is_exact = found <= COUNT_LIMIT
        return min(found, COUNT_LIMIT)

    def get_paginated_response(self, data: Any) -> Response:
        return Response(
            {
                "total": self.total,
                "total_is_exact": self.is_exact,
                "page": self.page,
                "page_size": self.size,
                "next": self._link(self.page + 1) if self.has_next else None,
                "previous": self._link(self.page - 1) if self.page > 1 else None,
                "results": data,
            }
        )

    def _link(self, page: int) -> str:
        if page == 1:
            return remove_query_param(self.url, "page")
        return replace_query_param(self.url, "page", str(page))

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": "string", "format": "uri", "nullable": True}
        return {
            "type": "object",
            "required": [
                "total", "total_is_exact", "page", "page_size", "next", "previous", "results",
            ],
            "properties": {
                "total": {"type": "integer", "example": 123},
                "total_is_exact": {"type": "boolean"},
                "page": {"type": "integer"},
                "page_size": {"type": "integer"},
                "next": link,
                "previous": link,
                "results": schema,
            },
        }  # fmt: skip

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        def parameter(name: str, text: str, most: int) -> dict[str, Any]:
            schema = {"type": "integer", "minimum": 1, "maximum": most}
            return {
                "name": name, "in": "query", "required": False,
                "description": text, "schema": schema,
            }  # fmt: skip

        return [
            parameter("page", "Which page, from 1.", self.largest_page),
            parameter("page_size", "Rows on a page.", self.max_size),
        ]


def _whole(request: Request, name: str, default: int, most: int) -> int:
    raw = request.query_params.get(name, "")
    if raw == "":
        return default
    if not (raw.isascii() and raw.isdigit() and len(raw) <= 12 and 1 <= int(raw) <= most):
        text = f"Write a whole number from 1 to {most}."
        raise InputError(f"{name}: {text}", fields={name: [text]})
    return int(raw)
