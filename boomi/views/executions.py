"""Pages of executions: the list, one execution, and the log that is stored of it."""

from __future__ import annotations

from typing import cast

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import conditional_page, require_POST, require_safe

from boomi import (
    component_queries,
    execution_counts,
    execution_exports,
    execution_queries,
    landscape_queries,
)
from boomi.execution_list import ListPage
from boomi.execution_words import ended_at, sentence, started_by
from boomi.models import Account, Connection, Execution, ExecutionOutcome, ExecutionTally
from boomi.services.log_downloads import download_log
from common.access import find, may, visible
from common.actors import Actor
from common.registry import registry

PAGE_SIZE = 50
LONGEST_PART = 300
NAMES = 20


@login_required
@require_safe
def execution_list(request: HttpRequest) -> HttpResponseBase:
    if kind := request.GET.get("export", ""):
        return _export(request, kind)
    if request.headers.get("HX-Request"):
        return _live_list(request)
    context = _list_context(request)
    status = 200 if "table" in context else 400
    return render(request, "boomi/executions.html", context, status=status)


@conditional_page
def _live_list(request: HttpRequest) -> HttpResponse:
    """The table again, for a page that has rows up to `seen` in view."""
    query = request.GET.copy()
    given = query.pop("seen", [""])[-1]
    # The links of the answer stay in the reader's page, which knows nothing of `seen`.
    request.GET = query  # type: ignore[assignment]
    seen = int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None
    return render(request, "boomi/executions_live.html", _list_context(request, seen))


def _list_context(request: HttpRequest, seen: int | None = None) -> dict[str, object]:
    actor = Actor.of(request)
    page = _list_page(request, actor, seen)
    if not page.is_valid:
        return {"page": page, "is_empty": False}
    counts = page.counts()
    total = counts.of(page.chosen("status"), page.chosen("outcome"))
    pages = Paginator(page.rows(), PAGE_SIZE)
    pages.count = total  # counted already; as a cached property it would ask again
    rows = pages.get_page(request.GET.get("page"))
    shown = list(rows.object_list)
    hours = page.hours()
    accounts = visible(actor, Account.objects.order_by())
    return {
        "page": page,
        "tabs": page.tabs(counts),
        "chips": page.chips(),
        "rows": rows,
        "table": page.table(shown, _causes(actor, shown)),
        "total": total,
        "hours": hours,
        "hours_total": sum(hour.total for hour in hours),
        "new_count": page.new_count(),
        "here": page.url(),
        "live_url": page.live_url(rows.number),
        "synced_at": execution_queries.synced_at(accounts),
        "is_empty": not total and not page.is_narrowed,
        "has_connection": bool(total) or visible(actor, Connection.objects.all()).exists(),
        "may_connect": may(actor, "boomi.connection.create"),
    }


def _list_page(request: HttpRequest, actor: Actor, seen: int | None = None) -> ListPage:
    executions = visible(actor, Execution.objects.order_by())
    return ListPage(request, executions, visible(actor, ExecutionTally.objects.order_by()), seen)


def _causes(actor: Actor, executions: list[Execution]) -> dict[int, str]:
    """What upper apps know of the cause of these executions, by primary key."""
    causes: dict[int, str] = {}
    for panel in registry.panels["executions.causes"]:
        known = panel.context(actor, executions) or {}
        causes |= cast("dict[int, str]", known.get("texts", {}))
    return causes


def _export(request: HttpRequest, kind: str) -> StreamingHttpResponse:
    page = _list_page(request, Actor.of(request))
    return execution_exports.respond(kind, page.selected_or_refuse())


@login_required
@require_safe
def process_names(request: HttpRequest) -> JsonResponse:
    """Names for the process picker: those that contain `q`."""
    part = request.GET.get("q", "").replace("\0", "")[:LONGEST_PART]
    tallies = visible(Actor.of(request), ExecutionTally.objects.order_by())
    names = execution_counts.process_names(tallies, part, NAMES)
    return JsonResponse({"names": names})


@login_required
@require_safe
def by_remote_id(request: HttpRequest, execution_id: str) -> HttpResponse:
    """A link that holds in every portal; the newest where two accounts share the id."""
    rows = Execution.objects.order_by("-started_at", "-id")
    execution = find(Actor.of(request), rows, execution_id=execution_id.replace("\0", ""))
    return redirect("execution", pk=execution.pk)


@login_required
@require_safe
def execution_detail(request: HttpRequest, pk: int) -> HttpResponse:
    actor = Actor.of(request)
    execution = find(actor, Execution.objects.select_related("account", "log_file"), pk=pk)
    previous, following = execution_queries.neighbours(execution)
    permalink = reverse("execution-by-id", args=[execution.execution_id])
    context: dict[str, object] = {
        "execution": execution,
        "ended_at": ended_at(execution),
        "trigger": started_by(execution),
        "connectors": list(execution.connectors.all()),
        "events": execution_queries.events(execution),
        "deployment": landscape_queries.live_at(execution),
        "environments": execution_queries.environments(execution),
        "runs": _with_links(execution_queries.last_runs(execution)),
        "process_component": component_queries.of_process(execution),
        "previous": previous,
        "following": following,
        "may_download": may(actor, "boomi.log.download", execution),
        "permalink": permalink,
        "permalink_full": f"{settings.SITE_URL}{permalink}",
    }
    contexts = _panel_contexts(actor, execution)
    context["is_final"] = execution.outcome != ExecutionOutcome.RUNNING and not any(
        one.get("is_live") for _, one in contexts
    )
    context["sentence"] = next(
        (one["headline"] for _, one in contexts if one.get("headline")), sentence(execution)
    )
    context["panels"] = [
        render_to_string(template, values, request) for template, values in contexts
    ]
    return render(request, "boomi/execution.html", context)


def _panel_contexts(actor: Actor, execution: Execution) -> list[tuple[str, dict[str, object]]]:
    """What upper apps show: template and values. `is_live` keeps the page refreshing, the
    first `headline` stands in its head."""
    found = []
    for panel in registry.panels["execution.detail"]:
        context = panel.context(actor, execution)
        if context is not None:
            found.append((panel.template, context))
    return found


def _with_links(runs: list[Execution]) -> list[Execution]:
    for run in runs:
        run.url = reverse("execution", args=[run.pk])  # type: ignore[attr-defined]
    return runs


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
