"""The outbox: every notification is a row first, and is sent after the commit that caused it.

`queue` writes rows in the caller's transaction; `send_due` claims one row after another and
sends it. A row has at most one sender at a time. A sender that dies between the server's "250"
and our mark leads to a second mail with the same Message-ID: at least once, never lost.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django_q.tasks import async_task

from common.logs import get_logger
from common.models import normalise_email
from scheduling import heartbeats, mail
from scheduling.models import Delivery, JobRun, NotificationChannel, OptOut
from scheduling.texts import encodable, storable

log = get_logger(__name__)
HOUR = 3600.0
# The pause after each try that may be repeated: about 24 hours from the first to the last.
PAUSES = (10.0, 30.0, 60.0, 300.0, 900.0, 1800.0, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 8 * HOUR)
MOST_TRIES = len(PAUSES) + 1
LONGEST_WAIT = timedelta(hours=10)
# Longer than the queue lets a worker live, so nobody else sends while the first may still do so.
CLAIM_SECONDS = 180.0
SENDER_SECONDS = 30.0
SENDER = "outbox"
SENDER_SILENT_SECONDS = 60.0
LOST_RACES = 20
MOST_TEXT = 200_000


@dataclass(frozen=True, slots=True)
class Message:
    """What is told. `html` is a safe fragment, made of `text` when empty.

    `subject_url` is a path of the portal; `audience` says who may read the delivery there.
    """

    subject: str
    text: str
    html: str = ""
    subject_url: str = ""
    audience: str = ""


def queue(
    channel: NotificationChannel | None, message: Message, *, key: str = ""
) -> list[Delivery]:
    """Write a delivery for each address of the channel; returns the new ones.

    Belongs into the transaction of what it tells of. Left out are addresses that opted out and
    those that got this `key` before; without a channel, or with a disabled one, nothing is
    written.
    """
    if channel is None or not channel.enabled:
        return []
    made = []
    for address in _wanting(channel):
        delivery = _delivery(channel, address, message, key)
        if _insert_once(delivery):
            made.append(delivery)
    if made:
        transaction.on_commit(wake_sender)
    return made


def _wanting(channel: NotificationChannel) -> Iterable[str]:
    addresses = list(dict.fromkeys(normalise_email(str(each)) for each in channel.recipients))
    out = OptOut.objects.filter(Q(channel=channel) | Q(channel=None), address__in=addresses)
    unwilling = set(out.values_list("address", flat=True))
    return [address for address in addresses if address and address not in unwilling]


def _delivery(channel: NotificationChannel, address: str, message: Message, key: str) -> Delivery:
    return Delivery(
        channel=channel,
        address=address,
        subject=storable(_one_line(message.subject), 250),
        text=storable(message.text, MOST_TEXT),
        html=encodable(message.html),
        key=key[:200],
        audience=message.audience,
        subject_url=message.subject_url,
    )


def _one_line(subject: str) -> str:
    """Names of other systems stand in subjects: nothing in them may end the header, move a
    terminal's cursor or turn the direction of reading."""
    return " ".join("".join(c if c.isprintable() else " " for c in subject).split())


def _insert_once(delivery: Delivery) -> bool:
    """The unique constraint on key and address settles two that tell of the same cause."""
    try:
        with transaction.atomic():
            delivery.save(force_insert=True)
    except IntegrityError:
        if not delivery.key:
            raise
        return False
    return True


def due() -> QuerySet[Delivery]:
    """Deliveries whose time has come, and those whose sender went away over them.

    No pause and no claim is longer than LONGEST_WAIT: what lies further ahead was written by a
    clock that has been set back since.
    """
    now = timezone.now()
    jumped = now + LONGEST_WAIT
    unclaimed = Q(status=Delivery.Status.QUEUED) | Q(
        Q(claimed_until__lte=now) | Q(claimed_until__gt=jumped), status=Delivery.Status.SENDING
    )
    come = Q(next_try_at__lte=now) | Q(next_try_at__gt=jumped)
    return Delivery.objects.filter(unclaimed & come).order_by("next_try_at", "pk")


def wake_sender() -> bool:
    """Ask the queue for a sender when mail is due; one that was asked for is given a minute.

    The clock calls it every few seconds, a new delivery after its commit.
    """
    if not due().exists() or not heartbeats.claim(SENDER, SENDER_SILENT_SECONDS):
        return False
    async_task(
        "scheduling.tasks.send_deliveries",
        q_options={"cluster": JobRun.Queue.LATER, "save": False},
    )
    return True


def send_due(*, seconds: float = SENDER_SECONDS) -> int:
    """Send what is due until nothing is, or until `seconds` have passed; returns how many went.

    Must not be called inside a transaction: a slow server would hold its locks.
    """
    ends = time.monotonic() + seconds
    sent = 0
    with mail.Postman() as postman:
        while time.monotonic() < ends:
            delivery = _claim_next()
            if delivery is None:
                break
            sent += _send(delivery, postman)
    heartbeats.release(SENDER)
    return sent


def _claim_next() -> Delivery | None:
    """The oldest due delivery, now ours. A lost race means that another sender has that one."""
    for _ in range(LOST_RACES):
        delivery = due().select_related("channel").first()
        if delivery is None or _claim(delivery):
            return delivery
    return None


def _claim(delivery: Delivery) -> bool:
    """Take the row as we saw it. The try counts before the work: it may kill the worker."""
    until = timezone.now() + timedelta(seconds=CLAIM_SECONDS)
    rows = Delivery.objects.filter(
        pk=delivery.pk,
        status=delivery.status,
        tries=delivery.tries,
        claimed_until=delivery.claimed_until,
    )
    taken = rows.update(
        status=Delivery.Status.SENDING,
        tries=F("tries") + 1,
        claimed_until=until,
        changed_at=timezone.now(),
    )
    delivery.status, delivery.claimed_until = Delivery.Status.SENDING, until
    delivery.tries += 1
    return bool(taken)


def _send(delivery: Delivery, postman: mail.Postman) -> bool:
    if delivery.tries > MOST_TRIES:
        _fail(delivery, "Its sender died over it, again and again.")
        return False
    try:
        postman.deliver(delivery)
    except mail.Refused as error:
        _fail(delivery, str(error))
    except mail.Undelivered as error:
        _put_back(delivery, str(error))
    else:
        _settle(delivery, status=Delivery.Status.SENT, sent_at=timezone.now(), error="")
        return True
    return False


def _put_back(delivery: Delivery, error: str) -> None:
    """Queued again after a pause that grows with each try, or failed after the last."""
    if delivery.tries >= MOST_TRIES:
        _fail(delivery, f"{error} It was tried {delivery.tries} times.")
        return
    # A little by chance: what failed together need not come back together.
    pause = PAUSES[delivery.tries - 1] * (1 + secrets.SystemRandom().random() / 10)
    _settle(
        delivery,
        status=Delivery.Status.QUEUED,
        next_try_at=timezone.now() + timedelta(seconds=pause),
        error=storable(error, 500),
    )


def _fail(delivery: Delivery, error: str) -> None:
    log.warning("scheduling.delivery_failed", delivery=delivery.pk, tries=delivery.tries)
    _settle(delivery, status=Delivery.Status.FAILED, error=storable(error, 500))


def _settle(delivery: Delivery, **values: object) -> None:
    """Write the ending, unless the claim ran out and another sender has the row now."""
    rows = Delivery.objects.filter(
        pk=delivery.pk,
        status=Delivery.Status.SENDING,
        tries=delivery.tries,
        claimed_until=delivery.claimed_until,
    )
    if not rows.update(claimed_until=None, changed_at=timezone.now(), **values):
        log.warning("scheduling.delivery_claim_lost", delivery=delivery.pk)
