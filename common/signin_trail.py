"""Sign-ins, failed sign-ins, lock-outs and sign-outs in the audit trail.

The one place of ours that listens to signals: Django and axes give no other way in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from common import audit
from common.actors import Actor, Via
from common.auth import client_address
from common.models import AuditEvent, User, normalise_email

MISTYPED = "(not an e-mail address)"


@receiver(user_logged_in)
def signed_in(request: HttpRequest, user: User, **kwargs: Any) -> None:
    actor = Actor(user, user.email, _door(request), _request_id(request))
    audit.record(actor, "common.user.signed_in", user, note=_where(request))


@receiver(user_logged_out)
def signed_out(request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    if user is not None:
        actor = Actor(user, user.email, _door(request), _request_id(request))
        audit.record(actor, "common.user.signed_out", user)


@receiver(user_login_failed)
def sign_in_failed(
    credentials: Mapping[str, Any], request: HttpRequest | None = None, **kwargs: Any
) -> None:
    if request is None or not _was_tried(request):
        return
    audit.record(
        _nobody(request),
        "common.user.sign_in_failed",
        outcome=AuditEvent.Outcome.REFUSED,
        object_text=_shown_name(str(credentials.get("username") or "")),
        note=_where(request),
    )


@receiver(user_locked_out)
def locked_out(request: HttpRequest, username: str, **kwargs: Any) -> None:
    if not _was_tried(request):
        return
    audit.record(
        _nobody(request),
        "common.user.locked_out",
        outcome=AuditEvent.Outcome.REFUSED,
        object_text=_shown_name(username or ""),
        note=_where(request),
    )


def _was_tried(request: HttpRequest) -> bool:
    """A locked caller may knock a thousand times without trying a password; that is no news."""
    return bool(getattr(request, "password_checked", False))


def _nobody(request: HttpRequest) -> Actor:
    return Actor(None, "anonymous", _door(request), _request_id(request))


def _shown_name(given: str) -> str:
    """People type passwords into the wrong field; only what looks like an address is kept."""
    name = normalise_email(given)
    return name if "@" in name and " " not in name else MISTYPED


def _door(request: HttpRequest) -> Via:
    return "admin" if request.path.startswith("/admin/") else "page"


def _where(request: HttpRequest) -> str:
    return f"from {client_address(request)}"


def _request_id(request: HttpRequest) -> str:
    return str(getattr(request, "request_id", ""))
