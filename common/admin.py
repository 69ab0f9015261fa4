"""Admin of people, teams, tokens and the audit trail; and the bases other apps build on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import BaseUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html

from common import audit, people, sealing, tokens
from common.actors import Actor
from common.forms import ReasonForm
from common.model_admin import ObjectAction, PortalModelAdmin, ReadOnlyAdmin
from common.models import ApiToken, AuditEvent, Team, User
from common.roles import Role

__all__ = ["ObjectAction", "PortalModelAdmin", "ReadOnlyAdmin"]

# Roles are shipped, not edited.
if admin.site.is_registered(Group):
    admin.site.unregister(Group)


# The stubs have these generic, Django itself has not.
if TYPE_CHECKING:
    UserCreationBase = BaseUserCreationForm[User]
    UserChangeBase = UserChangeForm[User]
    UserAdminBase = DjangoUserAdmin[User]
else:
    UserCreationBase = BaseUserCreationForm
    UserChangeBase = UserChangeForm
    UserAdminBase = DjangoUserAdmin


class NewUserForm(UserCreationBase):
    class Meta:
        model = User
        fields = ("email", "name", "kind", "groups", "teams")


class EditUserForm(UserChangeBase):
    """Refuses to let an admin lock himself out; `actor` is set by the admin class."""

    actor: Actor

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.instance != self.actor.user or self.instance.is_superuser:
            return cleaned
        roles = {group.name for group in cleaned.get("groups", [])}
        if not cleaned.get("is_active", True) or Role.ADMIN not in roles:
            raise ValidationError("You cannot take the role Admin from yourself; ask another.")
        return cleaned


def unlock(actor: Actor, user: User, data: Mapping[str, Any]) -> str:
    people.unlock(user, actor=actor, note=data["reason"])
    return f"{user} can sign in again."


@admin.register(User)
class UserAdmin(PortalModelAdmin, UserAdminBase):
    list_display = ("email", "name", "kind", "roles", "is_active", "last_login")
    list_filter = ("is_active", "kind", "groups", "teams")
    search_fields = ("email", "name")
    ordering = ("email",)
    filter_horizontal = ("teams",)
    readonly_fields = ("last_login", "created_at")
    fieldsets = (
        (None, {"fields": ("email", "password", "name", "kind", "time_zone", "is_active")}),
        ("Rights", {"fields": ("groups", "teams")}),
        ("Dates", {"fields": ("created_at", "last_login")}),
    )
    add_fieldsets = (
        (None, {"fields": ("email", "name", "kind", "groups", "teams", "password1", "password2")}),
    )
    form = EditUserForm
    add_form = NewUserForm
    add_form_template = None
    change_form_template = PortalModelAdmin.change_form_template
    object_actions = (
        ObjectAction(
            "unlock", "Unlock sign-in", "common.user.unlock", unlock,
            explanation="Forgets the failed sign-ins that locked this person out.",
        ),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        form.actor = Actor.of(request, "admin")
        if "groups" in form.base_fields:
            form.base_fields["groups"].label = "Role"
            form.base_fields["groups"].help_text = "The highest one counts."
            form.base_fields["groups"].queryset = Group.objects.filter(name__in=Role.values)
        return form

    @admin.display(description="role")
    def roles(self, user: User) -> str:
        return ", ".join(group.name for group in user.groups.all()) or "none"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Switched off instead: history and owned connections keep their names.
        return False

    @transaction.atomic
    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> Any:
        response: HttpResponse = super().user_change_password(request, id, form_url)
        user = self.get_object(request, id)
        # Django answers a saved password with a redirect, a refused one with the form again.
        if request.method == "POST" and response.status_code == 302 and user is not None:
            audit.record(Actor.of(request, "admin"), "common.user.password_set", user)
        return response


@admin.register(Team)
class TeamAdmin(PortalModelAdmin):
    list_display = ("name", "members_count")
    search_fields = ("name",)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        teams: models.QuerySet[Any] = super().get_queryset(request)
        counted: models.QuerySet[Any] = teams.annotate(people=models.Count("members"))
        return counted

    @admin.display(description="members", ordering="people")
    def members_count(self, team: Any) -> int:
        return int(team.people)


def revoke(actor: Actor, token: ApiToken, data: Mapping[str, Any]) -> str:
    tokens.revoke(token, actor=actor, note=data["reason"])
    return f"{token} is revoked."


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    list_display = (
        "name", "prefix", "user", "scope", "created_at", "expires_at", "last_used_at", "revoked_at",
    )  # fmt: skip
    list_filter = ("scope", ("revoked_at", admin.EmptyFieldListFilter))
    search_fields = ("name", "prefix", "user__email")
    list_select_related = ("user",)
    fields = list_display
    object_actions = (
        ObjectAction(
            "revoke", "Revoke", "common.token.revoke", revoke, ReasonForm, danger=True,
            explanation="Programs that use it are refused from now on. There is no way back.",
        ),
    )  # fmt: skip


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = ("at", "actor_text", "via", "action", "object_text", "outcome", "sealed")
    list_filter = ("via", "outcome", "object_type", ("at", admin.DateFieldListFilter))
    search_fields = ("actor_text", "action", "object_text", "=object_id", "=request_id")
    ordering = ("-id",)
    list_display_links = ("action",)
    fields = (
        "at", "actor_text", "via", "request_id", "action", "object_type", "object_id",
        "object_text", "outcome", "note", "values_before", "values_after", "uid", "seq", "seal",
        "genuine",
    )  # fmt: skip
    verbs = {"view": "common.audit.view"}

    @admin.display(boolean=True, description="sealed")
    def sealed(self, event: AuditEvent) -> bool:
        return event.seq is not None

    @admin.display(description="before")
    def values_before(self, event: AuditEvent) -> str:
        return _pretty(event.before)

    @admin.display(description="after")
    def values_after(self, event: AuditEvent) -> str:
        return _pretty(event.after)

    @admin.display(boolean=True, description="content and seal are genuine")
    def genuine(self, event: AuditEvent) -> bool:
        return sealing.is_genuine(event)


def _pretty(text: str | None) -> str:
    if text is None:
        return "-"
    shown = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    return format_html("<pre>{}</pre>", shown)
