"""The platform's own audit log, secrets blanked, and who started an execution by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Min

from boomi.client import AuditLogRecord, BoomiClient, Page
from boomi.client.queries import Expression
from boomi.models import Execution, PlatformAuditEntry, SyncMark
from boomi.rows.activity import store_audit_log
from boomi.rows.upserts import Stored
from boomi.services.sync_pages import TimedPass
from boomi.services.sync_tally import Tally, now
from scheduling.jobs import JobContext

# The platform keeps its entries for ever; a quarter is what people ask about.
FIRST = timedelta(days=90)
STARTS = ("as.process.manual_execution", "as.process.test_execution")
BY_HAND = ("exec_manual", "retry_manual", "test_manual")
# The entry is written when somebody asks; the run begins once its runtime has heard of it.
EARLIER, LATER = timedelta(seconds=30), timedelta(minutes=5)
LOOK_BACK = timedelta(days=1)
ENTRIES_AT_ONCE = 200


def mirror_audit_log(ctx: JobContext, client: BoomiClient, account_pk: int, tally: Tally) -> bool:
    """Read what people did on the platform since the last time."""
    return AuditPass(ctx, client, account_pk, tally).run()


class AuditPass(TimedPass[AuditLogRecord]):
    kind = SyncMark.Kind.AUDIT_LOG
    property = "date"
    first = FIRST

    def ask(self, expression: Expression | None, token: str | None) -> Page[AuditLogRecord]:
        return self.client.audit_log_page(expression, token)

    def store(self, records: Sequence[AuditLogRecord]) -> Stored:
        return store_audit_log(self.account_pk, records, now())

    def after(self) -> bool:
        """Name who started what. An execution may be mirrored after its entry, so the entries
        of a day are looked at again, and those since the oldest run that was found late."""
        entries = PlatformAuditEntry.objects.filter(account_id=self.account_pk, type__in=STARTS)
        if not self.is_first:
            entries = entries.filter(at__gte=self._look_back_to())
        last = int(self.ctx.cursor.get("starters_after", 0))
        while True:
            batch = list(entries.filter(pk__gt=last).order_by("pk")[:ENTRIES_AT_ONCE])
            if not batch:
                return True
            last = batch[-1].pk
            with self.ctx.step(starters_after=last):
                name_starters(self.account_pk, batch)
            if self.ctx.should_stop():
                return False

    def _look_back_to(self) -> datetime:
        day = self.started - LOOK_BACK
        nameless = Execution.objects.filter(
            account_id=self.account_pk,
            execution_type__in=BY_HAND,
            triggered_by="",
            first_seen_at__gte=day,
        )
        oldest = nameless.aggregate(oldest=Min("started_at"))["oldest"]
        return min(day, oldest - LATER) if oldest else day


def name_starters(account_pk: int, entries: Sequence[PlatformAuditEntry]) -> int:
    """Write into executions who started them by hand; returns how many got a name.

    An entry names no execution: it is matched by runtime, process and time, the nearest run
    first, and each run is given to one entry only. An entry is looked at more than once, so a run
    that already has its person's name uses it up: the next one may be somebody else's.
    """
    claimed: dict[int, str] = {}
    named = 0
    for entry in sorted(entries, key=lambda one: one.at):
        fitting = [run for run in _candidates(account_pk, entry) if run.pk not in claimed]
        if fitting and entry.user:
            nearest = min(fitting, key=lambda run: _distance(run, entry))
            claimed[nearest.pk] = entry.user
            if not nearest.triggered_by:
                nameless = Execution.objects.filter(pk=nearest.pk, triggered_by="")
                named += nameless.update(triggered_by=entry.user)
    return named


def _distance(run: Execution, entry: PlatformAuditEntry) -> timedelta:
    return abs(run.started_at - entry.at)


def _candidates(account_pk: int, entry: PlatformAuditEntry) -> list[Execution]:
    """Runs that fit the entry and are nobody else's."""
    runs = Execution.objects.filter(
        account_id=account_pk,
        execution_type__in=BY_HAND,
        triggered_by__in=("", entry.user),
        started_at__range=(entry.at - EARLIER, entry.at + LATER),
    )
    told = [entry.container_id, entry.message]
    told += [str(one.get("value") or "") for one in entry.properties]
    return [run for run in runs if _speaks_of(told, run)]


def _speaks_of(told: Sequence[str], run: Execution) -> bool:
    """Whether the entry's texts fit the run: its own id, or its process and no other runtime."""
    if any(run.execution_id in text for text in told):
        return True
    process = any(
        (run.process_id and run.process_id in text)
        or (run.process_name and run.process_name in text)
        for text in told
    )
    container = told[0]
    return process and container in ("", run.runtime_id, run.process_id)
