"""Reads of the pages of automations and schedules, each with a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import OuterRef, Q, QuerySet, Subquery

from common.access import visible
from common.actors import Actor
from scheduling.models import Automation, JobRun, Occurrence, Schedule

STRIP = 20
SHOWN_OCCURRENCES = 5


def with_latest(automations: QuerySet[Automation]) -> QuerySet[Automation]:
    """Adds what became of the newest run (`last_status`) and where the strip of runs begins."""
    runs = JobRun.objects.filter(automation=OuterRef("pk"), dry_run=False).order_by("-pk")
    return automations.annotate(
        last_status=Subquery(runs.values("status")[:1]),
        strip_from=Subquery(runs.values("pk")[STRIP - 1 : STRIP]),
    )


def strips(actor: Actor, automations: Sequence[Automation]) -> dict[int, list[JobRun]]:
    """The last twenty runs by automation, oldest first; the rows come from `with_latest`."""
    wanted = Q()
    for automation in automations:
        part = Q(automation=automation.pk)
        begin = getattr(automation, "strip_from", None)
        wanted |= part & Q(pk__gte=begin) if begin else part
    found: dict[int, list[JobRun]] = defaultdict(list)
    if automations:
        rows = visible(actor, JobRun.objects.filter(wanted, dry_run=False)).only(
            "pk", "automation_id", "status", "created_at", "started_at", "finished_at",
            "summary", "error_message",
        )  # fmt: skip
        for run in rows.order_by("pk"):
            assert run.automation_id is not None
            found[run.automation_id].append(run)
    return {pk: runs[-STRIP:] for pk, runs in found.items()}


def schedules_of(automations: Iterable[Automation]) -> dict[int, list[Schedule]]:
    """Their schedules by automation, in the order they were made."""
    found: dict[int, list[Schedule]] = defaultdict(list)
    keys = [automation.pk for automation in automations]
    for schedule in Schedule.objects.filter(automation__in=keys).order_by("pk"):
        found[schedule.automation_id].append(schedule)
    return dict(found)


def last_occurrences(schedules: Sequence[Schedule]) -> dict[int, list[Occurrence]]:
    """The last five due times by schedule, newest first."""
    if not schedules:
        return {}
    fifth = (
        Occurrence.objects.filter(schedule=OuterRef("pk"))
        .order_by("-due_at")
        .values("due_at")[SHOWN_OCCURRENCES - 1 : SHOWN_OCCURRENCES]
    )
    keys = [schedule.pk for schedule in schedules]
    begins = Schedule.objects.filter(pk__in=keys).annotate(begin=Subquery(fifth))
    wanted = Q()
    for pk, begin in begins.values_list("pk", "begin"):
        wanted |= Q(schedule=pk, due_at__gte=begin) if begin else Q(schedule=pk)
    found: dict[int, list[Occurrence]] = defaultdict(list)
    for occurrence in Occurrence.objects.filter(wanted).select_related("run").order_by("-due_at"):
        found[occurrence.schedule_id].append(occurrence)
    return dict(found)


def next_due(schedules: Iterable[Schedule], now: datetime) -> datetime | None:
    """When the first of these starts, not counting what is paused until after that."""
    times = [one.next_due_at for one in schedules if one.next_due_at and not one.is_paused_at(now)]
    return min(times, default=None)
