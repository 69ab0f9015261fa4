"""What the schedule editor offers: helpers that write the expression, and explained choices."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms

from scheduling.automation_forms import CRON_FIELDS, EMPTY
from scheduling.models import Schedule

USUAL = "0 6 * * *"
RANGES = ("0–59", "0–23", "1–31", "1–12", "0–6, Sun first")
# The same five as `scheduling.cron.CronError` names them.
PLACES = ("minute", "hour", "day of month", "month", "day of week")


@dataclass(frozen=True, slots=True)
class Preset:
    """A helper without scripts: a link that fills the form with its expression."""

    label: str
    cron: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One of the five inputs of an expression."""

    name: str
    label: str
    range: str
    value: str
    is_wrong: bool


@dataclass(frozen=True, slots=True)
class Explained:
    """One choice of a radio group with what it means."""

    id: str
    value: str
    label: str
    sentence: str
    is_checked: bool


PRESETS = (
    Preset("Every 15 minutes", "*/15 * * * *"),
    Preset("Hourly", "0 * * * *"),
    Preset("Daily at 06:00", "0 6 * * *"),
    Preset("Workdays at 06:00", "0 6 * * 1-5"),
    Preset("Mondays at 06:00", "0 6 * * 1"),
    Preset("First of the month", "0 6 1 * *"),
)
BUILDERS = (
    ("minutes", "Every n minutes"),
    ("hourly", "Hourly"),
    ("daily", "Daily"),
    ("weekly", "Weekly"),
    ("monthly", "Monthly"),
    ("raw", "Cron"),
)
WEEKDAYS = (
    ("1", "Mon"), ("2", "Tue"), ("3", "Wed"), ("4", "Thu"), ("5", "Fri"), ("6", "Sat"),
    ("0", "Sun"),
)  # fmt: skip
CHOICES = {"overlap": Schedule.Overlap.choices, "catch_up": Schedule.CatchUp.choices}
SENTENCES = {
    Schedule.Overlap.SKIP: "That due time is left out and noted; the next one counts again.",
    Schedule.Overlap.WAIT: "It starts at once when the running one ends; only one start waits.",
    Schedule.Overlap.ALLOW: "Both work side by side. Choose it only if they cannot disturb "
    "each other.",
}
CATCH_UP_SENTENCES = {
    Schedule.CatchUp.SKIP: "What was missed is noted as missed; it goes on with the next due time.",
    Schedule.CatchUp.ONCE: "One run makes up for all that was missed. Right for most work, "
    "because a run looks at everything since the last one.",
    Schedule.CatchUp.EACH: "One run for every missed time, one after the other. Right where each "
    "time counts by itself.",
}


def cells(expression: str, wrong: str) -> list[Cell]:
    """The inputs for an expression; `wrong` is the field of a CronError, "" for none."""
    parts = [part.replace(EMPTY, "") for part in expression.split()]
    if len(parts) > len(CRON_FIELDS):
        parts = [" ".join(parts)]
    parts += [""] * (len(CRON_FIELDS) - len(parts))
    return [
        Cell(f"cron_{place}", label, RANGES[place], parts[place], PLACES[place] == wrong)
        for place, label in enumerate(CRON_FIELDS)
    ]


def explained(form: forms.Form, name: str) -> list[Explained]:
    """The choices of `overlap` or `catch_up`, each with its sentence."""
    bound = form[name]
    field = bound.field
    assert isinstance(field, forms.ChoiceField)
    chosen = str(bound.value() or "")
    sentences = SENTENCES if name == "overlap" else CATCH_UP_SENTENCES
    said = {str(value): text for value, text in sentences.items()}
    return [
        Explained(
            id=f"id_{name}_{value}",
            value=str(value),
            label=str(label),
            sentence=said.get(str(value), ""),
            is_checked=str(value) == chosen,
        )
        for value, label in CHOICES[name]
    ]
