"""The base of every viewset: visible rows only, checked filters, ordering, export, 202."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, ClassVar, Protocol, TypeVar

from django.db.models import Model, QuerySet
from django.http import StreamingHttpResponse
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from common import exports
from common.access import require, visible
from common.actors import Actor
from common.errors import InputError

M = TypeVar("M", bound=Model)
RESERVED = frozenset({"page", "page_size", "ordering", "export"})


class Run(Protocol):
    """What `accepted` needs of a JobRun; this floor does not know the model."""

    pk: Any
    title: Any
    status: Any


def accepted(run: Run) -> Response:
    """202: a job does it. The Location says where to ask."""
    url = f"/api/v1/jobs/{run.pk}/"
    body = {"id": run.pk, "title": run.title, "status": run.status, "url": url}
    return Response(body, status=202, headers={"Location": url})


class PortalViewSet(viewsets.GenericViewSet[Any]):
    """Set `queryset`, `serializer_class`, `verb` (needed for every call, may be empty), and for
    lists `filterset_class` and `ordering_fields` {public name: model field}.

    What the actor may not see is not found. A query parameter nobody knows is refused, because
    a misspelt filter that silently selects everything is worse than an error.
    """

    verb: ClassVar[str] = ""
    ordering: ClassVar[str] = "-id"
    ordering_fields: ClassVar[Mapping[str, str]] = {}
    lookup_value_regex = r"[0-9]{1,18}"

    @cached_property
    def actor(self) -> Actor:
        return Actor.of(self.request, "api")

    def check_permissions(self, request: Request) -> None:
        super().check_permissions(request)
        if self.verb:
            require(self.actor, self.verb)

    def get_queryset(self) -> QuerySet[Any]:
        queryset = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return queryset.none()
        return visible(self.actor, queryset)

    def selected(self) -> QuerySet[Any]:
        """The visible rows that the filters of the address select, in the order it asks for."""
        self._refuse_unknown_parameters()
        rows = self.filter_queryset(self.get_queryset())
        return rows.order_by(*self._order())

    def _order(self) -> list[str]:
        asked = self.request.query_params.get("ordering", "") or self.ordering
        names = {"id": "id", **self.ordering_fields}
        fields = []
        for part in asked.split(","):
            sign, name = ("-", part[1:]) if part.startswith("-") else ("", part)
            if name not in names:
                text = f"Choose among {', '.join(sorted(names))}; a leading - turns the order."
                raise InputError(f"Cannot order by {name!r}.", fields={"ordering": [text]})
            fields.append(sign + names[name])
        # The key last makes the order total; without it rows jump between pages.
        return fields if fields[-1] in {"id", "-id"} else [*fields, "-id"]

    def _refuse_unknown_parameters(self) -> None:
        known = RESERVED | self._filter_names()
        unknown = sorted(set(self.request.query_params) - known)
        if unknown:
            text = f"Known are {', '.join(sorted(known))}."
            raise InputError(
                f"The parameter {unknown[0]!r} is not known here.",
                hint=text,
                fields={name: ["Not known."] for name in unknown},
            )

    def _filter_names(self) -> set[str]:
        filterset = DjangoFilterBackend().get_filterset_class(self, type(self).queryset)
        if filterset is None:
            return set()
        return set(filterset.base_filters)

    def export(self, kind: str) -> StreamingHttpResponse:
        """Everything the filter selects, by key; see `common.exports`."""
        fields: Mapping[str, Any] = self.get_serializer().fields  # type: ignore[attr-defined]
        columns = [name for name, field in fields.items() if not field.write_only]

        def as_rows(page: list[Any]) -> Iterable[Mapping[str, object]]:
            return list(self.get_serializer(page, many=True).data)

        name = str(self.basename or "export")
        return exports.respond(kind, name, columns, self.selected(), as_rows)


@extend_schema_view(
    list=extend_schema(
        parameters=[
            OpenApiParameter("ordering", str, description="Field to order by; - turns it."),
            OpenApiParameter(
                "export",
                str,
                enum=["csv", "json"],
                description="Download everything the filter selects instead of one page.",
            ),
        ]
    )
)
class PortalReadViewSet(mixins.RetrieveModelMixin, PortalViewSet):
    """List, export and detail."""

    def list(self, request: Request) -> Response | StreamingHttpResponse:
        if kind := request.query_params.get("export", ""):
            return self.export(kind)
        page = self.paginate_queryset(self.selected())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)
