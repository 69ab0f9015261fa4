"""Events, summaries of low-latency runs, and what the connectors of failed runs did."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from boomi.client import (
    BoomiClient,
    EventRecord,
    Missing,
    Page,
    Rejected,
    SummaryRecord,
    field,
)
from boomi.client.queries import Expression
from boomi.events import tell_failures
from boomi.models import Execution, ExecutionOutcome, PlatformEvent, SyncMark
from boomi.rows.activity import store_events
from boomi.rows.executions import store_connectors, store_executions, store_summaries
from boomi.rows.upserts import Stored
from boomi.services.sync_pages import MarkedPass, TimedPass
from boomi.services.sync_tally import Tally, now
from scheduling.jobs import JobContext

KEPT_BY_PLATFORM = timedelta(days=30)
EVENTS_KEPT = timedelta(days=7)
FAILURE_EVENT = "process.execution"
# An execution that an event tells of and no record by then leaves none: low-latency runs do so.
RECORD_EXPECTED = timedelta(hours=1)
ASKED_AT_ONCE = 50
# Blocks of up to an hour grow until they end.
SUMMARY_OVERLAP = timedelta(hours=2)
# A call each: a wave of failures must not use up the minute of everything else.
CONNECTORS_PER_PASS = 20


def mirror_events(ctx: JobContext, client: BoomiClient, account_pk: int, tally: Tally) -> bool:
    """Read what the platform noticed, and the failed executions it tells of first."""
    return EventPass(ctx, client, account_pk, tally).run()


def mirror_summaries(ctx: JobContext, client: BoomiClient, account_pk: int, tally: Tally) -> bool:
    """Read what low-latency processes did, block by block."""
    return SummaryPass(ctx, client, account_pk, tally).run()


def mirror_connectors(ctx: JobContext, client: BoomiClient, account_pk: int, tally: Tally) -> bool:
    """Read the connectors of failed runs, newest run first, some with each sync."""
    return ConnectorPass(ctx, client, account_pk, tally).run()


class EventPass(TimedPass[EventRecord]):
    kind = SyncMark.Kind.EVENTS
    property = "eventDate"
    first = EVENTS_KEPT

    def ask(self, expression: Expression | None, token: str | None) -> Page[EventRecord]:
        return self.client.events_page(expression, token)

    def store(self, records: Sequence[EventRecord]) -> Stored:
        return store_events(self.account_pk, records, now())

    def after(self) -> bool:
        """Mirror the failed executions that only an event told of yet.

        Their rows tell of the failure when they become errors, so it is told once whichever
        came first.
        """
        unknown = list(self._unknown()[:ASKED_AT_ONCE])
        if not unknown:
            return True
        page = self.client.execution_page(field("executionId").one_of(unknown))
        with self.ctx.step() as cursor:
            stored = store_executions(self.account_pk, page.items, now())
            self.tally.add(stored)
            cursor.update(self.tally.as_cursor())
            tell_failures(self.account_pk, stored.failed)
        return True

    def _unknown(self) -> QuerySet[PlatformEvent, str]:
        known = Execution.objects.filter(
            account_id=self.account_pk, execution_id=OuterRef("execution_id")
        ).exclude(outcome=ExecutionOutcome.RUNNING)
        rows = PlatformEvent.objects.filter(
            ~Exists(known),
            account_id=self.account_pk,
            type=FAILURE_EVENT,
            status="ERROR",
            at__gte=timezone.now() - RECORD_EXPECTED,
        ).exclude(execution_id="")
        return rows.order_by("execution_id").values_list("execution_id", flat=True).distinct()


class SummaryPass(TimedPass[SummaryRecord]):
    kind = SyncMark.Kind.SUMMARIES
    property = "timeBlock"
    first = KEPT_BY_PLATFORM

    def overlap(self) -> timedelta:
        return max(super().overlap(), SUMMARY_OVERLAP)

    def ask(self, expression: Expression | None, token: str | None) -> Page[SummaryRecord]:
        return self.client.summaries_page(expression, token)

    def store(self, records: Sequence[SummaryRecord]) -> Stored:
        return store_summaries(self.account_pk, records, now())


class ConnectorPass(MarkedPass):
    kind = SyncMark.Kind.CONNECTORS

    def run(self) -> bool:
        waiting = list(self._waiting()[: CONNECTORS_PER_PASS + 1])
        for pk, execution_id in waiting[:CONNECTORS_PER_PASS]:
            if self.ctx.should_stop():
                return False
            self._read(pk, execution_id)
        more = len(waiting) > CONNECTORS_PER_PASS
        return self.complete(watermark=self.started, due_at=self.started if more else None)

    def _waiting(self) -> QuerySet[Execution, tuple[int, str]]:
        rows = Execution.objects.filter(
            account_id=self.account_pk,
            outcome=ExecutionOutcome.ERROR,
            connectors_at=None,
            started_at__gte=timezone.now() - KEPT_BY_PLATFORM,
        )
        return rows.order_by("-started_at").values_list("pk", "execution_id")

    def _read(self, pk: int, execution_id: str) -> None:
        """The connectors of one run; one the platform knows no more is not asked for again."""
        try:
            records = self.client.execution_connectors(execution_id)
        except (Rejected, Missing) as error:
            self.tally.leave_out(f"{error.said or error.message}")
            records = []
        with self.ctx.step() as cursor:
            # Retention may have deleted the execution meanwhile.
            if Execution.objects.filter(pk=pk).update(connectors_at=now()):
                self.count(store_connectors(pk, records), cursor)
            self.save()
