"""The request limit per account: a token bucket, as strict as the platform's."""

from __future__ import annotations

import threading
import time


class RateLimit:
    """`rate` requests a second and account, with a burst of one second; 0 is no limit.

    Runs on real time: moving the sandbox clock does not refill anything.
    """

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self._lock = threading.Lock()
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, account: str) -> bool:
        """Whether a request charged to `account` may pass now."""
        if self.rate <= 0:
            return True
        now = time.monotonic()
        full = max(1.0, self.rate)
        with self._lock:
            level, at = self._buckets.get(account, (full, now))
            level = min(full, level + (now - at) * self.rate)
            allowed = level >= 1
            self._buckets[account] = (level - 1 if allowed else level, now)
        return allowed
