"""The demo installation: its people, and a mirror that remembers more than the platform.

The sandbox clock is first set 15 days back, so that the portal mirrors the 30 days the
platform knew then; after it is moved on, the portal knows 45 days and the platform 30.
"""

from __future__ import annotations

import json
import urllib.request
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone

from boomi.models import Connection
from boomi.services import connections, sync
from common import audit
from common.actors import Actor
from common.models import Team, User
from common.roles import Role
from scheduling.models import JobRun
from scheduling.testing import drain

PASSWORD = "northwind-demo"  # noqa: S105 - printed on purpose; the demo listens on loopback only
TEAM = "Integration"
LONG_MEMORY_DAYS = 15
PLATFORM_MEMORY_DAYS = 30


@dataclass(frozen=True, slots=True)
class DemoPerson:
    email: str
    name: str
    role: Role
    in_team: bool = True


PEOPLE = (
    DemoPerson("ada@northwind.example", "Ada Admin", Role.ADMIN),
    DemoPerson("dan@northwind.example", "Dan Developer", Role.DEVELOPER),
    DemoPerson("olga@northwind.example", "Olga Operator", Role.OPERATOR),
    DemoPerson("vic@northwind.example", "Vic Viewer", Role.VIEWER),
)


@dataclass(frozen=True, slots=True)
class SandboxAccount:
    """An account of the sandbox and the invented credential that opens it."""

    name: str
    account_id: str
    username: str
    token: str
    environment_class: str


def people() -> list[User]:
    """Create the demo people once; existing ones keep what was changed in them."""
    team, _ = Team.objects.get_or_create(name=TEAM)
    return [_person(person, team) for person in PEOPLE]


@transaction.atomic
def _person(person: DemoPerson, team: Team) -> User:
    found = User.objects.filter(email=person.email).first()
    if found:
        return found
    user = User.objects.create_user(person.email, PASSWORD, name=person.name)
    user.groups.add(Group.objects.get(name=person.role))
    if person.in_team:
        user.teams.add(team)
    audit.record(Actor.system("demo"), "common.user.created", user)
    return user


def connect(account: SandboxAccount, base_url: str, owner: User) -> Connection:
    """The owner's connection to a sandbox account; a moved sandbox is followed to its new port."""
    actor = Actor.person(owner, via="command")
    found = Connection.objects.filter(owner=owner, account__account_id=account.account_id).first()
    if found is None:
        return connections.create(
            actor=actor,
            name=account.name,
            account_id=account.account_id,
            base_url=base_url,
            username=account.username,
            token=account.token,
            team=Team.objects.get(name=TEAM),
            purpose=Connection.Purpose.MONITORING,
            environment_class=account.environment_class,
        )
    if found.base_url != base_url:
        connections.update(found, actor=actor, base_url=base_url, token=account.token)
    return found


def mirror(connection: Connection, *, days: int | None = None) -> JobRun:
    """Sync one connection to its end, in this process; returns the finished run.

    `days` reads that far back again, for a platform whose clock was moved meanwhile.
    """
    since = timezone.now() - timedelta(days=days) if days else None
    if days:
        # What the platform counted by its other clock is no measure of what it has now.
        connection.account.completeness.all().delete()
    actor = Actor.person(connection.owner, via="command")
    run = sync.request(connection, actor=actor, since=since)
    drain(ignore_waits=True)
    run.refresh_from_db()
    return run


def forget_counts(connection: Connection) -> None:
    """Drop the comparisons with the platform: made under a clock that was moved meanwhile."""
    connection.account.completeness.all().delete()


def set_sandbox_clock(base_url: str, *, days_back: int) -> None:
    """Set the sandbox clock so many days behind real time; 0 lets it run with it again."""
    body = json.dumps({"offset_seconds": -days_back * 86_400}).encode()
    request = urllib.request.Request(  # noqa: S310 - a loopback address the caller built
        f"{base_url}/_sandbox/clock",
        data=body,
        headers={"Content-Type": "application/json"},
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        answer.read()
