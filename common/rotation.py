"""Encrypting every stored secret again with the newest key, while the portal is at work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import models, transaction
from django.db.models.functions import Cast

from common import audit, crypto
from common.actors import Actor
from common.crypto import CannotDecrypt
from common.fields import Ciphertext, EncryptedTextField


@dataclass(slots=True)
class FieldRotation:
    """Counts of one field. `left` is what carries an older key afterwards, `unreadable` of it
    what no configured key opens."""

    name: str
    rotated: int = 0
    changed_meanwhile: int = 0
    unreadable: int = 0
    left: int = 0


def encrypted_fields() -> Iterator[tuple[type[models.Model], EncryptedTextField]]:
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            if isinstance(field, EncryptedTextField):
                yield model, field


def rotate(*, actor: Actor, batch: int = 500, dry_run: bool = False) -> list[FieldRotation]:
    """Go through all encrypted fields. Safe to stop and to repeat: done rows are not seen again.

    A row that somebody changes meanwhile is left alone (it carries the newest key already).
    """
    results = []
    for model, field in encrypted_fields():
        result = FieldRotation(f"{model._meta.label}.{field.name}")
        if not dry_run:
            _rotate_field(model, field, batch, result)
        result.left = _older(model, field).count()
        results.append(result)
    if not dry_run:
        counts = {result.name: result.rotated for result in results}
        left = sum(result.left for result in results)
        audit.record(actor, "common.keys.rotated", after={"rotated": counts, "left": left})
    return results


def _rotate_field(
    model: type[models.Model], field: EncryptedTextField, batch: int, result: FieldRotation
) -> None:
    last: object = None
    while True:
        rows = _older(model, field).order_by("pk")
        if last is not None:
            rows = rows.filter(pk__gt=last)
        page = list(rows.values_list("pk", "stored")[:batch])
        with transaction.atomic():
            for pk, stored in page:
                _rotate_value(model, field, pk, stored, result)
        if len(page) < batch:
            return
        last = page[-1][0]


def _rotate_value(
    model: type[models.Model], field: EncryptedTextField, pk: object, stored: str,
    result: FieldRotation,
) -> None:  # fmt: skip
    try:
        plain = crypto.decrypt(stored, label=field.label)
    except CannotDecrypt:
        result.unreadable += 1
        return
    fresh = Ciphertext(crypto.encrypt(plain, label=field.label))
    unchanged = _stored(model, field).filter(pk=pk, stored=stored)
    if unchanged.update(**{field.attname: fresh}):
        result.rotated += 1
    else:
        result.changed_meanwhile += 1


def _stored(model: type[models.Model], field: EncryptedTextField) -> models.QuerySet[models.Model]:
    """Rows with their ciphertext as `stored`: the field itself refuses to be searched."""
    return model._default_manager.annotate(stored=Cast(field.name, models.TextField()))


def _older(model: type[models.Model], field: EncryptedTextField) -> models.QuerySet[models.Model]:
    rows = _stored(model, field).filter(**{f"{field.name}__isnull": False})
    return rows.exclude(stored__startswith=crypto.active_prefix())
