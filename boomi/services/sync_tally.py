"""What a sync has done so far: counts for people, carried from slice to slice in the cursor."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from datetime import datetime

from django.utils import timezone

from boomi.models import SyncMark
from boomi.rows.upserts import Stored
from scheduling.jobs import JobContext

Kind = SyncMark.Kind


@dataclass(slots=True)
class Tally:
    """Counts of one sync run. `seconds` is working time; waiting between slices is not in it.

    `kind` is what is being mirrored now; `unreadable` counts the records of each kind that had
    to be left out, `complaints` holds the first sentence about them. `added` counts new rows of
    each kind but executions. `refused` and `troubled` say which kinds could not be read, `later`
    those that let the others go first, `faults` how often each failed so far.
    """

    executions: int = 0
    new: int = 0
    failures: int = 0
    seconds: float = 0.0
    done: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    troubled: dict[str, str] = field(default_factory=dict)
    later: list[str] = field(default_factory=list)
    faults: dict[str, int] = field(default_factory=dict)
    added: dict[str, int] = field(default_factory=dict)
    checked: bool = False
    gaps: int = 0
    kind: str = ""
    unreadable: dict[str, int] = field(default_factory=dict)
    complaints: dict[str, str] = field(default_factory=dict)
    others_wait: bool = False
    began: float = field(default_factory=time.monotonic)

    @classmethod
    def of(cls, ctx: JobContext) -> Tally:
        return cls(**ctx.cursor.get("tally", {}))

    def add(self, stored: Stored) -> None:
        """Count executions."""
        self.executions += stored.seen
        self.new += stored.new
        self.failures += stored.failures

    def count(self, kind: str, new: int) -> None:
        """Count new rows of another kind."""
        if new:
            self.added[kind] = self.added.get(kind, 0) + new

    def leave_out(self, sentence: str) -> None:
        """Count a record of the present kind that cannot be read, and why."""
        self.unreadable[self.kind] = self.unreadable.get(self.kind, 0) + 1
        self.complaints.setdefault(self.kind, sentence)

    def is_settled(self, kind: str) -> bool:
        return kind in self.done or kind in self.refused or kind in self.troubled

    @property
    def complaint(self) -> str:
        """What is missing of the present kind in a sentence or two; empty when all was read."""
        number = self.unreadable.get(self.kind, 0)
        if not number:
            return ""
        first = self.complaints[self.kind]
        return f"{_count(number, 'unreadable record')} left out. {first}"[:500]

    def as_cursor(self) -> dict[str, object]:
        values = asdict(self)
        values["seconds"] = self._worked()
        del values["began"], values["others_wait"]
        return {"tally": values}

    def _worked(self) -> float:
        return self.seconds + time.monotonic() - self.began

    @property
    def detail(self) -> str:
        rows = self.added.get(self.kind, 0)
        if self.kind == Kind.EXECUTIONS:
            return f"{self.executions:,} executions so far" if self.executions else ""
        return f"{_count(rows, 'new row')} so far" if rows else ""

    @property
    def summary(self) -> str:
        """One line: "412 executions, 9 new failures, 3 new events, 3.1 s"."""
        words = []
        if Kind.EXECUTIONS in self.done or self.executions or not self.done:
            words = [_count(self.executions, "execution"), _count(self.failures, "new failure")]
        words += [f"{n:,} new in {Kind(k).label.lower()}" for k, n in self.added.items()]
        words += [f"{kind} not allowed" for kind in self.refused]
        words += [f"{kind} failed" for kind in self.troubled]
        if left_out := sum(self.unreadable.values()):
            words.append(_count(left_out, "unreadable record"))
        if self.gaps:
            words.append(_count(self.gaps, "gap"))
        return ", ".join([*(words or ["nothing new"]), f"{self._worked():.1f} s"])

    @property
    def result(self) -> dict[str, object]:
        return {
            "executions": self.executions,
            "new": self.new,
            "failures": self.failures,
            "added": self.added,
            "refused": self.refused,
            "troubled": self.troubled,
            "unreadable": self.unreadable,
            "gaps": self.gaps,
        }


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def moment(text: object) -> datetime | None:
    """A time as it comes back from a stored cursor."""
    return datetime.fromisoformat(text) if isinstance(text, str) and text else None


def now() -> datetime:
    """The portal's time in whole seconds, as the platform counts."""
    return timezone.now().replace(microsecond=0)
