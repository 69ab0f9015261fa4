"""The account itself, environments, runtimes, schedules and folders: complete lists.

The short ones are read and stored at once. Schedules and folders may be thousands, more than a
minute's share of calls: they are read page by page, and the cursor holds what was seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, cast

from boomi.client import (
    BoomiClient,
    FolderRecord,
    Forbidden,
    Missing,
    Page,
    Rejected,
    ScheduleRecord,
    ScheduleStatusRecord,
)
from boomi.events import tell_offline
from boomi.models import Folder, ProcessSchedule, SyncMark
from boomi.rows import components, landscape
from boomi.rows.upserts import Stored, expire, keys_of
from boomi.services.sync_pages import MarkedPass, Window
from boomi.services.sync_tally import Tally, now
from scheduling.jobs import JobContext

Kind = SyncMark.Kind
SEEN = "seen"


class ListPass(MarkedPass):
    """A complete list in one step; the mark's watermark is when it was read."""

    def listed(self, stored: Stored, cursor: dict[str, object]) -> None:
        self.count(stored, cursor)
        self.mark.rows = stored.seen
        self.save(watermark=self.started, rows=stored.seen)


class AccountPass(ListPass):
    kind = Kind.ACCOUNT

    def run(self) -> bool:
        record = self.client.account()
        try:
            groups = self.client.account_groups()
        except (Forbidden, Rejected, Missing) as error:
            # Only parents of other accounts have groups; the facts of the account stand alone.
            self.ctx.log(f"account: its groups are not told. {error.said or error.message}")
            groups = []
        with self.ctx.step() as cursor:
            landscape.store_account(self.account_pk, record, now())
            self.listed(landscape.store_groups(self.account_pk, groups, now()), cursor)
        return self.complete()


class EnvironmentPass(ListPass):
    kind = Kind.ENVIRONMENTS

    def run(self) -> bool:
        records = self.client.environments()
        with self.ctx.step() as cursor:
            self.listed(landscape.store_environments(self.account_pk, records, now()), cursor)
        return self.complete()


class RuntimePass(ListPass):
    kind = Kind.RUNTIMES

    def run(self) -> bool:
        runtimes, attachments = self.client.atoms(), self.client.attachments()
        with self.ctx.step() as cursor:
            stored = landscape.store_runtimes(self.account_pk, runtimes, now())
            landscape.store_attachments(self.account_pk, attachments)
            tell_offline(self.account_pk, stored.failed)
            self.listed(stored, cursor)
        return self.complete()


class LongListPass(ListPass):
    """`cursor` {"seen": [pk…]}: the rows that the list has named so far."""

    model: ClassVar[type[Folder] | type[ProcessSchedule]]
    key: ClassVar[str]

    def see(self, names: Sequence[str]) -> None:
        keys = keys_of(self.model, self.account_pk, self.key, names)
        seen = set(cast("list[int]", self.mark.cursor.get(SEEN, []))) | set(keys)
        self.mark.cursor = {**self.mark.cursor, SEEN: sorted(seen)}

    def end_list(self, window: Window) -> None:
        seen = cast("list[int]", self.mark.cursor.get(SEEN, []))
        expire(self.model, self.account_pk, seen, now())
        self.mark.cursor = {k: v for k, v in self.mark.cursor.items() if k != SEEN}
        self.mark.rows, self.mark.watermark = len(seen), window.end
        self.save(watermark=window.end)


class SchedulePass(LongListPass):
    kind = Kind.SCHEDULES
    model = ProcessSchedule
    key = "schedule_id"

    def run(self) -> bool:
        if self.window("statuses") is None and not self.walk(
            "schedules", Window(None, self.started), self._ask, self._store, self._end
        ):
            return False
        if not self.walk("statuses", None, self._ask_statuses, self._store_statuses):
            return False
        return self.complete()

    def _ask(self, window: Window, token: str | None) -> Page[ScheduleRecord]:
        return self.client.schedules_page(None, token)

    def _store(self, records: Sequence[ScheduleRecord]) -> Stored:
        stored = landscape.store_schedules(self.account_pk, records, now())
        self.see([record.schedule_id for record in records])
        return stored

    def _end(self, window: Window) -> None:
        self.end_list(window)
        self.mark.cursor = self.cursor_with("statuses", Window(None, window.end))

    def _ask_statuses(self, window: Window, token: str | None) -> Page[ScheduleStatusRecord]:
        return self.client.schedule_statuses_page(None, token)

    def _store_statuses(self, records: Sequence[ScheduleStatusRecord]) -> Stored:
        return landscape.store_schedule_statuses(self.account_pk, records, now())


class FolderPass(LongListPass):
    kind = Kind.FOLDERS
    model = Folder
    key = "folder_id"

    def run(self) -> bool:
        whole = Window(None, self.started)
        if not self.walk("folders", whole, self._ask, self._store, self.end_list):
            return False
        # Cleared with the list: a comparison may have asked to read it again.
        return self.complete(cursor={})

    def _ask(self, window: Window, token: str | None) -> Page[FolderRecord]:
        return self.client.folders_page(None, token)

    def _store(self, records: Sequence[FolderRecord]) -> Stored:
        stored = components.store_folders(self.account_pk, records, now())
        self.see([record.folder_id for record in records])
        return stored


def mirror_account(ctx: JobContext, client: BoomiClient, account_pk: int, tally: Tally) -> bool:
    """Read the facts of the account and its groups."""
    return AccountPass(ctx, client, account_pk, tally).run()


def mirror_environments(
    ctx: JobContext, client: BoomiClient, account_pk: int, tally: Tally
) -> bool:
    """Read all environments; one that is not listed any more is marked gone."""
    return EnvironmentPass(ctx, client, account_pk, tally).run()


def mirror_runtimes(ctx: JobContext, client: BoomiClient, account_pk: int, tally: Tally) -> bool:
    """Read all runtimes with their status, and their attachments to environments."""
    return RuntimePass(ctx, client, account_pk, tally).run()


def mirror_schedules(ctx: JobContext, client: BoomiClient, account_pk: int, tally: Tally) -> bool:
    """Read when each process is due on each runtime, and whether that is switched on."""
    return SchedulePass(ctx, client, account_pk, tally).run()


def mirror_folders(ctx: JobContext, client: BoomiClient, account_pk: int, tally: Tally) -> bool:
    """Read all folders, deleted ones included."""
    return FolderPass(ctx, client, account_pk, tally).run()
