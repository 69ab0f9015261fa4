"""Health checks of the platform's side: does it answer, and how old are the tokens."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone

from boomi import breaker
from boomi.models import Connection
from common.registry import CheckResult, registry

# After the day a token is due, so many more pass before it counts as forgotten.
GRACE = timedelta(days=30)


def check_platform() -> CheckResult:
    """Degraded while the circuit of an account in use is not closed."""
    try:
        circuits = breaker.away()
    except DatabaseError:
        return CheckResult("platform", "down", "The database does not answer.")
    if not circuits:
        return CheckResult("platform", "healthy", "It answered when it was called last.")
    first = circuits[0]
    others = f" and {len(circuits) - 1} more" if len(circuits) > 1 else ""
    return CheckResult(
        "platform",
        "degraded",
        f"No answer for {first.account_id}{others} since {first.state_since:%Y-%m-%d %H:%M} UTC: "
        f"{first.reason}",
        "It is tried again by itself; the platform's status page may say more.",
    )


def check_tokens() -> CheckResult:
    """Degraded when a token in use is due for a new one, down when that was forgotten.

    An old token keeps working, so this never makes the portal as a whole not ready.
    """
    if not settings.TOKEN_ROTATION_DAYS:
        return CheckResult("tokens", "healthy", "Their age is not watched.")
    now = timezone.now()
    due = now - timedelta(days=settings.TOKEN_ROTATION_DAYS)
    try:
        set_at = Connection.objects.filter(enabled=True, token_set_at__lte=due).order_by(
            "token_set_at"
        )
        old = list(set_at.values_list("name", "token_set_at"))
    except DatabaseError:
        return CheckResult("tokens", "down", "The database does not answer.")
    if not old:
        text = f"None is older than {settings.TOKEN_ROTATION_DAYS} days."
        return CheckResult("tokens", "healthy", text)
    name, oldest = old[0]
    more = f" and {len(old) - 1} more" if len(old) > 1 else ""
    days = (now - oldest).days
    state = "down" if oldest <= due - GRACE else "degraded"
    word = "overdue" if state == "down" else "due"
    return CheckResult(
        "tokens",
        state,
        f"A new token is {word} for “{name}”{more}: it is {days} days old.",
        "Create a new token on the platform and enter it in the connection.",
        vital=False,
    )


def register() -> None:
    registry.add_check("platform", check_platform)
    registry.add_check("tokens", check_tokens)
