"""Pages of executions: the list, one execution, and the log that is stored of it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from boomi.models import Execution
from boomi.services.log_downloads import download_log
from common.access import find, visible
from common.actors import Actor


@login_required
@require_safe
def execution_list(request: HttpRequest) -> HttpResponse:
    rows = visible(Actor.of(request), Execution.objects.select_related("account"))[:50]
    return render(request, "boomi/executions.html", {"rows": rows})


@login_required
@require_safe
def process_names(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"names": []})


@login_required
@require_safe
def by_remote_id(request: HttpRequest, execution_id: str) -> HttpResponse:
    execution = find(Actor.of(request), Execution.objects.all(), execution_id=execution_id)
    return redirect("execution", pk=execution.pk)


@login_required
@require_safe
def execution_detail(request: HttpRequest, pk: int) -> HttpResponse:
    execution = find(Actor.of(request), Execution.objects.select_related("account"), pk=pk)
    return render(request, "boomi/execution.html", {"execution": execution})


@login_required
@require_POST
def execution_log(request: HttpRequest, pk: int) -> FileResponse:
    """The stored log, whole: a POST, because each download is audited."""
    actor = Actor.of(request)
    name, stream = download_log(find(actor, Execution.objects.all(), pk=pk), actor=actor)
    return FileResponse(
        stream, as_attachment=True, filename=name, content_type="application/octet-stream",
        headers={"Cache-Control": "no-store"},
    )  # fmt: skip
