"""The fields of a form as plain JSON, for programs that fill in what people see as a page."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

from django import forms

from scheduling.texts import plain_json

# More are no list to choose from; programs name the key of the row they mean.
MOST_CHOICES = 200

# The first class that fits counts: the narrow ones come first.
TYPES: tuple[tuple[type[forms.Field], str], ...] = (
    (forms.MultipleChoiceField, "list"),
    (forms.ModelMultipleChoiceField, "list"),
    (forms.ChoiceField, "choice"),
    (forms.ModelChoiceField, "choice"),
    (forms.BooleanField, "boolean"),
    (forms.FloatField, "number"),
    (forms.DecimalField, "number"),
    (forms.IntegerField, "integer"),
    (forms.DateTimeField, "moment"),
)


def fields_of(form: forms.Form) -> list[dict[str, Any]]:
    """name, label, type, required, default, help and choices of each field, in order."""
    return [_described(form, name, field) for name, field in form.fields.items()]


def _described(form: forms.Form, name: str, field: forms.Field) -> dict[str, Any]:
    default = form.get_initial_for_field(field, name)
    return plain_json(
        {
            "name": name,
            "label": str(field.label or form[name].label),
            "type": next((word for kind, word in TYPES if isinstance(field, kind)), "text"),
            "required": field.required,
            "default": getattr(default, "pk", default),
            "help": str(field.help_text),
            "choices": _choices(getattr(field, "choices", None)),
        }
    )


def _choices(choices: Iterable[Any] | None) -> list[dict[str, str]] | None:
    """None for a field without choices and for one with too many."""
    if choices is None:
        return None
    listed = [
        {"value": str(value), "label": str(label)}
        for value, label in islice(_flat(choices), MOST_CHOICES + 1)
    ]
    return listed if len(listed) <= MOST_CHOICES else None


def _flat(choices: Iterable[Any]) -> Iterable[tuple[Any, Any]]:
    """Groups of choices are told as their members; the empty one says nothing."""
    for value, label in choices:
        if isinstance(label, list | tuple):
            yield from _flat(label)
        elif str(value) != "":
            yield value, label
