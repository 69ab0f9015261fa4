"""The sandbox's own clock: real time plus an offset that tests and demos may move."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

STAMP = "%Y-%m-%dT%H:%M:%SZ"


def stamp(moment: datetime) -> str:
    """UTC time as the API writes it: whole seconds, `Z`."""
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return f"{moment.isoformat()[:19]}Z"


def parse_stamp(text: str) -> datetime:
    """Aware UTC time from ISO 8601 text. A text without a zone counts as UTC.

    Raises ValueError.
    """
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class Clock:
    """Aware UTC time that runs at normal speed from wherever it was last set.

    `on_change` receives the new offset in seconds, so that it survives a restart.
    """

    def __init__(
        self,
        offset_seconds: float = 0.0,
        on_change: Callable[[float], None] | None = None,
    ) -> None:
        self._offset = timedelta(seconds=offset_seconds)
        self._on_change = on_change
        self._lock = threading.Lock()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset

    @property
    def offset_seconds(self) -> float:
        return self._offset.total_seconds()

    def set(self, moment: datetime) -> None:
        """Continue from `moment`. Raises ValueError for a time without a zone."""
        if moment.tzinfo is None:
            raise ValueError("The sandbox clock needs a time with a zone.")
        self.set_offset((moment - datetime.now(UTC)).total_seconds())

    def advance(self, step: timedelta) -> None:
        with self._lock:
            self._offset += step
            self._tell()

    def set_offset(self, seconds: float) -> None:
        """Run `seconds` ahead of (or, negative, behind) real time."""
        with self._lock:
            self._offset = timedelta(seconds=seconds)
            self._tell()

    def _tell(self) -> None:
        if self._on_change is not None:
            self._on_change(self._offset.total_seconds())
