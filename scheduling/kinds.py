"""What an automation can do: each app registers its kinds, this floor knows none by name.

A kind ties a registered job to a form for its parameters and to a preview that says, without
changing anything, what a run would find and cost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django import forms

from common.access import ALLOWED, Verdict
from common.actors import Actor

Parameters = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a run would have worked on: a line of a preview."""

    label: str
    url: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a run would do. `found` counts records, `calls` is an estimate of platform calls.

    `seconds` is None when there is nothing to estimate from; `sentence` says it in words.
    """

    found: int
    calls: int
    sentence: str
    seconds: float | None = None
    findings: tuple[Finding, ...] = ()


class ParametersForm(forms.Form):
    """Base of the forms of kinds: cleaned values become the stored parameters (plain JSON)."""

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor

    def parameters(self) -> dict[str, Any]:
        """The cleaned values as JSON can hold them; model instances become primary keys."""
        return {
            name: getattr(value, "pk", value)
            for name, value in self.cleaned_data.items()
            if value not in (None, "")
        }


def _allowed(actor: Actor, parameters: Parameters) -> Verdict:
    return ALLOWED


def _nobody_else(parameters: Parameters) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Kind:
    """An entry of the registry.

    `job` is the registered job that gets the parameters plus "automation" (its primary key).
    `may_use` decides whether the actor may let it work on these parameters; `audience` who sees
    it beside its owner; `describe` says the parameters in words, and `describe_all` those of many
    automations with as many queries as one takes. `public` leaves out of the parameters what
    only those who may change them read. `preview` looks at the span from `since` to `until` and
    changes nothing; `looks_back` says that the span matters to it.
    """

    name: str
    title: str
    summary: str
    job: str
    form: type[ParametersForm]
    describe: Callable[[Parameters], str]
    preview: Callable[[Actor, Parameters, datetime, datetime], Preview]
    may_use: Callable[[Actor, Parameters], Verdict] = _allowed
    audience: Callable[[Parameters], str] = _nobody_else
    icon: str = "zap"
    events: tuple[str, ...] = field(default=())
    looks_back: bool = False
    describe_all: Callable[[Sequence[Parameters]], list[str]] | None = None
    public: Callable[[Parameters], dict[str, Any]] = dict


class UnknownKind(LookupError):
    """No automation of this kind is registered in this version of the portal."""


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    """Add a kind; call it from a module `automations` of an app."""
    if kind.name in _kinds:
        raise ValueError(f"Two kinds of automation are called {kind.name!r}.")
    _kinds[kind.name] = kind
    return kind


def find(name: str) -> Kind:
    """The registered kind. Raises UnknownKind."""
    try:
        return _kinds[name]
    except KeyError:
        raise UnknownKind(f"No kind of automation is called {name!r}.") from None


def all_kinds() -> list[Kind]:
    return sorted(_kinds.values(), key=lambda kind: kind.title)


def public(name: str, parameters: Parameters) -> dict[str, Any]:
    """The parameters as everybody who sees the automation may read them; nothing of a kind
    that is not known, for nobody can say what they hold."""
    kind = _kinds.get(name)
    return kind.public(parameters) if kind is not None else {}


def public_of_job(job: str, parameters: Parameters) -> dict[str, Any]:
    """The same for a run of a registered job, whether or not an automation started it."""
    for kind in _kinds.values():
        if kind.job == job:
            return kind.public(parameters)
    return dict(parameters)
