"""Form parts shared by pages and admin: the reason of an action, and write-only secrets."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString


class ReasonForm(forms.Form):
    """What the confirmation of an action asks for; the reason goes into the audit trail."""

    reason = forms.CharField(
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Kept in the audit trail.",
    )


class RequiredReasonForm(ReasonForm):
    """For dangerous actions: no reason, no action."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = True


class SecretInput(forms.PasswordInput):
    """An input that never shows what is stored: it says only whether and when it was set."""

    note = ""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        field = super().render(name, None, {"autocomplete": "new-password", **(attrs or {})})
        if not self.note:
            return field
        return format_html('{} <span class="secret-note">{}</span>', field, self.note)


class SecretField(forms.CharField):
    """A stored secret in a form: blank keeps the stored one, anything else replaces it."""

    widget = SecretInput

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> BoundField:
        """Read from the form's instance when it was set, by the convention `<field>_set_at`."""
        is_set = bool(form.get_initial_for_field(self, field_name))
        if is_set and isinstance(self.widget, SecretInput):
            set_at = getattr(getattr(form, "instance", None), f"{field_name}_set_at", None)
            day = f" on {date_format(timezone.localtime(set_at), 'j F Y')}" if set_at else ""
            self.widget.note = f"Set{day}. Leave blank to keep it."
            self.widget.is_required = False
            self.required = False
        return super().get_bound_field(form, field_name)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(data)
