"""Fetching logs before the platform forgets them, the oldest first.

Each log is fetched by the job that a click would start. What failed once is left to people:
a log that cannot be had would be asked for every night otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from boomi.models import Account, Execution, ExecutionOutcome, LogState
from boomi.services import account_connections, log_fetches
from boomi.services.logs import PLATFORM_KEEPS_DAYS, TEST_TYPES
from common.access import visible
from common.actors import Actor
from common.errors import PortalError
from scheduling import children
from scheduling.jobs import Again, Done, JobContext, JobFailed
from scheduling.models import JobRun, JobStatus, Trigger

DEFAULT_LIMIT = 200
BLOCKED = frozenset({"NO_CONNECTION", "AUTH_FAILED", "INVALID_CONNECTION", "CANNOT_DECRYPT"})
OPEN_STATES = (LogState.UNKNOWN, LogState.REQUESTED)


@dataclass(frozen=True, slots=True)
class Choice:
    """`older_than_days` leaves out younger runs, whose logs are in no danger yet."""

    account: int
    process: str = ""
    only_errors: bool = False
    older_than_days: int = 0
    limit: int = DEFAULT_LIMIT

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> Choice:
        return cls(
            account=int(parameters["account"]),
            process=str(parameters.get("process") or ""),
            only_errors=bool(parameters.get("only_errors", False)),
            older_than_days=int(parameters.get("older_than_days") or 0),
            limit=int(parameters.get("limit") or DEFAULT_LIMIT),
        )


def missing_logs(actor: Actor, choice: Choice) -> QuerySet[Execution]:
    """Ended runs whose log the platform still has and the portal has not, the oldest first."""
    now = timezone.now()
    rows = visible(actor, Execution.objects.filter(account=choice.account)).filter(
        started_at__gt=now - timedelta(days=PLATFORM_KEEPS_DAYS),
        started_at__lte=now - timedelta(days=choice.older_than_days),
        log_file=None,
        log_state__in=OPEN_STATES,
    )
    rows = rows.exclude(outcome=ExecutionOutcome.RUNNING).exclude(status="DISCARDED")
    rows = rows.exclude(execution_type__in=TEST_TYPES)
    if choice.process:
        rows = rows.filter(process_id=choice.process)
    if choice.only_errors:
        rows = rows.filter(outcome=ExecutionOutcome.ERROR)
    return rows.order_by("started_at", "pk")


def advance(ctx: JobContext) -> Done | Again:
    """One slice of the job "boomi.capture_logs"."""
    if "todo" not in ctx.cursor:
        _plan(ctx)
    again = children.work_through(
        ctx, partial(_begin, ctx), partial(_finish, ctx), phase="fetching logs"
    )
    return again or _ending(ctx)


def _plan(ctx: JobContext) -> None:
    choice = Choice.of(ctx.params)
    account = Account.objects.filter(pk=choice.account).first()
    if account is None:
        raise JobFailed("The account was deleted.", hint="Delete this automation too.")
    account_connections.working(account, actor=ctx.actor)
    rows = missing_logs(ctx.actor, choice).values_list("pk", flat=True)
    keys = list(rows[: choice.limit + 1])
    todo = keys[: choice.limit]
    with ctx.step(todo=todo, total=len(todo), more=len(keys) > len(todo)):
        pass


def _begin(ctx: JobContext, pk: int) -> JobRun | None:
    execution = Execution.objects.select_related("account").filter(pk=pk).first()
    if execution is None:
        return None
    try:
        with transaction.atomic():
            return log_fetches.request(
                execution, actor=ctx.actor, queue=JobRun.Queue.LATER, trigger=Trigger.SYSTEM
            )
    except PortalError as error:
        ctx.record_error(str(execution), error.message, f"/executions/{pk}/")
        return None


def _finish(ctx: JobContext, pk: int, run: JobRun | None) -> None:
    """Raises JobFailed when no other log would fare better."""
    if run is not None and run.error_code in BLOCKED:
        raise JobFailed(run.error_message, hint=run.error_hint, code=run.error_code)
    if run is None or run.status == JobStatus.SUCCEEDED:
        ctx.count_records(done=1)
        return
    execution = Execution.objects.filter(pk=pk).first()
    reason = run.error_message if run.is_final else run.detail
    ctx.record_error(
        str(execution or pk), reason or "It has to be waited for.", f"/executions/{pk}/"
    )


def _ending(ctx: JobContext) -> Done:
    run = JobRun.objects.only("records_done", "records_failed").get(pk=ctx.run.pk)
    done, failed = run.records_done, run.records_failed
    if not done and not failed:
        return Done("No log was missing.", {"captured": 0, "failed": 0, "more": False})
    more = bool(ctx.cursor["more"])
    sentence = f"{done} logs captured" + (f", {failed} not to be had" if failed else "")
    return Done(
        sentence + ("; more wait for the next run." if more else "."),
        {"captured": done, "failed": failed, "more": more},
    )
