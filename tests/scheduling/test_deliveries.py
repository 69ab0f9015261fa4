"""Looking after deliveries: retry, cancel, who sees them, how long they are kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from common.access import visible
from common.actors import Actor
from common.errors import IllegalMove, NotAllowed
from common.models import AuditEvent, Team, User
from scheduling import outbox
from scheduling.models import Delivery, NotificationChannel
from scheduling.services import deliveries

pytestmark = pytest.mark.django_db


@pytest.fixture
def olga(operator: User) -> Actor:
    return Actor.person(operator, via="page")


@pytest.fixture
def delivery(operator: User) -> Delivery:
    channel = NotificationChannel.objects.create(
        name="On call", owner=operator, recipients=["ann@x.example"]
    )
    return outbox.queue(channel, outbox.Message("3 runs failed", "Three."))[0]


def set_status(delivery: Delivery, status: str) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(status=status, tries=12, error="550 no")
    delivery.refresh_from_db()


def test_a_failed_delivery_begins_anew(delivery: Delivery, olga: Actor) -> None:
    set_status(delivery, "failed")
    deliveries.retry(delivery, actor=olga)
    assert outbox.send_due() == 1
    delivery.refresh_from_db()
    assert (delivery.status, delivery.tries, delivery.error) == ("sent", 1, "")
    assert AuditEvent.objects.get().action == "scheduling.delivery.retried"


@pytest.mark.parametrize("status", ["queued", "sending", "sent", "cancelled"])
def test_only_a_failed_one_can_be_retried(delivery: Delivery, olga: Actor, status: str) -> None:
    set_status(delivery, status)
    with pytest.raises(IllegalMove):
        deliveries.retry(delivery, actor=olga)


def test_two_people_retry_and_one_wins(delivery: Delivery, olga: Actor) -> None:
    set_status(delivery, "failed")
    same = Delivery.objects.get(pk=delivery.pk)
    deliveries.retry(delivery, actor=olga)
    with pytest.raises(IllegalMove, match="Somebody else"):
        deliveries.retry(same, actor=olga)


def test_a_waiting_delivery_is_kept_back(delivery: Delivery, olga: Actor) -> None:
    deliveries.cancel(delivery, actor=olga)
    assert outbox.send_due() == 0
    assert AuditEvent.objects.get().action == "scheduling.delivery.cancelled"


@pytest.mark.parametrize("status", ["sending", "sent", "failed", "cancelled"])
def test_what_is_on_its_way_is_not_cancelled(delivery: Delivery, olga: Actor, status: str) -> None:
    set_status(delivery, status)
    with pytest.raises(IllegalMove):
        deliveries.cancel(delivery, actor=olga)


def test_a_viewer_changes_nothing(delivery: Delivery, viewer: User) -> None:
    team = Team.objects.create(name="Integration")
    team.members.add(viewer)
    NotificationChannel.objects.update(team=team)
    vic = Actor.person(viewer)
    assert visible(vic, Delivery.objects.all()).count() == 1
    for verb in (deliveries.retry, deliveries.cancel):
        with pytest.raises(NotAllowed, match="Operator"):
            verb(delivery, actor=vic)


def test_others_neither_see_nor_change_it(delivery: Delivery, developer: User) -> None:
    dan = Actor.person(developer)
    assert not visible(dan, Delivery.objects.all()).exists()
    with pytest.raises(NotAllowed, match="may see"):
        deliveries.cancel(delivery, actor=dan)


def test_news_of_an_account_need_the_account(delivery: Delivery, olga: Actor) -> None:
    """Sharing a channel is not enough to read what it told of an account."""
    Delivery.objects.update(audience="account:7")
    assert not visible(olga, Delivery.objects.all()).exists()


def test_old_ones_go_and_waiting_ones_stay(delivery: Delivery, settings: Any) -> None:
    old = timezone.now() - timedelta(days=settings.RETENTION_DELIVERY_DAYS + 1)
    Delivery.objects.update(created_at=old)
    assert deliveries.forget_old() == 0
    Delivery.objects.update(status="sent")
    assert deliveries.forget_old() == 1
