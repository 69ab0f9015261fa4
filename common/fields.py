"""A text field that the database, a dump and a fixture only ever see encrypted."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import FieldError
from django.db import models

from common import crypto


class EncryptedTextField(models.TextField):
    """Plaintext in Python, AES-256-GCM in the database.

    `label` is bound into the ciphertext and must never change: it keeps a value from being
    copied into another column unnoticed, and survives renames of model and field. NULL stays
    NULL, the empty string is encrypted like any other. No lookup but `isnull` makes sense.
    """

    def __init__(self, *args: Any, label: str = "", **kwargs: Any) -> None:
        self.label = label
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "label": self.label}

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else crypto.encrypt(str(value), label=self.label)

    def from_db_value(self, value: str | None, *args: object) -> str | None:
        return None if value is None else crypto.decrypt(value, label=self.label)

    def value_to_string(self, obj: models.Model) -> str:
        """What serializers write: ciphertext, so that no dump holds plaintext."""
        return self.get_prep_value(self.value_from_object(obj)) or ""

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise FieldError(
                f"The encrypted field {self.name} cannot be searched by {lookup_name}."
            )
        return super().get_lookup(lookup_name)
