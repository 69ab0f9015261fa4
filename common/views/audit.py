"""The audit trail: list, one event, proof that it is whole, export."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from common import audit, exports, sealing, trail
from common.access import find, require
from common.actors import Actor
from common.audit_filters import AuditFilter
from common.errors import Conflict
from common.models import AuditEvent
from common.paging import page_of


@login_required
@require_safe
def event_list(request: HttpRequest) -> HttpResponseBase:
    """The trail, newest first; `?export=csv` or json downloads all that the filters select."""
    require(Actor.of(request), "common.audit.view")
    chosen = AuditFilter(request.GET, AuditEvent.objects.all(), request=request)
    events = chosen.qs if chosen.is_valid() else AuditEvent.objects.none()
    if kind := request.GET.get("export"):
        return exports.respond(kind, "audit", trail.COLUMNS, events, trail.export_rows)
    rows = events.defer("before", "after", "prev", "seal", "content_mac").order_by("-pk")
    return _render_list(request, chosen, page=page_of(request, rows))


@login_required
@require_POST
def verify(request: HttpRequest) -> HttpResponse:
    """Check the whole chain now and show what was found above the list."""
    actor = Actor.of(request)
    require(actor, "common.audit.verify")
    if trail.chain_state().is_too_long:
        raise Conflict(
            f"The trail has more than {trail.VERIFY_AT_MOST:,} events, too many for a page.",
            hint="Run `python manage.py verify_audit` on the server.",
        )
    report = sealing.verify()
    after = {"sealed": report.sealed, "problems": len(report.problems)}
    audit.record(actor, "common.audit.verified", after=after)
    chosen = AuditFilter({}, AuditEvent.objects.all(), request=request)
    rows = chosen.qs.defer("before", "after", "prev", "seal", "content_mac").order_by("-pk")
    return _render_list(request, chosen, page=page_of(request, rows), report=report)


@login_required
@require_safe
def event_detail(request: HttpRequest, pk: int) -> HttpResponse:
    actor = Actor.of(request)
    require(actor, "common.audit.view")
    event = find(actor, AuditEvent.objects.all(), pk=pk)
    context = {"event": event, "content": trail.content(event)}
    return render(request, "common/audit_event.html", context)


def _render_list(request: HttpRequest, chosen: AuditFilter, **context: object) -> HttpResponse:
    values = {"filter": chosen, "chain": trail.chain_state(), **context}
    return render(request, "common/audit.html", values)
