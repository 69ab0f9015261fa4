"""Pages of components: the list, the types, one component, its XML, and the fetch of it."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from boomi import component_exports, component_objects, component_queries
from boomi.component_list import ListPage
from boomi.component_page import ComponentPage
from boomi.models import Account, Component, Connection
from boomi.services import documents
from common.access import find, may, visible
from common.actors import Actor
from common.errors import Conflict, NotFound, PortalError
from common.polling import unless_unchanged
from scheduling.models import JobRun

PAGE_SIZE = 50
RETURN_TABS = ("fields", "xml", "versions", "uses")


@login_required
@require_safe
def component_list(request: HttpRequest) -> HttpResponseBase:
    actor = Actor.of(request)
    page = ListPage(request, visible(actor, Component.objects.order_by()))
    if kind := request.GET.get("export", ""):
        return component_exports.respond(kind, page.selected_or_refuse())
    if not page.is_valid:
        return render(request, "boomi/components.html", {"page": page}, status=400)
    counts = page.counts()
    total = page.total(counts)
    pages = Paginator(page.rows(), PAGE_SIZE)
    pages.count = total  # counted already; as a cached property it would ask again
    rows = pages.get_page(request.GET.get("page"))
    is_empty = not total and not page.is_narrowed
    context = {
        "page": page,
        "tabs": page.tabs(counts),
        "chips": page.chips(),
        "rows": rows,
        "table": page.table(list(rows.object_list)),
        "total": total,
        "synced_at": component_queries.synced_at(visible(actor, Account.objects.order_by())),
        "is_empty": is_empty,
        "has_connection": is_empty and visible(actor, Connection.objects.all()).exists(),
    }
    return render(request, "boomi/components.html", context)


@login_required
@require_safe
def component_types(request: HttpRequest) -> HttpResponse:
    """Every type of component and every object of the platform: how many, and what it allows."""
    actor = Actor.of(request)
    components = visible(actor, Component.objects.order_by()).filter(deleted=False)
    context = {
        "types": component_objects.types(component_queries.type_counts(components)),
        "objects": component_objects.objects(actor),
        "verbs": component_objects.VERBS,
    }
    return render(request, "boomi/component_types.html", context)


def _component(request: HttpRequest, pk: int) -> Component:
    return find(Actor.of(request), Component.objects.select_related("account"), pk=pk)


@login_required
@require_safe
def by_remote_id(request: HttpRequest, component_id: str) -> HttpResponse:
    """A link that holds in every portal; the newest where two accounts share the id."""
    rows = Component.objects.order_by("deleted", "-modified_at", "-pk")
    component = find(Actor.of(request), rows, component_id=component_id.replace("\0", ""))
    return redirect("component", pk=component.pk)


def _stamp(actor: Actor, pk: int) -> object:
    component = visible(actor, Component.objects.order_by()).filter(pk=pk).first()
    return component and component_queries.stamp(component)


@login_required
@require_safe
@unless_unchanged(_stamp)
def component_detail(request: HttpRequest, pk: int) -> HttpResponse:
    component = _component(request, pk)
    page = ComponentPage(request, component)
    version = page.version
    context = {
        "component": component,
        "page": page,
        "version": version,
        "tabs": page.tabs(),
        "live": page.live,
        "may_fetch": may(Actor.of(request), "boomi.component.fetch", component),
        "is_fresh": version is not None and documents.is_fresh(component, version),
        "is_stored": version is not None and version.document_id is not None,
        **page.context(),
    }
    return render(request, "boomi/component.html", context)


@login_required
@require_safe
def component_xml(request: HttpRequest, pk: int) -> HttpResponse:
    """The stored document as it came, but for its secrets."""
    component = _component(request, pk)
    version = ComponentPage(request, component).version
    if version is None or version.document is None:
        raise NotFound(
            "The document of this version is not stored.", hint="Fetch it on the component's page."
        )
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", component.name).strip("-.") or "component"
    return HttpResponse(
        version.document.text,
        content_type="application/xml; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name[:80]}-v{version.version}.xml"',
            "Cache-Control": "no-store",
        },
    )


@login_required
@require_POST
def component_refresh(request: HttpRequest, pk: int) -> HttpResponse:
    """Fetch the current document anew, or the versions named in the form."""
    actor = Actor.of(request)
    component = _component(request, pk)
    asked: list[int | None] = [
        int(one) for one in request.POST.getlist("version")[:2] if _is_number(one)
    ]
    try:
        answers = [
            documents.request(component, actor=actor, version=one, anew=one is None)
            for one in (asked or [None])
        ]
    except Conflict as error:
        messages.error(request, _sentence(error))
    else:
        if not any(isinstance(answer, JobRun) for answer in answers):
            messages.info(request, "The document is stored already.")
    return redirect(_back(request, component))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def _sentence(error: PortalError) -> str:
    return f"{error.message} {error.hint}".strip()


def _back(request: HttpRequest, component: Component) -> str:
    """The tab the form was on; only what the page itself knows comes back."""
    given = request.POST
    names = {"show": "version", "from": "from", "to": "to"}
    query = {"tab": given["tab"]} if given.get("tab") in RETURN_TABS else {}
    query |= {to: given[name] for name, to in names.items() if _is_number(given.get(name, ""))}
    url = reverse("component", args=[component.pk])
    return f"{url}?{urlencode(query)}" if query else url
