"""What is known of a connection's credentials, and the one place that writes its status.

A result belongs to the credentials that were tried: when somebody changed them meanwhile,
it is not stored.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from boomi.models import Account, Connection, ConnectionState
from boomi.rows.columns import clean
from common import audit
from common.actors import Actor
from common.errors import PortalError
from common.models import AuditEvent
from common.states import compare_and_set


@dataclass(frozen=True, slots=True)
class ConnectionResult:
    """What a test found. `code` is "" when `ok`; each right is a dict of name, needed_for,
    granted (True, False, None for not found out) and detail."""

    ok: bool
    account_name: str = ""
    code: str = ""
    message: str = ""
    hint: str = ""
    rights: list[dict[str, object]] = field(default_factory=list)
    duration_ms: int = 0

    @classmethod
    def of(cls, failure: PortalError) -> ConnectionResult:
        return cls(False, code=failure.code, message=failure.message, hint=failure.hint)


def store(connection: Connection, result: ConnectionResult, actor: Actor) -> bool:
    """Write a result; False when the tried credentials are no longer those of the row."""
    now = timezone.now()
    status = ConnectionState.OK if result.ok else ConnectionState.FAILING
    values: dict[str, object] = {
        "status": status,
        "status_code": result.code,
        "status_reason": result.message[:500],
        "rights": result.rights,
        "checked_at": now,
    }
    if result.ok and connection.proved_at is None:
        values["proved_at"] = now
    if connection.status != status:
        values["status_since"] = now
    tried = {
        "token_set_at": connection.token_set_at,
        "username": connection.username,
        "base_url": connection.base_url,
    }
    before = {"status": connection.status}
    with transaction.atomic():
        if not compare_and_set(connection, tried, values):
            return False
        if result.account_name:
            name = clean(result.account_name, 200)
            Account.objects.filter(pk=connection.account_id).exclude(name=name).update(name=name)
        audit.record(
            actor,
            "boomi.connection.tested",
            connection,
            before=before,
            after={"status": status, "code": result.code},
            note=result.message,
            outcome=AuditEvent.Outcome.DONE if result.ok else AuditEvent.Outcome.FAILED,
        )
    return True
