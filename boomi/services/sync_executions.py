"""Executions: what is new first, then what was unfinished, then the past, newest day first.

The mark of an account says how far each has come:
  watermark  everything the platform told from here back to the start of the fill is mirrored
  head       {from, to, token}   the unfinished page walk of the newest window
  fill       {from, to, token}   the past still to be read, backwards from `to`, day by day
  repair     [[from, to], …]     spans that lacked something when they were counted
A page and the mark behind it are one transaction, so a kill costs one page.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet

from boomi.client import BoomiClient, Broken, ExecutionRecord, Page, Rejected, Sort, field
from boomi.events import tell_failures
from boomi.models import Execution, ExecutionOutcome, SyncMark
from boomi.rows.executions import store_executions
from boomi.rows.upserts import Stored
from boomi.services.sync_pages import MarkedPass, Window
from boomi.services.sync_tally import Tally, moment, now
from scheduling.jobs import JobContext

KEPT_BY_PLATFORM = timedelta(days=30)
WINDOW = timedelta(days=1)
NEWEST_FIRST = Sort("executionTime", descending=True)
# An "or" group of so many ids makes a body of some 8 kB and an answer of one page.
ASKED_AT_ONCE = 50
STALE_AFTER = timedelta(days=1)
ASK_STALE_EVERY = timedelta(hours=1)
# So much of the past is read before the other kinds have their turn.
PAGES_BEFORE_OTHERS = 30
# An older failure that is found late is history.
TOLD_WITHIN = timedelta(days=1)
REPAIR = "repair"


def mirror_executions(ctx: JobContext, client: BoomiClient, account_pk: int, tally: Tally) -> bool:
    """Bring the account's executions up to date; False when the slice is over before, or when
    other kinds wait while a long past is read."""
    return ExecutionPass(ctx, client, account_pk, tally).run()


class ExecutionPass(MarkedPass):
    kind = SyncMark.Kind.EXECUTIONS

    def __init__(self, ctx: JobContext, client: BoomiClient, account_pk: int, tally: Tally) -> None:
        super().__init__(ctx, client, account_pk, tally)
        self._overlap = timedelta(minutes=settings.SYNC_OVERLAP_MINUTES)
        self._before: Page[ExecutionRecord] | None = None

    def run(self) -> bool:
        self._begin()
        if not (self._read_head() and self._ask_unfinished() and self._repair()):
            return False
        pages = 0
        while (fill := self.window("fill")) is not None:
            if self.ctx.should_stop():
                return False
            if self.tally.others_wait and pages >= PAGES_BEFORE_OTHERS:
                return False
            if self._head_is_old() and not self._read_head():
                return False
            self._read_past(fill)
            pages += 1
        return self.complete()

    def _begin(self) -> None:
        """Lay out the first fill, or one that somebody asked for with a time."""
        asked = moment(self.ctx.params.get("since"))
        fill, first = self.window("fill"), self.mark.watermark is None
        if not first and (asked is None or self.ctx.cursor.get("since_begun")):
            return
        kept = self.started - KEPT_BY_PLATFORM
        start = min(asked or self.started, kept) if first else asked
        if start is None:
            return
        if fill is not None and fill.start is not None:
            start = min(start, fill.start)
        wanted = Window(start, self.started)
        with self.ctx.step(since_begun=True):
            cursor = self.cursor_with("fill", wanted)
            self.save(watermark=self.mark.watermark or self.started, cursor=cursor)

    def _head_is_old(self) -> bool:
        newest = self.mark.watermark or now()
        return now() - newest > timedelta(seconds=max(60, settings.AUTO_SYNC_SECONDS))

    def _read_head(self) -> bool:
        """Read what began since the watermark, and once more the overlap before it: records
        appear late, and a run that goes on changes its record."""
        head = Window((self.mark.watermark or now()) - self._overlap, now())
        return self.walk("head", head, self._ask, self._store_and_tell, self._move_watermark)

    def _move_watermark(self, head: Window) -> None:
        self.save(watermark=max(head.end, self.mark.watermark or head.end))

    def _repair(self) -> bool:
        """Read the spans again that lacked something when they were counted."""
        while spans := self.mark.cursor.get(REPAIR):
            start, end = moment(spans[0][0]), moment(spans[0][1])
            window = Window(start, end or self.started)
            if not self.walk("mending", window, self._ask, self._store_and_tell, self._mended):
                return False
        return True

    def _mended(self, window: Window) -> None:
        rest = list(self.mark.cursor.get(REPAIR, []))[1:]
        cursor = {key: value for key, value in self.mark.cursor.items() if key != REPAIR}
        self.mark.cursor = {**cursor, REPAIR: rest} if rest else cursor

    def _read_past(self, fill: Window) -> None:
        """One page of the newest day that is still missing."""
        day = newest_day(fill)
        page = self._page(day)
        if page.next_token:
            following: Window | None = replace(fill, token=page.next_token)
        elif fill.start is not None and day.start is not None and day.start > fill.start:
            following = Window(fill.start, day.start)
        else:
            following = None
        with self.ctx.step() as cursor:
            self.count(self._store_past(page.items), cursor)
            self.save(cursor=self.cursor_with("fill", following))
        self.ctx.phase(
            "mirroring executions",
            self._percent(following),
            f"{self.tally.detail}, back to {day.start or day.end:%-d %b}",
        )

    def _percent(self, fill: Window | None) -> float | None:
        if self.tally.others_wait:
            return None
        if fill is None or fill.start is None:
            return 99
        whole = (self.mark.watermark or fill.end) - fill.start
        return 100 * (1 - (fill.end - fill.start) / whole) if whole else 99

    def _ask(self, window: Window, token: str | None) -> Page[ExecutionRecord]:
        asked = field("executionTime")
        expression = (
            asked.between(window.start, window.end) if window.start else asked.le(window.end)
        )
        return self.client.execution_page(expression, token, NEWEST_FIRST)

    def _page(self, window: Window) -> Page[ExecutionRecord]:
        """A page of the past; a token the platform has forgotten starts its day again."""
        try:
            page = self._ask(window, window.token or None)
        except Rejected:
            if not window.token:
                raise
            page = self._ask(window, None)
        if page.next_token and page == self._before:
            raise Broken("The platform sends the same page of executions again and again.")
        self._before = page
        return page

    def _ask_unfinished(self) -> bool:
        """Ask by id for runs that were going on when we last heard of them."""
        asked_from = now()
        while unfinished := list(self._unfinished(asked_from)[:ASKED_AT_ONCE]):
            if self.ctx.should_stop():
                return False
            page = self.client.execution_page(field("executionId").one_of(unfinished))
            with self.ctx.step() as cursor:
                self.count(self._store_and_tell(page.items), cursor)
                self.save()
                # Also what the platform does not know any more counts as asked.
                Execution.objects.filter(
                    account_id=self.account_pk, execution_id__in=unfinished
                ).update(seen_at=max(now(), asked_from + timedelta(seconds=1)))
        return True

    def _unfinished(self, asked_from: datetime) -> QuerySet[Execution, str]:
        """Ids of running executions before the head's overlap; old ones only now and then."""
        young = Q(started_at__gte=asked_from - STALE_AFTER, seen_at__lte=asked_from)
        stale = Q(seen_at__lte=asked_from - ASK_STALE_EVERY)
        rows = Execution.objects.filter(
            young | stale,
            account_id=self.account_pk,
            outcome=ExecutionOutcome.RUNNING,
            started_at__gte=asked_from - KEPT_BY_PLATFORM,
            started_at__lt=asked_from - self._overlap,
        )
        return rows.order_by("-started_at").values_list("execution_id", flat=True)

    def _store_and_tell(self, records: Sequence[ExecutionRecord]) -> Stored:
        return self._stored(records, lambda record: True)

    def _store_past(self, records: Sequence[ExecutionRecord]) -> Stored:
        """Of the past only a failure of these days is news, and none while it is first read."""
        known, since = self.mark.completed_at is not None, self.started - TOLD_WITHIN
        return self._stored(records, lambda record: known and record.started_at >= since)

    def _stored(
        self, records: Sequence[ExecutionRecord], is_news: Callable[[ExecutionRecord], bool]
    ) -> Stored:
        stored = store_executions(self.account_pk, records, now())
        if stored.failed:
            news = {record.execution_id for record in records if is_news(record)}
            tell_failures(self.account_pk, [name for name in stored.failed if name in news])
        return stored

    def count(self, stored: Stored, cursor: dict[str, object]) -> None:
        self.tally.add(stored)
        self.mark.rows += stored.new
        cursor.update(self.tally.as_cursor())


def newest_day(window: Window) -> Window:
    """The last day of a window, or what there is of it."""
    start = window.end - WINDOW
    return replace(window, start=max(window.start, start) if window.start else start)
