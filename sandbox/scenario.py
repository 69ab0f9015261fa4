"""The scenarios, and the truth that was planted in them.

`TRUTH` is what holds in every sandbox (accounts, tokens, ids). What depends on
seed and epoch is a `Truth`, which `Sandbox.truth` and `/_sandbox/state` show.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from itertools import chain

from sandbox import company, planting
from sandbox import processes as boomi
from sandbox.account_objects import account_rows
from sandbox.audit import audit_history, audit_of_day, audit_of_runs
from sandbox.bulk_components import bulk_component_rows
from sandbox.causes import CAUSES
from sandbox.clock import stamp
from sandbox.day_by_day import with_children
from sandbox.events import events_of, missed_by_overload, runtime_events
from sandbox.landscape import landscape, releases_of
from sandbox.log_writer import ErrorLine
from sandbox.logs import Nowhere, write_log
from sandbox.other_deployments import other_deployments
from sandbox.planting import Planted
from sandbox.records import BULK_DAYS, bulk_rows, execution_row
from sandbox.rhythm import BoomiRun, runs_of_day
from sandbox.schedules import schedule_rows
from sandbox.store import ExecutionRow, ObjectRow, Store
from sandbox.wire import Json

DAYS_BEFORE, DAYS_AFTER = 45, 60
_SMALL_HOURS = 30
_MOST_EXECUTIONS, _MOST_COMPONENTS, _MOST_DAYS = 20_000_000, 100_000, 60


class ScenarioError(ValueError):
    """There is no such scenario; the message lists those there are."""


@dataclass(frozen=True, slots=True)
class Company:
    """Constant facts of the served accounts."""

    primary: company.Account = company.PRIMARY
    orders_dev: company.Account = company.ORDERS_DEV
    crm_dev: company.Account = company.CRM_DEV
    client: company.Account = company.CLIENT
    stranger: company.Account = company.STRANGER
    credentials: tuple[company.Credential, ...] = company.CREDENTIALS
    environments: tuple[company.Environment, ...] = company.ENVIRONMENTS
    runtimes: tuple[company.Runtime, ...] = company.RUNTIMES
    offline_runtime: company.Runtime = company.DEV_ATOM
    processes: tuple[boomi.BoomiProcess, ...] = boomi.NORTHWIND
    low_latency_process: boomi.BoomiProcess = boomi.ORDER_STATUS

    def credential(self, account: company.Account) -> company.Credential:
        return company.credential_of(account)


TRUTH = Company()


@dataclass(frozen=True, slots=True)
class PlantedRun:
    """`first_error` is the first sign of failure in its log, None for a clean one."""

    execution_id: str
    process_id: str
    process_name: str
    atom_id: str
    start: datetime
    status: str
    execution_type: str
    message: str
    documents: int
    failed_documents: int
    first_error: ErrorLine | None = None


@dataclass(frozen=True, slots=True)
class BigLog:
    """A run whose log is at least `minimum_bytes` long."""

    execution_id: str
    minimum_bytes: int


@dataclass(frozen=True, slots=True)
class Story:
    """Something that changed for one process. `text` is the error text, if any.

    For the returning cause `at` is the time it came back and `fixed_at` when it
    had gone. `deployment_id` is the production deployment at `at`.
    """

    process_id: str
    process_name: str
    at: datetime
    deployment_id: str
    factor: float | None = None
    text: str | None = None
    fixed_at: datetime | None = None
    fixed_by: str | None = None


@dataclass(frozen=True, slots=True)
class MissedWindow:
    """`runtime` was off from `start` to `end`; the process was due at `due`."""

    process_id: str
    process_name: str
    atom_id: str
    start: datetime
    end: datetime
    due: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class Truth:
    """What is planted in one sandbox. None where the scenario is too short for it."""

    scenario: str
    seed: int
    epoch: datetime
    failing_run: PlantedRun | None = None
    zero_documents_run: PlantedRun | None = None
    caught_errors_run: PlantedRun | None = None
    test_mode_run: PlantedRun | None = None
    aborted_run: PlantedRun | None = None
    retry_run: PlantedRun | None = None
    discarded_run: PlantedRun | None = None
    late_run: PlantedRun | None = None
    big_logs: tuple[BigLog, ...] = ()
    slower: Story | None = None
    new_cause: Story | None = None
    returning_cause: Story | None = None
    missed: MissedWindow | None = None

    def as_json(self) -> Json:
        return _plain(asdict(self))


def _plain(value: object) -> Json:
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, str | int | float):
        return value
    raise TypeError(f"{type(value)} has no JSON form")


@dataclass(frozen=True, slots=True)
class Bulk:
    """`executions` runs evenly over `days`, and `components` more components."""

    executions: int
    components: int = 0
    days: int = BULK_DAYS


def check_scenario(name: str) -> Bulk | None:
    """What a scenario `bulk:…` asks for, None for the others. Raises ScenarioError."""
    if name in ("northwind", "small"):
        return None
    kind, *words = name.split(":")
    if kind == "bulk" and 1 <= len(words) <= 3 and all(word.isdecimal() for word in words):
        bulk = Bulk(*map(int, words))
        if _fits(bulk):
            return bulk
    raise ScenarioError(
        f"There is no scenario '{name}'. Choose northwind, small or bulk:N[:C[:D]] "
        "(N executions, C components, a multiple of ten, D days up to 60; for example "
        "bulk:100000:5000:60)."
    )


def _fits(bulk: Bulk) -> bool:
    many = bulk.components <= _MOST_COMPONENTS and bulk.components % 10 == 0
    return 0 < bulk.executions <= _MOST_EXECUTIONS and many and 0 < bulk.days <= _MOST_DAYS


def fill(store: Store, scenario: str, seed: int, epoch: datetime) -> None:
    """Put a scenario into an empty store."""
    bulk = check_scenario(scenario)
    settings = {"scenario": scenario, "seed": str(seed), "epoch": stamp(epoch)}
    if bulk is not None:
        more = bulk_component_rows(bulk.components, epoch, bulk.days)
        objects = chain(landscape(epoch), activity_rows(epoch), more)
        store.fill(settings, objects, bulk_rows(bulk.executions, seed, epoch, bulk.days))
        return
    runs, planted = stories(scenario, seed, epoch)
    objects = chain(landscape(epoch), activity_rows(epoch), _told(runs, planted, epoch))
    store.fill(settings, objects, _rows(runs, seed))


def activity_rows(epoch: datetime) -> Iterator[ObjectRow]:
    """What does not depend on single runs: schedules, people, the audit log so far."""
    yield from schedule_rows()
    yield from account_rows()
    yield from other_deployments(epoch)
    yield from audit_history(epoch)
    for offset in range(-DAYS_BEFORE, DAYS_AFTER + 1):
        yield from audit_of_day((epoch + timedelta(days=offset)).date())


def _told(runs: list[BoomiRun], planted: Planted, epoch: datetime) -> Iterator[ObjectRow]:
    """Events and audit entries of the runs and runtimes."""
    yield from runtime_events(epoch)
    yield from events_of(runs)
    yield from audit_of_runs(runs)
    if planted.overloaded is not None:
        yield missed_by_overload(planted.overloaded)


def last_day(epoch: datetime) -> date:
    """The last day that is filled from the beginning."""
    return (epoch + timedelta(days=DAYS_AFTER)).date()


def _rows(runs: list[BoomiRun], seed: int) -> Iterator[ExecutionRow]:
    for run in runs:
        yield execution_row(run, seed)


def stories(scenario: str, seed: int, epoch: datetime) -> tuple[list[BoomiRun], Planted]:
    """All runs of a scenario in order of start, and what was planted among them."""
    small = scenario == "small"
    before, after = (3, 1) if small else (DAYS_BEFORE, DAYS_AFTER)
    runs = [
        run
        for offset in range(-before - 1, after + 1)
        for process in (*boomi.NORTHWIND, *boomi.ELSEWHERE)
        for run in runs_of_day(process, (epoch + timedelta(days=offset)).date(), seed)
    ]
    runs.sort(key=lambda run: (run.start, run.uuid))
    runs, planted = planting.plant(runs, epoch, seed)
    if small:
        runs = _recent(runs, planted, epoch)
    else:
        first = epoch - timedelta(days=before)
        runs = [run for run in runs if run.start >= first]
    return with_children(runs), planted


def _recent(runs: list[BoomiRun], planted: Planted, epoch: datetime) -> list[BoomiRun]:
    """The last hours, and whatever carries a story."""
    first, last = epoch - timedelta(hours=_SMALL_HOURS), epoch + timedelta(hours=12)
    kept = {run.uuid for run in planted.big_logs}
    return [run for run in runs if first <= run.start < last or run.uuid in kept]


def truth_of(scenario: str, seed: int, epoch: datetime) -> Truth:
    """The truth of a filled store: computed again, not stored."""
    if check_scenario(scenario) is not None:
        return Truth(scenario, seed, epoch)
    _, planted = stories(scenario, seed, epoch)
    long = scenario == "northwind"
    return Truth(
        scenario,
        seed,
        epoch,
        failing_run=_planted_run(planted.failing, seed),
        zero_documents_run=_planted_run(planted.zero_documents, seed),
        caught_errors_run=_planted_run(planted.caught, seed),
        test_mode_run=_planted_run(planted.test_mode, seed),
        aborted_run=_planted_run(planted.aborted, seed),
        retry_run=_planted_run(planted.retry, seed),
        discarded_run=_planted_run(planted.discarded, seed),
        late_run=_planted_run(planted.late, seed),
        big_logs=tuple(
            BigLog(run.execution_id, planting.BIG_LOG_BYTES) for run in planted.big_logs
        ),
        slower=_slower(epoch) if long else None,
        new_cause=_new_cause(epoch) if long else None,
        returning_cause=_returning(epoch) if long else None,
        missed=_missed(planted, epoch) if long else None,
    )


def _planted_run(run: BoomiRun | None, seed: int) -> PlantedRun | None:
    if run is None:
        return None
    return PlantedRun(
        run.execution_id,
        run.process.process_id,
        run.process.name,
        run.process.runtime.atom_id,
        run.start,
        run.status,
        run.execution_type,
        run.message,
        run.documents,
        run.failed_documents,
        write_log(run.log_spec(seed), Nowhere()).first_error,
    )


def _deployment_at(process: boomi.BoomiProcess, offset: timedelta, epoch: datetime) -> str:
    release = next(r for r in releases_of(process, epoch) if r.at == epoch + offset)
    return release.deployment_id(company.PRODUCTION)


def _slower(epoch: datetime) -> Story:
    process, since = boomi.STOCK_LEVELS, planting.SLOWER_SINCE
    return Story(
        process.process_id,
        process.name,
        epoch + since,
        _deployment_at(process, since, epoch),
        factor=planting.SLOWER_BY,
    )


def _new_cause(epoch: datetime) -> Story:
    process, since = boomi.CUSTOMER_SYNC, planting.NEW_CAUSE_SINCE
    return Story(
        process.process_id,
        process.name,
        epoch + since,
        _deployment_at(process, since, epoch),
        text=CAUSES[planting.NEW_CAUSE].text,
    )


def _returning(epoch: datetime) -> Story:
    process = boomi.INVOICE_EXPORT
    fixed, back = planting.CAUSE_FIXED_AT, planting.CAUSE_BACK_AT
    return Story(
        process.process_id,
        process.name,
        epoch + back,
        _deployment_at(process, back, epoch),
        text=CAUSES[planting.RETURNING_CAUSE].text,
        fixed_at=epoch + fixed,
        fixed_by=_deployment_at(process, fixed, epoch),
    )


def _missed(planted: Planted, epoch: datetime) -> MissedWindow:
    process = boomi.SHIPMENT_TRACKING
    start, end = (epoch + offset for offset in planting.OUTAGE)
    return MissedWindow(
        process.process_id,
        process.name,
        process.runtime.atom_id,
        start,
        end,
        tuple(planted.missed),
    )
