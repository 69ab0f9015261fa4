"""The audit chain: gives committed events their place and proves that nothing was changed.

event (written by anybody) ─ seal_pending ─► seq, prev, seal ─ verify ─► report
The seal is HMAC(AUDIT_KEY, seq | prev | content_mac | uid) and prev is the seal before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import Max, Min, Subquery
from django.utils import timezone

from common import audit, checkpoints
from common.access import require, role_rule
from common.actors import Actor
from common.audit import content_mac, mac
from common.checkpoints import Checkpoint
from common.crypto import CannotDecrypt
from common.errors import InputError
from common.models import AuditChain, AuditEvent
from common.roles import Role

CHECKPOINT_EVERY = timedelta(minutes=1)
BATCH = 500
PROBLEMS_SHOWN = 100

role_rule("common.audit.view", Role.ADMIN, changes=False)
role_rule("common.audit.verify", Role.ADMIN, changes=False)
role_rule("common.audit.prune", Role.ADMIN)


@dataclass(frozen=True, slots=True)
class Problem:
    """`kind`: gap, edited, unreadable, prev, seal, head, start, truncated, checkpoint."""

    kind: str
    event_id: int | None
    seq: int | None
    sentence: str


@dataclass(slots=True)
class AuditReport:
    """What `verify` found. `unsealed` rows have no place yet; their content was checked."""

    sealed: int = 0
    unsealed: int = 0
    first_seq: int | None = None
    last_seq: int | None = None
    last_seal: str = ""
    checkpoints: int = 0
    problems: list[Problem] = field(default_factory=list)
    problems_omitted: int = 0

    @property
    def ok(self) -> bool:
        return not self.problems

    def add(self, kind: str, event: AuditEvent | None, seq: int | None, sentence: str) -> None:
        if len(self.problems) < PROBLEMS_SHOWN:
            event_id = event.pk if event is not None else None
            self.problems.append(Problem(kind, event_id, seq, sentence))
        else:
            self.problems_omitted += 1


def seal_pending(limit: int = BATCH) -> int:
    """Give up to `limit` committed events their place; returns how many. Safe to call anywhere.

    A sealer that finds another at work returns 0 (on SQLite it waits for its turn, which is
    short). Also writes the checkpoint that is due, so that a quiet night ends marked.
    """
    sealed = _seal(limit) if AuditEvent.objects.filter(seq=None).exists() else 0
    _write_checkpoint_if_due()
    return sealed


@transaction.atomic
def _seal(limit: int) -> int:
    chain = AuditChain.objects.select_for_update(skip_locked=True).filter(pk=1).first()
    if chain is None:
        return 0
    pending = list(
        AuditEvent.objects.filter(seq=None).only("uid", "content_mac").order_by("pk")[:limit]
    )
    seq, seal = chain.head_seq, chain.head_seal
    for event in pending:
        seq += 1
        event.seq, event.prev = seq, seal
        seal = event.seal = seal_of(event)
    AuditEvent.objects.bulk_update(pending, ["seq", "prev", "seal"], batch_size=100)
    won = AuditChain.objects.filter(
        pk=1, head_seq=chain.head_seq, head_seal=chain.head_seal
    ).update(head_seq=seq, head_seal=seal)
    if not won:
        # Only a database without row locks and without IMMEDIATE lets two sealers come here.
        transaction.set_rollback(True)
        return 0
    return len(pending)


def seal_of(event: AuditEvent) -> str:
    return mac(f"{event.seq}|{event.prev}|{event.content_mac}|{event.uid}")


def is_genuine(event: AuditEvent) -> bool:
    """Whether this one row is as it was written and, when sealed, carries its own seal."""
    try:
        genuine = content_mac(event) == event.content_mac
    except CannotDecrypt:
        return False
    return genuine and (event.seq is None or event.seal == seal_of(event))


def _write_checkpoint_if_due() -> None:
    chain = AuditChain.objects.filter(pk=1).first()
    now = timezone.now()
    if chain is None or chain.head_seq == 0:
        return
    if chain.checkpoint_at is not None and now - chain.checkpoint_at < CHECKPOINT_EVERY:
        return
    if checkpoints.last_seq() == chain.head_seq:
        return
    claimed = AuditChain.objects.filter(
        pk=1, checkpoint_at=chain.checkpoint_at, head_seq=chain.head_seq
    ).update(checkpoint_at=now)
    if claimed:
        checkpoints.append(_iso(now), chain.head_seq, chain.head_seal)


def verify() -> AuditReport:
    """Read the whole trail: places, seals and content of every row, the head, the checkpoints."""
    report = AuditReport()
    # Marks, then head, then rows: what is sealed meanwhile lies beyond all we compare with.
    marks = checkpoints.read()
    chain = AuditChain.objects.filter(pk=1).first() or AuditChain()
    report.checkpoints = len(marks.rows)
    by_seq = {mark.seq: mark for mark in marks.rows}
    _check_sealed(report, chain, marks.anchor, by_seq)
    _check_unsealed(report)
    _check_end(report, chain, by_seq)
    for number in marks.damaged:
        report.add("checkpoint", None, None, f"Line {number} of the checkpoint file is damaged.")
    return report


def _check_sealed(
    report: AuditReport,
    chain: AuditChain,
    anchor: Checkpoint | None,
    marks: dict[int, Checkpoint],
) -> None:
    before: AuditEvent | None = None
    for event in _sealed_rows(chain.head_seq):
        if before is None:
            report.first_seq = event.seq
            _check_start(report, event, anchor)
        else:
            _check_link(report, before, event)
        _check_row(report, event)
        mark = marks.get(event.seq or 0)
        if mark is not None and mark.seal != event.seal:
            report.add("checkpoint", event, event.seq, f"Event {event.seq} differs from its mark.")
        report.sealed += 1
        before = event
    if before is not None:
        report.last_seq, report.last_seal = before.seq, before.seal


def _sealed_rows(upto: int) -> Iterator[AuditEvent]:
    """In order of place, page by page so that no long transaction holds the database."""
    last = 0
    while True:
        page = AuditEvent.objects.filter(seq__gt=last, seq__lte=upto).order_by("seq")[:BATCH]
        rows = list(page)
        yield from rows
        if len(rows) < BATCH:
            return
        last = rows[-1].seq or 0


def _check_start(report: AuditReport, first: AuditEvent, anchor: Checkpoint | None) -> None:
    """The chain begins at 1, or behind an anchor that says the rows before were pruned."""
    missing = (first.seq or 0) - 1
    if missing <= 0 and not first.prev:
        return
    if anchor is None or anchor.seq < missing:
        report.add(
            "start", first, first.seq, f"Events 1 to {missing} are missing and were not pruned."
        )
    elif anchor.seq == missing and anchor.seal != first.prev:
        report.add("start", first, first.seq, "The first event does not follow the pruned ones.")


def _check_link(report: AuditReport, before: AuditEvent, event: AuditEvent) -> None:
    expected = (before.seq or 0) + 1
    if event.seq != expected:
        last = (event.seq or 0) - 1
        names = f"Event {expected} is" if last == expected else f"Events {expected} to {last} are"
        report.add("gap", None, expected, f"{names} missing.")
    elif event.prev != before.seal:
        report.add("prev", event, event.seq, f"Event {event.seq} does not follow the one before.")


def _check_row(report: AuditReport, event: AuditEvent) -> None:
    if event.seq is not None and event.seal != seal_of(event):
        report.add("seal", event, event.seq, f"The seal of event {event.seq} is wrong.")
    name = f"event {event.seq}" if event.seq else f"the unsealed event with id {event.pk}"
    try:
        genuine = content_mac(event) == event.content_mac
    except CannotDecrypt as error:
        report.add("unreadable", event, event.seq, f"In {name}: {error.message}")
        return
    if not genuine:
        report.add("edited", event, event.seq, f"The content of {name} was changed.")


def _check_unsealed(report: AuditReport) -> None:
    last = 0
    while True:
        rows = list(AuditEvent.objects.filter(seq=None, pk__gt=last).order_by("pk")[:BATCH])
        for event in rows:
            report.unsealed += 1
            _check_row(report, event)
        if len(rows) < BATCH:
            return
        last = rows[-1].pk


def _check_end(report: AuditReport, chain: AuditChain, marks: dict[int, Checkpoint]) -> None:
    last = report.last_seq or 0
    newest = max(marks, default=0)
    if last < newest:
        report.add(
            "truncated",
            None,
            last + 1,
            f"The chain ends at {last}, but the checkpoint file knows event {newest}.",
        )
    if chain.checkpoint_at is not None and not marks:
        report.add("checkpoint", None, None, "The checkpoint file is missing or empty.")
    if last != chain.head_seq:
        sentence = f"The chain ends at {last}, its head says {chain.head_seq}."
        report.add("head", None, last, sentence)
    elif report.last_seal != chain.head_seal:
        report.add("head", None, last, "The last event is not the one the head names.")
    head_now = AuditChain.objects.filter(pk=1).values("head_seq")[:1]
    for event in AuditEvent.objects.filter(seq__gt=Subquery(head_now)).order_by("seq")[:BATCH]:
        report.add("head", event, event.seq, f"Event {event.seq} lies beyond the head.")


def prune(before: datetime, *, actor: Actor) -> int:
    """Delete sealed events older than `before`, oldest first; returns how many.

    The mark that allows it is on disk before the first row goes, so a kill half-way leaves a
    chain that verifies, and a second call goes on.
    """
    require(actor, "common.audit.prune")
    if before > timezone.now():
        raise InputError("Events of the future cannot be pruned.", hint="Name an earlier time.")
    last = _last_prunable(before)
    if last is None or last.seq is None:
        return 0
    checkpoints.append(_iso(timezone.now()), last.seq, last.seal, anchor=True)
    deleted = 0
    while True:
        keys = AuditEvent.objects.filter(seq__lte=last.seq).order_by("seq").values("pk")[:BATCH]
        count, _ = AuditEvent.objects.filter(pk__in=[row["pk"] for row in keys]).delete()
        deleted += count
        if count < BATCH:
            break
    audit.record(actor, "common.audit.pruned", after={"events": deleted, "up_to": last.seq})
    return deleted


def _last_prunable(before: datetime) -> AuditEvent | None:
    """The newest event such that it and all before it are old; never the end of the chain."""
    sealed = AuditEvent.objects.filter(seq__isnull=False)
    kept = sealed.filter(at__gte=before).aggregate(first=Min("seq"))["first"]
    end = sealed.aggregate(last=Max("seq"))["last"]
    limit = kept if kept is not None else end
    return sealed.filter(seq__lt=limit).order_by("-seq").first() if limit is not None else None


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")
