"""Admin of accounts and connections."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from boomi import admin_activity, admin_components, admin_mirror
from boomi.models import Account, AccountGrant, Connection
from boomi.services import connections, sync
from common import audit
from common.actors import Actor
from common.errors import RemoteError
from common.forms import RequiredReasonForm, SecretField
from common.model_admin import ObjectAction, PortalModelAdmin

__all__ = ["admin_activity", "admin_components", "admin_mirror"]


# The stubs have these generic, Django itself has not.
if TYPE_CHECKING:
    InlineBase = admin.TabularInline[AccountGrant, Account]
    ModelFormBase = forms.ModelForm[Connection]
else:
    InlineBase = admin.TabularInline
    ModelFormBase = forms.ModelForm


class GrantInline(InlineBase):
    model = AccountGrant
    extra = 1
    verbose_name = "team that sees the account without a connection"
    verbose_name_plural = "teams that see the account without a connection"

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return Actor.of(request, "admin").is_admin

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request, obj)


@admin.register(Account)
class AccountAdmin(PortalModelAdmin):
    """Accounts come and go with their connections; what is edited here is who sees them."""

    list_display = ("name", "account_id", "connections_count", "teams_count")
    list_display_links = ("name", "account_id")
    search_fields = ("name", "account_id")
    fields = readonly_fields = ("account_id", "name", "created_at")
    inlines = (GrantInline,)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Account]:
        accounts: models.QuerySet[Account] = super().get_queryset(request)
        return accounts.annotate(
            connection_rows=models.Count("connections", distinct=True),
            team_rows=models.Count("grants", distinct=True),
        )

    @admin.display(description="connections", ordering="connection_rows")
    def connections_count(self, account: Any) -> int:
        return int(account.connection_rows)

    @admin.display(description="teams", ordering="team_rows")
    def teams_count(self, account: Any) -> int:
        return int(account.team_rows)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        before = _teams(form.instance)
        super().save_related(request, form, formsets, change)
        after = _teams(form.instance)
        if before != after:
            actor = Actor.of(request, "admin")
            audit.record(
                actor,
                "boomi.account.shared",
                form.instance,
                before={"teams": before},
                after={"teams": after},
            )


def _teams(account: Account) -> list[str]:
    return sorted(account.grants.values_list("team__name", flat=True))


class ConnectionForm(ModelFormBase):
    """`account_id` is typed once; a connection never moves to another account."""

    account_id = forms.CharField(
        label="Account id", max_length=120, help_text="Settings › Account Information in Boomi."
    )
    token = SecretField(
        label="API token",
        max_length=4000,
        help_text="Settings › My User Settings › Platform API Tokens in Boomi. Never shown again.",
    )

    class Meta:
        model = Connection
        fields = (
            "name", "base_url", "username", "team", "purpose", "environment_class", "owner",
            "enabled",
        )  # fmt: skip
        field_classes = {"token": SecretField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "base_url" in self.fields:
            self.fields["base_url"].required = False
            self.fields["base_url"].help_text = "Blank: the address of the settings."
        if self.instance.pk is not None:
            self.fields.pop("account_id", None)


def try_connection(actor: Actor, connection: Connection, data: Mapping[str, Any]) -> str:
    result = connections.test(connection, actor=actor)
    if not result.ok:
        raise RemoteError(result.message, hint=result.hint, code=result.code)
    return f"{connection} works. {result.message}".strip()


def sync_now(actor: Actor, connection: Connection, data: Mapping[str, Any]) -> str:
    run = sync.request(connection, actor=actor)
    return f"Job {run.pk} syncs {connection}."


def disable(actor: Actor, connection: Connection, data: Mapping[str, Any]) -> str:
    connections.update(connection, actor=actor, enabled=False)
    return f"{connection} is disabled; it is not synced any more."


def enable(actor: Actor, connection: Connection, data: Mapping[str, Any]) -> str:
    connections.update(connection, actor=actor, enabled=True)
    return f"{connection} is enabled."


def delete_with_history(actor: Actor, connection: Connection, data: Mapping[str, Any]) -> str:
    connections.delete(connection, actor=actor, force=True, reason=data["reason"])
    return f"{connection} is deleted; what only it stood for goes in the background."


@admin.register(Connection)
class ConnectionAdmin(PortalModelAdmin):
    """Saving goes through the services: they check, test and record; nothing else writes."""

    form = ConnectionForm
    audit_on_save = False
    portal_page = "connection"
    list_display = (
        "name", "account", "owner", "team", "purpose", "environment_class", "enabled", "status",
        "status_since",
    )  # fmt: skip
    list_filter = ("status", "enabled", "purpose", "environment_class", "team")
    search_fields = ("name", "account__account_id", "account__name", "owner__email", "username")
    list_select_related = ("account", "owner", "team")
    readonly_fields = (
        "account", "status", "status_since", "status_code", "status_reason", "checked_at",
        "created_at",
    )  # fmt: skip
    object_actions = (
        ObjectAction(
            "test", "Test", "boomi.connection.test", try_connection, forms.Form,
            explanation="Tries the credentials and rights now; takes up to five seconds.",
        ),
        ObjectAction(
            "sync", "Sync now", "boomi.connection.sync", sync_now, forms.Form,
            explanation="Mirrors what changed on the platform, in the background.",
        ),
        ObjectAction(
            "disable", "Disable", "boomi.connection.edit", disable, forms.Form,
            explanation="It is not synced until somebody enables it. Nothing is deleted.",
            shown=lambda connection: connection.enabled,
        ),
        ObjectAction(
            "enable", "Enable", "boomi.connection.edit", enable, forms.Form,
            explanation="It is synced again.",
            shown=lambda connection: not connection.enabled,
        ),
        ObjectAction(
            "delete-history", "Delete with history", "boomi.connection.delete",
            delete_with_history, RequiredReasonForm, danger=True,
            explanation="If no other connection reaches the account, its executions, "
            "environments, runtimes and deployments are deleted too. There is no way back.",
        ),
    )  # fmt: skip

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        whose = ("owner", "team", "purpose", "environment_class", "enabled")
        account = "account" if obj else "account_id"
        shown = [
            (None, {"fields": ("name", account, "base_url", "username", "token")}),
            ("Use", {"fields": whose if obj else whose[:-1]}),
        ]
        state = ("status", "status_since", "status_code", "status_reason", "checked_at")
        return [*shown, ("State", {"fields": (*state, "created_at")})] if obj else shown

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        actor = Actor.of(request, "admin")
        if change:
            stored = Connection.objects.select_related("account", "owner", "team").get(pk=obj.pk)
            values = {name: form.cleaned_data[name] for name in form.changed_data}
            connections.update(stored, actor=actor, **values)
        else:
            obj.pk = connections.create(actor=actor, **form.cleaned_data).pk
        obj.refresh_from_db()

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        connections.delete(obj, actor=Actor.of(request, "admin"))
