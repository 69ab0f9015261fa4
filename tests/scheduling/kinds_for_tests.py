"""Kinds of automation and events that only tests know; their jobs are in jobs_for_tests."""

from __future__ import annotations

from datetime import datetime

from django import forms

from common.access import ALLOWED, Verdict
from common.actors import Actor
from scheduling import events, kinds
from scheduling.kinds import Finding, Parameters, ParametersForm, Preview

EVENT = events.register("tests.something_happened", "something happens in a test")
FOREIGN = events.register("tests.nobody_listens", "something else happens")


class CountForm(ParametersForm):
    rows = forms.IntegerField(min_value=0, max_value=1000, help_text="How many rows to count.")
    place = forms.ChoiceField(choices=[("here", "Here"), ("there", "There")], required=False)
    only_errors = forms.BooleanField(required=False)


def preview(actor: Actor, parameters: Parameters, since: datetime, until: datetime) -> Preview:
    hours = (until - since).total_seconds() / 3600
    rows = int(parameters["rows"])
    return Preview(rows, 2, f"{rows} rows of {hours:.0f} hours.", 7.0, (Finding("row 1"),))


def may_use(actor: Actor, parameters: Parameters) -> Verdict:
    if parameters.get("place") == "nowhere at all":
        raise LookupError("This place was never there.")
    if parameters.get("place") == "there" and not actor.is_admin:
        return Verdict(False, "Only an Admin may count there.")
    return ALLOWED


COUNT = kinds.register(
    kinds.Kind(
        name="tests.count",
        title="Count rows",
        summary="Counts rows, for tests.",
        job="tests.count",
        form=CountForm,
        describe=lambda parameters: f"Count {parameters['rows']} rows",
        preview=preview,
        may_use=may_use,
        audience=lambda parameters: f"tests:{parameters.get('place', 'nowhere')}",
        events=(EVENT.name,),
    )
)
