"""How to make a row of each model the admin shows; `number` keeps them apart."""

from collections.abc import Callable
from datetime import timedelta

from django.db.models import Model
from django.utils import timezone

from analysis.models import Analysis
from boomi.models import (
    Account,
    AccountGrant,
    AccountGroup,
    ApiCall,
    Circuit,
    CompletenessCheck,
    ExecutionConnector,
    ExecutionSummary,
    LimiterState,
    LogFile,
    PlatformAuditEntry,
    PlatformEvent,
    ProcessSchedule,
    SyncMark,
)
from common import audit
from common.actors import Actor
from common.models import ApiToken, Team, User
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
from tests.boomi import component_rows, rows
from tests.conftest import make_user

LONG = "A name that goes on and on " * 5


def account(number: int) -> Account:
    made = rows.make_account(f"account-{number}")
    AccountGrant.objects.get_or_create(account=made, team=team(number))
    return made


def team(number: int) -> Team:
    return Team.objects.get_or_create(name=f"Team {number}")[0]


def user(number: int) -> User:
    email = f"person-{number}@northwind.example"
    return User.objects.filter(email=email).first() or make_user(email, name=LONG[:120])


def token(number: int) -> ApiToken:
    ends = timezone.now() + timedelta(days=1)
    return ApiToken.objects.create(
        user=user(number), name=f"Token {number}", prefix=f"p{number:07}",
        digest=f"{number:064}", expires_at=ends,
    )  # fmt: skip


def connection(number: int) -> Model:
    return rows.connect(user(number), account(number), name=LONG[:100] + str(number))


def runtime(number: int) -> Model:
    made = rows.make_runtime(account(number), number)
    made.environments.add(rows.make_environment(made.account, 1000 + number))
    return made


def log_file(number: int) -> LogFile:
    return LogFile.objects.create(
        sha256=f"{number:064}", name=LONG, storage_key=f"aa/{number}", size=1, stored_size=1,
        lines=1, index=[[1, 0, 1]],
    )  # fmt: skip


def execution(number: int) -> Model:
    return rows.make_execution(
        account(number), number, message="<script>", extra={"a": [1]},
        log_file=log_file(1000 + number), process_name=LONG,
    )  # fmt: skip


def api_call(number: int) -> ApiCall:
    return ApiCall.objects.create(
        at=timezone.now(), account_id=f"account-{number}", method="GET", path=f"/x/{number}",
        status=200 + number * 100 if number < 4 else None, duration_ms=5,
    )  # fmt: skip


def job_run(number: int) -> JobRun:
    earlier = JobRun.objects.create(job="tests.fail", title=LONG, status="failed")
    run = JobRun.objects.create(
        job="tests.fail", title=LONG, owner=user(number), actor_text="x", params={"n": number},
        retry_of=earlier, status="errored", traceback="<Traceback>", result={"a": 1},
    )  # fmt: skip
    JobLogLine.objects.create(run=run, text="<b>said</b>")
    JobRecordError.objects.create(run=run, record="<i>", message="<b>broke</b>")
    return run


def automation(number: int) -> Automation:
    made: Automation = Automation.objects.get_or_create(
        name=f"{LONG[:100]} {number}",
        defaults={
            "kind": "tests.count", "parameters": {"rows": number}, "owner": user(number),
            "channel": channel(number), "webhook_prefix": "bop_1", "webhook_hash": "0" * 64,
            "webhook_set_at": timezone.now(),
        },
    )[0]  # fmt: skip
    return made


def schedule(number: int) -> Schedule:
    return Schedule.objects.create(
        automation=automation(number), cron="*/5 * * * *", paused_by="x", pause_reason="<b>"
    )


def channel(number: int) -> NotificationChannel:
    made: NotificationChannel = NotificationChannel.objects.get_or_create(
        name=f"Channel {number}",
        defaults={"owner": user(number), "recipients": ["olga@northwind.example"]},
    )[0]
    return made


def analysis(number: int) -> Analysis:
    return Analysis.objects.create(
        execution=execution(2000 + number), owner=user(number), team=team(number), name=LONG,
        log_file=log_file(number), engine_version=1, result={"schema": number}, status="done",
    )  # fmt: skip


MAKERS: dict[str, Callable[[int], Model]] = {
    "common.user": user,
    "common.team": team,
    "common.apitoken": token,
    "common.auditevent": lambda number: audit.record(
        Actor.system(), "test.made", before={"n": number}, after={"n": "<b>"}
    ),
    "boomi.account": account,
    "boomi.connection": connection,
    "boomi.environment": lambda number: rows.make_environment(account(number), number),
    "boomi.runtime": runtime,
    "boomi.execution": execution,
    "boomi.deployment": lambda number: rows.make_deployment(account(number), number),
    "boomi.folder": lambda number: component_rows.make_folder(account(number), number),
    "boomi.component": lambda number: component_rows.make_component(account(number), number),
    "boomi.componentversion": lambda number: component_rows.make_version(
        component_rows.make_component(account(number), number)
    ),
    "boomi.componentdocument": lambda number: component_rows.make_document(f"<{number}/>"),
    "boomi.componentreference": lambda number: component_rows.make_reference(
        account(number), f"component-{number}", f"component-{number + 1}"
    ),
    "boomi.packagedcomponent": lambda number: component_rows.make_package(
        account(number), number, manifest=[{"id": "c", "version": number}]
    ),
    "boomi.syncmark": lambda number: SyncMark.objects.create(
        account=account(number), kind="runtimes", cursor={"page": number}, error="x"
    ),
    "boomi.logfile": log_file,
    "boomi.apicall": api_call,
    "boomi.limiterstate": lambda number: LimiterState.objects.create(
        account_id=f"limited-{number}", hits=[1.5], leases={"a": 2.5}
    ),
    "boomi.accountgroup": lambda number: AccountGroup.objects.create(
        account=account(number), group_id=f"g{number}", name=LONG, seen_at=timezone.now()
    ),
    "boomi.processschedule": lambda number: ProcessSchedule.objects.create(
        account=account(number),
        schedule_id=f"s{number}",
        process_id="p",
        runtime_id="r",
        entries=[{"minutes": "0"}],
        seen_at=timezone.now(),
    ),
    "boomi.platformevent": lambda number: PlatformEvent.objects.create(
        account=account(number),
        event_id=f"e{number}",
        at=timezone.now(),
        title="<b>off</b>",
        seen_at=timezone.now(),
    ),
    "boomi.platformauditentry": lambda number: PlatformAuditEntry.objects.create(
        account=account(number),
        document_id=f"d{number}",
        at=timezone.now(),
        message=LONG,
        properties=[{"name": "a", "previous": "<i>", "value": "b"}],
        seen_at=timezone.now(),
    ),
    "boomi.executionsummary": lambda number: ExecutionSummary.objects.create(
        account=account(number),
        process_id="p",
        process_name=LONG,
        time_block=timezone.now(),
        executions=number,
        seen_at=timezone.now(),
    ),
    "boomi.executionconnector": lambda number: ExecutionConnector.objects.create(
        execution=execution(number), connector_id=f"c{number}", name=LONG
    ),
    "boomi.completenesscheck": lambda number: CompletenessCheck.objects.create(
        account=account(number), kind="executions", on_platform=2, mirrored=1
    ),
    "boomi.circuit": lambda number: Circuit.objects.create(
        account_id=f"c{number}", state="open", reason="<b>none</b>"
    ),
    "analysis.analysis": analysis,
    "scheduling.jobrun": job_run,
    "scheduling.automation": automation,
    "scheduling.schedule": schedule,
    "scheduling.occurrence": lambda number: Occurrence.objects.create(
        schedule=schedule(number), due_at=timezone.now(), outcome="started", run=job_run(number)
    ),
    "scheduling.notificationchannel": channel,
    "scheduling.optout": lambda number: OptOut.objects.create(
        address=f"person-{number}@northwind.example", channel=channel(number)
    ),
    "scheduling.delivery": lambda number: Delivery.objects.create(
        channel=channel(number),
        address="olga@northwind.example",
        subject=LONG,
        text="<b>",
        status="failed",
        error="x",
    ),
    "scheduling.heartbeat": lambda number: Heartbeat.objects.create(
        name=f"queue:{number}", at=timezone.now()
    ),
}
