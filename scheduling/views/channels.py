"""Notification channels: list, new, edit, delete, and a mail to try one out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common.access import Verdict, find, may, require, visible
from common.actors import Actor
from common.errors import Conflict, InputError, PortalError
from common.paging import page_of
from scheduling.delivery_forms import ChannelForm
from scheduling.models import Automation, NotificationChannel, OptOut
from scheduling.services import channels


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """`optouts` counts those of its addresses that want no more mail."""

    channel: NotificationChannel
    optouts: int
    may_edit: Verdict
    may_test: Verdict


def _channel(actor: Actor, pk: int) -> NotificationChannel:
    return find(actor, NotificationChannel.objects.select_related("owner", "team"), pk=pk)


@login_required
@require_safe
def channel_list(request: HttpRequest) -> HttpResponse:
    actor = Actor.of(request)
    require(actor, "scheduling.channel.view")
    rows = visible(actor, NotificationChannel.objects.select_related("owner", "team"))
    used = Count("automations", distinct=True)
    page = page_of(request, rows.annotate(used=used).order_by("name"))
    shown = list(page.object_list)
    unwilling = _unwilling(shown)
    context = {
        "page": page,
        "rows": [
            ChannelRow(
                channel=channel,
                optouts=len(_optouts(channel, unwilling)),
                may_edit=may(actor, "scheduling.channel.edit", channel),
                may_test=may(actor, "scheduling.channel.test", channel),
            )
            for channel in shown
        ],
        "may_create": may(actor, "scheduling.channel.create"),
    }
    return render(request, "scheduling/channels.html", context)


def _unwilling(shown: Sequence[NotificationChannel]) -> list[OptOut]:
    """Every opt-out that may concern one of these channels."""
    return list(OptOut.objects.filter(Q(channel__in=[one.pk for one in shown]) | Q(channel=None)))


def _optouts(channel: NotificationChannel, unwilling: list[OptOut]) -> list[OptOut]:
    """Those of its addresses that get nothing, each once."""
    addresses = {str(each) for each in channel.recipients}
    found = {
        one.address: one
        for one in unwilling
        if one.address in addresses and one.channel_id in (None, channel.pk)
    }
    return [found[address] for address in sorted(found)]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def channel_new(request: HttpRequest) -> HttpResponse:
    actor = Actor.of(request)
    require(actor, "scheduling.channel.create")
    form = ChannelForm(_sent(request), actor=actor)
    refused: PortalError | None = None
    if request.method == "POST" and form.is_valid():
        try:
            made = channels.create(actor=actor, **form.cleaned_data)
        except (InputError, Conflict) as error:
            refused = error
        else:
            messages.success(request, f"The channel {made.name} was created. Send it a test.")
            return redirect("channels")
    return _form_page(request, form, refused=refused)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def channel_edit(request: HttpRequest, pk: int) -> HttpResponse:
    actor = Actor.of(request)
    channel = _channel(actor, pk)
    require(actor, "scheduling.channel.edit", channel)
    form = ChannelForm(_sent(request), actor=actor, channel=channel)
    refused: PortalError | None = None
    if request.method == "POST" and form.is_valid():
        try:
            channels.update(channel, actor=actor, **form.cleaned_data)
        except (InputError, Conflict) as error:
            refused = error
        else:
            messages.success(request, "Saved.")
            return redirect("channels")
    return _form_page(request, form, channel, refused)


def _form_page(
    request: HttpRequest,
    form: ChannelForm,
    channel: NotificationChannel | None = None,
    refused: PortalError | None = None,
) -> HttpResponse:
    if refused is not None:
        form.show(refused)
    context: dict[str, object] = {"form": form, "channel": channel}
    if channel is not None:
        actor = Actor.of(request)
        context |= {
            "optouts": _optouts(channel, _unwilling([channel])),
            "automations": visible(actor, Automation.objects.filter(channel=channel))[:20],
            "may_test": may(actor, "scheduling.channel.test", channel),
            "may_delete": may(actor, "scheduling.channel.delete", channel),
        }
    wrong = 400 if form.errors else 200
    status = refused.status if refused is not None else wrong
    return render(request, "scheduling/channel_form.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def channel_delete(request: HttpRequest, pk: int) -> HttpResponse:
    actor = Actor.of(request)
    channel = _channel(actor, pk)
    require(actor, "scheduling.channel.delete", channel)
    problem: Conflict | None = None
    if request.method == "POST":
        try:
            channels.delete(channel, actor=actor)
        except Conflict as error:
            problem = error
        else:
            messages.success(request, f"The channel {channel.name} was deleted.")
            return redirect("channels")
    context = {"channel": channel, "problem": problem, "waiting": _waiting(channel)}
    status = problem.status if problem else 200
    return render(request, "scheduling/channel_delete.html", context, status=status)


def _waiting(channel: NotificationChannel) -> int:
    return int(channel.deliveries.filter(status="queued").count())


@login_required
@require_POST
def channel_test(request: HttpRequest, pk: int) -> HttpResponse:
    """Leads to the deliveries of the channel, where one sees it go out."""
    actor = Actor.of(request)
    channel = _channel(actor, pk)
    try:
        made = channels.test(channel, actor=actor)
    except Conflict as error:
        messages.error(request, f"{error.message} {error.hint}".strip())
        return redirect("channels")
    plural = "" if len(made) == 1 else "s"
    messages.success(request, f"{len(made)} test mail{plural} queued; this list shows how it goes.")
    return redirect(f"/deliveries/?channel={channel.pk}")


def _sent(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None
