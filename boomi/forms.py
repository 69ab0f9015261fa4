"""Forms of the portal pages. They only gather values: the services check them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.db.models import Q, QuerySet

from boomi.models import Connection
from common.actors import Actor
from common.errors import PortalError
from common.models import Team


class ConnectionForm(forms.Form):
    """New connection. `show` puts what a service refuses at the fields it names."""

    name = forms.CharField(max_length=120, help_text="How it is called in lists.")
    account_id = forms.CharField(
        label="Account id",
        max_length=120,
        help_text="In Boomi under Settings › Account Information, such as acme-A1B2C3.",
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocomplete": "off"}),
    )
    username = forms.CharField(
        label="User name",
        max_length=200,
        help_text="The e-mail address the token belongs to.",
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocomplete": "off"}),
    )
    token = forms.CharField(
        label="API token",
        help_text="Settings › My User Settings › Platform API Tokens. It is stored encrypted.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    base_url = forms.CharField(
        label="Platform address",
        required=False,
        help_text="Leave it empty for the usual one.",
        widget=forms.URLInput(attrs={"spellcheck": "false"}),
    )
    team = forms.ModelChoiceField(
        Team.objects.none(),
        required=False,
        empty_label="Only me",
        help_text="Members of this team see the account too.",
    )
    environment_class = forms.ChoiceField(
        label="Kind of account", choices=Connection.EnvironmentClass.choices
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        team = self.fields["team"]
        assert isinstance(team, forms.ModelChoiceField)
        team.queryset = self._teams(actor)
        self.fields["base_url"].widget.attrs["placeholder"] = settings.BOOMI_BASE_URL

    def _teams(self, actor: Actor) -> QuerySet[Team]:
        """Those that may share the connection."""
        return Team.objects.all() if actor.is_admin else Team.objects.filter(pk__in=actor.team_ids)

    def show(self, error: PortalError) -> None:
        """Put what a service refused at the fields it names, the rest above the form."""
        named = {name: texts for name, texts in error.fields.items() if name in self.fields}
        for name, texts in named.items():
            self.add_error(name, texts)
        if not named:
            self.add_error(None, f"{error.message} {error.hint}".strip())


class ConnectionEditForm(ConnectionForm):
    """The account stays: another one is another connection. A blank token keeps the old."""

    enabled = forms.BooleanField(required=False, help_text="A disabled connection is not synced.")

    def __init__(self, *args: Any, connection: Connection, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "name": connection.name,
            "username": connection.username,
            "base_url": connection.base_url,
            "team": connection.team_id,
            "environment_class": connection.environment_class,
            "enabled": connection.enabled,
        }
        self.connection = connection
        super().__init__(*args, **kwargs)
        del self.fields["account_id"]
        token = self.fields["token"]
        token.required = False
        token.help_text = f"Set on {connection.token_set_at:%-d %B %Y}. Leave it empty to keep it."

    def _teams(self, actor: Actor) -> QuerySet[Team]:
        """Also one the owner has left: saving something else must not end its share."""
        own = super()._teams(actor)
        return Team.objects.filter(Q(pk__in=own.values("pk")) | Q(pk=self.connection.team_id))


class DeleteForm(forms.Form):
    reason = forms.CharField(required=False, max_length=1000)
    force = forms.BooleanField(required=False)
