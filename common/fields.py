"""A text field that the database, a dump and a fixture only ever see encrypted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.core.exceptions import FieldError
from django.db import models
from django.db.models.query_utils import DeferredAttribute

from common import crypto
from common.errors import PortalError
from common.forms import SecretField

# The stubs have the field generic, Django itself has not.
if TYPE_CHECKING:
    TextField = models.TextField[Any, Any]
else:
    TextField = models.TextField


class Ciphertext(str):
    """A stored value that nobody has looked at yet."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<Ciphertext>"


class DecryptingAttribute(DeferredAttribute):
    """Decrypts when the attribute is read, not when the row is.

    So one damaged secret does not take down the list it stands in, the form that could replace
    it still opens, and a row that is saved for another reason keeps its ciphertext.
    """

    def __get__(self, instance: models.Model | None, cls: Any = None) -> Any:
        value = super().__get__(instance, cls)
        if isinstance(value, Ciphertext):
            return crypto.decrypt(value, label=cast(EncryptedTextField, self.field).label)
        return value

    def __set__(self, instance: models.Model, value: object) -> None:
        instance.__dict__[self.field.attname] = value


class EncryptedTextField(TextField):
    """Plaintext in Python, AES-256-GCM in the database.

    `label` is bound into the ciphertext and must never change: it keeps a value from being
    copied into another column unnoticed, and survives renames of model and field. NULL stays
    NULL, the empty string is encrypted like any other. No lookup but `isnull` makes sense.
    `values()` and `values_list()` give the ciphertext.
    """

    descriptor_class = DecryptingAttribute

    def __init__(self, *args: Any, label: str = "", **kwargs: Any) -> None:
        self.label = label
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "label": self.label}

    def from_db_value(self, value: str | None, *args: object) -> Ciphertext | None:
        return None if value is None else Ciphertext(value)

    def get_prep_value(self, value: Any) -> str | None:
        if value is None or isinstance(value, Ciphertext):
            return None if value is None else str(value)
        return crypto.encrypt(str(value), label=self.label)

    def value_from_object(self, obj: models.Model) -> Any:
        """The value as it stands on the row: ciphertext unless it was assigned since."""
        return obj.__dict__.get(self.attname) or getattr(obj, self.attname)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        return self.value_from_object(model_instance)

    def value_to_string(self, obj: models.Model) -> str:
        """What serializers write: ciphertext, so that no dump holds plaintext."""
        return self.get_prep_value(self.value_from_object(obj)) or ""

    def to_python(self, value: Any) -> Any:
        """What deserializers call: a dump holds ciphertext of this field, which stays as it is."""
        if isinstance(value, str) and value.startswith(f"{crypto.VERSION}:"):
            try:
                crypto.decrypt(value, label=self.label)
            except PortalError:
                return value
            return Ciphertext(value)
        return super().to_python(value)

    def clean(self, value: Any, model_instance: models.Model | None) -> Any:
        """What forms call. Not through `to_python`: a person's text is never ciphertext."""
        if not isinstance(value, Ciphertext):
            value = None if value is None else str(value)
        self.validate(value, model_instance)
        self.run_validators(value)
        return value

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{**kwargs, "form_class": SecretField, "widget": None})

    def save_form_data(self, instance: models.Model, data: Any) -> None:
        """A blank write-only input keeps what is stored."""
        if data or not instance.__dict__.get(self.attname):
            super().save_form_data(instance, data)

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise FieldError(
                f"The encrypted field {self.name} cannot be searched by {lookup_name}."
            )
        return super().get_lookup(lookup_name)
