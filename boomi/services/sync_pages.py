"""What the passes of a sync share: the mark of a kind, windows of time, and walks over pages.

A page and the cursor behind it are one step, so a kill costs one page. The token of a page may
be forgotten by the platform; its window is then read from the start again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar, Generic, TypeVar

from django.conf import settings

from boomi.client import BoomiClient, Broken, Page, Rejected, field
from boomi.client.queries import Expression
from boomi.models import SyncMark
from boomi.rows.upserts import Stored
from boomi.services import cadence
from boomi.services.sync_tally import Tally, moment, now
from scheduling.jobs import JobContext

R = TypeVar("R")
AGAIN = "again"


@dataclass(frozen=True, slots=True)
class Window:
    """What happened between two times, both included; `token` is the next page of it.

    Without a `start` it reaches back to the beginning.
    """

    start: datetime | None
    end: datetime
    token: str = ""

    @classmethod
    def of(cls, stored: object) -> Window | None:
        if not isinstance(stored, dict):
            return None
        end = moment(stored.get("to"))
        token = str(stored.get("token") or "")
        return cls(moment(stored.get("from")), end, token) if end else None

    def stored(self) -> dict[str, str]:
        start = self.start.isoformat() if self.start else ""
        return {"from": start, "to": self.end.isoformat(), "token": self.token}


Ask = Callable[[Window, str | None], Page[R]]
Store = Callable[[Sequence[R]], Stored]


class MarkedPass:
    """One slice's work on one kind of fact of one account."""

    kind: ClassVar[str]

    def __init__(self, ctx: JobContext, client: BoomiClient, account_pk: int, tally: Tally) -> None:
        self.ctx = ctx
        self.client = client
        self.account_pk = account_pk
        self.tally = tally
        self.started = now()
        self.mark, _ = SyncMark.objects.get_or_create(account_id=account_pk, kind=self.kind)

    def walk(
        self,
        name: str,
        window: Window | None,
        ask: Ask[R],
        store: Store[R],
        done: Callable[[Window], None] | None = None,
    ) -> bool:
        """Read a window to its end, or go on where its cursor stands; False when the slice ends
        before. `done` runs in the step of the last page."""
        going: Window | None = self.window(name) or window
        before: Page[R] | None = None
        while going is not None:
            if self.ctx.should_stop():
                return False
            page = _page(ask, going)
            if page.next_token and page == before:
                raise Broken(f"The platform sends the same page of {self.kind} again and again.")
            before = page
            going = self._take(name, going, page, store, done)
        return True

    def _take(
        self,
        name: str,
        window: Window,
        page: Page[R],
        store: Store[R],
        done: Callable[[Window], None] | None,
    ) -> Window | None:
        following = replace(window, token=page.next_token) if page.next_token else None
        with self.ctx.step() as cursor:
            self.count(store(page.items), cursor)
            if following is None and done is not None:
                done(window)
            self.save(cursor=self.cursor_with(name, following))
        self.ctx.phase(f"mirroring {self.label}", detail=self.tally.detail)
        return following

    @property
    def label(self) -> str:
        return SyncMark.Kind(self.kind).label.lower()

    def window(self, name: str) -> Window | None:
        return Window.of(self.mark.cursor.get(name))

    def cursor_with(self, name: str, window: Window | None) -> dict[str, object]:
        """The mark's cursor with this walk at `window`, or without it."""
        others = {key: value for key, value in self.mark.cursor.items() if key != name}
        return {**others, name: window.stored()} if window else others

    def count(self, stored: Stored, cursor: dict[str, object]) -> None:
        """Note inside a step what it stored."""
        self.tally.count(self.kind, stored.new)
        self.mark.rows += stored.new
        cursor.update(self.tally.as_cursor())

    def save(self, **values: object) -> None:
        for name, value in values.items():
            setattr(self.mark, name, value)
        self.mark.save(update_fields=[*values, "rows"])

    def complete(self, *, due_at: datetime | None = None, **values: object) -> bool:
        """The pass is over; the kind is due again after its own time or at `due_at`."""
        with self.ctx.step(**self.tally.as_cursor()):
            self.save(
                completed_at=now(),
                error=self.tally.complaint,
                due_at=due_at or cadence.next_due(self.kind, self.started),
                **values,
            )
        return True


class TimedPass(MarkedPass, Generic[R]):
    """A kind whose records carry a time: what is new since the watermark, and an overlap before.

    At first `first` of the past is read, or all of it when that is None.
    """

    property: ClassVar[str]
    first: ClassVar[timedelta | None]

    def overlap(self) -> timedelta:
        """How far behind the watermark is read again: records appear late."""
        return timedelta(minutes=settings.SYNC_OVERLAP_MINUTES)

    def ask(self, expression: Expression | None, token: str | None) -> Page[R]:
        raise NotImplementedError

    def store(self, records: Sequence[R]) -> Stored:
        raise NotImplementedError

    def after(self) -> bool:
        """What follows the new records; False when the slice is over before."""
        return True

    def run(self) -> bool:
        self.is_first = self.mark.watermark is None
        if self.walk("head", self._head(), self._ask, self.store, self._read) and self.after():
            return self.complete()
        return False

    def _ask(self, window: Window, token: str | None) -> Page[R]:
        return self.ask(since(self.property, window), token)

    def _head(self) -> Window:
        """The window of this pass, laid out once and only ever made longer."""
        mine = f"since:{self.kind}"
        asked = None if mine in self.ctx.cursor else moment(self.ctx.params.get("since"))
        window = self.window("head") or Window(self._start(), self.started)
        start = window.start
        if self.mark.cursor.get(AGAIN):
            start = self._start()
        if asked is not None and start is not None:
            start = min(start, asked)
        if start != window.start:
            window = Window(start, window.end)
        with self.ctx.step(**({mine: True} if asked else {})):
            cursor = self.cursor_with("head", window)
            cursor.pop(AGAIN, None)
            self.save(cursor=cursor)
        return window

    def _start(self) -> datetime | None:
        if self.mark.watermark is None or self.mark.cursor.get(AGAIN):
            return self.started - self.first if self.first is not None else None
        return self.mark.watermark - self.overlap()

    def _read(self, window: Window) -> None:
        self.save(watermark=max(window.end, self.mark.watermark or window.end))


def since(property_name: str, window: Window) -> Expression | None:
    """The records of a window that has no end but now: clocks differ a little."""
    return field(property_name).ge(window.start) if window.start else None


def _page(ask: Ask[R], window: Window) -> Page[R]:
    """A page of the window; a token the platform has forgotten starts it again."""
    try:
        return ask(window, window.token or None)
    except Rejected:
        if not window.token:
            raise
        return ask(window, None)
