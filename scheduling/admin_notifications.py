"""Admin of channels, opt-outs and deliveries; saving goes through the services."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from common.actors import Actor
from common.model_admin import ObjectAction, PortalModelAdmin, ReadOnlyAdmin
from scheduling.delivery_forms import addresses_of
from scheduling.models import Delivery, NotificationChannel, OptOut
from scheduling.services import channels, deliveries

# The stubs have it generic, Django itself has not.
if TYPE_CHECKING:
    ModelFormBase = forms.ModelForm[NotificationChannel]
else:
    ModelFormBase = forms.ModelForm


class AddressesField(forms.CharField):
    """A list of addresses as text, one to a line."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(str(each) for each in value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        return addresses_of(super().clean(value))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return addresses_of(str(data or "")) != list(initial or [])


class ChannelForm(ModelFormBase):
    recipients = AddressesField(help_text="One e-mail address per line, 50 at most.")

    class Meta:
        model = NotificationChannel
        fields = ("name", "recipients", "team", "enabled")

    def validate_unique(self) -> None:
        """The service says it better, and for every door alike."""


def send_test(actor: Actor, channel: NotificationChannel, data: Mapping[str, Any]) -> str:
    return f"{len(channels.test(channel, actor=actor))} test mails are queued."


@admin.register(NotificationChannel)
class NotificationChannelAdmin(PortalModelAdmin):
    form = ChannelForm
    audit_on_save = False
    portal_page = "channel-edit"
    list_display = ("name", "kind", "owner", "team", "enabled", "addresses", "automations_count")
    list_filter = ("enabled", "team")
    list_select_related = ("owner", "team")
    search_fields = ("name", "owner__email")
    readonly_fields = ("kind", "owner", "created_at")
    object_actions = (
        ObjectAction(
            "test", "Send a test", "scheduling.channel.test", send_test, forms.Form,
            explanation="Every address gets a mail that asks for nothing.",
        ),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[NotificationChannel]:
        rows: QuerySet[NotificationChannel] = super().get_queryset(request)
        return rows.annotate(automation_rows=Count("automations"))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        own = ("name", "recipients", "team")
        shown = (*own, "enabled", *self.readonly_fields) if obj is not None else own
        return [(None, {"fields": shown})]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        actor = Actor.of(request, "admin")
        if change:
            stored = NotificationChannel.objects.select_related("team").get(pk=obj.pk)
            values = {name: form.cleaned_data[name] for name in form.changed_data}
            channels.update(stored, actor=actor, **values)
        else:
            obj.pk = channels.create(actor=actor, **form.cleaned_data).pk
        obj.refresh_from_db()

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        channels.delete(obj, actor=Actor.of(request, "admin"))

    @admin.display(description="addresses")
    def addresses(self, channel: NotificationChannel) -> int:
        return len(channel.recipients)

    @admin.display(description="automations", ordering="automation_rows")
    def automations_count(self, channel: Any) -> int:
        return int(channel.automation_rows)


@admin.register(OptOut)
class OptOutAdmin(ReadOnlyAdmin):
    """Whoever left comes back by the link in a mail; nobody else does it for them."""

    list_display = ("address", "what", "created_at")
    list_filter = (("created_at", admin.DateFieldListFilter),)
    list_select_related = ("channel",)
    search_fields = ("address", "channel__name")
    ordering = ("-id",)
    fields = ("address", "what", "created_at")

    @admin.display(description="gets no more", ordering="channel")
    def what(self, optout: OptOut) -> str:
        return str(optout.channel) if optout.channel else "any mail of the portal"


def retry(actor: Actor, delivery: Delivery, data: Mapping[str, Any]) -> str:
    deliveries.retry(delivery, actor=actor)
    return f"{delivery} is queued again."


def cancel(actor: Actor, delivery: Delivery, data: Mapping[str, Any]) -> str:
    deliveries.cancel(delivery, actor=actor)
    return f"{delivery} is kept back."


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ("id", "subject", "address", "channel", "status", "tries", "created_at")
    list_display_links = ("id", "subject")
    list_filter = ("status", "channel", ("created_at", admin.DateFieldListFilter))
    list_select_related = ("channel",)
    search_fields = ("subject", "address", "=key")
    ordering = ("-id",)
    portal_page = "delivery"
    fieldsets = (
        (None, {"fields": ("subject", "address", "channel", "status", "error")}),
        ("When", {"fields": ("created_at", "tries", "next_try_at", "claimed_until", "sent_at")}),
        ("What", {"fields": ("plain", "key", "audience", "subject_url")}),
    )
    object_actions = (
        ObjectAction(
            "retry", "Send again", "scheduling.delivery.retry", retry, forms.Form,
            explanation="It is queued with all its tries before it.",
            shown=lambda delivery: delivery.status == Delivery.Status.FAILED,
        ),
        ObjectAction(
            "cancel", "Cancel", "scheduling.delivery.cancel", cancel, forms.Form, danger=True,
            explanation="It is kept back for good.",
            shown=lambda delivery: delivery.status == Delivery.Status.QUEUED,
        ),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        rows: QuerySet[Delivery] = super().get_queryset(request)
        listing = request.resolver_match is not None and str(
            request.resolver_match.url_name
        ).endswith("_changelist")
        return rows.defer("text", "html") if listing else rows

    @admin.display(description="text")
    def plain(self, delivery: Delivery) -> str:
        return format_html("<pre>{}</pre>", delivery.text)
