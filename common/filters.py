"""Filters that every list needs, for pages and API alike.

Names rather than keys of our rows stand in an address: a link to "the runs of this runtime"
means the same in every portal.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django_filters.fields import ModelChoiceField, MultipleChoiceField
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from common.access import visible
from common.actors import Actor

# What the databases and their UTC arithmetic hold for sure; the platform is younger.
EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def sensible_moment(value: datetime) -> None:
    """Refuse a moment outside 1970–2200."""
    if not EARLIEST <= value < LATEST:
        raise ValidationError("Give a moment between 1970 and 2200.", code="out_of_range")


class RemoteIdField(ModelChoiceField):  # type: ignore[misc]
    """Takes a remote id. Two accounts may know the same one; any of the two rows will do."""

    def to_python(self, value: Any) -> Model | None:
        if value in self.empty_values:
            return None
        key = self.to_field_name or "pk"
        name = getattr(value, key) if isinstance(value, Model) else str(value)
        row: Model | None = None
        if "\0" not in name:
            row = self.queryset.filter(**{key: name}).first()
        if row is None:
            raise ValidationError(
                self.error_messages["invalid_choice"], code="invalid_choice", params={"value": name}
            )
        return row


@extend_schema_field(OpenApiTypes.STR)
class RemoteIdFilter(django_filters.ModelChoiceFilter):  # type: ignore[misc]
    field_class = RemoteIdField


class AnyOfField(MultipleChoiceField):  # type: ignore[misc]
    """Several words; an empty one is what a form sends for "any"."""

    def clean(self, value: Any) -> list[str]:
        words: list[str] = super().clean([word for word in value or () if word != ""])
        return words


class AnyOfFilter(django_filters.MultipleChoiceFilter):  # type: ignore[misc]
    """One of several words: `?status=ERROR&status=ABORTED`."""

    field_class = AnyOfField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # DISTINCT over the wide rows would cost a sort and can change nothing here.
        super().__init__(*args, distinct=False, **kwargs)


class MomentFilter(django_filters.IsoDateTimeFilter):  # type: ignore[misc]
    """ISO 8601; without an offset the viewer's own time zone counts, UTC for programs."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, validators=[sensible_moment], **kwargs)


def choosable(model: type[Model]) -> Any:
    """The rows of `model` that the person of a request may name in a filter."""

    def rows(request: HttpRequest | None) -> QuerySet[Model]:
        everything = model._default_manager.all()
        if request is None:
            return everything.none()
        return visible(_actor(request), everything)

    return rows


def _actor(request: HttpRequest) -> Actor:
    """One for all filters of a request: each new one would ask for roles and teams anew."""
    actor: Actor | None = getattr(request, "filtering_actor", None)
    if actor is None:
        actor = request.filtering_actor = Actor.of(request)  # type: ignore[attr-defined]
    return actor
