"""The one place that answers "may I?".

Apps register rules by verb and visibility by model; doors call `may`, `require` and
`visible` and nothing else. What a person may not see does not exist for them (404).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from common.actors import Actor
from common.errors import NotAllowed, NotFound
from common.roles import Role


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reason` is the sentence shown on the disabled button."""

    allowed: bool
    reason: str = ""

    def __bool__(self) -> bool:
        return self.allowed


ALLOWED = Verdict(True)
READ_ONLY = "This token may only read."
M = TypeVar("M", bound=Model)
Rule = Callable[[Actor, Any], Verdict]
Visibility = Callable[[Actor, "QuerySet[Any]"], "QuerySet[Any]"]
_rules: dict[str, tuple[Rule, bool]] = {}
_visibility: dict[type[Model], Visibility] = {}
_audiences: list[Callable[[Actor], set[str]]] = []


def rule(verb: str, *, changes: bool = True) -> Callable[[Rule], Rule]:
    """Register the rule for a verb such as "boomi.connection.edit"; one rule per verb.

    `changes=False` marks a verb that a read-only token may use.
    """

    def register(function: Rule) -> Rule:
        if verb in _rules:
            raise ValueError(f"Two rules for the verb {verb!r}.")
        _rules[verb] = (function, changes)
        return function

    return register


def role_rule(verb: str, role: Role, *, changes: bool = True) -> None:
    """Register a verb that needs nothing but a role."""

    @rule(verb, changes=changes)
    def by_role(actor: Actor, obj: object) -> Verdict:
        return needs(actor, role)


def needs(actor: Actor, role: Role) -> Verdict:
    if actor.has_role(role):
        return ALLOWED
    return Verdict(False, f"This needs the role {role.label}.")


def may(actor: Actor, verb: str, obj: object = None) -> Verdict:
    """Ask whether `actor` may do `verb` to `obj`. An unknown verb is a bug and raises KeyError."""
    check, changes = _rules[verb]
    if actor.user is None and not actor.is_system:
        return Verdict(False, "Sign in first.")
    if changes and actor.scopes is not None and "write" not in actor.scopes:
        return Verdict(False, READ_ONLY)
    return check(actor, obj)


def require(actor: Actor, verb: str, obj: object = None) -> None:
    """Raise NotAllowed with the reason unless `actor` may do `verb` to `obj`."""
    verdict = may(actor, verb, obj)
    if not verdict.allowed:
        raise refusal(verdict.reason)


def refusal(reason: str) -> NotAllowed:
    """The error for `reason`, with the way out: another token, or somebody who gives the right."""
    if reason == READ_ONLY:
        return NotAllowed(reason, hint="Use a token of scope write; its owner makes one on Tokens.")
    return NotAllowed(reason, hint="Ask an admin of the portal for the right.")


def verbs() -> list[str]:
    return sorted(_rules)


def visible_for(model: type[Model]) -> Callable[[Visibility], Visibility]:
    """Register which rows of `model` an actor may see. Admins and the portal see all."""

    def register(function: Visibility) -> Visibility:
        _visibility[model] = function
        return function

    return register


def visible(actor: Actor, queryset: QuerySet[M]) -> QuerySet[M]:
    """Narrow `queryset` to what `actor` may see. A model without a rule is for admins only."""
    if actor.is_admin:
        return queryset
    if actor.rank < 0:
        return queryset.none()
    narrow = _visibility.get(queryset.model)
    return narrow(actor, queryset) if narrow else queryset.none()


def find(actor: Actor, queryset: QuerySet[M], **lookup: object) -> M:
    """Fetch one visible row or raise NotFound; invisible and absent look the same."""
    try:
        row = visible(actor, queryset).filter(**lookup).first()
    except (ValueError, TypeError):
        row = None
    if row is None:
        name = str(queryset.model._meta.verbose_name)
        raise NotFound(
            f"This {name} does not exist.", hint="It may have been deleted or never was yours."
        )
    return row


def audience(function: Callable[[Actor], set[str]]) -> Callable[[Actor], set[str]]:
    """Register a source of audiences: keys such as "account:7" that rows of lower floors carry."""
    _audiences.append(function)
    return function


def audiences(actor: Actor) -> set[str]:
    """Every audience key the actor belongs to."""
    return set().union(*(source(actor) for source in _audiences)) if _audiences else set()
