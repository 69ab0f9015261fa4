"""Executions: what is new first, then what was unfinished, then the past, newest day first.

The mark of an account says how far each has come:
  watermark  everything the platform told from here back to the start of the fill is mirrored
  head       {from, to, token}   the unfinished page walk of the newest window
  fill       {from, to, token}   the past still to be read, backwards from `to`, day by day
A page and the mark behind it are one transaction, so a kill costs one page.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet

from boomi import mirror_rows
from boomi.client import BoomiClient, Broken, ExecutionRecord, Page, Rejected, Sort, field
from boomi.mirror_rows import Stored
from boomi.models import Execution, ExecutionOutcome, SyncMark
from boomi.services.sync_tally import Tally, moment, now
from scheduling.jobs import JobContext

KEPT_BY_PLATFORM = timedelta(days=30)
WINDOW = timedelta(days=1)
NEWEST_FIRST = Sort("executionTime", descending=True)
# An "or" group of so many ids makes a body of some 8 kB and an answer of one page.
ASKED_AT_ONCE = 50
STALE_AFTER = timedelta(days=1)
ASK_STALE_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Window:
    """Runs that began between two times, both included; `token` is the next page of it."""

    start: datetime
    end: datetime
    token: str = ""

    @classmethod
    def of(cls, stored: object) -> Window | None:
        if not isinstance(stored, dict):
            return None
        start, end = moment(stored.get("from")), moment(stored.get("to"))
        token = str(stored.get("token") or "")
        return cls(start, end, token) if start and end else None

    def stored(self) -> dict[str, str]:
        return {"from": self.start.isoformat(), "to": self.end.isoformat(), "token": self.token}

    def newest_day(self) -> Window:
        return replace(self, start=max(self.start, self.end - WINDOW))


def mirror_executions(ctx: JobContext, client: BoomiClient, account_pk: int, tally: Tally) -> bool:
    """Bring the account's executions up to date; False when the slice is over before."""
    return ExecutionPass(ctx, client, account_pk, tally).run()


class ExecutionPass:
    """One slice's work on one account's executions."""

    def __init__(self, ctx: JobContext, client: BoomiClient, account_pk: int, tally: Tally) -> None:
        self._ctx = ctx
        self._client = client
        self._tally = tally
        self._mark, _ = SyncMark.objects.get_or_create(
            account_id=account_pk, kind=SyncMark.Kind.EXECUTIONS
        )
        self._overlap = timedelta(minutes=settings.SYNC_OVERLAP_MINUTES)
        self._before: Page[ExecutionRecord] | None = None

    def run(self) -> bool:
        self._begin()
        if not (self._read_head() and self._ask_unfinished()):
            return False
        while (fill := self._window("fill")) is not None:
            if self._ctx.should_stop():
                return False
            if self._head_is_old() and not self._read_head():
                return False
            self._read_past(fill)
        with self._ctx.step(**self._tally.as_cursor()):
            self._save(completed_at=now(), error=self._tally.complaint)
        return True

    def _begin(self) -> None:
        """Lay out the first fill, or one that somebody asked for with a time."""
        started, asked = now(), moment(self._ctx.params.get("since"))
        fill, first = self._window("fill"), self._mark.watermark is None
        if not first and (asked is None or self._ctx.cursor.get("since_begun")):
            return
        start = min(asked or started, started - KEPT_BY_PLATFORM) if first else asked
        if start is None:
            return
        wanted = Window(start if fill is None else min(start, fill.start), started)
        with self._ctx.step(since_begun=True):
            cursor = {**self._mark.cursor, "fill": wanted.stored()}
            self._save(watermark=self._mark.watermark or started, cursor=cursor)

    def _head_is_old(self) -> bool:
        newest = self._mark.watermark or now()
        return now() - newest > timedelta(seconds=max(60, settings.AUTO_SYNC_SECONDS))

    def _read_head(self) -> bool:
        """Read what began since the watermark, and once more the overlap before it: records
        appear late, and a run that goes on changes its record."""
        head = self._window("head")
        if head is None:
            head = Window((self._mark.watermark or now()) - self._overlap, now())
        while head is not None:
            if self._ctx.should_stop():
                return False
            page = self._page(head)
            following = replace(head, token=page.next_token) if page.next_token else None
            with self._ctx.step() as cursor:
                self._store(page.items, cursor)
                if following is None:
                    self._save(watermark=max(head.end, self._mark.watermark or head.end))
                self._save(cursor=self._cursor_with("head", following))
            head = following
        return True

    def _read_past(self, fill: Window) -> None:
        """One page of the newest day that is still missing."""
        day = fill.newest_day()
        page = self._page(day)
        if page.next_token:
            following: Window | None = replace(fill, token=page.next_token)
        else:
            following = Window(fill.start, day.start) if day.start > fill.start else None
        with self._ctx.step() as cursor:
            self._store(page.items, cursor)
            self._save(cursor=self._cursor_with("fill", following))
        self._ctx.phase(
            "mirroring executions",
            self._percent(following),
            f"{self._tally.detail}, back to {day.start:%-d %b}",
        )

    def _percent(self, fill: Window | None) -> float:
        if fill is None:
            return 99
        whole = (self._mark.watermark or fill.end) - fill.start
        return 100 * (1 - (fill.end - fill.start) / whole) if whole else 99

    def _page(self, window: Window) -> Page[ExecutionRecord]:
        """A page of the window; a token the platform has forgotten starts it again."""
        asked = field("executionTime").between(window.start, window.end)
        try:
            page = self._client.execution_page(asked, window.token or None, NEWEST_FIRST)
        except Rejected:
            if not window.token:
                raise
            page = self._client.execution_page(asked, None, NEWEST_FIRST)
        if page.next_token and page == self._before:
            raise Broken("The platform sends the same page of executions again and again.")
        self._before = page
        return page

    def _ask_unfinished(self) -> bool:
        """Ask by id for runs that were going on when we last heard of them."""
        asked_from = now()
        while unfinished := list(self._unfinished(asked_from)[:ASKED_AT_ONCE]):
            if self._ctx.should_stop():
                return False
            page = self._client.execution_page(field("executionId").one_of(unfinished))
            with self._ctx.step() as cursor:
                self._store(page.items, cursor)
                # Also what the platform does not know any more counts as asked.
                Execution.objects.filter(
                    account_id=self._mark.account_id, execution_id__in=unfinished
                ).update(seen_at=max(now(), asked_from + timedelta(seconds=1)))
        return True

    def _unfinished(self, asked_from: datetime) -> QuerySet[Execution, str]:
        """Ids of running executions before the head's overlap; old ones only now and then."""
        young = Q(started_at__gte=asked_from - STALE_AFTER, seen_at__lte=asked_from)
        stale = Q(seen_at__lte=asked_from - ASK_STALE_EVERY)
        rows = Execution.objects.filter(
            young | stale,
            account_id=self._mark.account_id,
            outcome=ExecutionOutcome.RUNNING,
            started_at__gte=asked_from - KEPT_BY_PLATFORM,
            started_at__lt=asked_from - self._overlap,
        )
        return rows.order_by("-started_at").values_list("execution_id", flat=True)

    def _store(self, records: Iterable[ExecutionRecord], cursor: dict[str, object]) -> Stored:
        stored = mirror_rows.store_executions(self._mark.account_id, records, now())
        self._tally.add(stored)
        cursor.update(self._tally.as_cursor())
        self._mark.rows += stored.new
        return stored

    def _window(self, name: str) -> Window | None:
        return Window.of(self._mark.cursor.get(name))

    def _cursor_with(self, name: str, window: Window | None) -> dict[str, object]:
        others = {key: value for key, value in self._mark.cursor.items() if key != name}
        return {**others, name: window.stored()} if window else others

    def _save(self, **values: object) -> None:
        for name, value in values.items():
            setattr(self._mark, name, value)
        self._mark.save(update_fields=[*values, "rows"])
