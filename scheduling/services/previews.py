"""What a run would do, found out without doing it and without a call to the platform."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from django.utils import timezone

from common.access import refusal, require
from common.actors import Actor
from scheduling import kinds
from scheduling.kinds import Preview
from scheduling.models import Automation, JobStatus
from scheduling.services import parameters as asked
from scheduling.services.starting import why_not

MEASURED_RUNS = 20
FIRST_SPAN = timedelta(days=1)
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class DryRun:
    """`seconds` is the median of the last `runs` that succeeded, or the kind's own estimate."""

    preview: Preview
    seconds: float | None
    runs: int


def dry_run(automation: Automation, *, actor: Actor) -> DryRun:
    """What a run would find now, since the last one that succeeded or within a day.

    Changes nothing. Raises NotAllowed.
    """
    require(actor, "scheduling.automation.run", automation)
    reason = why_not(automation, actor)
    if reason:
        raise refusal(reason)
    now = timezone.now()
    kind = kinds.find(automation.kind)
    preview = kind.preview(actor, automation.parameters, _last_success(automation, now), now)
    took = _durations(automation)
    return DryRun(preview, median(took) if took else preview.seconds, len(took))


def _last_success(automation: Automation, now: datetime) -> datetime:
    ended = automation.runs.filter(status=JobStatus.SUCCEEDED).order_by("-pk")
    began = ended.values_list("created_at", flat=True).first()
    return began or now - FIRST_SPAN


def _durations(automation: Automation) -> list[float]:
    """Seconds from the first slice to the end of the last runs that succeeded."""
    ended = automation.runs.filter(
        status=JobStatus.SUCCEEDED, started_at__isnull=False, finished_at__isnull=False
    )
    pairs = ended.order_by("-pk").values_list("started_at", "finished_at")[:MEASURED_RUNS]
    return [(end - begin).total_seconds() for begin, end in pairs if begin and end]


def last_week(kind: str, parameters: Mapping[str, Any], *, actor: Actor) -> Preview:
    """What an automation with these parameters would have found in the last seven days.

    Raises InputError with `fields` for parameters the kind refuses, NotAllowed.
    """
    require(actor, "scheduling.automation.create")
    chosen = asked.kind_of(kind)
    checked = asked.checked(chosen, parameters, actor)
    now = timezone.now()
    return chosen.preview(actor, checked, now - WEEK, now)
