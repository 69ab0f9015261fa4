"""Components with all their versions, and what uses what.

At first every version is read page by page, later only what was modified since. References are
first read for all components in bulk, later one call for each component that has a new version.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import ClassVar, cast

from django.db.models import F, Q, QuerySet

from boomi.client import (
    BoomiClient,
    ComponentMetadataRecord,
    Missing,
    Page,
    ReferenceRecord,
    Rejected,
)
from boomi.client.queries import Expression
from boomi.models import Component, SyncMark
from boomi.rows.components import store_components, store_references_of, store_users_of
from boomi.rows.upserts import Stored
from boomi.services.sync_pages import AGAIN, MarkedPass, TimedPass
from boomi.services.sync_tally import Tally, now
from scheduling.jobs import JobContext

# What the platform takes in one bulk request.
BULK = 100
PARENTS_PER_PASS = 100


def mirror_components(ctx: JobContext, client: BoomiClient, account_pk: int, tally: Tally) -> bool:
    """Read new versions of components, at first all versions."""
    return ComponentPass(ctx, client, account_pk, tally).run()


def mirror_references(ctx: JobContext, client: BoomiClient, account_pk: int, tally: Tally) -> bool:
    """Read what uses what, for components whose references are older than they are."""
    return ReferencePass(ctx, client, account_pk, tally).run()


class ComponentPass(TimedPass[ComponentMetadataRecord]):
    kind = SyncMark.Kind.COMPONENTS
    property = "modifiedDate"
    first: ClassVar[timedelta | None] = None

    def ask(
        self, expression: Expression | None, token: str | None
    ) -> Page[ComponentMetadataRecord]:
        return self.client.component_metadata_page(expression, token)

    def store(self, records: Sequence[ComponentMetadataRecord]) -> Stored:
        return store_components(self.account_pk, records, now())


class ReferencePass(MarkedPass):
    """`cursor` {"all": pk}: the bulk read has come past this component."""

    kind = SyncMark.Kind.REFERENCES

    def run(self) -> bool:
        if self.mark.watermark is None or self.mark.cursor.get(AGAIN):
            with self.ctx.step():
                self.save(cursor={"all": 0}, watermark=self.mark.watermark or self.started)
        while "all" in self.mark.cursor:
            if self.ctx.should_stop():
                return False
            self._read_bulk(cast("int", self.mark.cursor["all"]))
        changed = list(self._changed()[: PARENTS_PER_PASS + 1])
        if len(changed) > PARENTS_PER_PASS and self._bulk_is_cheaper():
            return self.complete(cursor={AGAIN: True}, due_at=self.started)
        for component in changed[:PARENTS_PER_PASS]:
            if self.ctx.should_stop():
                return False
            self._read_parent(component)
        more = len(changed) > PARENTS_PER_PASS
        return self.complete(watermark=self.started, due_at=self.started if more else None)

    def _components(self) -> QuerySet[Component]:
        return Component.objects.filter(account_id=self.account_pk).order_by("pk")

    def _changed(self) -> QuerySet[Component]:
        behind = Q(references_version=None) | ~Q(references_version=F("version"))
        return self._components().filter(behind)

    def _bulk_is_cheaper(self) -> bool:
        """After an import, or when components could not be mirrored until now."""
        return self._changed().count() > self._components().count() / BULK

    def _read_bulk(self, after: int) -> None:
        """Who uses the next hundred components. Each is marked with the version it has now: one
        that changes before the end differs from its mark and is read again by itself."""
        chunk = list(self._components().filter(pk__gt=after)[:BULK])
        users: dict[str, list[ReferenceRecord]] = {}
        live = [component.component_id for component in chunk if not component.deleted]
        if live:
            told = self.client.users_of(live)
            users = {name: told.get(name, []) for name in live}
        with self.ctx.step() as cursor:
            self.count(store_users_of(self.account_pk, users), cursor)
            for component in chunk:
                _mark_read(component)
            self.save(cursor={"all": chunk[-1].pk} if len(chunk) == BULK else {})
        self.ctx.phase("mirroring references", detail=self.tally.detail)

    def _read_parent(self, component: Component) -> None:
        """What the current version of one component uses; a deleted one uses nothing."""
        records: list[ReferenceRecord] = []
        if not component.deleted:
            try:
                records = self.client.references_of(component.component_id, component.version)
            except (Rejected, Missing) as error:
                self.tally.leave_out(error.said or error.message)
        with self.ctx.step() as cursor:
            name, version = component.component_id, component.version
            self.count(store_references_of(self.account_pk, name, version, records), cursor)
            _mark_read(component)
            self.save()


def _mark_read(component: Component) -> None:
    if component.references_version != component.version:
        Component.objects.filter(pk=component.pk).update(references_version=component.version)
