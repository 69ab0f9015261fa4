"""Runtimes and deployments: their lists and one of each."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from boomi import account_queries, landscape_queries, platform_schedules
from boomi.landscape_filters import DeploymentPageFilter, RuntimePageFilter
from boomi.models import Deployment, PlatformEvent, ProcessSchedule, Runtime
from common import exports
from common.access import find, visible
from common.actors import Actor
from common.paging import page_of

EVENTS_SHOWN = 20
RUNTIME_COLUMNS = {
    name: name
    for name in (
        "id", "runtime_id", "name", "status", "status_since", "type", "host_name", "version",
        "purge_days", "gone_at", "seen_at",
    )
} | {"account_id": "account__account_id"}  # fmt: skip
DEPLOYMENT_COLUMNS = {
    name: name
    for name in (
        "id", "deployment_id", "environment_id", "component_id", "component_type",
        "component_version", "package_id", "package_version", "version", "active",
        "deployed_at", "deployed_by", "notes", "listener_status",
    )
} | {"account_id": "account__account_id"}  # fmt: skip


@login_required
@require_safe
def runtime_list(request: HttpRequest) -> HttpResponseBase:
    """What is offline first; `?export=csv` or json downloads what the filters select."""
    actor = Actor.of(request)
    chosen = RuntimePageFilter(request.GET, visible(actor, Runtime.objects.all()), request=request)
    rows = chosen.qs if chosen.is_valid() else Runtime.objects.none()
    if kind := request.GET.get("export", ""):
        return exports.respond_plain(kind, "runtimes", RUNTIME_COLUMNS, rows)
    rows = rows.select_related("account").prefetch_related("environments")
    page = page_of(request, landscape_queries.worst_first(rows))
    shown = list(page.object_list)
    loads = landscape_queries.loads(shown)
    context = {
        "filter": chosen,
        "page": page,
        "runtimes": [
            (row, loads.get((row.account_id, row.runtime_id), landscape_queries.NO_LOAD))
            for row in shown
        ],
        "is_narrowed": any(request.GET.get(name) for name in chosen.filters),
    }
    return render(request, "boomi/runtimes.html", context)


@login_required
@require_safe
def runtime_detail(request: HttpRequest, pk: int) -> HttpResponse:
    actor = Actor.of(request)
    rows = Runtime.objects.select_related("account").prefetch_related("environments")
    runtime = find(actor, rows, pk=pk)
    names = account_queries.process_names(runtime.account)
    schedules = ProcessSchedule.objects.filter(
        account=runtime.account_id, runtime_id=runtime.runtime_id, gone_at=None
    )
    events = PlatformEvent.objects.filter(account=runtime.account_id)
    runs = landscape_queries.last_runs(runtime)
    for run in runs:
        run.url = reverse("execution", args=[run.pk])  # type: ignore[attr-defined]
    context = {
        "runtime": runtime,
        "load": landscape_queries.loads([runtime]).get(
            (runtime.account_id, runtime.runtime_id), landscape_queries.NO_LOAD
        ),
        "runs": runs,
        "live": landscape_queries.live_on(runtime),
        "schedules": [
            (row, names.get(row.process_id, row.process_id), found)
            for row in schedules
            if (found := platform_schedules.all_words(row.entries))
        ],
        "events": list(
            events.filter(runtime_id=runtime.runtime_id).order_by("-at", "-id")[:EVENTS_SHOWN]
        ),
    }
    return render(request, "boomi/runtime.html", context)


@login_required
@require_safe
def deployment_list(request: HttpRequest) -> HttpResponseBase:
    """Newest first; `?export=csv` or json downloads what the filters select."""
    actor = Actor.of(request)
    everything = visible(actor, Deployment.objects.all())
    chosen = DeploymentPageFilter(request.GET, everything, request=request)
    rows = chosen.qs if chosen.is_valid() else Deployment.objects.none()
    if kind := request.GET.get("export", ""):
        return exports.respond_plain(kind, "deployments", DEPLOYMENT_COLUMNS, rows)
    page = page_of(request, rows.select_related("account").order_by("-deployed_at", "-pk"))
    context = {
        "filter": chosen,
        "page": page,
        "deployments": landscape_queries.named(page.object_list),
        "is_narrowed": any(request.GET.get(name) for name in chosen.filters),
    }
    return render(request, "boomi/deployments.html", context)


@login_required
@require_safe
def deployment_detail(request: HttpRequest, pk: int) -> HttpResponse:
    actor = Actor.of(request)
    deployment = find(actor, Deployment.objects.select_related("account"), pk=pk)
    package = landscape_queries.package_of(deployment)
    context = {
        "deployment": deployment,
        "named": landscape_queries.named([deployment])[0],
        "siblings": landscape_queries.siblings(deployment),
        "package": package,
        "contents": landscape_queries.contents(package) if package else [],
        "change": landscape_queries.change_of(deployment),
    }
    return render(request, "boomi/deployment.html", context)
