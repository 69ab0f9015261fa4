"""Upserts by natural key that write what is new or differs, and nothing else.

Every function writes one batch inside the caller's transaction and is safe to repeat.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Model

M = TypeVar("M", bound=Model)

Key = tuple[Any, ...]
ROWS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Stored:
    """What a batch changed; `failures` are rows that became an error with it.

    `added` and `failed` are the platform's ids of new rows and of failures.
    """

    seen: int = 0
    new: int = 0
    changed: int = 0
    failures: int = 0
    added: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()


def upsert(
    model: type[M],
    rows: Iterable[M],
    natural: tuple[str, ...],
    *,
    kept: Sequence[str] = (),
    unseen: Sequence[str] = ("seen_at",),
) -> Stored:
    """Write the rows that are new or differ from what is stored.

    `natural` names the columns of the natural key, the narrowing one last. `kept` are columns a
    row that exists keeps; a difference in `unseen` alone is none. Pages are no snapshot: of rows
    with one key the last counts.
    """
    # In one order, so that two writers cannot lock each other out.
    found = {_key(row, model, natural): row for row in rows}
    ordered = [found[key] for key in sorted(found)]
    added: list[str] = []
    changed = 0
    for start in range(0, len(ordered), ROWS_AT_ONCE):
        batch = ordered[start : start + ROWS_AT_ONCE]
        differing, fresh = _differing(model, batch, natural, {*kept, *unseen})
        _write(model, differing, natural, set(kept))
        added += [str(key[-1]) for key in fresh]
        changed += len(differing) - len(fresh)
    return Stored(len(ordered), len(added), changed, added=tuple(added))


def _differing(
    model: type[M], rows: Sequence[M], natural: tuple[str, ...], ignored: set[str]
) -> tuple[list[M], list[Key]]:
    """The rows worth writing, and the keys of those that are new."""
    names = [
        field.attname
        for field in model._meta.concrete_fields
        if not field.primary_key and field.name not in ignored and field.name not in natural
    ]
    keys = [_key(row, model, natural) for row in rows]
    places = [model._meta.get_field(name).attname for name in natural]  # type: ignore[union-attr]
    wanted = {f"{name}__in": {key[i] for key in keys} for i, name in enumerate(places)}
    stored = model._default_manager.filter(**wanted).order_by().values_list(*places, *names)
    known = {tuple(row[: len(places)]): tuple(row[len(places) :]) for row in stored}
    differing, fresh = [], []
    for key, row in zip(keys, rows, strict=True):
        before = known.get(key)
        if before is None:
            fresh.append(key)
        elif before == tuple(getattr(row, name) for name in names):
            continue
        differing.append(row)
    return differing, fresh


def _write(model: type[M], rows: Sequence[M], natural: tuple[str, ...], kept: set[str]) -> None:
    if not rows:
        return
    columns = [
        field.name
        for field in model._meta.concrete_fields
        if not field.primary_key and field.name not in kept and field.name not in natural
    ]
    model._default_manager.bulk_create(
        rows, update_conflicts=True, unique_fields=list(natural), update_fields=columns
    )


def _key(row: Model, model: type[Model], natural: tuple[str, ...]) -> Key:
    fields = [model._meta.get_field(name) for name in natural]
    return tuple(getattr(row, field.attname) for field in fields)  # type: ignore[union-attr]


def upsert_list(
    model: type[M], account_pk: int, rows: Sequence[M], key: str, now: datetime
) -> Stored:
    """A complete list of the account: what is not in it is gone since now."""
    stored = upsert(model, rows, ("account", key))
    listed = keys_of(model, account_pk, key, [getattr(row, key) for row in rows])
    gone = expire(model, account_pk, listed, now)
    return Stored(stored.seen, stored.new, stored.changed + gone, added=stored.added)


def keys_of(model: type[Model], account_pk: int, key: str, names: Sequence[str]) -> list[int]:
    """Primary keys of the account's rows with these ids of the platform."""
    rows = model._default_manager.filter(account_id=account_pk, **{f"{key}__in": names})
    return list(rows.order_by().values_list("pk", flat=True))


def expire(model: type[Model], account_pk: int, listed: Iterable[int], now: datetime) -> int:
    """Mark the account's rows that a complete list did not name as gone; returns how many."""
    present = model._default_manager.filter(account_id=account_pk, gone_at=None).order_by()
    missing = sorted(set(present.values_list("pk", flat=True)) - set(listed))
    for start in range(0, len(missing), ROWS_AT_ONCE):
        batch = missing[start : start + ROWS_AT_ONCE]
        model._default_manager.filter(pk__in=batch).update(gone_at=now)
    return len(missing)
