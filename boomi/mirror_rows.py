"""From the client's records to rows: upserts by natural key that touch only what changed.

Every function writes one batch inside the caller's transaction and is safe to repeat.
Texts are cut to their columns and freed of what PostgreSQL refuses (NUL, lone surrogates);
both occur in real messages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db.models import BigIntegerField, Model

from boomi.client import (
    AtomRecord,
    AttachmentRecord,
    DeployedPackageRecord,
    EnvironmentRecord,
    ExecutionRecord,
)
from boomi.models import Deployment, Environment, Execution, ExecutionOutcome, Runtime

M = TypeVar("M", bound=Model)
R = TypeVar("R")

# What PostgreSQL's integer and bigint hold.
SMALL = 2**31 - 1
BIG = 2**63 - 1

_OUTCOMES = {
    "COMPLETE": ExecutionOutcome.SUCCESS,
    "COMPLETE_WARN": ExecutionOutcome.SUCCESS,
    "ERROR": ExecutionOutcome.ERROR,
    "ABORTED": ExecutionOutcome.CANCELLED,
    "ABORTED_RECOVERING": ExecutionOutcome.CANCELLED,
    "DISCARDED": ExecutionOutcome.CANCELLED,
    "STARTED": ExecutionOutcome.RUNNING,
    "INPROCESS": ExecutionOutcome.RUNNING,
    "ENQUEUED": ExecutionOutcome.RUNNING,
}


@dataclass(frozen=True, slots=True)
class Stored:
    """What a batch changed; `failures` are rows that became an error with it."""

    seen: int = 0
    new: int = 0
    changed: int = 0
    failures: int = 0


def outcome_of(record: ExecutionRecord) -> ExecutionOutcome:
    """What a platform status means for people.

    The platform types the status as a free string. An unknown one without an end is still
    running; with an end it is an error if the record tells of one, else cancelled: nobody
    may call it a success.
    """
    known = _OUTCOMES.get(record.status)
    if known is not None:
        return known
    if record.recorded_at is None:
        return ExecutionOutcome.RUNNING
    failed = record.message or record.error_documents
    return ExecutionOutcome.ERROR if failed else ExecutionOutcome.CANCELLED


_EXECUTION_COLUMNS: dict[str, str] = {
    "original_execution_id": "original_execution_id",
    "process_id": "process_id",
    "process_name": "process_name",
    "runtime_id": "atom_id",
    "runtime_name": "atom_name",
    "status": "status",
    "execution_type": "execution_type",
    "started_at": "started_at",
    "recorded_at": "recorded_at",
    "duration_ms": "duration_ms",
    "inbound_documents": "inbound_documents",
    "outbound_documents": "outbound_documents",
    "error_documents": "error_documents",
    "inbound_bytes": "inbound_bytes",
    "outbound_bytes": "outbound_bytes",
    "message": "message",
    "parent_execution_id": "parent_execution_id",
    "top_level_execution_id": "top_level_execution_id",
    "launcher_id": "launcher_id",
    "node_id": "node_id",
}
_LIMITS = {
    name: getattr(Execution._meta.get_field(name), "max_length", None)
    for name in _EXECUTION_COLUMNS
}
_LARGEST = {
    name: BIG if isinstance(Execution._meta.get_field(name), BigIntegerField) else SMALL
    for name in _EXECUTION_COLUMNS
}
# A record that agrees in these is the one we have: most of an overlapping window.
_COMPARED = (
    "status", "recorded_at", "duration_ms", "inbound_documents", "outbound_documents",
    "error_documents",
)  # fmt: skip
_EXECUTION_UPDATES = [*_EXECUTION_COLUMNS, "outcome", "extra", "seen_at"]


def store_executions(account_pk: int, records: Iterable[ExecutionRecord], now: datetime) -> Stored:
    """Insert or update runs. What is known of a run's log is never touched, and a run that
    ended does not run again because an older answer came late."""
    found = {record.execution_id: record for record in records}
    known = {
        row[0]: row[1:]
        for row in Execution.objects.filter(account_id=account_pk, execution_id__in=found)
        .order_by()
        .values_list("execution_id", "outcome", *_COMPARED)
    }
    rows, new, failures = [], 0, 0
    # In one order, so that two syncs of an account cannot lock each other out.
    for execution_id in sorted(found):
        record = found[execution_id]
        outcome, before = outcome_of(record), known.get(execution_id)
        if before is not None and not _differs(record, outcome, before):
            continue
        rows.append(_execution(account_pk, record, outcome, now))
        new += before is None
        failures += outcome == ExecutionOutcome.ERROR and (
            before is None or before[0] != ExecutionOutcome.ERROR
        )
    if rows:
        Execution.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["account", "execution_id"],
            update_fields=_EXECUTION_UPDATES,
        )
    return Stored(len(found), new, len(rows) - new, failures)


def _differs(record: ExecutionRecord, outcome: ExecutionOutcome, before: Sequence[object]) -> bool:
    if outcome == ExecutionOutcome.RUNNING and before[0] != ExecutionOutcome.RUNNING:
        return False
    return any(
        getattr(record, name) != value for name, value in zip(_COMPARED, before[1:], strict=True)
    )


def _execution(
    account_pk: int, record: ExecutionRecord, outcome: ExecutionOutcome, now: datetime
) -> Execution:
    values: dict[str, object] = {}
    for column, attribute in _EXECUTION_COLUMNS.items():
        value = getattr(record, attribute)
        if isinstance(value, str):
            value = clean(value, _LIMITS[column])
        elif isinstance(value, int):
            value = fitting(value, _LARGEST[column])
        values[column] = value
    return Execution(
        account_id=account_pk,
        execution_id=record.execution_id,
        outcome=outcome,
        extra=_extra(record),
        first_seen_at=now,
        seen_at=now,
        **values,
    )


def _extra(record: ExecutionRecord) -> dict[str, object]:
    """The fields we have no column for; the account is the row's own."""
    extra: dict[str, object] = {k: v for k, v in record.raw.items() if k != "account"}
    if record.report_key:
        extra["reportKey"] = record.report_key
    return clean_json(extra) if extra else extra


def store_environments(
    account_pk: int, records: Sequence[EnvironmentRecord], now: datetime
) -> Stored:
    """The complete list: what is not in it is gone."""

    def row(record: EnvironmentRecord) -> Environment:
        return Environment(
            account_id=account_pk,
            environment_id=record.environment_id,
            name=clean(record.name, 200),
            classification=clean(record.classification, 10),
            seen_at=now,
            gone_at=None,
        )

    return _store_all(Environment, "environment_id", records, row, account_pk, now)


def store_runtimes(account_pk: int, records: Sequence[AtomRecord], now: datetime) -> Stored:
    """The complete list: what is not in it is gone. `status_since` is when we saw the change."""
    before = {
        row.runtime_id: (row.status, row.status_since)
        for row in Runtime.objects.filter(account_id=account_pk).order_by()
    }

    def row(record: AtomRecord) -> Runtime:
        status, since = before.get(record.atom_id, ("", None))
        return Runtime(
            account_id=account_pk,
            runtime_id=record.atom_id,
            name=clean(record.name, 200),
            status=clean(record.status, 20),
            status_since=since if since and status == record.status else now,
            type=clean(record.atom_type, 20),
            host_name=clean(record.host_name, 200),
            version=clean(record.version, 60),
            purge_days=fitting(record.purge_history_days, 32767, least=0),
            seen_at=now,
            gone_at=None,
        )

    return _store_all(Runtime, "runtime_id", records, row, account_pk, now)


def store_attachments(account_pk: int, records: Iterable[AttachmentRecord]) -> None:
    """Make the runtimes' environments exactly these."""
    runtimes = dict(
        Runtime.objects.filter(account_id=account_pk).order_by().values_list("runtime_id", "pk")
    )
    environments = dict(
        Environment.objects.filter(account_id=account_pk)
        .order_by()
        .values_list("environment_id", "pk")
    )
    through = Runtime.environments.through
    wanted = {
        (runtimes[record.atom_id], environments[record.environment_id])
        for record in records
        if record.atom_id in runtimes and record.environment_id in environments
    }
    links = through.objects.filter(runtime__account_id=account_pk)
    present = {(link.runtime_id, link.environment_id): link.pk for link in links}
    stale = [pk for pair, pk in present.items() if pair not in wanted]
    through.objects.filter(pk__in=stale).delete()
    through.objects.bulk_create(
        [through(runtime_id=r, environment_id=e) for r, e in sorted(wanted - set(present))],
        ignore_conflicts=True,
    )


def store_deployments(
    account_pk: int, records: Iterable[DeployedPackageRecord], now: datetime
) -> Stored:
    """Insert or update deployments; the promotion columns are not the platform's to change."""
    found = {r.deployment_id: (r, r.deployed_at) for r in records if r.deployed_at is not None}
    rows = [
        Deployment(
            account_id=account_pk,
            deployment_id=record.deployment_id,
            environment_id=clean(record.environment_id, 80),
            component_id=clean(record.component_id, 80),
            component_type=clean(record.component_type, 40),
            component_version=fitting(record.component_version, SMALL),
            package_id=clean(record.package_id, 80),
            package_version=clean(record.package_version, 120),
            version=fitting(record.version, SMALL),
            active=bool(record.active),
            deployed_at=deployed_at,
            deployed_by=clean(record.deployed_by, 254),
            notes=clean(record.notes, None),
            listener_status=clean(record.listener_status, 20),
            seen_at=now,
        )
        for _, (record, deployed_at) in sorted(found.items())
    ]
    kept = {"id", "account", "deployment_id"} | {
        f"promotion_{name}" for name in ("number", "person", "url")
    }
    new = len(rows) - _upsert(Deployment, "deployment_id", rows, kept)
    return Stored(len(rows), new, len(rows) - new)


def _store_all(
    model: type[M],
    key: str,
    records: Sequence[R],
    make: Callable[[R], M],
    account_pk: int,
    now: datetime,
) -> Stored:
    # Pages are no snapshot, so a record may come twice; PostgreSQL refuses a row named twice.
    found = {getattr(row, key): row for row in map(make, records)}
    rows = [found[name] for name in sorted(found)]
    old = _upsert(model, key, rows, {"id", "account", key})
    missing = model._default_manager.filter(account_id=account_pk, gone_at=None)
    gone = missing.exclude(**{f"{key}__in": [getattr(row, key) for row in rows]})
    return Stored(len(rows), len(rows) - old, gone.update(gone_at=now))


def _upsert(model: type[M], key: str, rows: Sequence[M], kept: set[str]) -> int:
    """Write the rows and return how many were there before."""
    if not rows:
        return 0
    account_pk = rows[0].account_id  # type: ignore[attr-defined]
    keys = [getattr(row, key) for row in rows]
    old = model._default_manager.filter(account_id=account_pk, **{f"{key}__in": keys}).count()
    columns = [field.name for field in model._meta.concrete_fields if field.name not in kept]
    model._default_manager.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["account", key],
        update_fields=columns,
    )
    return old


def clean(text: str, limit: int | None) -> str:
    """`text` as every database takes it, cut to `limit` characters."""
    if not text.isascii() or "\x00" in text:
        text = text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
    return text[:limit]


def clean_json(values: Mapping[str, object]) -> dict[str, object]:
    """The same for a JSON object."""

    def cleaned(value: object) -> object:
        if isinstance(value, str):
            return clean(value, None)
        if isinstance(value, Mapping):
            return {clean(str(k), None): cleaned(v) for k, v in value.items()}
        if isinstance(value, list | tuple):
            return [cleaned(item) for item in value]
        return value

    return {clean(key, None): cleaned(value) for key, value in values.items()}


def fitting(value: int | None, largest: int, *, least: int | None = None) -> int | None:
    """A number its column can hold, else None: one absurd record must not stop a sync."""
    lowest = -largest if least is None else least
    return value if value is not None and lowest <= value <= largest else None
