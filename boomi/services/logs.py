"""Fetching a process log: ask the platform, wait for the runtime, download, store.

`advance` does one step and never waits; the caller keeps `state` and comes back when told.
What is known of a log stands on its Execution, so that nobody asks twice.

 (nothing) ─ask─► url ─poll─► 202 wait ─► 200 archive ─► stored: READY
    │ 504 runtime away: WAITING_RUNTIME, again later until the log is purged
    │ no log by design: NONE_BY_DESIGN · older than the platform keeps: PURGED · else FAILED
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import BinaryIO, Literal, cast

from django.conf import settings
from django.utils import timezone

from boomi import logstore
from boomi.client import (
    BoomiClient,
    ForeignHost,
    LogNotThere,
    Missing,
    NotReady,
    RuntimeUnavailable,
    TooLarge,
)
from boomi.logwait import RUNTIME_PAUSE, Progress
from boomi.logzip import BadArchive, open_log_member
from boomi.models import Execution, ExecutionOutcome, LogFile, LogState, Runtime
from boomi.rows.executions import store_executions

MIB = 1024 * 1024
PLATFORM_KEEPS_DAYS = 30
TEST_TYPES = frozenset({"test_manual", "test_sub_process"})

NotePhase = Callable[[str, "int | None", str], None]
State = dict[str, object]


@dataclass(frozen=True, slots=True)
class LogStep:
    """What one step came to.

    "ready" has the `log_file`; "wait" says after how many seconds to come back with `state`
    and why; "none" (no log, by design or purged) and "failed" are final, `reason` is one
    sentence for people.
    """

    kind: Literal["ready", "wait", "none", "failed"]
    after_seconds: float = 0
    state: State = field(default_factory=dict)
    reason: str = ""
    log_file: LogFile | None = None


def advance(
    execution: Execution, *, client: BoomiClient, state: State, note_phase: NotePhase
) -> LogStep:
    """One step towards the stored log of an execution; safe to repeat with the same `state`.

    `note_phase(name, percent, detail)` hears "requested", "waiting" and "downloading"; what
    it raises passes through. Raises BoomiError for faults of the connection (refused
    token, network, limit): nothing is settled then, come back later with the same state.
    """
    execution.refresh_from_db()
    if execution.log_state == LogState.READY and execution.log_file is not None:
        if logstore.is_stored(execution.log_file):
            return LogStep("ready", log_file=execution.log_file)
        _forget_lost(execution)
    fetch = _Fetch(execution, client, Progress.of(state), note_phase)
    return fetch.settled_without_asking() or (fetch.poll() if state.get("url") else fetch.ask())


def _forget_lost(execution: Execution) -> None:
    """The stored file is gone: the log is to be fetched as if it never had been."""
    rows = Execution.objects.filter(pk=execution.pk, log_file=execution.log_file)
    rows.update(log_state=LogState.UNKNOWN, log_reason="", log_file=None)
    execution.refresh_from_db()


def purged_at(execution: Execution) -> datetime:
    """When the platform deletes the log: 30 days after the run, sooner if the runtime does."""
    runtimes = Runtime.objects.filter(
        account_id=execution.account_id, runtime_id=execution.runtime_id
    )
    days = runtimes.order_by().values_list("purge_days", flat=True).first()
    kept = min(days or PLATFORM_KEEPS_DAYS, PLATFORM_KEEPS_DAYS)
    return (execution.recorded_at or execution.started_at) + timedelta(days=kept)


class _Fetch:
    """One step's view of an execution, its client and how far the fetch has come."""

    def __init__(
        self, execution: Execution, client: BoomiClient, progress: Progress, note_phase: NotePhase
    ) -> None:
        self._execution = execution
        self._client = client
        self._progress = progress
        self._note = note_phase

    def settled_without_asking(self) -> LogStep | None:
        """What can be known of the log without a call for it."""
        run = self._execution
        if run.execution_type in TEST_TYPES:
            return self._none(LogState.NONE_BY_DESIGN, "A run in test mode leaves no process log.")
        if run.status == "DISCARDED":
            return self._none(LogState.NONE_BY_DESIGN, "A discarded run leaves no process log.")
        if purged_at(run) <= timezone.now():
            return self._none(LogState.PURGED, self._purged_text())
        if run.outcome == ExecutionOutcome.RUNNING and not self._has_ended():
            return LogStep(
                "failed", reason="The execution is still running; its log is complete at its end."
            )
        return None

    def _purged_text(self) -> str:
        return f"The platform deleted this log on {purged_at(self._execution):%-d %b %Y}."

    def _has_ended(self) -> bool:
        """Our record may be older than the end of the run, so look."""
        record = self._client.execution(self._execution.execution_id)
        if record is None:
            return False
        store_executions(self._execution.account_id, [record], timezone.now())
        self._execution.refresh_from_db()
        return self._execution.outcome != ExecutionOutcome.RUNNING

    def ask(self) -> LogStep:
        """Ask the platform to collect the log; the answer is the address it will be at."""
        self._note("requested", None, "")
        try:
            download = self._client.request_process_log(self._execution.execution_id)
        except RuntimeUnavailable:
            return self._wait_for_runtime()
        except LogNotThere as error:
            return self._ask_again(error.message)
        except NotReady as error:
            return self._ask_again(error.message)
        self._save(LogState.REQUESTED, "")
        self._progress.asked(download.url)
        # The caller commits the address before anything else can go wrong.
        return self._wait(0, "The log was requested.")

    def _ask_again(self, message: str) -> LogStep:
        """Right after its end a run has no log yet, and the platform calls its id invalid."""
        ended = self._execution.recorded_at or self._execution.started_at
        pause = self._progress.not_there(timezone.now() - ended)
        if pause is None:
            return self._failed(
                f"{message} Runs of low-latency processes and refused starts leave none."
            )
        self._note("waiting", None, "The log is not there yet.")
        return self._wait(pause, "The platform has no log of this run yet.")

    def _wait_for_runtime(self) -> LogStep:
        self._progress.forget_url()
        left = (purged_at(self._execution) - timezone.now()).total_seconds()
        # Pauses get short again towards the end: the runtime may come back for the last minute.
        pause = min(self._progress.runtime_away(), max(left / 2, RUNTIME_PAUSE))
        if pause >= left:
            return self._none(
                LogState.PURGED, "The runtime stayed away until the platform deleted the log."
            )
        retry_at = timezone.now() + timedelta(seconds=pause)
        name = self._execution.runtime_name or "The runtime"
        reason = f"{name} cannot be reached."
        self._save(LogState.WAITING_RUNTIME, reason, retry_at=retry_at)
        self._note("waiting", None, f"{reason} Next try at {retry_at:%H:%M} UTC.")
        return self._wait(pause, reason)

    def poll(self) -> LogStep:
        """Ask for the file, and store it once it is there."""
        with tempfile.TemporaryFile(prefix="boomi-log-") as archive:
            out = cast("BinaryIO", archive)
            try:
                self._client.download(
                    self._progress.url, out, max_bytes=_max_bytes(), progress=self._downloading
                )
            except RuntimeUnavailable:
                return self._wait_for_runtime()
            except NotReady as error:
                return self._not_ready(error)
            except Missing:
                return self._ask_anew("The platform no longer offers the requested log.")
            except (ForeignHost, TooLarge) as error:
                return self._failed(f"{error.message} {error.hint}".strip())
            archive.seek(0)
            return self._take(out)

    def _downloading(self, done: int, total: int | None) -> None:
        percent = min(99, done * 100 // total) if total else None
        whole = f" of {_megabytes(total)}" if total else ""
        self._note("downloading", percent, f"{_megabytes(done)}{whole}")

    def _not_ready(self, error: NotReady) -> LogStep:
        collecting = error.status == 202
        pause = self._progress.collecting() if collecting else self._progress.empty()
        self._note("waiting", None, error.message)
        if pause is not None:
            return self._wait(pause, error.message)
        if collecting:
            return self._failed("The runtime did not deliver the log within half an hour.")
        return self._ask_anew("The platform delivered nothing, again and again.")

    def _take(self, archive: BinaryIO) -> LogStep:
        name = f"{self._execution.execution_id}.log"
        try:
            with open_log_member(archive, max_bytes=_max_bytes()) as log:
                log_file = logstore.store(log, name=name, max_bytes=_max_bytes())
        except BadArchive as error:
            return self._ask_anew(str(error)) if error.damaged else self._failed(str(error))
        except logstore.EmptyLog:
            return self._none(
                LogState.NONE_BY_DESIGN, "The log is empty: the run wrote nothing at this level."
            )
        self._save(LogState.READY, "", log_file=log_file)
        return LogStep("ready", log_file=log_file)

    def _ask_anew(self, reason: str) -> LogStep:
        """Whether a second request is worth it; after that it is a failure."""
        if not self._progress.may_ask_anew():
            return self._failed(f"{reason} Try again later.")
        self._progress.forget_url()
        return self._wait(2, reason)

    def _wait(self, seconds: float, reason: str) -> LogStep:
        return LogStep("wait", seconds, self._progress.state(), reason)

    def _none(self, state: LogState, reason: str) -> LogStep:
        self._save(state, reason)
        return LogStep("none", reason=reason)

    def _failed(self, reason: str) -> LogStep:
        self._save(LogState.FAILED, reason)
        return LogStep("failed", reason=reason)

    def _save(
        self,
        state: LogState,
        reason: str,
        *,
        retry_at: datetime | None = None,
        log_file: LogFile | None = None,
    ) -> None:
        """A log that somebody else stored meanwhile stays."""
        rows = Execution.objects.filter(pk=self._execution.pk).exclude(log_state=LogState.READY)
        values: dict[str, object] = {
            "log_state": state, "log_reason": reason[:500], "log_retry_at": retry_at,
        }  # fmt: skip
        if log_file is not None:
            values["log_file"] = log_file
        rows.update(**values)


def _max_bytes() -> int:
    return int(settings.UPLOAD_MAX_MB) * MIB


def _megabytes(size: int) -> str:
    return f"{size / MIB:,.1f} MB"
