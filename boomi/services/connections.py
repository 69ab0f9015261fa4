"""Connections: create, change, test, delete. Saving tests at once, so that nobody waits for
the first sync to learn of a mistyped token.

The token goes in and never comes out: it is in no answer, audit event or message.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TypedDict, Unpack

from django.db import IntegrityError, transaction
from django.utils import timezone

from boomi.clients import in_transaction
from boomi.models import Account, Connection, ConnectionState
from boomi.services import connection_form, connection_tests, removal
from boomi.services.connection_state import ConnectionResult
from common import audit
from common.access import require
from common.actors import Actor
from common.errors import Conflict, InputError, NotAllowed
from common.models import Team, User

CREDENTIALS = frozenset({"base_url", "username", "token"})


class Changes(TypedDict, total=False):
    """What `update` can change; a name that is left out stays as it is."""

    name: str
    base_url: str
    username: str
    token: str
    team: Team | None
    purpose: str
    environment_class: str
    owner: User
    enabled: bool


def create(
    *,
    actor: Actor,
    name: str,
    account_id: str,
    username: str,
    token: str,
    base_url: str = "",
    team: Team | None = None,
    purpose: str = Connection.Purpose.MONITORING,
    environment_class: str = Connection.EnvironmentClass.PRODUCTION,
    owner: User | None = None,
) -> Connection:
    """Save a connection and test it: the row comes back OK (its first sync is under way) or
    FAILING with the reason.

    Inside the caller's transaction the test waits for the commit and the row comes back
    UNVERIFIED. Raises InputError with `fields`, Conflict when the owner has a connection to
    the account already, NotAllowed.
    """
    require(actor, "boomi.connection.create")
    values = connection_form.checked(
        name=name,
        account_id=account_id,
        base_url=base_url,
        username=username,
        token=token,
        purpose=purpose,
        environment_class=environment_class,
    )
    owner = _owner(actor, owner)
    _check_team(actor, team)
    account_id = values.pop("account_id")
    _refuse_same_name(owner, values["name"])
    try:
        with transaction.atomic():
            account, _ = Account.objects.get_or_create(account_id=account_id)
            connection = Connection.objects.create(
                account=account, owner=owner, team=team, **values
            )
            after = {**_told(connection), "account": account_id}
            audit.record(actor, "boomi.connection.created", connection, after=after)
    except IntegrityError:
        raise _taken() from None
    _test_after_save(connection, actor)
    return connection


def update(connection: Connection, *, actor: Actor, **changes: Unpack[Changes]) -> Connection:
    """Change a connection; a blank token keeps the stored one.

    A new address, user name or token makes it UNVERIFIED and tests it again. Raises
    InputError with `fields`, Conflict, NotAllowed; nothing is changed then.
    """
    require(actor, "boomi.connection.edit", connection)
    values = _changed(connection, actor, changes)
    if not values:
        return connection
    before = _told(connection)
    try:
        with transaction.atomic():
            if CREDENTIALS & set(values):
                values |= _unverified(values)
            if not Connection.objects.filter(pk=connection.pk).update(**values):
                raise Conflict("The connection was deleted meanwhile.", hint="Reload the page.")
            connection.refresh_from_db()
            after = {**_told(connection), **({"token": "changed"} if "token" in values else {})}
            audit.record(actor, "boomi.connection.updated", connection, before=before, after=after)
    except IntegrityError:
        raise _taken() from None
    if CREDENTIALS & set(values):
        _test_after_save(connection, actor)
    return connection


def test(connection: Connection, *, actor: Actor) -> ConnectionResult:
    """Try the credentials and rights now, and store the result on the row.

    Takes about 5 s at most and never raises for what the platform says: that is the result.
    Raises NotAllowed.
    """
    require(actor, "boomi.connection.test", connection)
    return connection_tests.run(connection, actor=actor)


def delete(connection: Connection, *, actor: Actor, force: bool = False, reason: str = "") -> None:
    """Delete a connection. What the portal mirrored of its account stays seen by the others.

    The last connection of an account with mirrored rows needs `force`, which only an Admin
    may use, with a reason; the rows are then deleted in the background. Raises Conflict that
    lists what hangs on it, InputError without a reason, NotAllowed.
    """
    require(actor, "boomi.connection.delete", connection)
    left_behind = removal.dependants(connection)
    if left_behind and not force:
        listed = ", ".join(f"{count:,} {name}" for name, count in left_behind.items())
        raise Conflict(
            f"This is the last connection to {connection.account}; {listed} hang on it.",
            hint="Disable the connection instead. An Admin can delete it with all of that.",
            fields={name: [str(count)] for name, count in left_behind.items()},
        )
    if left_behind:
        _check_force(actor, reason)
    account = connection.account
    with transaction.atomic():
        before = {**_told(connection), **left_behind}
        audit.record(actor, "boomi.connection.deleted", connection, before=before, note=reason)
        Connection.objects.filter(pk=connection.pk).delete()
        if left_behind:
            removal.request(account, actor=actor)


def _check_force(actor: Actor, reason: str) -> None:
    if not actor.is_admin:
        raise NotAllowed(
            "Only an Admin may delete a connection together with what was mirrored.",
            hint="Ask an Admin, or disable the connection.",
        )
    if not reason.strip():
        raise InputError(
            "Deleting mirrored history needs a reason.",
            hint="Say in one sentence why it may go.",
            fields={"reason": ["Say in one sentence why it may go."]},
        )


def _changed(connection: Connection, actor: Actor, changes: Changes) -> dict[str, object]:
    """The columns that really change, checked."""
    given = {name: value for name, value in changes.items() if name != "token" or value}
    unknown = set(given) - set(Changes.__annotations__)
    if unknown:
        raise InputError(
            f"A connection cannot change its {', '.join(sorted(unknown))}.",
            hint="Delete it and create another one.",
            fields={name: ["This cannot be changed."] for name in unknown},
        )
    values = {**given, **connection_form.checked_changes(connection, given)}
    changed = {name: value for name, value in values.items() if getattr(connection, name) != value}
    if "owner" in changed:
        changed["owner"] = _owner(actor, changes["owner"])
    if "team" in changed:
        _check_team(actor, changes["team"])
    if "name" in changed:
        _refuse_same_name(connection.owner, str(changed["name"]), connection)
    return changed


def _unverified(values: Mapping[str, object]) -> dict[str, object]:
    now = timezone.now()
    stamp: dict[str, object] = {"token_set_at": now} if "token" in values else {}
    # A new token of the same user proves nothing new; a mistyped one hides no history.
    if {"base_url", "username"} & set(values):
        stamp["proved_at"] = None
    return {
        **stamp,
        "status": ConnectionState.UNVERIFIED,
        "status_since": now,
        "status_code": "",
        "status_reason": "",
        "rights": [],
    }


def _owner(actor: Actor, wanted: User | None) -> User:
    if wanted is not None and wanted != actor.user and not actor.is_admin:
        raise NotAllowed(
            "Only an Admin may give a connection to somebody else.",
            hint="Let the person create the connection, or ask an Admin.",
        )
    owner = wanted or actor.user
    if owner is None:
        raise InputError(
            "A connection needs an owner.", fields={"owner": ["Name the owner's e-mail address."]}
        )
    return owner


def _check_team(actor: Actor, team: Team | None) -> None:
    if team is not None and not actor.is_admin and team.pk not in actor.team_ids:
        text = f"You are not a member of {team}."
        raise InputError(text, hint="Choose one of your own teams.", fields={"team": [text]})


def _refuse_same_name(owner: User, name: str, but: Connection | None = None) -> None:
    same = Connection.objects.filter(owner=owner, name__iexact=name)
    if (same.exclude(pk=but.pk) if but else same).exists():
        text = f"A connection called {name} exists already."
        raise Conflict(text, hint="Choose another name.", fields={"name": [text]})


def _taken() -> Conflict:
    text = "You already have a connection to this account."
    return Conflict(text, hint="Change that connection instead.", fields={"account_id": [text]})


def _told(connection: Connection) -> dict[str, object]:
    """What the audit keeps of a connection: everything but the secret."""
    return {
        "name": connection.name,
        "base_url": connection.base_url,
        "username": connection.username,
        "owner": connection.owner.email,
        "team": str(connection.team or ""),
        "purpose": connection.purpose,
        "environment_class": connection.environment_class,
        "enabled": connection.enabled,
    }


def _test_after_save(connection: Connection, actor: Actor) -> None:
    """No call may be made while the caller's transaction is open, so it waits for its commit."""
    if in_transaction():
        transaction.on_commit(partial(connection_tests.run, connection, actor=actor))
    else:
        connection_tests.run(connection, actor=actor)
