"""Which connection is used for work on an account."""

from __future__ import annotations

from boomi.models import Account, Connection, ConnectionState
from common.actors import Actor
from common.errors import Conflict


def working(account: Account, *, actor: Actor) -> Connection:
    """A working connection to the account, the actor's own first. Raises Conflict without one."""
    ready = Connection.objects.select_related("account").filter(
        account=account, enabled=True, status=ConnectionState.OK
    )
    own = ready.filter(owner=actor.user).first() if actor.user else None
    chosen = own or ready.order_by("pk").first()
    if chosen is None:
        raise Conflict(
            f"No working connection to {account} is left.",
            hint="Test the connection of this account; its page says what is wrong.",
            code="NO_CONNECTION",
        )
    return chosen
