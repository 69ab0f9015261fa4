"""One row of every kind, for the sweeps that walk all routes.

A new model with a page or an admin class adds a builder with `@sample(Model)`; a new page
whose address names an object adds the beginning of its url name to ROUTES. The walk fails
with the name of the route until both are there.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Model

from analysis import services as analyses
from analysis.models import Analysis
from boomi.models import (
    Account,
    AccountGrant,
    AccountGroup,
    ApiCall,
    Circuit,
    CompletenessCheck,
    Component,
    ComponentDocument,
    ComponentReference,
    ComponentVersion,
    Connection,
    Deployment,
    Environment,
    Execution,
    ExecutionConnector,
    ExecutionSummary,
    Folder,
    LimiterState,
    LogFile,
    PackagedComponent,
    PlatformAuditEntry,
    PlatformEvent,
    ProcessSchedule,
    Runtime,
    SyncMark,
)
from boomi.services import documents
from common import audit, tokens
from common.actors import Actor
from common.models import ApiToken, AuditEvent, Team, User
from scheduling.models import (
    Automation,
    Delivery,
    Heartbeat,
    JobLogLine,
    JobRecordError,
    JobRun,
    NotificationChannel,
    Occurrence,
    OptOut,
    Schedule,
)
from tests.analysis.builders import failing_log
from tests.boomi.component_rows import component_document

AT = datetime(2026, 9, 13, 8, 15, tzinfo=UTC)
Builder = Callable[["Samples"], Model]
_builders: dict[type[Model], Builder] = {}

# The beginning of a url name → the model its key belongs to; the longest match counts.
ROUTES: dict[str, type[Model]] = {
    "account": Account,
    "analyses": Analysis,
    "analysis": Analysis,
    "api-token": ApiToken,
    "audit-event": AuditEvent,
    "automation": Automation,
    "calls": ApiCall,
    "channel": NotificationChannel,
    "component": Component,
    "connection": Connection,
    "deliver": Delivery,
    "deployment": Deployment,
    "environment": Environment,
    "execution": Execution,
    "execution-summaries": ExecutionSummary,
    "job": JobRun,
    "package": PackagedComponent,
    "occurrence": Occurrence,
    "notification-channel": NotificationChannel,
    "platform-audit": PlatformAuditEntry,
    "platform-events": PlatformEvent,
    "process-schedules": ProcessSchedule,
    "runtime": Runtime,
    "schedule": Schedule,
    "schedule-new": Automation,
    "token": ApiToken,
}


def sample(model: type[Model]) -> Callable[[Builder], Builder]:
    def register(builder: Builder) -> Builder:
        _builders[model] = builder
        return builder

    return register


class Samples:
    """Rows by model, each built once; `owner` is who they belong to."""

    def __init__(self, owner: User) -> None:
        self.owner = owner
        self.actor = Actor.person(owner, via="page")
        self._rows: dict[type[Model], Model] = {User: owner}

    def row(self, model: type[Model]) -> Any:
        if model not in self._rows:
            if model not in _builders:
                raise LookupError(f"tests/sweeps/samples.py has no sample of {model.__name__}.")
            self._rows[model] = _builders[model](self)
        return self._rows[model]

    def build_all(self) -> None:
        for model in _builders:
            self.row(model)


def model_of_route(name: str) -> type[Model] | None:
    """The model whose key the route of this url name takes."""
    fitting = [begin for begin in ROUTES if name.startswith(begin)]
    return ROUTES[max(fitting, key=len)] if fitting else None


@sample(Team)
def team(s: Samples) -> Model:
    made = Team.objects.create(name="Integration")
    made.members.add(s.owner)
    return made


@sample(ApiToken)
def api_token(s: Samples) -> Model:
    return tokens.issue(s.owner, name="script", scope="read", expires_at=None, actor=s.actor)[0]


@sample(AuditEvent)
def audit_event(s: Samples) -> Model:
    return audit.record(s.actor, "common.team.changed", s.row(Team), after={"name": "x"})


@sample(Account)
def account(s: Samples) -> Model:
    return Account.objects.create(account_id="northwind-7Q2K9D", name="Northwind")


@sample(AccountGrant)
def account_grant(s: Samples) -> Model:
    return AccountGrant.objects.create(account=s.row(Account), team=s.row(Team))


@sample(Connection)
def connection(s: Samples) -> Model:
    return Connection.objects.create(
        name="Northwind", account=s.row(Account), base_url="http://127.0.0.1:9",
        username="olga@northwind.example", token="only-for-tests", owner=s.owner, proved_at=AT,
    )  # fmt: skip


@sample(Environment)
def environment(s: Samples) -> Model:
    return Environment.objects.create(
        account=s.row(Account), environment_id="e1", name="Production", seen_at=AT
    )


@sample(Runtime)
def runtime(s: Samples) -> Model:
    return Runtime.objects.create(
        account=s.row(Account), runtime_id="r1", name="Local", status="ONLINE", seen_at=AT
    )


@sample(LogFile)
def log_file(s: Samples) -> Model:
    return s.row(Analysis).log_file


@sample(Execution)
def execution(s: Samples) -> Model:
    return Execution.objects.create(
        account=s.row(Account), execution_id="execution-1", process_name="Send orders",
        process_id="p1", runtime_id="r1", runtime_name="Local", status="ERROR", outcome="error",
        started_at=AT, duration_ms=61_000, message="Code 401: Unauthorized", log_state="ready",
        log_file=s.row(LogFile), inbound_documents=3, error_documents=1,
    )  # fmt: skip


@sample(Analysis)
def analysis(s: Samples) -> Model:
    made, _ = analyses.analyse_upload(io.BytesIO(failing_log()), name="a.log", actor=s.actor)
    return made


@sample(Deployment)
def deployment(s: Samples) -> Model:
    return Deployment.objects.create(
        account=s.row(Account), deployment_id="d1", environment_id="e1", component_id="p1",
        active=True, deployed_at=AT - timedelta(days=1), seen_at=AT,
    )  # fmt: skip


@sample(Folder)
def folder(s: Samples) -> Model:
    return Folder.objects.create(
        account=s.row(Account), folder_id="f1", name="Orders", full_path="Northwind/Orders",
        seen_at=AT,
    )  # fmt: skip


@sample(Component)
def component(s: Samples) -> Model:
    return Component.objects.create(
        account=s.row(Account), component_id="p1", name="Send orders", type="process", version=2,
        folder_id=s.row(Folder).folder_id, folder_name="Orders", modified_at=AT, seen_at=AT,
    )  # fmt: skip


@sample(ComponentVersion)
def component_version(s: Samples) -> Model:
    row = ComponentVersion.objects.create(
        component=s.row(Component), version=2, name="Send orders", current=True, modified_at=AT
    )
    documents.store(row, component_document("process-01-order-intake-main"), now=AT)
    row.refresh_from_db()
    return row


@sample(ComponentDocument)
def stored_document(s: Samples) -> Model:
    return s.row(ComponentVersion).document


@sample(ComponentReference)
def component_reference(s: Samples) -> Model:
    return ComponentReference.objects.create(
        account=s.row(Account), parent_component_id="p1", parent_version=2, component_id="m1",
        type="DEPENDENT",
    )  # fmt: skip


@sample(PackagedComponent)
def package(s: Samples) -> Model:
    return PackagedComponent.objects.create(
        account=s.row(Account), package_id="k1", package_version="1.0", component_id="p1",
        component_version=2, component_type="process", created_at=AT, seen_at=AT,
    )  # fmt: skip


@sample(SyncMark)
def sync_mark(s: Samples) -> Model:
    return SyncMark.objects.create(account=s.row(Account), kind="executions", watermark=AT)


@sample(ApiCall)
def api_call(s: Samples) -> Model:
    return ApiCall.objects.create(
        at=AT, account_id="northwind-7Q2K9D", method="POST", path="/ExecutionRecord/query",
        status=200, duration_ms=120, connection_id=s.row(Connection).pk,
    )  # fmt: skip


@sample(LimiterState)
def limiter_state(s: Samples) -> Model:
    return LimiterState.objects.create(account_id="northwind-7Q2K9D")


@sample(JobRun)
def job_run(s: Samples) -> Model:
    return JobRun.objects.create(
        job="boomi.sync_connection", title="Sync Northwind", status="running", owner=s.owner,
        actor_text=s.owner.email, audience=f"account:{s.row(Account).pk}", percent=40,
        phase="executions", started_at=AT,
    )  # fmt: skip


@sample(JobRecordError)
def job_record_error(s: Samples) -> Model:
    return JobRecordError.objects.create(
        run=s.row(JobRun), record="Send orders", message="The platform knows no such run."
    )


@sample(Automation)
def automation(s: Samples) -> Model:
    return Automation.objects.create(
        name="Count every night", kind="tests.count", parameters={"rows": 3}, owner=s.owner,
        channel=s.row(NotificationChannel), webhook_prefix="bop_00c0ffee", webhook_hash="0" * 64,
        webhook_set_at=AT, notes="For tests.",
    )  # fmt: skip


@sample(Schedule)
def schedule(s: Samples) -> Model:
    return Schedule.objects.create(
        automation=s.row(Automation), cron="30 2 * * *", zone="Europe/Berlin",
        next_due_at=AT + timedelta(days=1), pause_reason="Holidays.", paused_by=s.owner.email,
    )  # fmt: skip


@sample(Occurrence)
def occurrence(s: Samples) -> Model:
    return Occurrence.objects.create(
        schedule=s.row(Schedule), due_at=AT, outcome="started", note="On time.", run=s.row(JobRun)
    )


@sample(OptOut)
def opt_out(s: Samples) -> Model:
    return OptOut.objects.create(
        address="olga@northwind.example", channel=s.row(NotificationChannel)
    )


@sample(JobLogLine)
def job_log_line(s: Samples) -> Model:
    return JobLogLine.objects.create(run=s.row(JobRun), text="412 executions")


@sample(Heartbeat)
def heartbeat(s: Samples) -> Model:
    return Heartbeat.objects.create(name="clock", at=AT)


@sample(NotificationChannel)
def notification_channel(s: Samples) -> Model:
    return NotificationChannel.objects.create(
        name="On call", owner=s.owner, recipients=["olga@northwind.example"]
    )


@sample(Delivery)
def delivery(s: Samples) -> Model:
    return Delivery.objects.create(
        channel=s.row(NotificationChannel), address="olga@northwind.example",
        subject="Northwind: 3 runs failed", text="Three runs failed.", status="failed",
        error="The mail server cannot be reached.", tries=12,
    )  # fmt: skip


@sample(AccountGroup)
def account_group(s: Samples) -> Model:
    return AccountGroup.objects.create(
        account=s.row(Account), group_id="g1", name="Clients", seen_at=AT
    )


@sample(ProcessSchedule)
def process_schedule(s: Samples) -> Model:
    entry = {"minutes": "15", "hours": "2", "daysOfWeek": "2-6"}
    return ProcessSchedule.objects.create(
        account=s.row(Account), schedule_id="s1", process_id="p1", runtime_id="r1",
        entries=[entry], enabled=True, seen_at=AT,
    )  # fmt: skip


@sample(PlatformEvent)
def platform_event(s: Samples) -> Model:
    return PlatformEvent.objects.create(
        account=s.row(Account), event_id="event-1", at=AT, title="Order Intake failed", seen_at=AT
    )


@sample(PlatformAuditEntry)
def platform_audit_entry(s: Samples) -> Model:
    return PlatformAuditEntry.objects.create(
        account=s.row(Account), document_id="d1", at=AT, user="jo@northwind.example",
        message="Environment Extensions saved", type="as.extensions", action="EDIT", seen_at=AT,
        properties=[{"name": "NEW_VALUE", "previous": "", "value": "host=a"}],
    )  # fmt: skip


@sample(ExecutionSummary)
def execution_summary(s: Samples) -> Model:
    return ExecutionSummary.objects.create(
        account=s.row(Account), process_id="p2", process_name="Order Status", time_block=AT,
        executions=12, elapsed_ms=340, seen_at=AT,
    )  # fmt: skip


@sample(ExecutionConnector)
def execution_connector(s: Samples) -> Model:
    return ExecutionConnector.objects.create(
        execution=s.row(Execution), connector_id="c1", name="ERP HTTP", connector_type="http"
    )


@sample(CompletenessCheck)
def completeness_check(s: Samples) -> Model:
    return CompletenessCheck.objects.create(
        account=s.row(Account), kind=SyncMark.Kind.EXECUTIONS, day="2026-09-12",
        on_platform=12, mirrored=11,
    )  # fmt: skip


@sample(Circuit)
def circuit(s: Samples) -> Model:
    return Circuit.objects.create(account_id="northwind-7Q2K9D", state="open", reason="No answer.")
