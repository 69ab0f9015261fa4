"""Stories planted among the runs, and the truth about them.

Every story is relative to the epoch. Each function takes the runs in order of
their start and returns them changed; what it did goes into the `Planted` record.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from sandbox import processes as boomi
from sandbox.company import DEV_ATOM, EDI_ATOM
from sandbox.rhythm import BoomiRun, make_uuid

SLOWER_BY = 3.0
SLOWER_SINCE = timedelta(days=-10)
NEW_CAUSE_SINCE = timedelta(days=-6)
NEW_CAUSE = "map-mandatory"
RETURNING_CAUSE = "deadlock"
CAUSE_FIXED_AT = timedelta(days=-25)
CAUSE_BACK_AT = timedelta(days=-3)
OUTAGE = (timedelta(days=-4, hours=-2), timedelta(days=-4, hours=5))
BIG_LOG_BYTES = 21_000_000
OVERLOADED = boomi.STOCK_LEVELS
_OVERLOADED_BEFORE = timedelta(days=-2)


@dataclass(slots=True)
class Planted:
    """The runs that carry a story; None or empty where the scenario is too short for it."""

    failing: BoomiRun | None = None
    zero_documents: BoomiRun | None = None
    caught: BoomiRun | None = None
    test_mode: BoomiRun | None = None
    retry: BoomiRun | None = None
    discarded: BoomiRun | None = None
    aborted: BoomiRun | None = None
    big_logs: list[BoomiRun] = field(default_factory=list)
    missed: list[datetime] = field(default_factory=list)
    overloaded: datetime | None = None
    late: BoomiRun | None = None


def plant(
    runs: list[BoomiRun], epoch: datetime, seed: int
) -> tuple[list[BoomiRun], Planted]:  # fmt: skip
    """All stories, in order. `runs` must be sorted by start."""
    planted = Planted()
    runs = with_stories(runs, epoch, seed, planted)
    runs = _overload(runs, epoch, planted)
    runs = _single_runs(runs, epoch, planted)
    runs += _extra_runs(epoch, seed, planted)
    runs.sort(key=lambda run: (run.start, run.uuid))
    return runs, planted


def with_stories(
    runs: list[BoomiRun], epoch: datetime, seed: int, planted: Planted
) -> list[BoomiRun]:
    """The stories that touch runs of any day, also of days after the scenario's own."""
    return _outages([_gradual(run, epoch, seed) for run in runs], epoch, planted)


def _gradual(run: BoomiRun, epoch: datetime, seed: int) -> BoomiRun:
    """Stories that change many runs of one process."""
    since = run.start - epoch
    chance = random.Random(f"{seed}/{run.uuid}").random()
    if run.process is boomi.STOCK_LEVELS and since >= SLOWER_SINCE:
        return replace(run, duration_ms=int(run.duration_ms * SLOWER_BY))
    if run.process is boomi.CUSTOMER_SYNC and since >= NEW_CAUSE_SINCE and chance < 0.22:
        return run.failing(NEW_CAUSE, 1 + int(chance * 20))
    broken = since < CAUSE_FIXED_AT or since >= CAUSE_BACK_AT
    if run.process is boomi.INVOICE_EXPORT and broken and chance < 0.35:
        return run.failing(RETURNING_CAUSE, run.documents // 2)
    return run


def _outages(runs: list[BoomiRun], epoch: datetime, planted: Planted) -> list[BoomiRun]:
    """Runs a runtime did not start because it was off."""
    off, on = epoch + OUTAGE[0], epoch + OUTAGE[1]
    gone = epoch - timedelta(days=DEV_ATOM.offline_since_days or 0)
    kept = []
    for run in runs:
        if run.process.runtime is EDI_ATOM and off <= run.start < on:
            if run.process is boomi.SHIPMENT_TRACKING:
                planted.missed.append(run.start.replace(second=0))
        elif run.process.runtime is not DEV_ATOM or run.start < gone:
            kept.append(run)
    return kept


def _overload(runs: list[BoomiRun], epoch: datetime, planted: Planted) -> list[BoomiRun]:
    """One run that the platform itself could not start in time."""
    before = epoch + _OVERLOADED_BEFORE
    due = [run for run in runs if run.process is OVERLOADED and run.start < before]
    if not due:
        return runs
    planted.overloaded = due[-1].start.replace(second=0)
    return [run for run in runs if run is not due[-1]]


def _single_runs(runs: list[BoomiRun], epoch: datetime, planted: Planted) -> list[BoomiRun]:
    runs, planted.failing = _change(
        runs, boomi.ORDER_INTAKE, epoch - timedelta(hours=3), _failing_orders
    )
    runs, planted.zero_documents = _change(
        runs, boomi.RETURNS, epoch - timedelta(hours=8), _no_documents
    )
    runs, planted.caught = _change(
        runs, boomi.EDI_INVOICES_OUT, epoch - timedelta(hours=5), _caught_errors
    )
    runs, planted.aborted = _change(
        runs, boomi.SHIPMENT_TRACKING, epoch - timedelta(hours=14), _aborted
    )
    runs, planted.discarded = _change(
        runs, boomi.ORDER_INTAKE, epoch - timedelta(hours=19), _discarded
    )
    runs, planted.late = _change(
        runs, boomi.ORDER_INTAKE, epoch - timedelta(hours=26), _late
    )  # fmt: skip
    before = epoch - timedelta(hours=2)
    for documents in (36_000, 34_500):
        change = partial(_whole_catalogue, documents=documents)
        runs, big = _change(runs, boomi.CATALOGUE_IMPORT, before, change)
        if big is not None:
            planted.big_logs.append(big)
            before = big.start - timedelta(seconds=1)
    return runs


def _change(
    runs: list[BoomiRun],
    process: boomi.BoomiProcess,
    before: datetime,
    change: Callable[[BoomiRun], BoomiRun],
) -> tuple[list[BoomiRun], BoomiRun | None]:
    """Change the last run of `process` that started before the given time."""
    for index in range(len(runs) - 1, -1, -1):
        run = runs[index]
        if run.process is process and run.start <= before:
            runs[index] = change(run)
            return runs, runs[index]
    return runs, None


def _clean(run: BoomiRun) -> BoomiRun:
    return replace(run, cause="", caught="", status="COMPLETE", failed_documents=0, lag_seconds=3)


def _failing_orders(run: BoomiRun) -> BoomiRun:
    """The run the demo looks at: the ERP's token expires at about a fifth of it."""
    run = replace(_clean(run), documents=148, duration_ms=96_400)
    return run.failing("erp-401", 118)


def _no_documents(run: BoomiRun) -> BoomiRun:
    return replace(_clean(run), documents=0, duration_ms=820)


def _caught_errors(run: BoomiRun) -> BoomiRun:
    return replace(
        _clean(run), documents=18, duration_ms=7_300, caught="gateway-502", failed_documents=3
    )


def _aborted(run: BoomiRun) -> BoomiRun:
    run = replace(_clean(run), documents=40, duration_ms=900_000)
    return run.failing("time-limit", 1)


def _discarded(run: BoomiRun) -> BoomiRun:
    note = "Process is already running and does not allow simultaneous executions."
    return replace(_clean(run), status="DISCARDED", documents=0, duration_ms=12, note=note)


def _late(run: BoomiRun) -> BoomiRun:
    return replace(run, lag_seconds=900)


def _whole_catalogue(run: BoomiRun, documents: int) -> BoomiRun:
    return replace(
        _clean(run),
        documents=documents,
        duration_ms=3_420_000,
        caught="bad-400",
        failed_documents=31,
    )


def _extra_runs(epoch: datetime, seed: int, planted: Planted) -> list[BoomiRun]:
    """Runs outside the rhythm: one in test mode and one retry by hand."""
    rng = random.Random(f"{seed}/extra")
    start = (epoch - timedelta(hours=6, minutes=7)).astimezone(UTC).replace(microsecond=0)
    planted.test_mode = BoomiRun(
        make_uuid(rng), boomi.TEST_ORDER_INTAKE, start, 2_150, 2, "test_manual"
    )
    extra = [planted.test_mode]
    if planted.aborted is not None:
        planted.retry = BoomiRun(
            make_uuid(rng),
            boomi.SHIPMENT_TRACKING,
            planted.aborted.start + timedelta(hours=1),
            6_900,
            40,
            "retry_manual",
            original_id=planted.aborted.execution_id,
        )
        extra.append(planted.retry)
    return extra
