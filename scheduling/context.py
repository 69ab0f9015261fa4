"""What a job gets to work with: its parameters, its cursor, and fenced ways to report.

Every report is one conditional update, so a worker that lost its run cannot disturb the
one that has it now.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from common.actors import Actor
from scheduling.lease import Lease, LostLease, lease_end
from scheduling.models import Automation, JobLogLine, JobRecordError, JobRun
from scheduling.texts import plain_json, storable

KEPT_LOG_LINES = 300
KEPT_RECORD_ERRORS = 100
CANCEL_CHECK_SECONDS = 1.0
PHASE_WRITE_SECONDS = 0.25


class JobCancelled(Exception):
    """Somebody asked to cancel the run; raised between two steps, never inside one."""


class JobContext:
    """One slice of one run, in the hands of the worker that claimed it."""

    def __init__(self, run: JobRun) -> None:
        self.run = run
        self.lease = Lease(run.pk, run.fence)
        self._ends = time.monotonic() + settings.JOB_SLICE_SECONDS
        self._cursor = plain_json(run.cursor)
        self._percent = run.percent
        self._phase_written = 0.0
        self._unwritten: dict[str, object] = {}
        self._cancel_checked = 0.0
        self._cancelled = False
        self._new_lines = 0
        self._keeps_errors = True

    @property
    def params(self) -> dict[str, Any]:
        return dict(self.run.params)

    @property
    def cursor(self) -> dict[str, Any]:
        """A copy of what the last step committed; dates come back as text."""
        return plain_json(self._cursor)

    @property
    def actor(self) -> Actor:
        """Who asked for the run, at the door "job"."""
        return Actor(self.run.owner, self.run.actor_text, "job", self.run.request_id)

    @property
    def automation(self) -> Automation | None:
        """The automation this run belongs to; None for work that was asked for by itself."""
        return self.run.automation

    def remember(self, **values: Any) -> None:
        """Keep values (plain JSON) for the next run of the automation; call it inside a step.

        They are kept with the step or not at all. A run without an automation, or whose
        automation was deleted, remembers nothing.
        """
        if not connection.in_atomic_block:
            raise RuntimeError("Remember only inside a step, so that it is undone with it.")
        if self.automation is None:
            return
        rows = Automation.objects.filter(pk=self.automation.pk)
        # Runs may work beside each other: none shall undo what another remembered.
        memory = rows.select_for_update().values_list("memory", flat=True).first()
        if memory is not None:
            self.automation.memory = {**memory, **plain_json(values)}
            rows.update(memory=self.automation.memory)

    def count_records(self, *, done: int = 0, failed: int = 0) -> None:
        """Add to the counts of records shown on the run. Inside a step they are undone with
        it. Raises LostLease."""
        self.lease.write(
            records_done=F("records_done") + done, records_failed=F("records_failed") + failed
        )

    def record_error(self, record: str, message: str, url: str = "") -> None:
        """Count a record as failed and say why; the first hundred reasons are kept.

        `record` names it for people, `url` leads to its page. Raises LostLease.
        """
        if not self._keeps_errors:
            self.count_records(failed=1)
            return
        with transaction.atomic():
            self.count_records(failed=1)
            self._keeps_errors = self.run.record_errors.count() < KEPT_RECORD_ERRORS
            if self._keeps_errors:
                JobRecordError.objects.create(
                    run=self.run,
                    record=storable(record, 300),
                    message=storable(message, 1000),
                    url=url if len(url) <= 300 else "",
                )

    def time_left(self) -> float:
        """Seconds until this slice should have ended; never negative."""
        return max(0.0, self._ends - time.monotonic())

    def should_stop(self) -> bool:
        """True when the slice is over or a cancel was asked: return Again or raise soon."""
        return self.time_left() <= 0 or self._cancel_asked()

    def raise_if_cancelled(self) -> None:
        """Raises JobCancelled when a cancel was asked, LostLease when the run was taken away."""
        if self._cancel_asked():
            raise JobCancelled

    def phase(self, name: str, percent: float | None = None, detail: str = "") -> None:
        """Say what is being done. `percent` (0 to 100) never goes back within a run.

        Quick repeats of one phase are written a few times a second; the last one is never
        lost. Raises LostLease.
        """
        if percent is not None:
            self._percent = max(self._percent or 0, min(100, int(percent)))
        same = name == self.run.phase
        self.run.phase = name
        self._unwritten = {
            "phase": storable(name, 80),
            "percent": self._percent,
            "detail": storable(detail, 300),
        }
        if not same or time.monotonic() - self._phase_written >= PHASE_WRITE_SECONDS:
            self._phase_written = time.monotonic()
            self.lease.write(**self.take_unwritten())

    def take_unwritten(self) -> dict[str, object]:
        """The progress that `phase` held back, for the next write to carry."""
        values, self._unwritten = self._unwritten, {}
        return values

    def log(self, text: str, level: str = "info") -> None:
        """Add a line for people to the run; the newest 300 are kept. Raises LostLease."""
        with transaction.atomic():
            self.lease.write()
            JobLogLine.objects.create(run=self.run, level=level, text=storable(text, 1000))
        self._new_lines += 1
        if self._new_lines == KEPT_LOG_LINES:
            self.forget_old_lines()

    def forget_old_lines(self) -> None:
        """Keep the newest lines of the run; costs nothing when this slice said nothing."""
        if not self._new_lines:
            return
        self._new_lines = 0
        lines = JobLogLine.objects.filter(run=self.run)
        oldest = lines.order_by("-id").values_list("pk", flat=True)[KEPT_LOG_LINES - 1 :].first()
        if oldest is not None:
            lines.filter(pk__lt=oldest).delete()

    @contextmanager
    def step(self, **cursor_changes: Any) -> Iterator[dict[str, Any]]:
        """Commit a piece of work and the cursor that says it is done, or neither.

        The block runs inside one transaction; the yielded dict is the next cursor and may
        be changed further. Keep it within a few seconds and without remote calls: SQLite has
        one writer, and a sweep that meets the locked row waits for it. Raises LostLease when
        the run belongs to another worker now and JobCancelled when a cancel was asked; nothing
        is written then.
        """
        self.raise_if_cancelled()
        following = {**self.cursor, **cursor_changes}
        with transaction.atomic(durable=True):
            self.lease.extend()
            yield following
            following = plain_json(following)
            self.lease.write(**self._step_values(following))
        self._cursor = following

    def _step_values(self, cursor: dict[str, Any]) -> dict[str, object]:
        """The lease is extended once more: a sweeper that waited for this row must let go."""
        values = {"cursor": cursor, "lease_until": lease_end(), **self.take_unwritten()}
        if cursor != self._cursor:
            values["attempts"] = 0
        return values

    def _cancel_asked(self) -> bool:
        now = time.monotonic()
        if self._cancelled or now - self._cancel_checked < CANCEL_CHECK_SECONDS:
            return self._cancelled
        self._cancel_checked = now
        row = JobRun.objects.filter(pk=self.run.pk, fence=self.lease.fence)
        asked = row.values_list("cancel_asked_at", flat=True)[:1]
        if not asked:
            raise LostLease(f"Run {self.run.pk} was taken from fence {self.lease.fence}.")
        self._cancelled = asked[0] is not None
        return self._cancelled
