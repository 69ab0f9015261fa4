"""The outbox: every message, its text as it is sent, retry and cancel."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Max
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
from scheduling.models import Delivery
from scheduling.page_filters import DeliveryPageFilter
from scheduling.services import deliveries

COLUMNS = {
    "id": "pk",
    "status": "status",
    "channel": "channel__name",
    "address": "address",
    "subject": "subject",
    "tries": "tries",
    "created_at": "created_at",
    "next_try_at": "next_try_at",
    "sent_at": "sent_at",
    "error": "error",
}


@dataclass(frozen=True, slots=True)
class Buttons:
    """What can be done to a delivery now; None where the button makes no sense at all."""

    retry: Verdict | None
    cancel: Verdict | None


def _list_stamp(actor: Actor) -> object:
    return visible(actor, Delivery.objects.order_by()).aggregate(Max("changed_at"), Max("pk"))


def _stamp(actor: Actor, pk: int) -> object:
    rows = visible(actor, Delivery.objects.order_by()).filter(pk=pk)
    return rows.values_list("changed_at").first()


@login_required
@require_safe
def delivery_list(request: HttpRequest) -> HttpResponseBase:
    """Newest first; `?export=csv` or json downloads all that the filters select."""
    if kind := request.GET.get("export"):
        require(Actor.of(request), "scheduling.delivery.view")
        chosen = _filtered(request)
        rows = chosen.qs if chosen.is_valid() else Delivery.objects.none()
        return exports.respond_plain(kind, "deliveries", COLUMNS, rows)
    return _list_page(request)


@unless_unchanged(_list_stamp)
def _list_page(request: HttpRequest) -> HttpResponse:
    require(Actor.of(request), "scheduling.delivery.view")
    chosen = _filtered(request)
    rows = chosen.qs if chosen.is_valid() else Delivery.objects.none()
    rows = rows.select_related("channel").defer("text", "html")
    context = {"filter": chosen, "page": page_of(request, rows.order_by("-pk"))}
    return render(request, "scheduling/deliveries.html", context)


def _filtered(request: HttpRequest) -> DeliveryPageFilter:
    seen = visible(Actor.of(request), Delivery.objects.all())
    return DeliveryPageFilter(request.GET, seen, request=request)


@login_required
@require_safe
@unless_unchanged(_stamp)
def delivery_detail(request: HttpRequest, pk: int) -> HttpResponse:
    actor = Actor.of(request)
    delivery = find(actor, Delivery.objects.select_related("channel"), pk=pk)
    final = {Delivery.Status.SENT, Delivery.Status.CANCELLED, Delivery.Status.FAILED}
    context = {
        "delivery": delivery,
        "buttons": _buttons(actor, delivery),
        "is_final": delivery.status in final,
        "subject_url": delivery.subject_url if delivery.subject_url.startswith("/") else "",
    }
    return render(request, "scheduling/delivery.html", context)


def _buttons(actor: Actor, delivery: Delivery) -> Buttons:
    if delivery.status == Delivery.Status.FAILED:
        return Buttons(may(actor, "scheduling.delivery.retry", delivery), None)
    if delivery.status == Delivery.Status.QUEUED:
        return Buttons(None, may(actor, "scheduling.delivery.cancel", delivery))
    if delivery.status == Delivery.Status.SENDING:
        return Buttons(None, Verdict(False, "It is being sent this very moment."))
    return Buttons(None, None)


@login_required
@require_POST
def delivery_retry(request: HttpRequest, pk: int) -> HttpResponse:
    actor = Actor.of(request)
    delivery = find(actor, Delivery.objects.all(), pk=pk)
    try:
        deliveries.retry(delivery, actor=actor)
    except Conflict as error:
        messages.error(request, f"{error.message} {error.hint}".strip())
    else:
        messages.success(request, "It is queued again and goes out within a minute.")
    return redirect("delivery", pk=pk)


@login_required
@require_POST
def delivery_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    actor = Actor.of(request)
    delivery = find(actor, Delivery.objects.all(), pk=pk)
    try:
        deliveries.cancel(delivery, actor=actor)
    except Conflict as error:
        messages.error(request, f"{error.message} {error.hint}".strip())
    else:
        messages.success(request, "It is kept back and will not be sent.")
    return redirect("delivery", pk=pk)
