"""Jobs: list, page, cancel, retry."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from common import exports
from common.access import Verdict, find, may, require, visible
from common.actors import Actor
from common.errors import Conflict
from common.paging import page_of
from common.polling import unless_unchanged
from scheduling import queries, services
from scheduling.filters import JobRunPageFilter
from scheduling.models import LIVE, Automation, JobLogLine, JobRun, JobStatus

COLUMNS = {
    name: name
    for name in (
        "id", "job", "title", "status", "trigger", "dry_run", "created_at", "started_at",
        "finished_at", "records_done", "records_failed", "summary", "error_code", "error_message",
    )
} | {"owner": "owner__email", "automation": "automation__name"}  # fmt: skip
LINES_SHOWN = 200
ERRORS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Buttons:
    """What can be done to a run now; None where the button makes no sense at all."""

    cancel: Verdict | None
    retry: Verdict | None


def _list_stamp(actor: Actor) -> object:
    return visible(actor, JobRun.objects.order_by()).aggregate(Max("changed_at"), Max("pk"))


def _run_stamp(actor: Actor, pk: int) -> object:
    run = visible(actor, JobRun.objects.order_by()).filter(pk=pk)
    lines = JobLogLine.objects.order_by().filter(run=pk)
    return run.values_list("changed_at").first(), lines.aggregate(Max("pk"))


@login_required
@require_safe
def job_list(request: HttpRequest) -> HttpResponseBase:
    """Newest first; `?export=csv` or json downloads all that the filters select."""
    require(Actor.of(request), "scheduling.job.view")
    if kind := request.GET.get("export"):
        return exports.respond_plain(kind, "jobs", COLUMNS, _selected(_filtered(request)))
    return _list_page(request)


@unless_unchanged(_list_stamp)
def _list_page(request: HttpRequest) -> HttpResponse:
    chosen = _filtered(request)
    rows = _selected(chosen).select_related("owner")
    rows = rows.defer("cursor", "params", "result", "traceback")
    page = page_of(request, rows.order_by("-pk"))
    return render(request, "scheduling/jobs.html", {"filter": chosen, "page": page})


def _filtered(request: HttpRequest) -> JobRunPageFilter:
    jobs = visible(Actor.of(request), JobRun.objects.all())
    return JobRunPageFilter(request.GET, jobs, request=request)


def _selected(chosen: JobRunPageFilter) -> QuerySet[JobRun]:
    rows: QuerySet[JobRun] = chosen.qs if chosen.is_valid() else JobRun.objects.none()
    return rows


@login_required
@require_safe
@unless_unchanged(_run_stamp)
def job_detail(request: HttpRequest, pk: int) -> HttpResponse:
    actor = Actor.of(request)
    run = find(actor, JobRun.objects.select_related("owner", "automation"), pk=pk)
    lines = queries.newest_lines(run, LINES_SHOWN)
    context = {
        "run": run,
        "lines": lines,
        "lines_cut": len(lines) == LINES_SHOWN,
        "buttons": _buttons(actor, run),
        "is_cancelling": run.status in LIVE and run.cancel_asked_at is not None,
        "record_errors": run.record_errors.order_by("pk")[:ERRORS_SHOWN],
        "sees_automation": _sees_automation(actor, run),
        "retried_from": visible(actor, JobRun.objects.filter(retries=run)).first(),
        "retries": visible(actor, run.retries.order_by("pk")),
        "subject_url": run.subject_url if run.subject_url.startswith("/") else "",
        "may_see_audit": may(actor, "common.audit.view"),
    }
    return render(request, "scheduling/job.html", context)


def _sees_automation(actor: Actor, run: JobRun) -> bool:
    """Who sees a run need not see what began it."""
    if run.automation_id is None:
        return False
    return visible(actor, Automation.objects.filter(pk=run.automation_id)).exists()


def _buttons(actor: Actor, run: JobRun) -> Buttons:
    if run.status in LIVE:
        cancel = may(actor, "scheduling.job.cancel", run)
        if cancel and run.cancel_asked_at is not None:
            cancel = Verdict(False, "It is being cancelled; it ends at its next step.")
        return Buttons(cancel, None)
    if run.status == JobStatus.SUCCEEDED:
        return Buttons(None, None)
    return Buttons(None, may(actor, "scheduling.job.retry", run))


@login_required
@require_POST
def job_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    actor = Actor.of(request)
    run = find(actor, JobRun.objects.all(), pk=pk)
    try:
        run = services.cancel(run, actor=actor)
    except Conflict as error:
        messages.error(request, f"{error.message} {error.hint}".strip())
    else:
        ended = run.status == JobStatus.CANCELLED
        messages.success(
            request, "The job was cancelled." if ended else "The job ends at its next step."
        )
    return redirect("job", pk=pk)


@login_required
@require_POST
def job_retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Leads to the new run, or back with the reason."""
    actor = Actor.of(request)
    run = find(actor, JobRun.objects.all(), pk=pk)
    try:
        again = services.retry(run, actor=actor)
    except Conflict as error:
        messages.error(request, f"{error.message} {error.hint}".strip())
        return redirect("job", pk=pk)
    messages.success(request, "The same work was started again; this is the new job.")
    return redirect("job", pk=again.pk)
