"""A job whose records are jobs of their own: a few at a time, while the parent holds no worker.

The parent's cursor keeps "todo" (keys of records not begun) and "live" ({key: run}). A record
is begun and put into "live" in one step, so a killed parent neither forgets nor repeats one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from scheduling.jobs import Again, JobContext
from scheduling.models import JobRun, JobStatus

AT_ONCE = 8
BUSY_SECONDS, IDLE_SECONDS = 1.0, 4.0
# A child that pauses longer waits for something that may take days; it goes on by itself.
LONG_PAUSE = timedelta(minutes=10)

# Begins a record: the run to wait for, or None when the record is settled already.
Begin = Callable[[int], JobRun | None]
# Hears of a run that ended, or that is left to itself; None when the run was deleted.
Finish = Callable[[int, JobRun | None], None]


def work_through(ctx: JobContext, begin: Begin, finish: Finish, *, phase: str) -> Again | None:
    """Go on with the records of the cursor; None once each of them is settled.

    Both functions are called inside a step and may write; what they raise undoes that step.
    """
    collected = _collect(ctx, finish)
    while _has_room(ctx) and not ctx.should_stop():
        with ctx.step() as cursor:
            key, *cursor["todo"] = cursor["todo"]
            run = begin(key)
            if run is not None:
                cursor["live"] = {**cursor.get("live", {}), str(key): run.pk}
    ctx.raise_if_cancelled()
    todo, live = ctx.cursor.get("todo", []), ctx.cursor.get("live", {})
    total = ctx.cursor.get("total", 0)
    left = len(todo) + len(live)
    ctx.phase(phase, percent=95 * (total - left) / total if total else None, detail=f"{left} left")
    if not left:
        return None
    if not live:
        return Again()
    return Again(BUSY_SECONDS if collected else IDLE_SECONDS, f"{left} of {total} left")


def _has_room(ctx: JobContext) -> bool:
    cursor = ctx.cursor
    return bool(cursor.get("todo")) and len(cursor.get("live", {})) < AT_ONCE


def _collect(ctx: JobContext, finish: Finish) -> int:
    """Take what ended out of "live"; returns how many that were."""
    live: dict[str, int] = ctx.cursor.get("live", {})
    runs = JobRun.objects.in_bulk(list(live.values()))
    ended = [key for key, pk in live.items() if _is_over(runs.get(pk))]
    for key in ended:
        with ctx.step() as cursor:
            finish(int(key), runs.get(live[key]))
            cursor["live"] = {name: pk for name, pk in cursor["live"].items() if name != key}
    return len(ended)


def _is_over(run: JobRun | None) -> bool:
    if run is None or run.is_final:
        return True
    return run.status == JobStatus.WAITING and run.run_at - timezone.now() > LONG_PAUSE
