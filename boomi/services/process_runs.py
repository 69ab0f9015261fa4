"""Running a process on a runtime: ask once, find the run, watch it to its end.

The platform may take a request whose answer never reaches us. So what ran before is noted
first, then that we ask, and only then the call is made; without an answer we look for a run
that was not there before, and ask again only after several looks in vain. Killed at any point,
the next slice goes on from what the cursor says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from boomi.client import (
    BoomiClient,
    BoomiError,
    ExecutionRecord,
    Forbidden,
    Missing,
    RateLimited,
    Rejected,
    RuntimeUnavailable,
    Throttled,
    Unauthorised,
    field,
)
from boomi.clients import open_client, translate
from boomi.models import Account, Deployment, Execution, ExecutionOutcome, Runtime
from boomi.rows.executions import outcome_of, store_executions
from boomi.services import account_connections, connection_state
from boomi.services.connection_state import ConnectionResult
from common import audit
from common.access import require
from common.errors import Conflict
from scheduling.jobs import Again, Done, JobContext, JobFailed

FEATURE = "process.run"
# Runs show up within seconds, now and then after minutes; our clock and theirs may differ.
LOOK_PAUSES = (5.0, 10.0, 20.0, 30.0, 60.0, 60.0)
# What a schedule, a listener or another process began cannot be the run that was asked for.
STARTED_OTHERWISE = frozenset(
    {
        "exec_sched", "exec_listener", "exec_listener_bridge", "retry_sched", "retry_manual",
        "fiber", "sub_process", "test_manual", "test_sub_process",
    }
)  # fmt: skip
LOOK_BACK = timedelta(minutes=10)
MOST_REQUESTS = 2
POLL_SECONDS, LONGEST_POLL_SECONDS = 3.0, 60.0
LONGEST_RUN = timedelta(hours=24)
# A record appears within minutes; runs of low-latency processes have none at all.
LONGEST_SILENCE = timedelta(minutes=30)
# Answers that say for sure that nothing was started.
REFUSED = (Unauthorised, Forbidden, Missing, Rejected)


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be run where; `properties` are dynamic process properties."""

    account: Account
    process_id: str
    runtime: Runtime
    properties: dict[str, str]

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> Target:
        """Raises JobFailed when account or runtime are gone."""
        account = Account.objects.filter(pk=params["account"]).first()
        runtime = Runtime.objects.filter(
            pk=params["runtime"], account=params["account"], gone_at=None
        ).first()
        if account is None or runtime is None:
            what = "account" if account is None else "runtime"
            raise JobFailed(f"The {what} is gone.", hint="Choose another one.", code="NOT_FOUND")
        return cls(account, str(params["process"]), runtime, dict(params.get("properties") or {}))

    @property
    def name(self) -> str:
        runs = Execution.objects.filter(account=self.account, process_id=self.process_id)
        named = runs.order_by("-started_at").values_list("process_name", flat=True).first()
        return named or self.process_id


def check_deployed(account: Account, process_id: str, runtime: Runtime) -> None:
    """Raises Conflict unless the mirror knows of a deployment to an environment of the runtime."""
    places = list(runtime.environments.values_list("environment_id", flat=True))
    deployed = Deployment.objects.filter(
        account=account, component_id=process_id, environment_id__in=places, active=True
    )
    if not deployed.exists():
        raise Conflict(
            f"The process is not deployed to an environment of {runtime}.",
            hint="Deploy it there, or choose another runtime.",
            code="NOT_DEPLOYED",
        )


def advance(ctx: JobContext) -> Done | Again:
    """One slice. Raises JobFailed when the process ended with an error or cannot be run."""
    target = Target.of(ctx.params)
    connection = account_connections.working(target.account, actor=ctx.actor)
    client = open_client(connection, feature=FEATURE)
    try:
        return _Run(ctx, target, client).advance()
    except Unauthorised as error:
        failure = translate(error)
        connection_state.store(connection, ConnectionResult.of(failure), ctx.actor)
        raise failure from None
    except BoomiError as error:
        raise translate(error) from None


def _runtime_is_away(error: BoomiError) -> bool:
    """A bare 504 may come of a proxy after all was done; only these words say that nothing was."""
    said = "unavailable" in error.said.lower() and "runtime" in error.said.lower()
    return isinstance(error, RuntimeUnavailable) or said


class _Run:
    """One slice's view of a run: what is asked for, and how far the cursor says it has come."""

    def __init__(self, ctx: JobContext, target: Target, client: BoomiClient) -> None:
        self._ctx = ctx
        self._target = target
        self._client = client

    def advance(self) -> Done | Again:
        cursor = self._ctx.cursor
        if cursor.get("execution") or cursor.get("request"):
            return self._watch()
        if cursor.get("asked_at"):
            return self._look()
        return self._ask()

    def _ask(self) -> Done | Again:
        """Note what is there, note that we ask, ask."""
        require(self._ctx.actor, "boomi.process.run", self._target.account)
        check_deployed(self._target.account, self._target.process_id, self._target.runtime)
        self._ctx.phase("asking", 5)
        before = [record.execution_id for record in self._recent(timezone.now())]
        number = self._ctx.cursor.get("requests", 0) + 1
        with self._ctx.step(before=before, asked_at=timezone.now(), requests=number, looks=0):
            self._record_request(number)
        try:
            ticket = self._client.execute_process(
                self._target.process_id,
                self._target.runtime.runtime_id,
                dynamic_properties=self._target.properties,
            )
        except REFUSED:
            raise
        except BoomiError as error:
            if _runtime_is_away(error):
                raise JobFailed(
                    f"{self._target.runtime} cannot be reached.",
                    hint=RuntimeUnavailable.default_hint,
                    code=RuntimeUnavailable.default_code,
                ) from None
            return self._unanswered(error)
        with self._ctx.step(request=ticket.request_id):
            pass
        return Again(POLL_SECONDS, "The runtime starts the process.")

    def _record_request(self, number: int) -> None:
        audit.record(
            self._ctx.actor,
            "boomi.process.run_requested",
            self._target.account,
            after={
                "process": self._target.process_id,
                "runtime": self._target.runtime.runtime_id,
                "properties": sorted(self._target.properties),
                "request": number,
            },
        )

    def _unanswered(self, error: BoomiError) -> Again:
        """What our own limiter held back was not asked; of all else nobody knows."""
        if isinstance(error, RateLimited) and not isinstance(error, Throttled):
            with self._ctx.step(asked_at=None, requests=self._ctx.cursor["requests"] - 1):
                pass
            raise error
        self._ctx.log(f"{error.message} Looking whether it runs.", level="warning")
        return Again(LOOK_PAUSES[0], "No answer came; looking whether the process runs.")

    def _look(self) -> Done | Again:
        """After a request without an answer: is there a run that was not there before?"""
        self._ctx.phase("looking", 10)
        asked_at = datetime.fromisoformat(self._ctx.cursor["asked_at"])
        known = set(self._ctx.cursor["before"])
        new = [
            run
            for run in self._recent(asked_at)
            if run.execution_id not in known and run.execution_type not in STARTED_OTHERWISE
        ]
        if new:
            found = min(new, key=lambda run: run.started_at)
            self._ctx.log(f"Found the run {found.execution_id}; nothing was asked again.")
            return self._take(found)
        looks = self._ctx.cursor["looks"] + 1
        if looks < len(LOOK_PAUSES):
            with self._ctx.step(looks=looks):
                pass
            return Again(LOOK_PAUSES[looks], "Looking whether the process runs.")
        if self._ctx.cursor["requests"] >= MOST_REQUESTS:
            raise JobFailed(
                f"The platform did not answer {MOST_REQUESTS} requests, and no run is to be seen.",
                hint="Look in Boomi whether it runs before you start it again.",
                code="NO_ANSWER",
            )
        with self._ctx.step(asked_at=None):
            pass
        return Again(0, "No run came of it; asking again.")

    def _recent(self, moment: datetime) -> tuple[ExecutionRecord, ...]:
        """Runs of the process on the runtime that began about `moment` or later."""
        return self._client.execution_page(
            field("processId").eq(self._target.process_id)
            & field("atomId").eq(self._target.runtime.runtime_id)
            & field("executionTime").ge(moment - LOOK_BACK)
        ).items

    def _watch(self) -> Done | Again:
        """Ask for the run until it has ended."""
        cursor = self._ctx.cursor
        if cursor.get("execution"):
            record = self._client.execution(cursor["execution"])
        else:
            record = self._client.requested_execution(cursor["request"])
        if record is not None:
            return self._take(record)
        asked_at = datetime.fromisoformat(cursor["asked_at"])
        if not cursor.get("execution") and timezone.now() - asked_at > LONGEST_SILENCE:
            raise JobFailed(
                "The platform took the request and shows no run.",
                hint="Low-latency processes leave no record of their own; look in Boomi.",
                code="NO_RECORD",
            )
        return self._wait("The platform has no record of the run yet.")

    def _take(self, record: ExecutionRecord) -> Done | Again:
        """Mirror the run, and end with it."""
        account = self._target.account
        with self._ctx.step(execution=record.execution_id):
            store_executions(account.pk, [record], timezone.now())
        if outcome_of(record) == ExecutionOutcome.RUNNING:
            return self._wait(f"The process runs: {record.status}.")
        execution = Execution.objects.get(account=account, execution_id=record.execution_id)
        return self._ended(execution)

    def _wait(self, reason: str) -> Again:
        polls = self._ctx.cursor.get("polls", 0) + 1
        asked_at = datetime.fromisoformat(self._ctx.cursor["asked_at"])
        if timezone.now() - asked_at > LONGEST_RUN:
            raise JobFailed(
                "The process has not ended within a day.",
                hint="The list of executions will show its end.",
                code="STILL_RUNNING",
            )
        with self._ctx.step(polls=polls):
            self._ctx.phase("running", min(90, 20 + polls), reason)
        return Again(min(POLL_SECONDS * polls, LONGEST_POLL_SECONDS), reason)

    def _ended(self, execution: Execution) -> Done:
        url = f"/executions/{execution.pk}/"
        if execution.outcome == ExecutionOutcome.ERROR:
            said = execution.message or "The platform gives no reason."
            with self._ctx.step():
                self._ctx.record_error(str(execution), said, url)
            raise JobFailed(
                f"{execution.process_name} ended with an error: {said}",
                hint="Its page leads to the analysis of its log.",
                code="PROCESS_FAILED",
            )
        with self._ctx.step():
            self._ctx.count_records(done=1)
        status = execution.get_outcome_display().lower()
        return Done(
            f"{execution.process_name} ended: {status}.",
            {
                "execution": execution.pk,
                "execution_id": execution.execution_id,
                "outcome": execution.outcome,
                "url": url,
            },
        )
