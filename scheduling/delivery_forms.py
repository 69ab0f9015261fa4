"""Forms of notification channels. They gather values; the services check them."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.db.models import Q

from common.actors import Actor
from common.models import Team
from scheduling.automation_forms import ServiceForm
from scheduling.models import NotificationChannel


def addresses_of(text: str) -> list[str]:
    """The addresses in a text, however they are parted: by lines, commas or semicolons."""
    return [each for each in re.split(r"[\s,;]+", text) if each]


class ChannelForm(ServiceForm):
    """`channel` is the one to edit; the form of a new one has no switch."""

    name = forms.CharField(max_length=120, help_text="How it is called where it is chosen.")
    recipients = forms.CharField(
        label="Addresses",
        max_length=20_000,
        help_text="One e-mail address per line, 50 at most. Each gets a mail of its own.",
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
    )
    team = forms.ModelChoiceField(
        Team.objects.none(),
        required=False,
        empty_label="Only me",
        help_text="Members of this team may use and change it too.",
    )
    enabled = forms.BooleanField(
        required=False,
        label="Switched on",
        help_text="A channel that is off tells nobody anything; what happens meanwhile is "
        "not told later.",
    )

    def __init__(
        self, *args: Any, actor: Actor, channel: NotificationChannel | None = None, **kwargs: Any
    ) -> None:
        if channel is not None:
            kwargs["initial"] = {
                "name": channel.name,
                "recipients": "\n".join(str(each) for each in channel.recipients),
                "team": channel.team_id,
                "enabled": channel.enabled,
            }
        super().__init__(*args, **kwargs)
        if channel is None:
            del self.fields["enabled"]
        team = self.fields["team"]
        assert isinstance(team, forms.ModelChoiceField)
        # Also one the owner has left: saving something else must not end its share.
        kept = Q(pk=channel.team_id if channel is not None else None)
        own = Q(pk__in=actor.team_ids) | kept
        team.queryset = Team.objects.all() if actor.is_admin else Team.objects.filter(own)

    def clean_recipients(self) -> list[str]:
        return addresses_of(self.cleaned_data["recipients"])
