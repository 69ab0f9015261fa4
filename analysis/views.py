"""Pages of analyses: list, upload, result and log window."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from analysis import services
from analysis.models import Analysis
from boomi.models import Execution
from common.access import find, visible
from common.actors import Actor
from common.errors import Conflict
from scheduling.models import JobRun


@login_required
@require_POST
def analyse_execution(request: HttpRequest, pk: int) -> HttpResponse:
    actor = Actor.of(request)
    execution = find(actor, Execution.objects.select_related("account"), pk=pk)
    try:
        found = services.request_execution_analysis(execution, actor=actor)
    except Conflict as error:
        messages.error(request, f"{error.message} {error.hint}".strip())
        return redirect("execution", pk=pk)
    if isinstance(found, JobRun):
        return redirect("execution", pk=pk)
    return redirect("analysis", pk=found.pk)


@login_required
@require_safe
def analysis_list(request: HttpRequest) -> HttpResponse:
    rows = visible(Actor.of(request), Analysis.objects.all())[:50]
    return render(request, "analysis/analyses.html", {"rows": rows})


@login_required
def upload(request: HttpRequest) -> HttpResponse:
    return render(request, "analysis/upload.html", {})


@login_required
@require_safe
def analysis_detail(request: HttpRequest, pk: int) -> HttpResponse:
    analysis = find(Actor.of(request), Analysis.objects.all(), pk=pk)
    return render(request, "analysis/analysis.html", {"analysis": analysis})


@login_required
@require_safe
def analysis_log(request: HttpRequest, pk: int) -> HttpResponse:
    analysis = find(Actor.of(request), Analysis.objects.all(), pk=pk)
    return render(request, "analysis/log.html", {"analysis": analysis})


@login_required
@require_safe
def analysis_json(request: HttpRequest, pk: int) -> JsonResponse:
    analysis = find(Actor.of(request), Analysis.objects.all(), pk=pk)
    return JsonResponse(analysis.result)


@login_required
@require_POST
def download(request: HttpRequest, pk: int) -> FileResponse:
    actor = Actor.of(request)
    name, stream = services.download_log(find(actor, Analysis.objects.all(), pk=pk), actor=actor)
    return FileResponse(
        stream, as_attachment=True, filename=name, content_type="application/octet-stream",
        headers={"Cache-Control": "no-store"},
    )  # fmt: skip


@login_required
@require_POST
def restart(request: HttpRequest, pk: int) -> HttpResponse:
    actor = Actor.of(request)
    services.restart(find(actor, Analysis.objects.all(), pk=pk), actor=actor)
    return redirect("analysis", pk=pk)


@login_required
@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    actor = Actor.of(request)
    services.delete_upload(find(actor, Analysis.objects.all(), pk=pk), actor=actor)
    return redirect("analyses")
