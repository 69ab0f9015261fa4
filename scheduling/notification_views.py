"""The page behind the link at the end of every mail; whoever has the link may use it."""

from __future__ import annotations

from collections.abc import Mapping

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from scheduling import mail
from scheduling.models import NotificationChannel
from scheduling.services import optouts

TEMPLATE = "scheduling/unsubscribe.html"


@csrf_exempt  # mail programs post here by themselves (RFC 8058); the link is the secret
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows what would end, POST ends it: programs that follow links must change nothing."""
    try:
        address, channel_id = mail.read_unsubscribe_token(token)
    except (signing.BadSignature, ValueError, TypeError):
        return _answer(request, {"broken": True}, status=404)
    channel = NotificationChannel.objects.filter(pk=channel_id).first() if channel_id else None
    if channel_id and channel is None:
        return _answer(request, {"gone": True, "address": address})
    if request.method == "POST":
        _change(request.POST.get("choice", "channel"), address, channel)
        if "List-Unsubscribe" in request.POST:
            return HttpResponse("Unsubscribed.", content_type="text/plain")
        return redirect("unsubscribe", token=token)
    context = {
        "address": address,
        "channel": channel,
        "state": optouts.state(address, channel),
    }
    return _answer(request, context)


def _change(choice: str, address: str, channel: NotificationChannel | None) -> None:
    if choice == "again":
        optouts.come_back(address, channel)
    else:
        optouts.leave(address, None if choice == "all" else channel)


def _answer(request: HttpRequest, context: Mapping[str, object], status: int = 200) -> HttpResponse:
    """The address holds a secret: it is not handed on to the next site, nor kept anywhere."""
    answer = render(request, TEMPLATE, {**context}, status=status)
    answer["Referrer-Policy"] = "no-referrer"
    answer["Cache-Control"] = "no-store"
    return answer
