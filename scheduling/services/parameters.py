"""Checking what an automation shall do: its kind, its parameters and the right to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.forms.utils import ErrorDict

from common.access import refusal
from common.actors import Actor
from common.errors import InputError
from scheduling import kinds
from scheduling.texts import plain_json


def kind_of(name: str) -> kinds.Kind:
    """The registered kind. Raises InputError for the field "kind"."""
    try:
        return kinds.find(name)
    except kinds.UnknownKind:
        text = "Choose one of the kinds of automation this portal knows."
        raise InputError(
            f"No kind of automation is called {name!r}.", fields={"kind": [text]}
        ) from None


def checked(kind: kinds.Kind, parameters: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """The parameters as they are stored, when the kind's form takes them and the actor may.

    Raises InputError with fields such as "parameters.process", NotAllowed.
    """
    form = kind.form(data=dict(parameters), actor=actor)
    unknown = sorted(set(parameters) - set(form.fields))
    if unknown:
        names = ", ".join(form.fields) or "none"
        raise InputError(
            f"The parameter {unknown[0]!r} is not known to this kind of automation.",
            hint=f"Known are: {names}.",
            fields={f"parameters.{name}": ["Not known."] for name in unknown},
        )
    if not form.is_valid():
        raise _refused(form.errors)
    values = plain_json(form.parameters())
    verdict = kind.may_use(actor, values)
    if not verdict:
        raise refusal(verdict.reason)
    return values


def _refused(errors: ErrorDict) -> InputError:
    fields = {
        "parameters" if name == "__all__" else f"parameters.{name}": [str(text) for text in texts]
        for name, texts in errors.items()
    }
    return InputError("The parameters are not right.", "See the fields.", fields=fields)
