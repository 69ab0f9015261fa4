"""Opting out of mail, and back in: by the link in a mail, without an account of the portal.

The signed link is the right: it was sent to the address it speaks of and to nobody else.
"""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils import timezone

from common import audit
from common.actors import Actor
from scheduling.models import Delivery, NotificationChannel, OptOut


def leave(address: str, channel: NotificationChannel | None) -> None:
    """No more mail of the channel, or of the whole portal when it is None.

    What waits to be sent is cancelled. Doing it twice is harmless.
    """
    with transaction.atomic():
        if _insert_once(address, channel):
            _record(address, channel, "scheduling.optout.created")
        waiting = Delivery.objects.filter(address=address, status=Delivery.Status.QUEUED)
        if channel is not None:
            waiting = waiting.filter(channel=channel)
        waiting.update(status=Delivery.Status.CANCELLED, changed_at=timezone.now())


def come_back(address: str, channel: NotificationChannel | None) -> None:
    """Mail of the channel again; this also ends an opt-out of everything."""
    with transaction.atomic():
        rows = OptOut.objects.filter(address=address)
        gone, _ = (rows.filter(channel=None) | rows.filter(channel=channel)).delete()
        if gone:
            _record(address, channel, "scheduling.optout.deleted")


def state(address: str, channel: NotificationChannel | None) -> str:
    """What the address gets no more: "all", "channel" or, when it gets everything, ""."""
    rows = OptOut.objects.filter(address=address)
    if rows.filter(channel=None).exists():
        return "all"
    if channel is not None and rows.filter(channel=channel).exists():
        return "channel"
    return ""


def _insert_once(address: str, channel: NotificationChannel | None) -> bool:
    try:
        with transaction.atomic():
            OptOut.objects.create(address=address, channel=channel)
    except IntegrityError:
        return False
    return True


def _record(address: str, channel: NotificationChannel | None, action: str) -> None:
    actor = Actor(user=None, text=address, via="page")
    told = channel.name if channel else "every channel"
    audit.record(actor, action, channel, after={"channel": told}, object_text=told)
