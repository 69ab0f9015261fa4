"""Says in one sentence why nothing came back, and how long to wait before the next try.

The libraries wrap one another's exceptions; what happened is found by walking inwards.
"""

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from random import uniform

import requests
from urllib3 import exceptions as urllib3_errors

from boomi.client.errors import Details, Timeout, TransportError, Unreachable

FIRST_WAIT = 0.25
LONGEST_WAIT = 3600.0

_TIMEOUTS = (requests.Timeout, urllib3_errors.TimeoutError, TimeoutError)
_TLS = (requests.exceptions.SSLError, urllib3_errors.SSLError, ssl.SSLError)
_PROXY = (requests.exceptions.ProxyError, urllib3_errors.ProxyError)
_WAYS_OUT = {
    "PROXY_FAILED": "Check HTTPS_PROXY and NO_PROXY of the portal.",
    "HOST_UNKNOWN": "Check the address of the connection and the name service of this machine.",
    "CONNECTION_REFUSED": "Check the address of the connection and the firewalls in between.",
    "TLS_FAILED": "Check the certificate of the host, or trust its issuer on this machine.",
    "CONNECTION_DROPPED": "Try again in a few minutes.",
}


def transport_failure(exc: BaseException, host: str, details: Details) -> TransportError:
    """The typed error for an exception of the HTTP library. Its text names the host only."""
    causes = list(_causes(exc))

    def has(*kinds: type[BaseException]) -> bool:
        return any(isinstance(cause, kinds) for cause in causes)

    why = _innermost_reason(causes)
    if has(*_PROXY):
        message, code = f"The proxy did not connect to {host}{why}.", "PROXY_FAILED"
    elif has(urllib3_errors.NameResolutionError):
        message, code = f"The host name {host} cannot be resolved.", "HOST_UNKNOWN"
    elif has(urllib3_errors.NewConnectionError):
        # urllib3 counts this one among its time-outs, so it is asked about first.
        message, code = f"{host} does not accept connections{why}.", "CONNECTION_REFUSED"
    elif has(*_TIMEOUTS):
        return Timeout(f"{host} did not answer in time.", **details)
    elif has(*_TLS):
        message, code = f"The secured connection to {host} failed{why}.", "TLS_FAILED"
    else:
        message = f"The connection to {host} broke before the answer was complete."
        code = "CONNECTION_DROPPED"
    known: Details = {**details, "code": code, "hint": _WAYS_OUT[code]}
    return Unreachable(message, **known)


def _causes(exc: BaseException) -> Iterator[BaseException]:
    waiting, seen = [exc], set[int]()
    while waiting:
        current = waiting.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        inner = [current.__cause__, current.__context__, getattr(current, "reason", None)]
        waiting += [e for e in (*inner, *current.args) if isinstance(e, BaseException)]


def _innermost_reason(causes: list[BaseException]) -> str:
    for cause in reversed(causes):
        found = getattr(cause, "verify_message", None) or getattr(cause, "strerror", None)
        if isinstance(found, str) and found:
            return f" ({found})"
    return ""


def backoff(attempt: int) -> float:
    """Seconds to wait after the given attempt: doubling, with jitter, always growing."""
    jitter = uniform(1.0, 1.5)  # noqa: S311 - spreads load, guards nothing
    return float(FIRST_WAIT * 2 ** (attempt - 1) * jitter)


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds asked for by a Retry-After header (seconds or HTTP date), 0 to one hour."""
    if not value:
        return None
    if value.strip().isdigit():
        return min(float(value), LONGEST_WAIT)
    try:
        then = parsedate_to_datetime(value)
    except ValueError:
        return None
    then = then if then.tzinfo else then.replace(tzinfo=UTC)
    return min(max((then - now).total_seconds(), 0.0), LONGEST_WAIT)
