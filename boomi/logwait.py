"""How long a log fetch waits for what, and when it gives up. Pure: counts in, pauses out."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta

FRESH = timedelta(minutes=10)
NOT_THERE_PAUSE = 5.0
# Boomi's own tool asks 12 times, 5 s apart, for the log of a run that just ended.
NOT_THERE_TRIES_FRESH = 12
NOT_THERE_TRIES = 2
COLLECTING_TRIES = 360
EMPTY_TRIES = 6
REQUESTS = 2
RUNTIME_PAUSE = 60.0
LONGEST_RUNTIME_PAUSE = 3600.0


@dataclass(slots=True)
class Progress:
    """How far one fetch has come; `state` and `of` carry it through a job's cursor.

    The methods count what happened and return the seconds to wait, None to give up.
    """

    url: str = ""
    requests: int = 0
    missing: int = 0
    polls: int = 0
    empties: int = 0
    away: int = 0

    @classmethod
    def of(cls, state: dict[str, object]) -> Progress:
        known = cls.__dataclass_fields__
        return cls(**{name: value for name, value in state.items() if name in known})  # type: ignore[arg-type]

    def state(self) -> dict[str, object]:
        return dict(asdict(self))

    def asked(self, url: str) -> None:
        self.url = url
        self.requests += 1
        self.polls = self.empties = self.missing = self.away = 0

    def forget_url(self) -> None:
        self.url = ""

    def may_ask_anew(self) -> bool:
        return self.requests < REQUESTS

    def not_there(self, age: timedelta) -> float | None:
        self.missing += 1
        tries = NOT_THERE_TRIES_FRESH if age < FRESH else NOT_THERE_TRIES
        return NOT_THERE_PAUSE if self.missing < tries else None

    def collecting(self) -> float | None:
        """Most logs are there within seconds, so the first pauses are short."""
        self.polls += 1
        return min(float(self.polls), 5.0) if self.polls < COLLECTING_TRIES else None

    def empty(self) -> float | None:
        self.empties += 1
        return 5.0 if self.empties < EMPTY_TRIES else None

    def runtime_away(self) -> float:
        """One minute, then twice as long each time, at most an hour."""
        self.away += 1
        return min(RUNTIME_PAUSE * 2.0 ** min(self.away - 1, 10), LONGEST_RUNTIME_PAUSE)
