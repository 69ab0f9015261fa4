"""Pages of analyses: the list, one result, its log, and what may be done with them."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from analysis import contributions, list_exports, log_window, panels, queries, result_page, services
from analysis.models import Analysis, AnalysisStatus
from analysis.page_filters import AnalysisPageFilter
from boomi.models import Execution
from common.access import find, may, require, visible
from common.actors import Actor
from common.errors import Conflict, InputError, PortalError
from scheduling.models import JobRun

PAGE_SIZE = 50
FIELDS = ("execution", "execution__account", "owner", "team", "log_file")


def _analysis(request: HttpRequest, pk: int) -> Analysis:
    rows = Analysis.objects.select_related(*FIELDS).defer("execution__extra")
    return find(Actor.of(request), rows, pk=pk)


def _refuse(request: HttpRequest, error: PortalError) -> None:
    messages.error(request, f"{error.message} {error.hint}".strip())


@login_required
@require_POST
def analyse_execution(request: HttpRequest, pk: int) -> HttpResponse:
    """One click: to the finished analysis, or back to the execution, which shows the job."""
    actor = Actor.of(request)
    execution = find(actor, Execution.objects.select_related("account"), pk=pk)
    try:
        found = services.request_execution_analysis(execution, actor=actor)
    except Conflict as error:
        _refuse(request, error)
        return redirect("execution", pk=pk)
    if isinstance(found, JobRun):
        return redirect("execution", pk=pk)
    return redirect("analysis", pk=found.pk)


@login_required
@require_safe
def analysis_list(request: HttpRequest) -> HttpResponseBase:
    actor = Actor.of(request)
    require(actor, "analysis.analysis.view")
    rows = visible(actor, Analysis.objects.all())
    found = AnalysisPageFilter(request.GET, queryset=rows, request=request)
    if kind := request.GET.get("export", ""):
        if not found.is_valid():
            raise InputError("One of the filters has a value the portal does not know.")
        return list_exports.respond(kind, found.qs)
    selected = queries.for_list(found.qs if found.is_valid() else rows.none())
    selected = selected.defer("result", "log_file__index", "execution__extra")
    page = Paginator(selected.order_by("-id"), PAGE_SIZE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    context = {
        "form": found.form,
        "page": page,
        "analyses": shown,
        "is_final": all(row.status != AnalysisStatus.PENDING for row in shown),
        "is_narrowed": any(request.GET.get(name) for name in found.filters),
        "may_upload": may(actor, "analysis.upload"),
    }
    return render(request, "analysis/analyses.html", context)


@login_required
@require_safe
def analysis_detail(request: HttpRequest, pk: int) -> HttpResponse:
    actor = Actor.of(request)
    analysis = _analysis(request, pk)
    panel = panels.analysis_panel(actor, analysis)
    context: dict[str, object] = {
        "analysis": analysis,
        "panel": panel,
        "phases": "parsing,done" if analysis.execution is None else contributions.PHASES,
        "may_download": may(actor, "analysis.log.download", analysis),
    }
    if panel["state"] == "done":
        context |= contributions.result_context(analysis, actor)
        context |= result_page.context(analysis, all_steps=request.GET.get("steps") == "all")
    return render(request, "analysis/analysis.html", context)


@login_required
@require_safe
def analysis_log(request: HttpRequest, pk: int) -> HttpResponse:
    """A window of the log around `line`, which is marked, or around `at`, which is not.

    A raw log needs its own right.
    """
    analysis = _analysis(request, pk)
    require(Actor.of(request), "analysis.log.download", analysis)
    asked, at = _line(request, "line"), _line(request, "at")
    window = log_window.window(analysis, asked or at or analysis.first_fault_line or 1)
    context = {
        "analysis": analysis,
        "window": window,
        "line": asked if asked or at else analysis.first_fault_line,
        "is_moved": asked is not None and asked > window.total,
        "previous_error": _at(request, window.previous_error),
        "next_error": _at(request, window.next_error),
    }
    return render(request, "analysis/log.html", context)


def _line(request: HttpRequest, name: str) -> int | None:
    """A line number of the address; what is none counts as not given."""
    given = request.GET.get(name, "")
    return int(given) or None if given.isascii() and given.isdigit() and len(given) < 16 else None


def _at(request: HttpRequest, line: int | None) -> str:
    return f"{request.path}?line={line}#L{line}" if line else ""


@login_required
@require_safe
def analysis_json(request: HttpRequest, pk: int) -> HttpResponse:
    """The result object as `analyze --json` prints it, as a file."""
    analysis = _analysis(request, pk)
    if analysis.status != AnalysisStatus.DONE:
        messages.info(request, "This analysis is not done yet, so there is no result.")
        return redirect("analysis", pk=pk)
    headers = {"Content-Disposition": f'attachment; filename="analysis-{pk}.json"'}
    options = {"indent": 2, "ensure_ascii": False}
    return JsonResponse(analysis.result, headers=headers, json_dumps_params=options)


@login_required
@require_POST
def download(request: HttpRequest, pk: int) -> FileResponse:
    """The stored log, whole: a POST, because each download is audited."""
    name, stream = services.download_log(_analysis(request, pk), actor=Actor.of(request))
    return FileResponse(
        stream, as_attachment=True, filename=name, content_type="application/octet-stream",
        headers={"Cache-Control": "no-store"},
    )  # fmt: skip


@login_required
@require_POST
def restart(request: HttpRequest, pk: int) -> HttpResponse:
    """Again, whatever kind of log it is of."""
    actor = Actor.of(request)
    analysis = _analysis(request, pk)
    try:
        if analysis.execution is not None:
            services.request_execution_analysis(analysis.execution, actor=actor)
        else:
            services.restart(analysis, actor=actor)
    except Conflict as error:
        _refuse(request, error)
    return redirect("analysis", pk=pk)


@login_required
@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    analysis = _analysis(request, pk)
    name = analysis.name
    services.delete_upload(analysis, actor=Actor.of(request))
    messages.success(request, f"The analysis of {name} was deleted, and its log with it.")
    return redirect("analyses")
