"""The call limiter that all processes of all machines share, one row per charged account.

A row holds the times of the newest admitted calls and the leases of those under way. One
conditional UPDATE takes a place, one gives it back; nothing is locked during the call.
"""

from __future__ import annotations

import json
import random
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection

from boomi.client.errors import RateLimited
from boomi.client.limiter import BACKGROUND
from boomi.limiter_sql import POSTGRESQL, SQLITE, Statements
from boomi.models import LimiterState
from common.logs import get_logger

# Above the longest call the policy of `boomi.clients` lets live, so that only the lease of
# a killed worker ever runs out.
LEASE_SECONDS = 120.0
# A call is sent a little after its place was taken, so calls reach the platform closer
# together than they were admitted: one window is a little longer, the other a little fuller.
SECOND_SECONDS = 1.2
MINUTE_MARGIN = 0.95
BACKGROUND_SHARE = 0.6
# What is stored is rewritten with every call, so the list of times must stay short.
LONGEST_LIST = 200
LEASE_PAUSE = 0.1
ATTEMPTS = 3

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `calls` in any `seconds`."""

    calls: int
    seconds: float

    def condensed(self) -> Cap:
        """The same cap or a stricter one whose list of times is short.

        12,000 in 60 s becomes 200 in 1 s: no window of 60 s can hold more than before.
        """
        parts = -(-self.calls // LONGEST_LIST)
        return Cap(self.calls // parts, self.seconds / parts)


@dataclass(frozen=True, slots=True)
class Caps:
    """The limits in force for one account, as read from the settings at each call."""

    second: Cap
    minute: Cap
    background: Cap
    concurrency: int

    @classmethod
    def from_settings(cls) -> Caps:
        per_minute = max(1, int(settings.API_REQUESTS_PER_MINUTE * MINUTE_MARGIN))
        return cls(
            second=Cap(settings.API_REQUESTS_PER_SECOND, SECOND_SECONDS).condensed(),
            minute=Cap(per_minute, 60.0).condensed(),
            background=Cap(max(1, int(per_minute * BACKGROUND_SHARE)), 60.0).condensed(),
            concurrency=settings.API_CONCURRENCY,
        )

    def parameters(self) -> dict[str, float]:
        """The values that the statements of `limiter_sql` name."""
        return {
            "second_calls": self.second.calls,
            "second_seconds": self.second.seconds,
            "minute_calls": self.minute.calls,
            "minute_seconds": self.minute.seconds,
            "background_calls": self.background.calls,
            "background_seconds": self.background.seconds,
            "concurrency": self.concurrency,
            "kept": max(self.second.calls, self.minute.calls),
            "background_kept": self.background.calls,
        }


class DatabaseLimiter:
    """A `boomi.client.Limiter` whose state is a row of the database.

    Call it outside of any transaction: the row would stay locked until its end. Clocks of
    the machines do not matter on PostgreSQL, where the time is the server's.
    """

    def __init__(self, account_id: str) -> None:
        self._account_id = account_id

    def take(self, purpose: str) -> DatabaseLease:
        """Take a place for one call. Raises RateLimited with the seconds until one is free.

        Never waits. The first call for an account makes its row.
        """
        caps = Caps.from_settings()
        lease_id = secrets.token_hex(6)
        background = purpose == BACKGROUND
        wait = 0.0
        for _ in range(ATTEMPTS):
            if self._admitted(caps, lease_id, background):
                return DatabaseLease(self._account_id, lease_id)
            wait = self._wait_seconds(caps, background)
            if wait > 0:
                break
        # Everybody who waits wakes at a slightly different time.
        raise RateLimited(max(wait, 0.01) + random.uniform(0, 0.02))  # noqa: S311

    def back_off(self, seconds: float) -> None:
        """Let nobody call this account for `seconds`: the platform asked for it."""
        LimiterState.objects.get_or_create(account_id=self._account_id)
        with connection.cursor() as cursor:
            cursor.execute(
                _statements().back_off, {"account_id": self._account_id, "seconds": seconds}
            )

    def _admitted(self, caps: Caps, lease_id: str, background: bool) -> bool:
        values: dict[str, float | str] = {
            **caps.parameters(),
            "account_id": self._account_id,
            "lease_id": lease_id,
            "lease_path": f'$."{lease_id}"',
            "lease_seconds": LEASE_SECONDS,
            "background": int(background),
        }
        with connection.cursor() as cursor:
            cursor.execute(_statements().take, values)
            return cursor.fetchone() is not None

    def _wait_seconds(self, caps: Caps, background: bool) -> float:
        with connection.cursor() as cursor:
            cursor.execute(_statements().read, {"account_id": self._account_id})
            row = cursor.fetchone()
        if row is None:
            LimiterState.objects.get_or_create(account_id=self._account_id)
            return 0.0
        state = State.from_row(row)
        return state.wait_seconds(caps, background)


class DatabaseLease:
    """One call under way; it ends by itself after LEASE_SECONDS."""

    def __init__(self, account_id: str, lease_id: str) -> None:
        self._account_id = account_id
        self._lease_id = lease_id

    def release(self) -> None:
        """Give the place back. A database that is away does not undo the call: the lease ends
        by itself then."""
        values = {
            "account_id": self._account_id,
            "lease_id": self._lease_id,
            "lease_path": f'$."{self._lease_id}"',
        }
        try:
            with connection.cursor() as cursor:
                cursor.execute(_statements().release, values)
        except DatabaseError as error:
            log.warning("boomi.lease_not_released", error=str(error))


@dataclass(frozen=True, slots=True)
class State:
    """A row as read; times are Unix seconds of the database clock."""

    now: float
    hits: Sequence[float]
    background_hits: Sequence[float]
    leases: Mapping[str, float]
    not_before: float

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> State:
        """A raw row: Django hands out JSON columns as text there."""
        now, hits, background_hits, leases, not_before = (
            json.loads(value) if isinstance(value, str) else value for value in row
        )
        return cls(float(now), hits, background_hits, leases, float(not_before))

    def wait_seconds(self, caps: Caps, background: bool) -> float:
        """How long until nothing known stands in the way; 0 when nothing does."""
        waits = [self.not_before - self.now, self._wait(self.hits, caps.second)]
        waits.append(self._wait(self.hits, caps.minute))
        if background:
            waits.append(self._wait(self.background_hits, caps.background))
        if sum(expiry > self.now for expiry in self.leases.values()) >= caps.concurrency:
            # When a call ends nobody knows; usually soon.
            waits.append(LEASE_PAUSE)
        return max(0.0, *waits)

    def _wait(self, hits: Sequence[float], cap: Cap) -> float:
        if len(hits) < cap.calls:
            return 0.0
        return hits[-cap.calls] + cap.seconds - self.now


def _statements() -> Statements:
    return POSTGRESQL if connection.vendor == "postgresql" else SQLITE
