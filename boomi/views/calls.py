"""The call log, and what the calls cost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from boomi import usage, usage_page
from boomi.call_filters import CallPageFilter
from boomi.models import Account, ApiCall, CallCount, Connection
from common import exports
from common.access import visible
from common.actors import Actor
from common.formats import number
from common.paging import NewestPaginator, newest_of

CALL_COLUMNS = {
    name: name
    for name in (
        "id", "at", "service", "account_id", "override_account", "connection_id", "feature",
        "purpose", "method", "path", "status", "duration_ms", "attempt", "request_bytes",
        "response_bytes", "error", "request_id",
    )
}  # fmt: skip
USAGE_COLUMNS = {
    name: name
    for name in (
        "hour", "service", "account_id", "feature", "purpose", "outcome", "final", "calls",
        "duration_ms", "response_bytes",
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CallRow:
    """One line of the call log with its words."""

    call: ApiCall
    made_for: str
    connection: str
    tone: str
    icon: str
    ending: str
    title: str


@login_required
@require_safe
def call_list(request: HttpRequest) -> HttpResponseBase:
    """Every HTTP attempt, newest first; `?export=csv` or json downloads what is selected."""
    actor = Actor.of(request)
    chosen = CallPageFilter(request.GET, visible(actor, ApiCall.objects.all()), request=request)
    rows = chosen.qs if chosen.is_valid() else ApiCall.objects.none()
    if kind := request.GET.get("export", ""):
        return exports.respond_plain(kind, "calls", CALL_COLUMNS, rows)
    page = newest_of(request, rows.order_by("-pk"))
    exact = isinstance(page.paginator, NewestPaginator) and page.paginator.is_exact
    shown = list(page.object_list)
    names = _names(actor, shown)
    context = {
        "filter": chosen,
        "page": page,
        "noun": "calls" if exact else "newest calls",
        "calls": [_row(call, names.get(call.connection_id, "")) for call in shown],
        "is_narrowed": any(request.GET.get(name) for name in chosen.filters),
    }
    return render(request, "boomi/calls.html", context)


def _row(call: ApiCall, connection: str) -> CallRow:
    tone, icon, title = "bad", "circle-x", "The platform failed."
    if call.status is None:
        title = "No answer came."
    elif call.status in (429, 503):
        tone, icon, title = "warn", "hourglass", "The platform asked to wait."
    elif call.status < 300:
        tone, icon, title = "good", "circle-check", "The platform answered."
        if call.error and call.error != "NOT_READY":
            tone, icon, title = "bad", "circle-x", "The answer could not be used."
    elif call.status < 500:
        tone, icon, title = "warn", "circle-alert", "The platform refused the request."
    ending = str(call.status) if call.status is not None else "No answer"
    return CallRow(call, usage_page.words(call.feature), connection, tone, icon, ending, title)


def _names(actor: Actor, calls: Iterable[ApiCall]) -> dict[int | None, str]:
    keys = {call.connection_id for call in calls if call.connection_id is not None}
    rows = visible(actor, Connection.objects.order_by()).filter(pk__in=keys)
    return dict(rows.values_list("pk", "name"))


@login_required
@require_safe
def usage_view(request: HttpRequest) -> HttpResponseBase:
    """Calls against the caps and by what they were for, of one account or of all one sees."""
    accounts = usage.charged(Actor.of(request))
    wanted = request.GET.get("account", "")
    chosen = [account for account in accounts if account.account_id == wanted] or accounts
    span = request.GET.get("span", "")
    span = span if span in usage_page.SPANS else "24h"
    ids, now = [account.account_id for account in chosen], timezone.now()
    hours = usage_page.hours_of(usage_page.SPANS[span], now)
    if kind := request.GET.get("export", ""):
        return _export(kind, ids, hours[0])
    return _usage_page(request, chosen, accounts, span)


def _export(kind: str, ids: list[str], since: datetime) -> StreamingHttpResponse:
    rows = CallCount.objects.filter(account_id__in=ids, hour__gte=since)
    return exports.respond_plain(kind, "usage", USAGE_COLUMNS, rows)


def _usage_page(
    request: HttpRequest, chosen: list[Account], accounts: list[Account], span: str
) -> HttpResponse:
    now = timezone.now()
    ids = [account.account_id for account in chosen]
    hours = usage_page.hours_of(usage_page.SPANS[span], now)
    found = usage.of(ids, hours[0])
    gauges = usage.gauges(chosen, now)
    so_far, whole_day = usage_page.today(ids, now)
    chart = usage_page.chart(found, hours, len(chosen))
    tone, sentence = usage_page.advice(gauges, found)
    context = {
        "accounts": accounts,
        "account": chosen[0] if len(chosen) == 1 else None,
        "spans": [("24h", "24 hours"), ("7d", "7 days")],
        "span": span,
        "gauges": gauges,
        "chart": chart,
        "lines": usage_page.lines(found),
        "total": found.total,
        "scale_top": chart.most if chart.cap_y is None else max(chart.most, chart.cap),
        "so_far": so_far,
        "forecast": f"about {number(whole_day)} by midnight",
        "throttled": f"{found.total.throttled_share:.1%}",
        "failed": f"{found.total.failed_share:.1%}",
        "tone": tone,
        "sentence": sentence,
    }
    return render(request, "boomi/usage.html", context)
