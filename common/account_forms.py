"""Forms about oneself: a new API token, the time zone. The services check what they gather."""

from __future__ import annotations

import zoneinfo
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from common.actors import Actor
from common.models import ApiToken, User

LIFETIMES = (("30", "30 days"), ("90", "90 days"), ("365", "One year"), ("0", "Never"))


class TokenForm(forms.Form):
    """`user` is there for admins only, who issue tokens for services too."""

    name = forms.CharField(
        label="Name",
        max_length=80,
        help_text="What the token is for, such as the script that uses it.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scope = forms.ChoiceField(label="It may", choices=ApiToken.Scope.choices)
    lifetime = forms.ChoiceField(label="Expires after", choices=LIFETIMES)
    user = forms.ModelChoiceField(
        User.objects.none(), label="For", required=False, empty_label="Myself"
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lifetime"].initial = "90"
        services = User.objects.filter(kind=User.Kind.SERVICE, is_active=True)
        if actor.is_admin and services.exists():
            self.fields["user"].queryset = services  # type: ignore[attr-defined]
        else:
            del self.fields["user"]

    def expires_at(self) -> datetime | None:
        days = int(self.cleaned_data["lifetime"])
        return timezone.now() + timedelta(days=days) if days else None


def time_zones() -> list[tuple[str, list[tuple[str, str]]]]:
    """Every zone by its region; UTC first, abbreviations and other old names last."""
    regions: dict[str, list[tuple[str, str]]] = {}
    for name in sorted(zoneinfo.available_timezones() - {"UTC"}):
        region, _, place = name.partition("/")
        known = region if place else "Other names"
        regions.setdefault(known, []).append((name, (place or name).replace("_", " ")))
    last = regions.pop("Other names", [])
    return [("Universal", [("UTC", "UTC")]), *sorted(regions.items()), ("Other names", last)]


class ProfileForm(forms.Form):
    time_zone = forms.ChoiceField(
        label="Time zone",
        choices=time_zones,
        help_text="Times on pages are shown in it; the UTC time stands in their hint.",
    )
