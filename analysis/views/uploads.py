"""The upload page: a plain form that works without scripts, and JSON for the one that has them."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from analysis import services
from analysis.models import Analysis
from analysis.receiving import CappedUploadHandler, upload_limit
from common.access import may, visible
from common.actors import Actor
from common.errors import InputError, NotAllowed, PortalError

RECENT = 5
ASK = "Ask an admin of the portal for the right."


@csrf_exempt  # checked by _answer: the check reads the form, and the handler must stand before
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        # Before a byte of the file is taken.
        verdict = may(Actor.of(request), "analysis.upload")
        if not verdict:
            return _refusal(request, NotAllowed(verdict.reason, hint=ASK))
        request.upload_handlers = [CappedUploadHandler(request)]
    return _answer(request)


@csrf_protect
def _answer(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request)
    try:
        return _take(request)
    except PortalError as error:
        return _refusal(request, error)


def _refusal(request: HttpRequest, error: PortalError) -> HttpResponse:
    if _wants_json(request):
        body = {"message": error.message, "hint": error.hint, "code": error.code}
        return JsonResponse(body, status=error.status)
    return _page(request, error)


def _take(request: HttpRequest) -> HttpResponse:
    file = request.FILES.get("file")
    if file is None:
        raise InputError("No file was chosen.", hint="Choose a process log, as text or in a zip.")
    analysis, run = services.analyse_upload(file, name=file.name or "", actor=Actor.of(request))
    if run is None:
        messages.success(request, f"{analysis.name} was read.")
    url = reverse("analysis", args=[analysis.pk])
    return JsonResponse({"url": url}) if _wants_json(request) else redirect(url)


def _page(request: HttpRequest, problem: PortalError | None = None) -> HttpResponse:
    actor = Actor.of(request)
    mine = visible(actor, Analysis.objects.filter(execution=None, owner=actor.user))
    context = {
        "problem": problem,
        "limit": upload_limit(),
        "may_upload": may(actor, "analysis.upload"),
        "recent": mine.defer("result").order_by("-id")[:RECENT],
    }
    return render(
        request, "analysis/upload.html", context, status=problem.status if problem else 200
    )


def _wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")
