"""Forms of automations and their schedules. They gather values; the services check them."""

from __future__ import annotations

import zoneinfo
from datetime import datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone

from common.access import visible
from common.actors import Actor
from common.errors import PortalError
from common.filters import sensible_moment
from scheduling import events
from scheduling.kinds import Kind, ParametersForm
from scheduling.models import Automation, NotificationChannel, Schedule

PARAMETERS = "p"
CRON_FIELDS = ("Minute", "Hour", "Day of month", "Month", "Weekday")


class ServiceForm(forms.Form):
    """A form whose service may refuse; `show` puts the refusal where it belongs."""

    def show(self, error: PortalError) -> None:
        """Put what a service refused at the fields it names, the rest above the form."""
        named = {name: texts for name, texts in error.fields.items() if name in self.fields}
        for name, texts in named.items():
            self.add_error(name, texts)
        if not named:
            self.add_error(None, f"{error.message} {error.hint}".strip())


# What stands for an input that was left empty; cron as the portal speaks it has no such word.
EMPTY = "?"


class AutomationForm(ServiceForm):
    """What every automation has; its kind asks for the rest in a form of its own."""

    name = forms.CharField(max_length=120, help_text="How it is called in lists and mails.")
    channel = forms.ModelChoiceField(
        NotificationChannel.objects.none(),
        required=False,
        label="Tell",
        empty_label="Nobody",
        help_text="Who gets a mail when a run finds failures or fails itself.",
    )
    on_event = forms.ChoiceField(
        required=False,
        label="Also start",
        help_text="Beside its schedules, its webhook and the button.",
    )
    notes = forms.CharField(
        max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        channel = self.fields["channel"]
        assert isinstance(channel, forms.ModelChoiceField)
        channel.queryset = visible(actor, NotificationChannel.objects.all())
        event = self.fields["on_event"]
        assert isinstance(event, forms.ChoiceField)
        told = [(one.name, f"when {one.label}") for one in events.all_events()]
        event.choices = [("", "On no event"), *told]


def bound_pair(
    kind: Kind, actor: Actor, data: QueryDict | None, automation: Automation | None = None
) -> tuple[AutomationForm, ParametersForm]:
    """The common form and the form of the kind, filled from the row when nothing was sent."""
    common: dict[str, Any] = {}
    parameters: dict[str, Any] = {}
    if automation is not None:
        names = ("name", "notes", "on_event")
        common = {name: getattr(automation, name) for name in names}
        common["channel"] = automation.channel_id
        parameters = dict(automation.parameters)
    return (
        AutomationForm(data, actor=actor, initial=common),
        kind.form(data, actor=actor, initial=parameters, prefix=PARAMETERS),
    )


class CronInput(forms.TextInput):
    """Read from five inputs, `cron_0` to `cron_4`; the template draws them (see `cells`)."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str:
        """The expression; also when it came whole, as `name` or in the first of the inputs."""
        whole = str(data.get(name) or "").strip()
        parts = [str(data.get(f"{name}_{place}") or "").strip() for place in range(5)]
        if not whole and " " in parts[0] and not any(parts[1:]):
            whole = parts[0]
        if whole or not any(parts):
            return " ".join(whole.split())
        return " ".join("".join(part.split()) or EMPTY for part in parts)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data and f"{name}_0" not in data


class ScheduleForm(ServiceForm):
    """When an automation starts, and what happens when that is not possible."""

    cron = forms.CharField(label="Cron expression", max_length=120, widget=CronInput)
    zone = forms.CharField(
        label="Time zone",
        max_length=60,
        help_text="Hours are those of this place, also when its clocks change.",
        widget=forms.TextInput(
            attrs={"list": "zones", "autocomplete": "off", "spellcheck": "false"}
        ),
    )
    overlap = forms.ChoiceField(
        label="When the run before has not ended",
        choices=Schedule.Overlap.choices,
        initial=Schedule.Overlap.SKIP,
        widget=forms.RadioSelect,
    )
    catch_up = forms.ChoiceField(
        label="When the portal was down at a due time",
        choices=Schedule.CatchUp.choices,
        initial=Schedule.CatchUp.ONCE,
        widget=forms.RadioSelect,
    )
    enabled = forms.BooleanField(
        required=False,
        initial=True,
        label="Switched on",
        help_text="A schedule that is off keeps its settings and starts nothing.",
    )

    def clean_cron(self) -> str:
        expression: str = self.cleaned_data["cron"]
        for part, label in zip(expression.split(), CRON_FIELDS, strict=False):
            if part == EMPTY:
                text = f"{label} is empty: write * where every one counts."
                raise forms.ValidationError(text, code="empty")
        return expression


class PauseForm(ServiceForm):
    until = forms.DateTimeField(
        required=False,
        validators=[sensible_moment],
        label="Until",
        help_text="In your time zone. Leave it empty to pause until somebody resumes it.",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    reason = forms.CharField(
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="It stands beside the schedule, so that nobody wonders.",
    )

    def clean_until(self) -> datetime | None:
        until: datetime | None = self.cleaned_data["until"]
        if until is not None and until <= timezone.now():
            raise forms.ValidationError("Choose a moment in the future.")
        return until


def zones(own: str) -> list[str]:
    """Every time zone of the installation: the viewer's first, then UTC."""
    rest = sorted(zoneinfo.available_timezones() - {own, "UTC"})
    return [*dict.fromkeys((own, "UTC")), *rest]
