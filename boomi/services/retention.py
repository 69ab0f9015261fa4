"""How long what was mirrored is kept, and the deleting of what is older, in small steps.

The clock prunes a little each hour and writes into the audit trail what went; the job does it to
the end, and its summary is the report. Nothing goes that the platform would only give us again,
and nothing a person has pinned.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, Model, OuterRef, QuerySet
from django.utils import timezone

from boomi.models import (
    Execution,
    ExecutionConnector,
    ExecutionSummary,
    LogFile,
    LogState,
    PlatformAuditEntry,
    PlatformEvent,
)
from common import audit
from common.actors import Actor
from scheduling.jobs import Again, Done, JobContext

BATCH = 500
SECONDS_PER_KIND = 2.0
KEPT_LOGS = ("pinned", "legal_hold")
LOG_DELETED = "The portal deleted its copy of this log after the time it keeps logs."


@dataclass(frozen=True, slots=True)
class Rule:
    """Rows of one kind that are older than the setting says, oldest first.

    `least` are the days the platform itself keeps them: a shorter time would have them deleted
    here and read there in turns.
    """

    kind: str
    label: str
    setting: str
    least: int
    rows: Callable[[datetime], QuerySet[Model]]
    delete: Callable[[Sequence[int]], int]

    def days(self) -> int:
        """How long they are kept; 0 is for ever."""
        days = int(getattr(settings, self.setting))
        return max(days, self.least) if days else 0


@dataclass(slots=True)
class Report:
    """What went, or in a dry run would go, by kind; `finished` says whether that was all."""

    counts: dict[str, int] = field(default_factory=dict)
    dry_run: bool = False
    finished: bool = True

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def sentence(self) -> str:
        words = [
            f"{count:,} {rule.label}" for rule in RULES if (count := self.counts.get(rule.kind))
        ]
        if not words:
            return "Nothing is older than it is kept."
        return f"{', '.join(words)} {'would be ' if self.dry_run else ''}deleted."


def prune(
    ctx: JobContext | None = None, kinds: Iterable[str] | None = None, *, dry_run: bool = False
) -> Report:
    """Delete what is older than it is kept, all kinds or some.

    In a job every batch is a step and the counts are those of all its slices; without one (the
    clock) about two seconds go to each kind. A dry run only counts. Raises ValueError for an
    unknown kind.
    """
    wanted = set(kinds if kinds is not None else KINDS)
    if unknown := wanted - set(KINDS):
        raise ValueError(f"There is nothing to prune called {', '.join(sorted(unknown))}.")
    report = Report(dict(ctx.cursor.get("pruned", {})) if ctx else {}, dry_run)
    for rule in RULES:
        if rule.kind not in wanted or not rule.days():
            continue
        rows = rule.rows(timezone.now() - timedelta(days=rule.days()))
        if dry_run:
            report.counts[rule.kind] = rows.count()
        else:
            _delete(ctx, rule, rows, report)
    return report


def prune_hourly() -> Report:
    """What the clock does: a little of each kind, and a line in the audit trail if any went."""
    report = prune()
    if report.total:
        audit.record(
            Actor.system("clock"),
            "boomi.mirror.pruned",
            after={kind: count for kind, count in report.counts.items() if count},
            note=report.sentence,
            object_text="the mirror",
        )
    return report


def advance(ctx: JobContext) -> Done | Again:
    """One slice of a job that prunes the kinds in its parameters, all without; its summary is
    the report."""
    dry_run = bool(getattr(ctx.run, "dry_run", False))
    report = prune(ctx, ctx.params.get("kinds") or None, dry_run=dry_run)
    if not report.finished:
        return Again()
    return Done(report.sentence, {"deleted": report.counts, "dry_run": report.dry_run})


def _delete(ctx: JobContext | None, rule: Rule, rows: QuerySet[Model], report: Report) -> None:
    ends = time.monotonic() + SECONDS_PER_KIND
    while True:
        keys = list(rows.values_list("pk", flat=True)[:BATCH])
        if not keys:
            return
        if ctx.should_stop() if ctx else time.monotonic() >= ends:
            report.finished = False
            return
        with _step(ctx, report):
            report.counts[rule.kind] = report.counts.get(rule.kind, 0) + rule.delete(keys)
        if ctx:
            ctx.phase(f"deleting {rule.label}", detail=f"{report.total:,} so far")


class _Counted(AbstractContextManager[None]):
    """A step of the job whose cursor carries the counts."""

    def __init__(self, ctx: JobContext, report: Report) -> None:
        self._step = ctx.step()
        self._report = report

    def __enter__(self) -> None:
        self._cursor = self._step.__enter__()

    def __exit__(self, *failure: object) -> bool | None:
        self._cursor["pruned"] = self._report.counts
        return self._step.__exit__(*failure)  # type: ignore[arg-type]


def _step(ctx: JobContext | None, report: Report) -> AbstractContextManager[object]:
    return _Counted(ctx, report) if ctx else transaction.atomic()


def _executions(before: datetime) -> QuerySet[Model]:
    rows = _disposable(Execution.objects.filter(started_at__lt=before))
    return rows.order_by("started_at", "pk")


def _disposable(rows: QuerySet[Execution]) -> QuerySet[Execution]:
    """Runs but for those whose log is pinned and those an upper app refers to, such as by an
    analysis."""
    rows = rows.exclude(log_file__retention__in=KEPT_LOGS)
    for relation in Execution._meta.related_objects:
        model = relation.related_model
        if model._meta.app_label != Execution._meta.app_label:
            users = model._default_manager.filter(**{relation.field.name: OuterRef("pk")})
            rows = rows.filter(~Exists(users))
    return rows


def _delete_executions(keys: Sequence[int]) -> int:
    """What was pinned or analysed since it was chosen stays."""
    going = _disposable(Execution.objects.filter(pk__in=keys)).order_by("pk")
    locked = list(going.select_for_update(of=("self",)).values_list("pk", flat=True))
    Execution.objects.filter(pk__in=locked).delete()
    return len(locked)


def _logs(before: datetime) -> QuerySet[Model]:
    return (
        LogFile.objects.filter(created_at__lt=before)
        .exclude(retention__in=KEPT_LOGS)
        .order_by("created_at", "pk")
    )


def _delete_logs(keys: Sequence[int]) -> int:
    """The rows go and say so where they were used; the files go with `logstore.sweep_orphans`.

    What was pinned or stored anew since it was chosen stays.
    """
    rows = LogFile.objects.filter(pk__in=keys).exclude(retention__in=KEPT_LOGS)
    locked = list(rows.select_for_update().order_by("pk").values_list("pk", flat=True))
    Execution.objects.filter(log_file__in=locked).update(
        log_state=LogState.PURGED, log_reason=LOG_DELETED, log_file=None
    )
    LogFile.objects.filter(pk__in=locked).delete()
    return len(locked)


def _deleter(model: type[Model]) -> Callable[[Sequence[int]], int]:
    def delete(keys: Sequence[int]) -> int:
        model._default_manager.filter(pk__in=keys).delete()
        return len(keys)

    return delete


def _older(model: type[Model], column: str) -> Callable[[datetime], QuerySet[Model]]:
    def rows(before: datetime) -> QuerySet[Model]:
        return model._default_manager.filter(**{f"{column}__lt": before}).order_by(column, "pk")

    return rows


def _connectors(before: datetime) -> QuerySet[Model]:
    old = Execution.objects.filter(started_at__lt=before).order_by()
    return ExecutionConnector.objects.filter(execution__in=old).order_by("pk")


RULES: tuple[Rule, ...] = (
    Rule(
        "connectors", "connectors of executions", "RETENTION_CONNECTOR_DAYS", 31,
        _connectors, _deleter(ExecutionConnector),
    ),
    Rule("logs", "stored logs", "RETENTION_LOG_DAYS", 1, _logs, _delete_logs),
    Rule(
        "executions", "executions", "RETENTION_EXECUTION_DAYS", 31,
        _executions, _delete_executions,
    ),
    Rule(
        "summaries", "summaries", "RETENTION_SUMMARY_DAYS", 31,
        _older(ExecutionSummary, "time_block"), _deleter(ExecutionSummary),
    ),
    Rule(
        "events", "events", "RETENTION_EVENT_DAYS", 8,
        _older(PlatformEvent, "at"), _deleter(PlatformEvent),
    ),
    Rule(
        "audit_log", "entries of the platform's audit log", "RETENTION_AUDIT_LOG_DAYS", 91,
        _older(PlatformAuditEntry, "at"), _deleter(PlatformAuditEntry),
    ),
)  # fmt: skip
KINDS = tuple(rule.kind for rule in RULES)
