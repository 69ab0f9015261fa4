"""What the sandbox saw: totals, rates and the last requests. Never credentials."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from datetime import datetime
from typing import NamedTuple

from sandbox.clock import stamp
from sandbox.wire import Json

KEPT_REQUESTS = 2_000


class Seen(NamedTuple):
    """One finished request. `at` is sandbox time, `status` 0 for a dropped connection."""

    at: datetime
    account: str
    method: str
    path: str
    status: int


class _Window:
    """Largest number of events within any span of so many seconds (real time)."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._times: deque[float] = deque()
        self.largest = 0

    def add(self, at: float) -> None:
        self._times.append(at)
        while self._times[0] <= at - self._seconds:
            self._times.popleft()
        self.largest = max(self.largest, len(self._times))


class Counters:
    """Counts of all requests since the start or the last `reset`.

    `in_flight` counts requests that are being answered now; it survives a reset.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.in_flight = 0
        self.in_flight_by_account: Counter[str] = Counter()
        self.reset()

    def reset(self) -> None:
        with self._lock:
            self.total = 0
            self.query_more_calls = 0
            self.log_requests = 0
            self.log_downloads = 0
            self.by_account: Counter[str] = Counter()
            self.by_verb: Counter[str] = Counter()
            self.by_status: Counter[int] = Counter()
            self.max_in_flight = self.in_flight
            self.max_in_flight_by_account: Counter[str] = Counter(self.in_flight_by_account)
            self._seconds: dict[str, _Window] = {}
            self._minutes: dict[str, _Window] = {}
            self.requests: deque[Seen] = deque(maxlen=KEPT_REQUESTS)

    def begin(self, account: str, verb: str) -> None:
        """A request for `account` (the charged one, empty if unknown) has come in.

        `verb` is object and verb, such as `ExecutionRecord.queryMore`.
        """
        at = time.monotonic()
        with self._lock:
            self.total += 1
            self.by_account[account] += 1
            self.by_verb[verb] += 1
            self.query_more_calls += verb.endswith(".queryMore")
            self.log_requests += verb == "ProcessLog.create"
            self.log_downloads += verb == "download.get"
            self.in_flight += 1
            self.in_flight_by_account[account] += 1
            self.max_in_flight = max(self.max_in_flight, self.in_flight)
            now = self.in_flight_by_account[account]
            if now > self.max_in_flight_by_account[account]:
                self.max_in_flight_by_account[account] = now
            self._seconds.setdefault(account, _Window(1)).add(at)
            self._minutes.setdefault(account, _Window(60)).add(at)

    def end(self, seen: Seen) -> None:
        with self._lock:
            self.in_flight -= 1
            self.in_flight_by_account[seen.account] -= 1
            self.by_status[seen.status] += 1
            self.requests.append(seen)

    def max_per_second(self, account: str) -> int:
        with self._lock:
            window = self._seconds.get(account)
            return window.largest if window else 0

    def max_per_minute(self, account: str) -> int:
        with self._lock:
            window = self._minutes.get(account)
            return window.largest if window else 0

    def as_json(self) -> dict[str, Json]:
        """Everything, as the control address shows it."""
        with self._lock:
            recent: list[Json] = [
                [stamp(seen.at), seen.account, seen.method, seen.path, seen.status]
                for seen in self.requests
            ]
            return {
                "total": self.total,
                "in_flight": self.in_flight,
                "max_in_flight": self.max_in_flight,
                "query_more_calls": self.query_more_calls,
                "log_requests": self.log_requests,
                "log_downloads": self.log_downloads,
                "by_account": dict(self.by_account),
                "by_verb": dict(self.by_verb),
                "by_status": {str(status): n for status, n in self.by_status.items()},
                "max_in_flight_by_account": dict(self.max_in_flight_by_account),
                "max_per_second": {name: w.largest for name, w in self._seconds.items()},
                "max_per_minute": {name: w.largest for name, w in self._minutes.items()},
                "requests": recent,
            }
