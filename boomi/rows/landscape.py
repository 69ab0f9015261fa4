"""Accounts, environments, runtimes, deployments and schedules as rows.

Every function writes one batch inside the caller's transaction, writes only what changed, and
is safe to repeat.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from boomi.client import (
    AccountGroupRecord,
    AccountRecord,
    AtomRecord,
    AttachmentRecord,
    DeployedPackageRecord,
    EnvironmentRecord,
    ScheduleRecord,
    ScheduleStatusRecord,
)
from boomi.models import (
    Account,
    AccountGroup,
    Deployment,
    Environment,
    ProcessSchedule,
    Runtime,
)
from boomi.rows.columns import SMALL, TINY, clean, clean_json, fitting
from boomi.rows.upserts import Stored, upsert, upsert_list

OFFLINE = "OFFLINE"


def store_account(account_pk: int, record: AccountRecord, now: datetime) -> None:
    """What the platform tells of the account itself; a name it does not tell is kept."""
    values: dict[str, object] = {
        "status": clean(record.status, 20),
        "support_level": clean(str(record.raw.get("supportLevel") or ""), 20),
        "platform_created_at": record.created_at,
        "expires_at": record.expires_at,
        "licensing": _licensing(record.raw.get("licensing")),
        "facts_seen_at": now,
    }
    if record.name:
        values["name"] = clean(record.name, 200)
    Account.objects.filter(pk=account_pk).update(**values)


def _licensing(told: object) -> dict[str, object]:
    """{kind: {purchased, used}} of the platform's object; what is no pair of numbers is left."""
    if not isinstance(told, dict):
        return {}
    kinds = {name: value for name, value in told.items() if isinstance(value, dict)}
    return clean_json(
        {
            name: {key: value[key] for key in ("purchased", "used") if key in value}
            for name, value in kinds.items()
        }
    )


def store_groups(account_pk: int, records: Sequence[AccountGroupRecord], now: datetime) -> Stored:
    """The complete list of account groups; a sub-account is known as a resource of one."""
    rows = [
        AccountGroup(
            account_id=account_pk,
            group_id=clean(record.group_id, 80),
            name=clean(record.name, 200),
            is_default=bool(record.is_default),
            alert_level=clean(record.alert_level, 20),
            resources=[
                clean_json({"id": one.id, "name": one.name, "type": one.type})
                for one in record.resources
            ],
            seen_at=now,
        )
        for record in records
    ]
    return upsert_list(AccountGroup, account_pk, rows, "group_id", now)


def store_environments(
    account_pk: int, records: Sequence[EnvironmentRecord], now: datetime
) -> Stored:
    """The complete list: what is not in it is gone."""
    rows = [
        Environment(
            account_id=account_pk,
            environment_id=clean(record.environment_id, 80),
            name=clean(record.name, 200),
            classification=clean(record.classification, 10),
            seen_at=now,
        )
        for record in records
    ]
    return upsert_list(Environment, account_pk, rows, "environment_id", now)


def store_runtimes(account_pk: int, records: Sequence[AtomRecord], now: datetime) -> Stored:
    """The complete list: what is not in it is gone. `status_since` is when we saw the change;
    `failed` of the answer are runtimes that were known and went offline."""
    before = {
        row.runtime_id: (row.status, row.status_since)
        for row in Runtime.objects.filter(account_id=account_pk).order_by()
    }
    rows = [_runtime(account_pk, record, before, now) for record in records]
    stored = upsert_list(Runtime, account_pk, rows, "runtime_id", now)
    fallen = sorted(
        {
            row.runtime_id
            for row in rows
            if row.status == OFFLINE and before.get(row.runtime_id, (OFFLINE,))[0] != OFFLINE
        }
    )
    return Stored(stored.seen, stored.new, stored.changed, added=stored.added, failed=tuple(fallen))


def _runtime(
    account_pk: int,
    record: AtomRecord,
    before: dict[str, tuple[str, datetime | None]],
    now: datetime,
) -> Runtime:
    runtime_id, status = clean(record.atom_id, 80), clean(record.status, 20)
    old_status, since = before.get(runtime_id, ("", None))
    return Runtime(
        account_id=account_pk,
        runtime_id=runtime_id,
        name=clean(record.name, 200),
        status=status,
        status_since=since if since and old_status == status else now,
        type=clean(record.atom_type, 20),
        host_name=clean(record.host_name, 200),
        version=clean(record.version, 60),
        purge_days=fitting(record.purge_history_days, TINY, least=0),
        seen_at=now,
    )


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
    if stale := [pk for pair, pk in present.items() if pair not in wanted]:
        through.objects.filter(pk__in=stale).delete()
    if missing := sorted(wanted - set(present)):
        through.objects.bulk_create(
            [through(runtime_id=r, environment_id=e) for r, e in missing], ignore_conflicts=True
        )


def store_deployments(
    account_pk: int, records: Iterable[DeployedPackageRecord], now: datetime
) -> Stored:
    """Insert or update deployments; the promotion columns are not the platform's to change.

    The platform gives some deployments no date: such a one counts from when it was first seen.
    """
    found = {record.deployment_id: record for record in records}
    undated = [name for name, record in found.items() if record.deployed_at is None]
    dates: dict[str, datetime] = {}
    if undated:
        known = Deployment.objects.filter(account_id=account_pk, deployment_id__in=undated)
        dates = dict(known.order_by().values_list("deployment_id", "deployed_at"))
    rows = [
        Deployment(
            account_id=account_pk,
            deployment_id=clean(record.deployment_id, 80),
            environment_id=clean(record.environment_id, 80),
            component_id=clean(record.component_id, 80),
            component_type=clean(record.component_type, 40),
            component_version=fitting(record.component_version, SMALL),
            package_id=clean(record.package_id, 80),
            package_version=clean(record.package_version, 120),
            version=fitting(record.version, SMALL),
            active=bool(record.active),
            deployed_at=record.deployed_at or dates.get(name, now),
            deployed_by=clean(record.deployed_by, 254),
            notes=clean(record.notes, None),
            listener_status=clean(record.listener_status, 20),
            branch_name=clean(record.branch_name, 200),
            seen_at=now,
        )
        for name, record in found.items()
    ]
    kept = [f"promotion_{name}" for name in ("number", "person", "url")]
    return upsert(Deployment, rows, ("account", "deployment_id"), kept=kept)


def store_schedules(account_pk: int, records: Iterable[ScheduleRecord], now: datetime) -> Stored:
    """Schedules; whether each is in force is told apart. `changed_at` is when the mirror saw the
    entries of a schedule that it knew change."""
    rows = [_schedule(account_pk, record, now) for record in records]
    present = ProcessSchedule.objects.filter(
        account_id=account_pk, schedule_id__in=[row.schedule_id for row in rows]
    )
    before = {row.schedule_id: row for row in present.order_by()}
    for row in rows:
        old = before.get(row.schedule_id)
        if old is not None:
            same = (old.entries, old.retry_entries, old.max_retry) == (
                row.entries, row.retry_entries, row.max_retry,
            )  # fmt: skip
            row.changed_at = old.changed_at if same else now
    return upsert(ProcessSchedule, rows, ("account", "schedule_id"), kept=("enabled",))


def store_schedule_statuses(
    account_pk: int, records: Iterable[ScheduleStatusRecord], now: datetime
) -> Stored:
    """Whether schedules are in force; one that is switched counts as changed."""
    told = {(one.process_id, one.atom_id): one.enabled for one in records}
    rows = ProcessSchedule.objects.filter(
        account_id=account_pk,
        process_id__in={process_id for process_id, _ in told},
        runtime_id__in={runtime_id for _, runtime_id in told},
    )
    switched = []
    for row in rows.order_by("pk"):
        enabled = told.get((row.process_id, row.runtime_id), row.enabled)
        if enabled != row.enabled:
            row.changed_at = now if row.enabled is not None else row.changed_at
            row.enabled = enabled
            switched.append(row)
    if switched:
        ProcessSchedule.objects.bulk_update(switched, ["enabled", "changed_at"])
    return Stored(len(told), changed=len(switched))


def _schedule(account_pk: int, record: ScheduleRecord, now: datetime) -> ProcessSchedule:
    return ProcessSchedule(
        account_id=account_pk,
        schedule_id=clean(record.schedule_id, 200),
        process_id=clean(record.process_id, 80),
        runtime_id=clean(record.atom_id, 80),
        entries=[clean_json(entry.to_json()) for entry in record.entries],
        retry_entries=[clean_json(entry.to_json()) for entry in record.retry_entries],
        max_retry=fitting(record.max_retry, TINY, least=0),
        seen_at=now,
    )
