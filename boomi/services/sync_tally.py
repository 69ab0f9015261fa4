"""What a sync has done so far: counts for people, carried from slice to slice in the cursor."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from datetime import datetime

from django.utils import timezone

from boomi.mirror_rows import Stored
from scheduling.jobs import JobContext


@dataclass(slots=True)
class Tally:
    """Counts of one sync run. `seconds` is working time; waiting between slices is not in it."""

    executions: int = 0
    new: int = 0
    failures: int = 0
    seconds: float = 0.0
    done: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    began: float = field(default_factory=time.monotonic)

    @classmethod
    def of(cls, ctx: JobContext) -> Tally:
        return cls(**ctx.cursor.get("tally", {}))

    def add(self, stored: Stored) -> None:
        self.executions += stored.seen
        self.new += stored.new
        self.failures += stored.failures

    def as_cursor(self) -> dict[str, object]:
        values = asdict(self)
        values["seconds"] = self._worked()
        del values["began"]
        return {"tally": values}

    def _worked(self) -> float:
        return self.seconds + time.monotonic() - self.began

    @property
    def detail(self) -> str:
        return f"{self.executions:,} executions so far" if self.executions else ""

    @property
    def summary(self) -> str:
        """One line: "412 executions, 9 new failures, 3.1 s"."""
        words = [_count(self.executions, "execution"), _count(self.failures, "new failure")]
        words += [f"{kind} not allowed" for kind in self.refused]
        return ", ".join([*words, f"{self._worked():.1f} s"])

    @property
    def result(self) -> dict[str, object]:
        return {
            "executions": self.executions,
            "new": self.new,
            "failures": self.failures,
            "refused": self.refused,
        }


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def moment(text: object) -> datetime | None:
    """A time as it comes back from a stored cursor."""
    return datetime.fromisoformat(text) if isinstance(text, str) and text else None


def now() -> datetime:
    """The portal's time in whole seconds, as the platform counts."""
    return timezone.now().replace(microsecond=0)
