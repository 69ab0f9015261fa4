"""Packages as they are made, deleted ones once a day, and what is inside each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import ClassVar

from django.db.models import Case, Exists, OuterRef, Value, When

from boomi.client import BoomiClient, PackageRecord, Page, field
from boomi.client.queries import Expression
from boomi.models import Deployment, PackagedComponent, SyncMark
from boomi.rows.components import store_manifests, store_packages
from boomi.rows.upserts import Stored
from boomi.services.sync_pages import TimedPass, Window
from boomi.services.sync_tally import Tally, moment, now
from scheduling.jobs import JobContext

DELETED_EVERY = timedelta(days=1)
BULK = 100
MANIFEST_CALLS_PER_PASS = 20


def mirror_packages(ctx: JobContext, client: BoomiClient, account_pk: int, tally: Tally) -> bool:
    """Read new packages, now and then the deleted ones, and manifests that are missing."""
    return PackagePass(ctx, client, account_pk, tally).run()


class PackagePass(TimedPass[PackageRecord]):
    """A deletion changes no date of a package, so deleted ones are asked for apart."""

    kind = SyncMark.Kind.PACKAGES
    property = "createdDate"
    first: ClassVar[timedelta | None] = None

    def ask(self, expression: Expression | None, token: str | None) -> Page[PackageRecord]:
        return self.client.packages_page(expression, token)

    def store(self, records: Sequence[PackageRecord]) -> Stored:
        return store_packages(self.account_pk, records, now())

    def after(self) -> bool:
        if self.is_first:
            # Everything was read just now, deleted ones included.
            with self.ctx.step():
                self._end_deleted(Window(None, self.started))
                self.save(cursor=self.mark.cursor)
        return self._read_deleted() and self._read_manifests()

    def _read_deleted(self) -> bool:
        read_at = moment(self.mark.cursor.get("deleted_at"))
        due = read_at is None or self.started - read_at >= DELETED_EVERY
        if not due and self.window("deleted") is None:
            return True
        whole = Window(None, self.started)
        return self.walk("deleted", whole, self._ask_deleted, self.store, self._end_deleted)

    def _ask_deleted(self, window: Window, token: str | None) -> Page[PackageRecord]:
        return self.client.packages_page(field("deleted").eq(True), token)

    def _end_deleted(self, window: Window) -> None:
        self.mark.cursor = {**self.mark.cursor, "deleted_at": window.end.isoformat()}

    def _read_manifests(self) -> bool:
        """A hundred packages a call, those that are deployed first."""
        for _ in range(MANIFEST_CALLS_PER_PASS):
            asked = self._without_manifest()
            if not asked:
                break
            if self.ctx.should_stop():
                return False
            manifests = self.client.manifests(asked)
            with self.ctx.step() as cursor:
                store_manifests(self.account_pk, asked, manifests)
                cursor.update(self.tally.as_cursor())
        return True

    def _without_manifest(self) -> list[str]:
        live = Deployment.objects.filter(
            account_id=self.account_pk, package_id=OuterRef("package_id"), active=True
        )
        rows = PackagedComponent.objects.filter(
            account_id=self.account_pk, manifest__isnull=True, deleted=False
        ).annotate(rank=Case(When(Exists(live), then=Value(0)), default=Value(1)))
        newest = rows.order_by("rank", "-created_at", "-pk")
        return list(newest.values_list("package_id", flat=True)[:BULK])
