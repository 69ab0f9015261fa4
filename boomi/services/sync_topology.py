"""The account itself, environments, runtimes, schedules and folders: complete lists."""

from __future__ import annotations

from boomi.client import BoomiClient, Forbidden, Missing, Rejected
from boomi.events import tell_offline
from boomi.models import SyncMark
from boomi.rows import components, landscape
from boomi.rows.upserts import Stored
from boomi.services.sync_pages import MarkedPass
from boomi.services.sync_tally import Tally, now
from scheduling.jobs import JobContext

Kind = SyncMark.Kind


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


class SchedulePass(ListPass):
    kind = Kind.SCHEDULES

    def run(self) -> bool:
        schedules, statuses = self.client.schedules(), self.client.schedule_statuses()
        with self.ctx.step() as cursor:
            stored = landscape.store_schedules(self.account_pk, schedules, statuses, now())
            self.listed(stored, cursor)
        return self.complete()


class FolderPass(ListPass):
    kind = Kind.FOLDERS

    def run(self) -> bool:
        records = self.client.folders()
        with self.ctx.step() as cursor:
            self.listed(components.store_folders(self.account_pk, records, now()), cursor)
            # Cleared with the list: a completeness check may have asked to read it again.
            self.save(cursor={})
        return self.complete()


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
