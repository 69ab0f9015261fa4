"""Signing in with an e-mail address, however it is written, and who is at the other end."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from common.models import User, normalise_email

# Some proxies write the port of the caller too.
WITH_PORT = re.compile(r"(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+))(?::[0-9]{1,5})?")


class EmailBackend(ModelBackend):
    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        if username is not None:
            username = normalise_email(username)
        if request is not None:
            # Not reached by a locked caller: this is how the trail tells a try from a knock.
            request.password_checked = True  # type: ignore[attr-defined]
        return super().authenticate(request, username, password, **kwargs)


def login_name(request: HttpRequest, credentials: Mapping[str, Any] | None) -> str:
    """What axes counts failures by: one name per person, or capitals would give more tries.

    Axes keeps the name. What is no address may be a password in the wrong field, and is counted
    by a digest of it.
    """
    given = (credentials or {}).get("username") or request.POST.get("username") or ""
    name = normalise_email(str(given))
    return name[:255] if "@" in name else salted_hmac("common.auth.login_name", name).hexdigest()


def client_address(request: HttpRequest) -> str:
    """The caller's address as the outermost of our TRUSTED_PROXIES saw it.

    Entries further left in X-Forwarded-For are the caller's own words and are not believed.
    What is no address, as when TRUSTED_PROXIES counts too many, is not believed either.
    """
    direct = str(request.META.get("REMOTE_ADDR") or "")
    count = settings.TRUSTED_PROXIES
    if not count:
        return direct
    chain = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    return (_address(chain[-count]) if len(chain) >= count else "") or direct


def _address(text: str) -> str:
    """The address of `203.0.113.9`, `203.0.113.9:4711` or `[2001:db8::1]:4711`; "" if there is
    none."""
    with_port = WITH_PORT.fullmatch(text)
    try:
        return str(ipaddress.ip_address(with_port[1] or with_port[2] if with_port else text))
    except ValueError:
        return ""
