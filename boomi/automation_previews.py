"""What the automations of the mirror would do, told from mirrored rows alone."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from boomi.automation_names import process_name
from boomi.models import ApiCall, Component, Connection, Execution, SyncMark
from boomi.services import captures, document_refreshes, documents, process_runs, retention, sync
from common import formats
from common.actors import Actor
from common.errors import Conflict
from scheduling.jobs import JobFailed
from scheduling.kinds import Finding, Parameters, Preview
from scheduling.models import JobRun, JobStatus

FINDINGS = 50
# Asking for a log, and the two looks it takes on average until it is there.
CALLS_PER_LOG = 3
# What is there before, the request itself, and some looks at the run.
CALLS_PER_RUN = 8
MEASURED = 20


def of_sync(actor: Actor, parameters: Parameters, since: datetime, until: datetime) -> Preview:
    """The kinds that would be read; the calls are those such passes took lately."""
    kinds = list(parameters.get("kinds") or sync.PASSES)
    account = int(parameters["account"])
    marks = {mark.kind: mark for mark in SyncMark.objects.filter(account=account)}
    findings = []
    for kind in kinds:
        mark = marks.get(kind)
        at = mark.completed_at if mark else None
        told = f"last read {formats.relative(at, timezone.now())}" if at else "never read yet"
        findings.append(Finding(f"{SyncMark.Kind(kind).label}: {told}", at=at))
    calls = sum(_calls_of(account, kind) for kind in kinds)
    sentence = f"{len(kinds)} kinds of facts would be read, with about {calls} calls."
    return Preview(len(kinds), calls, sentence, None, tuple(findings))


def _calls_of(account: int, kind: str) -> int:
    """Calls of one pass: what the last hour took by the number of its syncs, at least one."""
    hour_ago = timezone.now() - timedelta(hours=1)
    connections = Connection.objects.filter(account=account).order_by()
    calls = ApiCall.objects.filter(
        connection_id__in=connections.values("pk"), at__gt=hour_ago, feature=f"sync.{kind}"
    ).count()
    runs = JobRun.objects.filter(
        job=sync.JOB, audience=f"account:{account}", created_at__gt=hour_ago
    ).count()
    return max(1, round(calls / runs)) if runs else 1


def of_capture(actor: Actor, parameters: Parameters, since: datetime, until: datetime) -> Preview:
    """The missing logs of runs that began before `until`; the span's beginning does not count,
    for what is oldest is lost first."""
    choice = captures.Choice.of(parameters)
    rows = captures.missing_logs(actor, choice).filter(started_at__lt=until)
    found = rows.count()
    taken = min(found, choice.limit)
    sentence = f"{found:,} logs would be fetched."
    if found > taken:
        sentence += f" One start takes the {taken} oldest."
    findings = [_finding(row) for row in rows[:FINDINGS]]
    return Preview(found, taken * CALLS_PER_LOG, sentence, None, tuple(findings))


def _finding(row: Execution) -> Finding:
    return Finding(row.process_name or row.process_id, f"/executions/{row.pk}/", row.started_at)


def of_refresh(actor: Actor, parameters: Parameters, since: datetime, until: datetime) -> Preview:
    """The documents that are due now, in calls of five."""
    rows = documents.due(int(parameters["account"]))
    limit = int(parameters.get("limit") or document_refreshes.DEFAULT_LIMIT)
    found = rows.count()
    taken = min(found, limit)
    sentence = f"{found:,} documents are due."
    if found > taken:
        sentence += f" One start takes {taken} of them."
    findings = [_component(row) for row in rows[:FINDINGS]]
    return Preview(found, -(-taken // documents.BULK), sentence, None, tuple(findings))


def _component(row: Component) -> Finding:
    return Finding(f"{row.name} ({row.type})", f"/components/{row.pk}/", row.document_due_at)


def of_process_run(
    actor: Actor, parameters: Parameters, since: datetime, until: datetime
) -> Preview:
    """Whether it could run; nothing is started. The time is what its last successes took."""
    try:
        target = process_runs.Target.of(parameters)
        process_runs.check_deployed(target.account, target.process_id, target.runtime)
    except (Conflict, JobFailed) as error:
        return Preview(0, 0, f"{error.message} Nothing would run.")
    name = process_name(parameters) or target.process_id
    rows = Execution.objects.filter(
        account=target.account, process_id=target.process_id, runtime_id=target.runtime.runtime_id
    )
    times = rows.filter(outcome="success", duration_ms__isnull=False).order_by("-started_at")
    took = sorted(ms for ms in times.values_list("duration_ms", flat=True)[:MEASURED] if ms)
    seconds = took[len(took) // 2] / 1000 if took else None
    state = (
        f" {target.runtime} is {target.runtime.status.lower()}." if target.runtime.status else ""
    )
    sentence = f"{name} would run once on {target.runtime}.{state}"
    latest = rows.order_by("-started_at").first()
    findings = (_finding(latest),) if latest else ()
    return Preview(1, CALLS_PER_RUN, sentence, seconds, findings)


def of_prune(actor: Actor, parameters: Parameters, since: datetime, until: datetime) -> Preview:
    """What is older than it is kept, by kind. The platform is not called."""
    report = retention.prune(kinds=parameters.get("kinds") or None, dry_run=True)
    labels = {rule.kind: rule.label for rule in retention.RULES}
    findings = [
        Finding(f"{formats.number(count)} {labels[kind]}")
        for kind, count in report.counts.items()
        if count
    ]
    return Preview(report.total, 0, report.sentence, _prune_seconds(), tuple(findings))


def _prune_seconds() -> float | None:
    runs = JobRun.objects.filter(job="boomi.prune", status=JobStatus.SUCCEEDED)
    last = runs.exclude(started_at=None).exclude(finished_at=None).order_by("-pk").first()
    return None if last is None or last.took_ms is None else last.took_ms / 1000
