"""The audit log: what people changed. Entries are kept for ever.

Types, actions and modifiers are those of the public reference. Some values hold
extension XML with secrets in it, as on the platform: whoever stores them has to
blank them. `PLANTED_SECRETS` lists them, all invented.
"""

from __future__ import annotations

import base64
import hashlib
import random
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sandbox import processes as boomi
from sandbox.clock import stamp
from sandbox.company import (
    CRM_DEV,
    CRM_DEV_ATOM,
    DEV_ATOM,
    EDI_ATOM,
    MOLECULE,
    ORDERS_DEV,
    PRIMARY,
    PRODUCTION,
    TEST,
    TEST_ATOM,
    stable_id,
)
from sandbox.people import PEOPLE, Person, starter_of
from sandbox.planting import OUTAGE
from sandbox.rhythm import BoomiRun
from sandbox.store import ObjectRow
from sandbox.wire import Json, dump

PLANTED_SECRETS = (
    "erp-Winter-7781",
    "shop-key-90ab12cd34ef",
    "sftp-Quarz.Tulpe.44",
    "tok-5f0e9ad1",
)
_SATURDAY = 5
_MANUAL = ("exec_manual", "retry_manual")
_TESTS = ("test_manual",)


@dataclass(frozen=True, slots=True)
class Property:
    name: str
    value: str
    previous: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the audit log. `container_id` is what the action was done to."""

    account_id: str
    at: datetime
    user: str
    message: str
    type: str
    action: str
    container_id: str
    modifier: str = "NONE"
    level: str = "INFO"
    source: str = "UI"
    properties: tuple[Property, ...] = ()

    @property
    def document_id(self) -> str:
        """20 opaque characters."""
        text = f"{self.account_id}/{stamp(self.at)}/{self.user}/{self.type}/{self.action}"
        digest = hashlib.sha256(f"{text}/{self.container_id}/{self.properties}".encode()).digest()
        return base64.urlsafe_b64encode(digest).decode()[:20]


def row_of(entry: Entry) -> ObjectRow:
    """The row of the store; it shows a few seconds after the fact."""
    properties: list[Json] = []
    for found in entry.properties:
        line: dict[str, Json] = {"@type": "AuditLogProperty", "name": found.name}
        if found.previous:
            line["previousValue"] = found.previous
        properties.append({**line, "value": found.value})
    body = dump({
        "@type": "AuditLog",
        "documentId": entry.document_id,
        "accountId": entry.account_id,
        "containerId": entry.container_id,
        "userId": entry.user,
        "message": entry.message,
        "date": stamp(entry.at),
        "type": entry.type,
        "action": entry.action,
        "modifier": entry.modifier,
        "level": entry.level,
        "source": entry.source,
        "AuditLogProperty": properties,
    })  # fmt: skip
    since = stamp(entry.at + timedelta(seconds=2))
    return "AuditLog", entry.account_id, entry.document_id, since, "9999", body, "{}"


def write(connection: sqlite3.Connection, entry: Entry) -> None:
    """Add an entry for something that was just done, in the caller's transaction."""
    connection.execute(
        "INSERT INTO objects (kind, account, id, since, until, body, extra) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        row_of(entry),
    )


def started_by_hand(run_account: str, user: str, at: datetime, process: boomi.BoomiProcess,
                    *, test: bool = False, source: str = "UI") -> Entry:  # fmt: skip
    """The entry of a run that somebody started."""
    kind = "test" if test else "manual"
    return Entry(
        run_account,
        at,
        user,
        f"Process {process.name} executed",
        f"as.process.{kind}_execution",
        "EXECUTE",
        process.runtime.atom_id,
        modifier="MANUAL",
        source=source,
        properties=(
            Property("PROCESS_ID", process.process_id),
            Property("PROCESS_NAME", process.name),
        ),
    )


def audit_of_runs(runs: Iterable[BoomiRun]) -> Iterator[ObjectRow]:
    """Who started the runs that did not start by themselves."""
    for run in runs:
        test = run.execution_type in _TESTS
        if test or run.execution_type in _MANUAL:
            account = run.process.runtime.account_id
            person = starter_of(account, run.uuid)
            at = run.start - timedelta(seconds=1)
            yield row_of(started_by_hand(account, person.user, at, run.process, test=test))


def audit_of_day(day: date) -> Iterator[ObjectRow]:
    """People who sign in on a working day."""
    if day.weekday() >= _SATURDAY:
        return
    for person in PEOPLE:
        rng = random.Random(f"{person.user}/{day.isoformat()}")
        if rng.random() < 0.6:
            at = datetime(day.year, day.month, day.day, 6, tzinfo=UTC)
            at += timedelta(seconds=rng.randrange(3 * 3_600))
            yield row_of(_entered(person, at))


def _entered(person: Person, at: datetime) -> Entry:
    return Entry(
        person.account_id, at, person.user, "User signed in", "account", "ON_ENTRY",
        person.account_id, modifier="SUCCESS",
    )  # fmt: skip


def audit_history(epoch: datetime) -> Iterator[ObjectRow]:
    """What was changed over the months, relative to the epoch."""
    for entry in (*_extensions(epoch), *_operations(epoch), *_housekeeping(epoch)):
        yield row_of(entry)
    for process in boomi.NORTHWIND:
        for environment, lead in ((TEST, 1), (PRODUCTION, 0)):
            yield row_of(
                Entry(
                    PRIMARY.account_id,
                    epoch - timedelta(days=150 + lead),
                    PEOPLE[0].user,
                    f"Process {process.name} attached to {environment.name}",
                    "as.atom.process",
                    "ATTACH",
                    environment.environment_id,
                    properties=(Property("PROCESS_ID", process.process_id),),
                )
            )


def _overrides(secret: str, host: str) -> str:
    """Extension values as the audit log shows them: with what was typed in."""
    connection = stable_id("component", f"{PRIMARY.account_id}/ERP HTTP")
    return (
        '<bns:environmentExtensions xmlns:bns="http://api.platform.boomi.com/"><bns:connections>'
        f'<bns:connection id="{connection}" name="ERP HTTP">'
        f'<bns:field id="url" value="https://{host}/api" encryptedValueSet="false"/>'
        f'<bns:field id="password" value="{secret}" encryptedValueSet="true"/>'
        "</bns:connection></bns:connections></bns:environmentExtensions>"
    )


def _extensions(epoch: datetime) -> Iterator[Entry]:
    ada, dan = PEOPLE[0].user, PEOPLE[2].user
    edits = (
        (-96.2, ada, PRODUCTION, PLANTED_SECRETS[0], "erp.northwind.example"),
        (-41.3, dan, TEST, PLANTED_SECRETS[1], "erp-test.northwind.example"),
        (-9.4, ada, PRODUCTION, PLANTED_SECRETS[2], "erp.northwind.example"),
        (-2.6, dan, TEST, PLANTED_SECRETS[3], "erp-test.northwind.example"),
    )
    for days, user, environment, secret, host in edits:
        yield Entry(
            PRIMARY.account_id,
            epoch + timedelta(days=days),
            user,
            "Environment Extensions saved",
            "as.extensions",
            "EDIT",
            environment.environment_id,
            properties=(Property("NEW_VALUE", _overrides(secret, host), _overrides("", host)),),
        )


def _operations(epoch: datetime) -> Iterator[Entry]:
    """Runtimes and schedules."""
    ada, olga = PEOPLE[0].user, PEOPLE[1].user
    account, tracking = PRIMARY.account_id, boomi.SHIPMENT_TRACKING.process_id
    on = epoch + OUTAGE[1]

    def entry(at: datetime, user: str, message: str, type_: str, action: str, container: str,
              modifier: str = "NONE", *properties: Property) -> Entry:  # fmt: skip
        return Entry(
            account, at, user, message, type_, action, container, modifier, properties=properties
        )

    yield entry(on, olga, "Runtime restarted", "as.atom", "RESTART", EDI_ATOM.atom_id)
    yield entry(
        on + timedelta(minutes=1), olga, "Runtime answered", "as.atom", "UPDATE",
        EDI_ATOM.atom_id, "RESPONSE",
    )  # fmt: skip
    yield entry(
        epoch - timedelta(days=33, hours=1), olga, "Schedule stopped", "as.schedules", "STOP",
        MOLECULE.atom_id, "SINGLE", Property("PROCESS_ID", tracking),
    )  # fmt: skip
    yield entry(
        epoch - timedelta(days=64), olga, "Schedules updated", "as.schedules", "UPDATE",
        MOLECULE.atom_id, "NONE",
        Property("PROCESS_ID", boomi.ORDER_INTAKE.process_id), Property("MINUTES", "5,35", "5"),
    )  # fmt: skip
    yield entry(
        epoch - timedelta(days=51), ada, "Runtime properties saved", "as.atom.properties", "SAVE",
        MOLECULE.atom_id, "NONE", Property("com.boomi.container.purgeDays", "30", "60"),
    )  # fmt: skip
    yield entry(
        epoch - timedelta(days=27), ada, "Listener paused", "as.atom", "PAUSE", MOLECULE.atom_id,
        "MANUAL", Property("PROCESS_ID", boomi.ORDER_WEBHOOK.process_id),
    )  # fmt: skip
    yield entry(
        epoch - timedelta(days=27) + timedelta(hours=1), ada, "Listener resumed", "as.atom",
        "RESUME", MOLECULE.atom_id, "MANUAL",
        Property("PROCESS_ID", boomi.ORDER_WEBHOOK.process_id),
    )  # fmt: skip
    for runtime, days in ((MOLECULE, 610), (EDI_ATOM, 610), (TEST_ATOM, 610), (DEV_ATOM, 610)):
        yield entry(
            epoch - timedelta(days=days), ada, f"Runtime {runtime.name} installed", "as.atom",
            "INSTALL", runtime.atom_id, "TOKEN",
        )  # fmt: skip


def _housekeeping(epoch: datetime) -> Iterator[Entry]:
    """Rights, tokens, deletions."""
    ada, omar, lena = PEOPLE[0].user, PEOPLE[5].user, PEOPLE[4].user
    primary, crm = PRIMARY.account_id, CRM_DEV.account_id
    yield Entry(
        primary, epoch - timedelta(days=205), ada, "API token added", "user.token", "ADD", primary,
        modifier="AUTHENTICATION", properties=(Property("TOKEN_NAME", "Operations portal"),),
    )  # fmt: skip
    yield Entry(
        primary, epoch - timedelta(days=118), ada, "Role updated", "role", "UPDATE", primary,
        properties=(Property("ROLE_NAME", "Operator"),),
    )  # fmt: skip
    yield Entry(
        primary, epoch - timedelta(days=117), ada, "User role changed", "user", "UPDATE", primary,
        modifier="ROLE", properties=(Property("USER", PEOPLE[1].user),),
    )  # fmt: skip
    yield Entry(
        primary, epoch - timedelta(days=72), ada, "Environment updated", "as.environment", "UPDATE",
        TEST.environment_id, modifier="NAME", properties=(Property("NAME", "Test", "Acceptance"),),
    )  # fmt: skip
    yield Entry(
        crm, epoch - timedelta(days=130), omar, "Component deleted", "as.component", "DELETE",
        stable_id("component", f"{crm}/old-lead-import"),
    )  # fmt: skip
    yield Entry(
        crm, epoch - timedelta(days=19), omar, "Runtime log downloaded", "as.atom.log", "DOWNLOAD",
        CRM_DEV_ATOM.atom_id,
    )  # fmt: skip
    yield Entry(
        ORDERS_DEV.account_id, epoch - timedelta(days=12), lena, "Document viewed", "as.document",
        "VIEW", ORDERS_DEV.account_id, modifier="SUCCESS",
    )  # fmt: skip
    yield Entry(
        primary, epoch - timedelta(days=88), "system", "Connector version updated", "as.connector",
        "UPDATE", MOLECULE.atom_id, level="DEBUG", source="INTERNAL",
        properties=(Property("CONNECTOR", "http", "24.09"),),
    )  # fmt: skip
