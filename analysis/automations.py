"""The kind of automation that analyses new executions and tells what failed."""

from __future__ import annotations

from datetime import datetime
from statistics import median

from django import forms
from django.db.models import Exists, OuterRef, QuerySet

from analysis.engine import ENGINE_VERSION
from analysis.models import Analysis, AnalysisStatus
from analysis.selection import DEFAULT_LIMIT, Choice, in_reach, selected, usual_times
from boomi.access import audience_of
from boomi.automation_forms import (
    AccountForm,
    ProcessField,
    may_work_on,
)
from boomi.automation_names import Names, alone, together
from boomi.models import Execution
from common.actors import Actor
from scheduling import children, kinds
from scheduling.kinds import Finding, Parameters, Preview
from scheduling.models import JobRun, JobStatus

JOB = "analysis.analyse_executions"
# Asking for a log, and the two looks it takes on average until it is there.
CALLS_PER_LOG = 3
FINDINGS = 50
MEASURED = 20


class AnalyseForm(AccountForm):
    process = ProcessField()
    only_errors = forms.BooleanField(
        required=False,
        initial=True,
        label="Only failed runs",
        help_text="Else every run that ended.",
    )
    min_seconds = forms.IntegerField(
        required=False, min_value=1, max_value=86_400, label="Minimum duration",
        help_text="Seconds; shorter runs are left out.",
    )  # fmt: skip
    too_fast_percent = forms.IntegerField(
        required=False, min_value=1, max_value=99, label="Too fast below",
        help_text="Per cent of what the process usually takes (the median of its last 50 "
        "successes). Such runs are looked into whatever is chosen above.",
    )  # fmt: skip
    limit = forms.IntegerField(
        min_value=1, max_value=1000, initial=DEFAULT_LIMIT, required=False, label="At most",
        help_text="Runs looked into at a time; the others wait for the next start.",
    )  # fmt: skip


def describe(parameters: Parameters, names: Names) -> str:
    """The parameters as one sentence without an end."""
    choice = Choice.of(parameters)
    what = "failed runs" if choice.only_errors else "runs"
    text = f"Analyse {what} of {names.process(parameters) or 'all processes'}"
    text += f" in {names.account(parameters)}"
    if choice.min_seconds:
        text += f" that took {choice.min_seconds} s or more"
    if choice.too_fast_percent:
        text += f", and those faster than {choice.too_fast_percent} % of the usual time"
    return f"{text}, at most {choice.limit} at a time"


def preview(actor: Actor, parameters: Parameters, since: datetime, until: datetime) -> Preview:
    """What ended among the runs that began in the span; the mirror answers, not the platform."""
    choice = Choice.of(parameters)
    within = in_reach(actor, choice).filter(started_at__gte=since, started_at__lt=until)
    rows = selected(within, choice, usual_times(within, choice))
    found, looked_at = rows.count(), within.count()
    taken = min(found, choice.limit)
    missing = _without_result(rows.order_by("pk")[: choice.limit])
    sentence = f"{found:,} of {looked_at:,} runs would be looked into."
    if found > taken:
        sentence += f" One start takes {taken} of them."
    return Preview(
        found=found,
        calls=missing * CALLS_PER_LOG,
        sentence=sentence,
        seconds=_seconds(taken),
        findings=tuple(_findings(rows)),
    )


def _without_result(rows: QuerySet[Execution]) -> int:
    """How many of them a log has to be fetched for."""
    keys = list(rows.values_list("pk", flat=True))
    done = Analysis.objects.filter(
        execution=OuterRef("pk"), engine_version=ENGINE_VERSION, status=AnalysisStatus.DONE
    )
    missing = Execution.objects.filter(pk__in=keys, log_file=None)
    return missing.filter(~Exists(done)).count()


def _seconds(count: int) -> float | None:
    """From how long the last single analyses took, eight of them at a time."""
    runs = JobRun.objects.filter(job="analysis.analyse_execution", status=JobStatus.SUCCEEDED)
    pairs = runs.order_by("-pk").values_list("started_at", "finished_at")[:MEASURED]
    took = [(end - begin).total_seconds() for begin, end in pairs if begin and end]
    return round(median(took) * count / children.AT_ONCE, 1) if took else None


def _findings(rows: QuerySet[Execution]) -> list[Finding]:
    newest = rows.order_by("-started_at")[:FINDINGS]
    return [Finding(_label(row), f"/executions/{row.pk}/", row.started_at) for row in newest]


def _label(row: Execution) -> str:
    took = "" if row.duration_ms is None else f", {row.duration_ms / 1000:.0f} s"
    return f"{row.process_name or row.process_id}: {row.get_outcome_display().lower()}{took}"


def audience(parameters: Parameters) -> str:
    return audience_of(int(parameters["account"]))


ANALYSE = kinds.register(
    kinds.Kind(
        name="analysis.analyse_executions",
        title="Analyse executions",
        summary="Reads the logs of new executions and writes one mail about what failed.",
        job=JOB,
        form=AnalyseForm,
        describe=alone(describe),
        describe_all=together(describe),
        preview=preview,
        may_use=may_work_on,
        audience=audience,
        icon="file-search",
        looks_back=True,
        events=("boomi.executions.failed",),
    )
)
