"""How current the mirror of an account is, kind by kind, in words for pages and programs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from boomi.models import SyncMark

# A pass that is a little behind its time is at work or waits its turn for calls.
GRACE = timedelta(minutes=10)
ORDER = {kind: index for index, kind in enumerate(SyncMark.Kind.values)}
# Worst first: what the eye should meet.
BADNESS = {"refused": 0, "late": 1, "faulty": 2, "waiting": 3, "current": 4}


@dataclass(frozen=True, slots=True)
class KindState:
    """One kind of fact of one account. `state` is a key of BADNESS and of the badge "mirror"."""

    mark: SyncMark
    state: str
    sentence: str

    @property
    def kind(self) -> str:
        return self.mark.kind

    @property
    def label(self) -> str:
        return self.mark.get_kind_display()


def state_of(mark: SyncMark, now: datetime) -> KindState:
    """What is to be said of a mark at `now`."""
    if mark.completed_at is None:
        if mark.error:
            return KindState(mark, "refused", mark.error)
        return KindState(mark, "waiting", "The first pass has not ended yet.")
    if mark.due_at is not None and mark.due_at + GRACE < now:
        reason = f" {mark.error}" if mark.error else ""
        return KindState(mark, "late", f"The next pass is overdue.{reason}")
    if mark.error:
        return KindState(mark, "faulty", mark.error)
    return KindState(mark, "current", "")


def states(accounts: Iterable[int], now: datetime | None = None) -> dict[int, list[KindState]]:
    """The kinds of each account by its primary key, in the order of the kinds. One query."""
    moment = now or timezone.now()
    found: dict[int, list[KindState]] = defaultdict(list)
    for mark in SyncMark.objects.filter(account__in=list(accounts)):
        found[mark.account_id].append(state_of(mark, moment))
    for kinds in found.values():
        kinds.sort(key=lambda one: ORDER.get(one.kind, len(ORDER)))
    return found


def worst(kinds: Sequence[KindState]) -> KindState | None:
    """The kind that needs a look first; None when nothing is mirrored."""
    return min(kinds, key=lambda one: BADNESS[one.state], default=None)


def sentence(kinds: Sequence[KindState]) -> str:
    """The mirror in one line: "Everything is current." or what is not."""
    if not kinds:
        return "Nothing is mirrored yet."
    behind = [one for one in kinds if one.state != "current"]
    if not behind:
        return "Everything is current."
    names = ", ".join(one.label.lower() for one in behind[:3])
    more = f" and {len(behind) - 3} more" if len(behind) > 3 else ""
    return f"{len(kinds) - len(behind)} of {len(kinds)} kinds are current; not {names}{more}."
