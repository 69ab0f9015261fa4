"""The verbs of deliveries: send a failed one again, keep a waiting one back."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from common import states
from common.access import require
from common.actors import Actor
from common.errors import IllegalMove
from common.pruning import delete_old
from scheduling import outbox
from scheduling.models import Delivery


def retry(delivery: Delivery, *, actor: Actor) -> Delivery:
    """FAILED → QUEUED with all its tries before it. Raises NotAllowed, IllegalMove."""
    require(actor, "scheduling.delivery.retry", delivery)
    if delivery.status == Delivery.Status.SENDING:
        raise IllegalMove("The mail is being sent just now.", hint="Look again in a moment.")
    now = timezone.now()
    with transaction.atomic():
        states.move(
            delivery,
            Delivery.Status.QUEUED,
            actor=actor,
            action="scheduling.delivery.retried",
            tries=0,
            next_try_at=now,
            error="",
            changed_at=now,
        )
        transaction.on_commit(outbox.wake_sender)
    return delivery


def cancel(delivery: Delivery, *, actor: Actor) -> Delivery:
    """QUEUED → CANCELLED. Raises NotAllowed; IllegalMove when it is on its way or gone."""
    require(actor, "scheduling.delivery.cancel", delivery)
    states.move(
        delivery,
        Delivery.Status.CANCELLED,
        actor=actor,
        action="scheduling.delivery.cancelled",
        changed_at=timezone.now(),
    )
    return delivery


def forget_old() -> int:
    """Delete ended deliveries older than RETENTION_DELIVERY_DAYS; returns how many went."""
    limit = timezone.now() - timedelta(days=settings.RETENTION_DELIVERY_DAYS)
    ended = [Delivery.Status.SENT, Delivery.Status.FAILED, Delivery.Status.CANCELLED]
    return delete_old(
        Delivery.objects.filter(status__in=ended, created_at__lt=limit).order_by("pk")
    )
