"""Tries a connection against the platform: which account it is and which rights it has."""

from __future__ import annotations

from dataclasses import asdict

from boomi.client import INTERACTIVE, BoomiError, ConnectionCheck
from boomi.clients import open_client, translate
from boomi.models import Connection, ConnectionState
from boomi.services import connection_state, sync
from boomi.services.connection_state import ConnectionResult
from common.actors import Actor
from common.errors import PortalError, RemoteBusy


def run(connection: Connection, *, actor: Actor) -> ConnectionResult:
    """Call the platform, store the result, and start a sync when the connection became OK."""
    failure: PortalError | None = None
    try:
        client = open_client(
            connection, purpose=INTERACTIVE, hurried=True, feature="connection.test"
        )
        check = client.check()
    except BoomiError as error:
        failure = translate(error)
    except PortalError as error:
        failure = error
    result = ConnectionResult.of(failure) if failure else _found(check, connection)
    if isinstance(failure, RemoteBusy):
        # The limit says nothing about the credentials.
        return result
    was_ok = connection.status == ConnectionState.OK
    if (
        connection_state.store(connection, result, actor)
        and result.ok
        and not was_ok
        and connection.enabled
    ):
        sync.start(connection, actor=actor)
    return result


def _found(check: ConnectionCheck, connection: Connection) -> ConnectionResult:
    rights = [asdict(right) for right in check.rights]
    if all(right.granted is False for right in check.rights):
        # So the platform answers for an account it does not know, too.
        return ConnectionResult(
            False,
            code="ACCESS_DENIED",
            message=f"The platform shows {connection.username} nothing of the account "
            f"{connection.account.account_id}.",
            hint="Check the account id (Settings › Account Information in Boomi), and that the "
            "user belongs to that account.",
            rights=rights,
            duration_ms=check.duration_ms,
        )
    missing = sorted({right.needed_for for right in check.missing})
    message = f"Connected, but without the right to read {', '.join(missing)}." if missing else ""
    return ConnectionResult(
        True,
        account_name=check.account_name,
        message=message,
        rights=rights,
        duration_ms=check.duration_ms,
    )
