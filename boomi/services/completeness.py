"""Whether the mirror has everything: the platform's own counts against ours.

Executions are counted per UTC day, the newest days each hour and older ones once a day; the other
kinds once a day as a whole. A count costs one call. What lacks something is read again, at most
three times in a row; a gap that stays is said in the log of the sync and stands in its row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from django.db.models import F

from boomi.client import BoomiClient, field
from boomi.client.queries import Expression
from boomi.models import (
    CompletenessCheck,
    ComponentVersion,
    Deployment,
    Execution,
    Folder,
    PackagedComponent,
    PlatformEvent,
    SyncMark,
)
from boomi.services.sync_activity import EVENTS_KEPT
from boomi.services.sync_deployments import HISTORY
from boomi.services.sync_executions import REPAIR
from boomi.services.sync_pages import AGAIN
from boomi.services.sync_tally import Tally, now
from scheduling.jobs import JobContext

Kind = SyncMark.Kind
DAYS = 30
NEWEST_DAYS = 2
SECOND = timedelta(seconds=1)
HOURLY, DAILY = timedelta(hours=1), timedelta(days=1)
MOST_REPAIRS = 3
UNFINISHED = ("head", "fill", "live", "deleted", "all", REPAIR, AGAIN)


@dataclass(frozen=True, slots=True)
class Count:
    """One comparison that can be made: what to ask the platform, and how to count ours.

    `end` is up to when; of executions `start` is given too.
    """

    mark: SyncMark
    day: str
    every: timedelta
    object_name: str
    expression: Expression | None
    mirrored: Callable[[], int]
    start: datetime | None = None
    end: datetime | None = None

    @property
    def name(self) -> str:
        label = Kind(self.mark.kind).label.lower()
        return f"{label} of {self.day}" if self.day else label


def check(ctx: JobContext, client: BoomiClient, account_pk: int, tally: Tally) -> set[str] | None:
    """Make the counts that are due; returns the kinds to be read again, None when the slice is
    over before. Raises BoomiError."""
    marks = {mark.kind: mark for mark in SyncMark.objects.filter(account_id=account_pk)}
    rows = CompletenessCheck.objects.filter(account_id=account_pk)
    known = {(row.kind, row.day): row for row in rows}
    started = now()
    for count in _counts(marks, started):
        row = known.get((count.mark.kind, count.day))
        if row is not None and started - row.checked_at < count.every:
            continue
        if ctx.should_stop():
            return None
        ctx.phase("counting", detail=count.name)
        told = _ask(client, count)
        if told is not None:
            _compare(ctx, count, row, told, tally)
    return {
        kind for kind, mark in marks.items() if mark.cursor.get(AGAIN) or mark.cursor.get(REPAIR)
    }


def recount(account_pk: int) -> None:
    """Count ours again where something was missing, without a call: after it was read again."""
    marks = {mark.kind: mark for mark in SyncMark.objects.filter(account_id=account_pk)}
    lacking = CompletenessCheck.objects.filter(account_id=account_pk, on_platform__gt=F("mirrored"))
    rows = {(row.kind, row.day): row for row in lacking}
    if not rows:
        return
    for count in _counts(marks, now()):
        row = rows.get((count.mark.kind, count.day))
        if row is not None:
            CompletenessCheck.objects.filter(pk=row.pk).update(mirrored=count.mirrored())


def _ask(client: BoomiClient, count: Count) -> int | None:
    """The platform's number; its own daily statistics where a query does not tell the total."""
    told = client.count(count.object_name, count.expression)
    if told is None and count.day and count.end and count.end.time() == LAST_SECOND:
        days = client.execution_counts(field("processDate").eq(count.day))
        return sum(row.successes + row.failures for row in days)
    return told


def _compare(
    ctx: JobContext, count: Count, row: CompletenessCheck | None, told: int, tally: Tally
) -> None:
    mirrored = count.mirrored()
    repairs = row.repairs if row is not None else 0
    missing = told > mirrored
    repair = missing and repairs < MOST_REPAIRS
    if missing and not repair:
        tally.gaps += 1
        sentence = f"{count.name}: {told - mirrored:,} of {told:,} could not be read."
        ctx.log(f"{sentence} They were asked for {repairs} times.", level="warning")
    with ctx.step(**tally.as_cursor()):
        CompletenessCheck.objects.update_or_create(
            account_id=count.mark.account_id,
            kind=count.mark.kind,
            day=count.day,
            defaults={
                "on_platform": told,
                "mirrored": mirrored,
                "repairs": repairs + 1 if repair else repairs if missing else 0,
                "checked_at": now(),
            },
        )
        if repair:
            _read_again(count)


def _read_again(count: Count) -> None:
    """Note on the mark what its next pass reads once more, and that the pass is due."""
    mark = count.mark
    if count.start is None or count.end is None:
        mark.cursor = {**mark.cursor, AGAIN: True}
    else:
        spans = list(mark.cursor.get(REPAIR, []))
        spans.append([count.start.isoformat(), count.end.isoformat()])
        mark.cursor = {**mark.cursor, REPAIR: spans}
    mark.due_at = now()
    mark.save(update_fields=["cursor", "due_at"])


def _counts(marks: dict[str, SyncMark], started: datetime) -> Iterator[Count]:
    """Every comparison of the kinds that have been read to their end."""
    settled = {
        kind: mark
        for kind, mark in marks.items()
        if mark.completed_at is not None
        and mark.watermark is not None
        and not any(mark.cursor.get(name) for name in UNFINISHED)
    }
    if mark := settled.get(Kind.EXECUTIONS):
        yield from _days(mark, started)
    if mark := settled.get(Kind.EVENTS):
        yield _since(mark, "Event", "eventDate", PlatformEvent, "at", EVENTS_KEPT, started)
    if mark := settled.get(Kind.DEPLOYMENTS):
        yield _since(
            mark, "DeployedPackage", "deployedDate", Deployment, "deployed_at", HISTORY, started
        )
    if mark := settled.get(Kind.COMPONENTS):
        versions = ComponentVersion.objects.filter(component__account=mark.account_id)
        yield Count(mark, "", DAILY, "ComponentMetadata", None, versions.count)
    if mark := settled.get(Kind.PACKAGES):
        packages = PackagedComponent.objects.filter(account=mark.account_id)
        yield Count(mark, "", DAILY, "PackagedComponent", None, packages.count)
    if mark := settled.get(Kind.FOLDERS):
        folders = Folder.objects.filter(account=mark.account_id, gone_at=None)
        yield Count(mark, "", DAILY, "Folder", None, folders.count)


LAST_SECOND = time(23, 59, 59)


def _days(mark: SyncMark, started: datetime) -> Iterator[Count]:
    """The last days, each up to the watermark: what is newer has its turn with the next sync."""
    assert mark.watermark is not None
    asked = field("executionTime")
    today = started.astimezone(UTC).date()
    for back in range(DAYS):
        day = today - timedelta(days=back)
        start = datetime.combine(day, time.min, UTC)
        end = min(datetime.combine(day, LAST_SECOND, UTC), mark.watermark)
        if end <= start:
            continue
        ours = Execution.objects.filter(
            account=mark.account_id, started_at__gte=start, started_at__lt=end + SECOND
        )
        every = HOURLY if back < NEWEST_DAYS else DAILY
        yield Count(
            mark, f"{day:%Y-%m-%d}", every, "ExecutionRecord", asked.between(start, end),
            ours.count, start, end,
        )  # fmt: skip


def _since(
    mark: SyncMark,
    object_name: str,
    property_name: str,
    model: type[PlatformEvent] | type[Deployment],
    column: str,
    kept: timedelta,
    started: datetime,
) -> Count:
    """What the platform still has, an hour of margin at the end that it forgets."""
    assert mark.watermark is not None
    start, end = started - kept + HOURLY, mark.watermark
    ours = model._default_manager.filter(
        account=mark.account_id, **{f"{column}__gte": start, f"{column}__lt": end + SECOND}
    )
    asked = field(property_name).between(start, end)
    return Count(mark, "", DAILY, object_name, asked, ours.count)
