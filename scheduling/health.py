"""Health checks of the moving parts: the clock and both queues."""

from __future__ import annotations

from functools import partial

from django.db import DatabaseError
from django.utils import timezone

from common.registry import CheckResult, registry
from scheduling import heartbeats
from scheduling.models import JobRun

SILENT_SECONDS = 120


def check_beat(name: str, label: str) -> CheckResult:
    """Degraded when the named part gave no sign of life for two minutes."""
    try:
        last = heartbeats.last_beat(name)
    except DatabaseError:
        return CheckResult(name, "down", f"{label}: the database does not answer.")
    hint = "Check that `manage.py serve` runs and read its output."
    if last is None:
        return CheckResult(name, "degraded", f"{label} has not run yet.", hint)
    seconds = int((timezone.now() - last).total_seconds())
    if seconds > SILENT_SECONDS:
        return CheckResult(
            name, "degraded", f"{label} has been silent for {seconds // 60} minutes.", hint
        )
    return CheckResult(name, "healthy", f"{label} gave a sign of life {max(0, seconds)} s ago.")


def register() -> None:
    registry.add_check("clock", partial(check_beat, "clock", "The clock"))
    for queue in JobRun.Queue.values:
        label = f"The queue “{queue}”"
        registry.add_check(f"queue:{queue}", partial(check_beat, f"queue:{queue}", label))
