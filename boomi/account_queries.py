"""Reads of accounts for their pages: a fixed number of SQL queries, however many accounts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Model, Q, QuerySet, Sum
from django.utils import timezone

from boomi import mirror_state
from boomi.mirror_state import KindState
from boomi.models import (
    Account,
    ApiCall,
    Circuit,
    CompletenessCheck,
    Component,
    Connection,
    ConnectionState,
    Deployment,
    Environment,
    Execution,
    ExecutionOutcome,
    ExecutionSummary,
    Folder,
    PackagedComponent,
    PlatformAuditEntry,
    PlatformEvent,
    ProcessSchedule,
    Runtime,
)

DAY = timedelta(hours=24)
# Worst first; the state of an account is that of its best connection.
CONNECTION_ORDER = (ConnectionState.OK, ConnectionState.FAILING, ConnectionState.UNVERIFIED)


@dataclass(frozen=True, slots=True)
class Overview:
    """One account as the list shows it. Numbers are of the last 24 hours where they count runs."""

    account: Account
    connection: Connection | None
    online: int
    runtimes: int
    runs: int
    failed: int
    kinds: list[KindState]
    missing: int
    calls: int
    circuit: Circuit | None
    fresh_at: datetime | None
    worst: KindState | None = field(init=False)
    sentence: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "worst", mirror_state.worst(self.kinds))
        object.__setattr__(self, "sentence", mirror_state.sentence(self.kinds))

    @property
    def runtimes_note(self) -> str:
        return f"of {self.runtimes}"

    @property
    def failed_percent(self) -> int | None:
        """Rounded up: one failure of a thousand is not none."""
        return -(-100 * self.failed // self.runs) if self.runs else None


def overviews(accounts: Sequence[Account], connections: QuerySet[Connection]) -> list[Overview]:
    """What the list of accounts shows; `connections` are those the reader may see."""
    keys = [account.pk for account in accounts]
    now = timezone.now()
    best = _best_connections(connections.filter(account__in=keys))
    runtimes = _runtimes(keys)
    runs = _runs(keys, now)
    kinds = mirror_state.states(keys, now)
    missing = _missing(keys)
    remote = [account.account_id for account in accounts]
    calls = _calls(remote, now)
    circuits = {row.account_id: row for row in Circuit.objects.filter(account_id__in=remote)}
    return [
        Overview(
            account=account,
            connection=best.get(account.pk),
            online=runtimes[account.pk][0],
            runtimes=runtimes[account.pk][1],
            runs=runs[account.pk][0],
            failed=runs[account.pk][1],
            kinds=kinds.get(account.pk, []),
            missing=missing.get(account.pk, 0),
            calls=calls.get(account.account_id, 0),
            circuit=_unwell(circuits.get(account.account_id)),
            fresh_at=_fresh_at(kinds.get(account.pk, [])),
        )
        for account in accounts
    ]


def _best_connections(connections: QuerySet[Connection]) -> dict[int, Connection]:
    found: dict[int, Connection] = {}
    for row in connections.order_by("-enabled", "pk"):
        known = found.get(row.account_id)
        if known is None or _rank(row) < _rank(known):
            found[row.account_id] = row
    return found


def _rank(connection: Connection) -> tuple[bool, int]:
    return not connection.enabled, CONNECTION_ORDER.index(ConnectionState(connection.status))


def _runtimes(keys: list[int]) -> dict[int, tuple[int, int]]:
    rows = (
        Runtime.objects.filter(account__in=keys, gone_at=None)
        .order_by()
        .values_list("account")
        .annotate(online=Count("pk", filter=Q(status="ONLINE")), all=Count("pk"))
    )
    found: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    found.update({account: (online, total) for account, online, total in rows})
    return found


def _runs(keys: list[int], now: datetime) -> dict[int, tuple[int, int]]:
    rows = (
        Execution.objects.filter(account__in=keys, started_at__gte=now - DAY, started_at__lt=now)
        .order_by()
        .values_list("account")
        .annotate(all=Count("pk"), failed=Count("pk", filter=Q(outcome=ExecutionOutcome.ERROR)))
    )
    found: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    found.update({account: (total, failed) for account, total, failed in rows})
    return found


def _missing(keys: list[int]) -> dict[int, int]:
    rows = (
        CompletenessCheck.objects.filter(account__in=keys, on_platform__gt=F("mirrored"))
        .order_by()
        .values_list("account")
        .annotate(gap=Sum(F("on_platform") - F("mirrored")))
    )
    return dict(rows)


def _calls(account_ids: list[str], now: datetime) -> dict[str, int]:
    rows = (
        ApiCall.objects.filter(account_id__in=account_ids, at__gte=now - DAY)
        .order_by()
        .values_list("account_id")
        .annotate(all=Count("pk"))
    )
    return dict(rows)


def _unwell(circuit: Circuit | None) -> Circuit | None:
    return circuit if circuit is not None and circuit.state != Circuit.State.CLOSED else None


def _fresh_at(kinds: Sequence[KindState]) -> datetime | None:
    """When the executions were complete last: what people mean by fresh."""
    return next(
        (one.mark.completed_at for one in kinds if one.kind == one.mark.Kind.EXECUTIONS), None
    )


@dataclass(frozen=True, slots=True)
class ObjectCount:
    """How much of one kind of object is mirrored; `url_name` is the list that shows it."""

    label: str
    count: int
    url_name: str = ""
    query: str = ""


def object_counts(account: Account) -> list[ObjectCount]:
    """Every kind of mirrored object with its number. One query per kind."""
    here = f"account={account.account_id}"
    parts: tuple[tuple[str, QuerySet[Any], str, str], ...] = (
        ("Low-latency summaries", _of(ExecutionSummary, account), "", ""),
        ("Runtimes", _of(Runtime, account).filter(gone_at=None), "runtimes", here),
        ("Environments", _of(Environment, account).filter(gone_at=None), "", ""),
        ("Deployments", _of(Deployment, account), "deployments", here),
        ("Packages", _of(PackagedComponent, account), "", ""),
        ("Components", _of(Component, account).filter(deleted=False), "components", here),
        ("Folders", _of(Folder, account).filter(deleted=False, gone_at=None), "", ""),
        ("Schedules", _of(ProcessSchedule, account).filter(gone_at=None), "", ""),
        ("Events", _of(PlatformEvent, account), "", ""),
        ("Audit entries", _of(PlatformAuditEntry, account), "", ""),
    )
    runs = account.tallies.order_by().aggregate(sum=Sum("runs"))["sum"] or 0
    return [
        ObjectCount("Executions", runs, "executions", here),
        *(ObjectCount(label, rows.count(), name, query) for label, rows, name, query in parts),
    ]


def _of(model: type[Model], account: Account) -> QuerySet[Any]:
    return model._default_manager.filter(account=account).order_by()


@dataclass(frozen=True, slots=True)
class CompletenessRow:
    """One kind's counts: the newest days first, or one row of the whole."""

    label: str
    checks: tuple[CompletenessCheck, ...]
    missing: int

    @property
    def on_platform(self) -> int:
        return sum(check.on_platform for check in self.checks)

    @property
    def mirrored(self) -> int:
        return sum(check.mirrored for check in self.checks)

    @property
    def checked_at(self) -> datetime:
        return max(check.checked_at for check in self.checks)

    @property
    def days(self) -> tuple[CompletenessCheck, ...]:
        """Nothing when the kind is counted as a whole."""
        return tuple(check for check in self.checks if check.day)

    @property
    def lacking(self) -> tuple[CompletenessCheck, ...]:
        return tuple(check for check in self.days if check.missing)


def completeness(account: Account) -> list[CompletenessRow]:
    """The platform's counts against the mirror's, kind by kind. One query."""
    by_kind: dict[str, list[CompletenessCheck]] = defaultdict(list)
    for check in account.completeness.order_by("kind", "-day"):
        by_kind[check.kind].append(check)
    return [
        CompletenessRow(
            checks[0].get_kind_display(), tuple(checks), sum(check.missing for check in checks)
        )
        for _, checks in sorted(by_kind.items(), key=lambda item: mirror_state.ORDER[item[0]])
    ]


def environments(account: Account) -> list[Environment]:
    """The environments with their runtimes. Two queries."""
    rows = account.environments.filter(gone_at=None).order_by("classification", "name")
    return list(rows.prefetch_related("runtimes"))


def process_names(account: Account) -> dict[str, str]:
    """Names of processes by id: from components, and from runs where none is mirrored."""
    names = dict(
        account.components.filter(type="process").order_by().values_list("component_id", "name")
    )
    known = account.schedules.order_by().values_list("process_id", flat=True)
    missing = [process_id for process_id in known if process_id not in names]
    if missing:
        runs = account.executions.filter(process_id__in=missing).order_by()
        names |= dict(runs.values_list("process_id", "process_name").distinct())
    return names


def failed_by_process(account: Account, now: datetime) -> Counter[str]:
    """Failures of the last 24 hours by name of the process."""
    rows = account.executions.filter(
        outcome=ExecutionOutcome.ERROR, started_at__gte=now - DAY, started_at__lt=now
    ).order_by()
    return Counter(dict(rows.values_list("process_name").annotate(all=Count("pk"))))
