"""Settings that would only fail late or quietly, checked at start-up."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured

from common import crypto

GRACE_SECONDS = 3
SHORTEST_AUDIT_KEY = 16


@register(Tags.security)
def keys_are_well_formed(app_configs: object, **kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    try:
        crypto.ring()
    except ImproperlyConfigured as error:
        found.append(Error(str(error), id="portal.E001"))
    if len(settings.AUDIT_KEY) < SHORTEST_AUDIT_KEY:
        found.append(
            Error(
                f"AUDIT_KEY is shorter than {SHORTEST_AUDIT_KEY} characters.",
                hint="`python manage.py generate_key` prints a good one.",
                id="portal.E002",
            )
        )
    if settings.AUDIT_KEY in {settings.SECRET_KEY, *settings.ENCRYPTION_KEYS}:
        found.append(
            Warning(
                "AUDIT_KEY is used for something else too.",
                hint="Give it a value of its own, so that losing one key does not lose the other.",
                id="portal.W001",
            )
        )
    return found


@register(Tags.security)
def https_ends_somewhere(app_configs: object, **kwargs: Any) -> list[CheckMessage]:
    """`serve` speaks plain http; who redirects that to https must know what came in by https."""
    if not settings.SECURE_SSL_REDIRECT or settings.SECURE_PROXY_SSL_HEADER:
        return []
    return [
        Warning(
            "SITE_URL is https, but TRUSTED_PROXIES is 0.",
            hint="Behind a proxy that ends TLS, set TRUSTED_PROXIES to the number of proxies and "
            "let the proxy set X-Forwarded-Proto; else every page redirects to itself.",
            id="portal.W002",
        )
    ]


@register
def queue_cannot_deliver_twice(app_configs: object, **kwargs: Any) -> list[CheckMessage]:
    """django-q2 starts its retry clock when a task is prefetched, not when it begins."""
    queue: dict[str, Any] = settings.Q_CLUSTER
    prefetched = queue["queue_limit"] / queue["workers"] + 2
    least = prefetched * (queue["timeout"] + GRACE_SECONDS)
    if queue["retry"] > least:
        return []
    return [
        Error(
            f"Q_CLUSTER retry is {queue['retry']} s; it must be above {least:.0f} s.",
            hint="retry > (queue_limit / workers + 2) * (timeout + 3), or tasks run twice.",
            id="portal.E003",
        )
    ]


@register
def slices_fit_the_queue(app_configs: object, **kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    queue: dict[str, Any] = settings.Q_CLUSTER
    if queue["timeout"] <= settings.JOB_SLICE_SECONDS:
        found.append(
            Error(
                "JOB_SLICE_SECONDS must be below the timeout of Q_CLUSTER.",
                hint=f"Choose less than {queue['timeout']}.",
                id="portal.E004",
            )
        )
    if settings.JOB_HEARTBEAT_SECONDS * 2 > settings.JOB_LEASE_SECONDS:
        found.append(
            Error(
                "JOB_HEARTBEAT_SECONDS must be at most half of JOB_LEASE_SECONDS.",
                hint="One late heartbeat must not lose the lease.",
                id="portal.E005",
            )
        )
    return found
