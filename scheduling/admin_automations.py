"""Admin of automations, their schedules and due times; saving goes through the services."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from common.actors import Actor
from common.errors import InputError
from common.model_admin import ObjectAction, PortalModelAdmin, ReadOnlyAdmin, pretty_json
from scheduling import events, kinds
from scheduling.automation_forms import PauseForm
from scheduling.automation_rows import describe, words_of
from scheduling.models import Automation, Occurrence, Schedule
from scheduling.services import automations, schedules

# The stubs have these generic, Django itself has not.
if TYPE_CHECKING:
    AutomationFormBase = forms.ModelForm[Automation]
    ScheduleFormBase = forms.ModelForm[Schedule]
else:
    AutomationFormBase = ScheduleFormBase = forms.ModelForm


def run_now(actor: Actor, automation: Automation, data: Mapping[str, Any]) -> str:
    return f"Job {automations.run_now(automation, actor=actor).pk} does it now."


def dry_run(actor: Actor, automation: Automation, data: Mapping[str, Any]) -> str:
    preview = automations.dry_run(automation, actor=actor).preview
    return f"Found: {preview.found}, calls: {preview.calls}. {preview.sentence}"


def switch_on(actor: Actor, automation: Automation, data: Mapping[str, Any]) -> str:
    automations.set_enabled(automation, True, actor=actor)
    return f"{automation} is switched on."


def switch_off(actor: Actor, automation: Automation, data: Mapping[str, Any]) -> str:
    automations.set_enabled(automation, False, actor=actor)
    return f"{automation} is switched off; nothing starts it any more."


def revoke(actor: Actor, automation: Automation, data: Mapping[str, Any]) -> str:
    automations.revoke_webhook(automation, actor=actor)
    return f"The webhook of {automation} is gone."


class AutomationForm(AutomationFormBase):
    """`kind` is chosen once; its parameters stand here as they are stored."""

    kind = forms.ChoiceField(choices=())
    on_event = forms.ChoiceField(required=False, choices=(), label="Also start")

    class Meta:
        model = Automation
        fields = ("name", "kind", "parameters", "owner", "notes", "enabled", "on_event", "channel")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = {
            "kind": [(kind.name, kind.title) for kind in kinds.all_kinds()],
            "on_event": [
                ("", "On no event"),
                *((one.name, f"when {one.label}") for one in events.all_events()),
            ],
        }
        for name, choices in known.items():
            field = self.fields.get(name)
            if isinstance(field, forms.ChoiceField):
                field.choices = choices


class KindFilter(admin.SimpleListFilter):
    """The registered kinds, by their titles."""

    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(kind.name, kind.title) for kind in kinds.all_kinds()]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Automation]
    ) -> QuerySet[Automation]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Automation)
class AutomationAdmin(PortalModelAdmin):
    form = AutomationForm
    audit_on_save = False
    portal_page = "automation"
    list_display = ("name", "kind", "owner", "enabled", "schedules_count", "on_event", "changed_at")
    list_filter = ("enabled", KindFilter)
    list_select_related = ("owner",)
    search_fields = ("name", "notes", "owner__email")
    readonly_fields = (
        "what", "audience", "webhook", "remembered", "created_at", "changed_at",
    )  # fmt: skip
    object_actions = (
        ObjectAction(
            "run", "Run now", "scheduling.automation.run", run_now, forms.Form,
            explanation="Starts its job now, whatever its schedules say.",
        ),
        ObjectAction(
            "dry-run", "Dry run", "scheduling.automation.run", dry_run, forms.Form,
            explanation="Says what a run would find; starts and changes nothing.",
        ),
        ObjectAction(
            "switch-off", "Switch off", "scheduling.automation.edit", switch_off, forms.Form,
            explanation="Nothing starts it but a person. Its schedules stay.",
            shown=lambda automation: automation.enabled,
        ),
        ObjectAction(
            "switch-on", "Switch on", "scheduling.automation.edit", switch_on, forms.Form,
            explanation="Its schedules, its webhook and its event start it again.",
            shown=lambda automation: not automation.enabled,
        ),
        ObjectAction(
            "revoke-webhook", "Revoke webhook", "scheduling.automation.edit", revoke, forms.Form,
            danger=True, explanation="Programs that still call it are refused.",
            shown=lambda automation: bool(automation.webhook_prefix),
        ),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Automation]:
        rows: QuerySet[Automation] = super().get_queryset(request)
        return rows.annotate(schedule_rows=Count("schedules"))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        own = ("name", "kind", "parameters", "notes", "on_event", "channel")
        if obj is None:
            return [(None, {"fields": own})]
        state = ("webhook", "remembered", "audience", "created_at", "changed_at")
        return [
            (None, {"fields": ("what", *own, "owner", "enabled")}),
            ("State", {"fields": state}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*self.readonly_fields, "kind") if obj is not None else self.readonly_fields

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        actor = Actor.of(request, "admin")
        try:
            if change:
                stored = Automation.objects.select_related("owner", "channel").get(pk=obj.pk)
                values = {name: form.cleaned_data[name] for name in form.changed_data}
                automations.update(stored, actor=actor, **values)
            else:
                obj.pk = automations.create(actor=actor, **form.cleaned_data).pk
        except InputError as error:
            raise _about_parameters(error) from None
        obj.refresh_from_db()

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        automations.delete(obj, actor=Actor.of(request, "admin"))

    @admin.display(description="schedules", ordering="schedule_rows")
    def schedules_count(self, automation: Any) -> int:
        return int(automation.schedule_rows)

    @admin.display(description="what it does")
    def what(self, automation: Automation) -> str:
        return describe(automation)

    @admin.display(description="webhook")
    def webhook(self, automation: Automation) -> str:
        if not automation.webhook_prefix:
            return "-"
        return f"{automation.webhook_prefix}…, set {automation.webhook_set_at:%-d %B %Y}"

    @admin.display(description="remembered")
    def remembered(self, automation: Automation) -> str:
        return pretty_json(automation.memory)


def _about_parameters(error: InputError) -> InputError:
    """The same refusal, with what it says of single parameters at the one field they share."""
    begin = "parameters."
    said = [
        f"{name.removeprefix(begin)}: {text}"
        for name, texts in error.fields.items()
        if name.startswith(begin)
        for text in texts
    ]
    fields = {name: texts for name, texts in error.fields.items() if not name.startswith(begin)}
    if said:
        fields["parameters"] = [*fields.get("parameters", []), *said]
    return InputError(error.message, error.hint, error.code, fields=fields)


def pause(actor: Actor, schedule: Schedule, data: Mapping[str, Any]) -> str:
    schedules.pause(schedule, actor=actor, until=data["until"], reason=data["reason"])
    return f"{schedule} is paused."


def resume(actor: Actor, schedule: Schedule, data: Mapping[str, Any]) -> str:
    schedules.resume(schedule, actor=actor)
    return f"{schedule} goes on."


class ScheduleForm(ScheduleFormBase):
    class Meta:
        model = Schedule
        fields = ("automation", "cron", "zone", "overlap", "catch_up", "enabled")

    def validate_unique(self) -> None:
        """The service says it better, and for every door alike."""


@admin.register(Schedule)
class ScheduleAdmin(PortalModelAdmin):
    form = ScheduleForm
    audit_on_save = False
    portal_page = "schedule-edit"
    list_display = ("automation", "cron", "zone", "enabled", "next_due_at", "paused_until")
    list_filter = ("enabled", "overlap", "catch_up", ("next_due_at", admin.DateFieldListFilter))
    list_select_related = ("automation",)
    search_fields = ("automation__name", "cron", "zone", "pause_reason")
    readonly_fields = (
        "words", "next_due_at", "last_due_at", "paused_until", "pause_reason", "paused_by",
        "created_at",
    )  # fmt: skip
    autocomplete_fields = ("automation",)
    object_actions = (
        ObjectAction(
            "pause", "Pause", "scheduling.schedule.pause", pause, PauseForm,
            explanation="What falls due meanwhile is noted and left out.",
            shown=lambda schedule: not schedule.paused_by,
        ),
        ObjectAction(
            "resume", "Resume", "scheduling.schedule.pause", resume, forms.Form,
            explanation="It starts again at its next due time.",
            shown=lambda schedule: bool(schedule.paused_by),
        ),
    )  # fmt: skip

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        own = ("automation", "cron", "zone", "overlap", "catch_up", "enabled")
        if obj is None:
            return [(None, {"fields": own})]
        return [
            (None, {"fields": ("words", *own)}),
            ("State", {"fields": self.readonly_fields[1:]}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*self.readonly_fields, "automation") if obj is not None else self.readonly_fields

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        actor = Actor.of(request, "admin")
        if change:
            stored = Schedule.objects.select_related("automation__owner").get(pk=obj.pk)
            values = {name: form.cleaned_data[name] for name in form.changed_data}
            schedules.update(stored, actor=actor, **values)
        else:
            values = dict(form.cleaned_data)
            obj.pk = schedules.create(values.pop("automation"), actor=actor, **values).pk
        obj.refresh_from_db()

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        schedules.delete(obj, actor=Actor.of(request, "admin"))

    @admin.display(description="in words")
    def words(self, schedule: Schedule) -> str:
        return words_of(schedule)


@admin.register(Occurrence)
class OccurrenceAdmin(ReadOnlyAdmin):
    """Every due time and what became of it."""

    list_display = ("schedule", "due_at", "outcome", "times", "note", "ran")
    list_filter = ("outcome", ("due_at", admin.DateFieldListFilter))
    list_select_related = ("schedule__automation", "run")
    search_fields = ("schedule__automation__name", "note")
    ordering = ("-due_at",)
    fields = ("schedule", "due_at", "outcome", "times", "note", "ran", "created_at")

    @admin.display(description="run")
    def ran(self, occurrence: Occurrence) -> str:
        if occurrence.run is None:
            return "-"
        return format_html('<a href="/jobs/{}/">Job {}</a>', occurrence.run_id, occurrence.run_id)
