"""State changes as conditional updates: two people at the same button, one winner.

A model with a life cycle declares TRANSITIONS, {from: {to, …}}, beside its status field;
that table is the single statement of the life cycle. Nobody else assigns `.status`.
"""

from collections.abc import Mapping
from typing import Any

from django.db import models, transaction

from common import audit
from common.actors import Actor
from common.errors import IllegalMove

Transitions = Mapping[str, frozenset[str]]


def move(
    row: Any,
    to: str,
    *,
    actor: Actor,
    note: str = "",
    action: str = "",
    **changes: object,
) -> None:
    """Move `row` to the status `to`, writing `changes` with it and one audit event.

    Raises IllegalMove when the life cycle has no such step or when somebody else moved the
    row first; nothing is written then. `action` defaults to "<app>.<model>.<status>".
    """
    origin = row.status
    label = row._meta.verbose_name
    if to not in row.TRANSITIONS.get(origin, frozenset()):
        raise IllegalMove(
            f"The {label} is {_word(row, origin)} and cannot become {_word(row, to)}.",
            hint="Reload the page to see its current state.",
        )
    with transaction.atomic():
        if not compare_and_set(row, {"status": origin}, {"status": to, **changes}):
            raise IllegalMove(
                f"Somebody else changed the {label} first.",
                hint="Reload the page to see its current state.",
            )
        audit.record(
            actor,
            action or f"{row._meta.app_label}.{row._meta.model_name}.{to}",
            row,
            before={"status": origin},
            after={"status": to},
            note=note,
        )


def compare_and_set(
    row: models.Model, expected: Mapping[str, object], values: Mapping[str, object]
) -> bool:
    """UPDATE the row only while it still has the `expected` values; True when we won."""
    changed = type(row)._default_manager.filter(pk=row.pk, **expected).update(**values)
    if changed:
        for name, value in values.items():
            setattr(row, name, value)
    return bool(changed)


def _word(row: Any, status: str) -> str:
    choices = dict(row._meta.get_field("status").flatchoices)
    return str(choices.get(status, status)).lower()
