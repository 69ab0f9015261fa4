"""The outbox: written with its cause, sent once, repeated with growing pauses."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from django.core import mail as django_mail
from django.db import transaction
from django.utils import timezone
from django_q.models import OrmQ

from common.models import User
from scheduling import mail, outbox
from scheduling.models import Delivery, NotificationChannel, OptOut
from scheduling.outbox import Message

pytestmark = pytest.mark.django_db
MESSAGE = Message("3 runs failed", "Three runs failed.", subject_url="/jobs/7/")


@pytest.fixture
def channel(operator: User) -> NotificationChannel:
    return NotificationChannel.objects.create(
        name="On call", owner=operator, recipients=["ann@x.example", "bob@x.example"]
    )


@pytest.fixture
def refusing(monkeypatch: pytest.MonkeyPatch) -> list[mail.Undelivered]:
    """What the mail server does next: an error is raised, nothing left means it takes the mail."""
    plan: list[mail.Undelivered] = []

    def deliver(self: mail.Postman, delivery: Delivery) -> None:
        if plan:
            raise plan.pop(0)

    monkeypatch.setattr(mail.Postman, "deliver", deliver)
    return plan


def one(channel: NotificationChannel) -> Delivery:
    channel.recipients = ["ann@x.example"]
    (delivery,) = outbox.queue(channel, MESSAGE)
    return delivery


def let_its_time_come(delivery: Delivery) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(next_try_at=timezone.now())


def test_each_address_of_a_channel_gets_a_delivery(channel: NotificationChannel) -> None:
    made = outbox.queue(channel, MESSAGE)
    assert [delivery.address for delivery in made] == ["ann@x.example", "bob@x.example"]
    assert {delivery.status for delivery in made} == {"queued"}


def test_nothing_is_told_when_the_cause_is_undone(channel: NotificationChannel) -> None:
    with transaction.atomic():
        outbox.queue(channel, MESSAGE)
        transaction.set_rollback(True)
    assert not Delivery.objects.exists()


def test_one_cause_is_told_once_to_each_address(channel: NotificationChannel) -> None:
    outbox.queue(channel, MESSAGE, key="run:7")
    assert outbox.queue(channel, MESSAGE, key="run:7") == []
    assert len(outbox.queue(channel, MESSAGE, key="run:8")) == 2
    assert Delivery.objects.count() == 4


def test_without_a_key_every_message_counts(channel: NotificationChannel) -> None:
    outbox.queue(channel, MESSAGE)
    outbox.queue(channel, MESSAGE)
    assert Delivery.objects.count() == 4


def test_a_disabled_channel_and_none_at_all_are_silent(channel: NotificationChannel) -> None:
    channel.enabled = False
    assert outbox.queue(channel, MESSAGE) == outbox.queue(None, MESSAGE) == []


def test_who_opted_out_is_left_out(channel: NotificationChannel) -> None:
    OptOut.objects.create(address="ann@x.example", channel=channel)
    OptOut.objects.create(address="bob@x.example", channel=None)
    assert outbox.queue(channel, MESSAGE) == []


def test_an_opt_out_of_another_channel_changes_nothing(
    channel: NotificationChannel, operator: User
) -> None:
    other = NotificationChannel.objects.create(name="Other", owner=operator)
    OptOut.objects.create(address="ann@x.example", channel=other)
    assert len(outbox.queue(channel, MESSAGE)) == 2


def test_an_address_listed_twice_gets_one_mail(channel: NotificationChannel) -> None:
    channel.recipients = ["Ann@x.example", "ann@X.example ", ""]
    assert [delivery.address for delivery in outbox.queue(channel, MESSAGE)] == ["ann@x.example"]


def test_line_breaks_and_nul_do_not_reach_the_subject(channel: NotificationChannel) -> None:
    hostile = Message("Boo\r\nBcc: eve@x.example\0", "a\0b")
    delivery = outbox.queue(channel, hostile)[0]
    assert "\n" not in delivery.subject
    assert "\0" not in delivery.subject + delivery.text


def test_what_is_due_is_sent_and_marked(channel: NotificationChannel) -> None:
    outbox.queue(channel, MESSAGE)
    assert outbox.send_due() == 2
    assert [message.to for message in django_mail.outbox] == [["ann@x.example"], ["bob@x.example"]]
    sent = Delivery.objects.filter(status="sent", claimed_until=None, tries=1)
    assert sent.exclude(sent_at=None).count() == 2
    assert outbox.send_due() == 0


def test_a_passing_failure_comes_back_after_growing_pauses(
    channel: NotificationChannel, refusing: list[mail.Undelivered]
) -> None:
    delivery = one(channel)
    pauses = []
    for _ in outbox.PAUSES:
        refusing.append(mail.Undelivered("451 try later"))
        let_its_time_come(delivery)
        outbox.send_due()
        delivery.refresh_from_db()
        assert (delivery.status, delivery.error) == ("queued", "451 try later")
        pauses.append((delivery.next_try_at - timezone.now()).total_seconds())
    assert all(after > before * 0.9 for before, after in pairwise(pauses))
    assert 23 * 3600 < sum(pauses) < 27 * 3600


def test_the_last_try_ends_as_failed(
    channel: NotificationChannel, refusing: list[mail.Undelivered]
) -> None:
    delivery = one(channel)
    Delivery.objects.filter(pk=delivery.pk).update(tries=outbox.MOST_TRIES - 1)
    refusing.append(mail.Undelivered("The server sleeps."))
    outbox.send_due()
    delivery.refresh_from_db()
    assert delivery.status == "failed"
    assert delivery.error == f"The server sleeps. It was tried {outbox.MOST_TRIES} times."


def test_a_final_refusal_is_not_repeated(
    channel: NotificationChannel, refusing: list[mail.Undelivered]
) -> None:
    delivery = one(channel)
    refusing.append(mail.Refused("550 no such user"))
    assert outbox.send_due() == 0
    delivery.refresh_from_db()
    assert (delivery.status, delivery.tries, delivery.error) == ("failed", 1, "550 no such user")


def test_one_refused_address_keeps_nobody_else_from_mail(
    channel: NotificationChannel, refusing: list[mail.Undelivered]
) -> None:
    outbox.queue(channel, MESSAGE)
    refusing.append(mail.Refused("550"))
    assert outbox.send_due() == 1


def test_a_claimed_delivery_is_left_to_its_sender(channel: NotificationChannel) -> None:
    delivery = one(channel)
    until = timezone.now() + timedelta(seconds=60)
    Delivery.objects.filter(pk=delivery.pk).update(status="sending", claimed_until=until, tries=1)
    assert outbox.send_due() == 0
    assert django_mail.outbox == []


def test_what_a_dead_sender_left_is_sent_by_the_next(channel: NotificationChannel) -> None:
    delivery = one(channel)
    past = timezone.now() - timedelta(seconds=1)
    Delivery.objects.filter(pk=delivery.pk).update(status="sending", claimed_until=past, tries=1)
    assert outbox.send_due() == 1
    delivery.refresh_from_db()
    assert (delivery.status, delivery.tries) == ("sent", 2)


def test_a_mail_that_kills_every_sender_is_given_up(channel: NotificationChannel) -> None:
    delivery = one(channel)
    past = timezone.now() - timedelta(seconds=1)
    Delivery.objects.filter(pk=delivery.pk).update(
        status="sending", claimed_until=past, tries=outbox.MOST_TRIES
    )
    outbox.send_due()
    delivery.refresh_from_db()
    assert delivery.status == "failed"
    assert django_mail.outbox == []


def test_a_sender_whose_claim_ran_out_marks_nothing(channel: NotificationChannel) -> None:
    slow = one(channel)
    assert outbox._claim(slow)
    Delivery.objects.filter(pk=slow.pk).update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert outbox.send_due() == 1
    outbox._put_back(slow, "451 too late to matter")
    slow.refresh_from_db()
    assert (slow.status, slow.error) == ("sent", "")


def test_a_sender_is_asked_for_once_until_it_has_answered(channel: NotificationChannel) -> None:
    assert not outbox.wake_sender()
    outbox.queue(channel, MESSAGE)
    assert [outbox.wake_sender(), outbox.wake_sender()] == [True, False]
    assert OrmQ.objects.get().task["func"] == "scheduling.tasks.send_deliveries"
    outbox.send_due()
    outbox.queue(channel, MESSAGE)
    assert outbox.wake_sender()


def test_a_new_delivery_wakes_the_sender_after_its_commit(
    channel: NotificationChannel, django_capture_on_commit_callbacks: object
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        outbox.queue(channel, MESSAGE)
        assert not OrmQ.objects.exists()
    assert OrmQ.objects.count() == 1


@pytest.mark.parametrize("status", ["queued", "sending"])
def test_what_a_clock_that_ran_ahead_put_off_is_sent_now(
    channel: NotificationChannel, refusing: list[mail.Undelivered], status: str
) -> None:
    delivery = one(channel)
    ahead = timezone.now() + timedelta(days=300)
    Delivery.objects.update(status=status, next_try_at=ahead, claimed_until=ahead)
    assert outbox.send_due() == 1
    delivery.refresh_from_db()
    assert delivery.status == "sent"


def test_the_longest_pause_is_no_jump_of_the_clock(
    channel: NotificationChannel, refusing: list[mail.Undelivered]
) -> None:
    delivery = one(channel)
    longest = timedelta(seconds=max(outbox.PAUSES) * 1.1)
    Delivery.objects.filter(pk=delivery.pk).update(next_try_at=timezone.now() + longest)
    assert outbox.send_due() == 0


def test_hostile_names_change_neither_headers_nor_reading(channel: NotificationChannel) -> None:
    channel.recipients = ["ann@x.example"]
    subject = "Sync\r\nBcc: eve@x.example\x1b[2J \u202etxt.exe\u2028end\x00\udc80"
    text = "Authorization: Basic dXNlcjpwYXNzd29yZDEyMzQ1Njc4\n\udc80\x00"
    (delivery,) = outbox.queue(channel, Message(subject, text, html="<p>\udc80\x00</p>"))
    delivery.refresh_from_db()
    assert delivery.subject == "Sync Bcc: eve@x.example [2J txt.exe end"
    assert "dXNlcjpwYXNz" not in delivery.text
    sent = mail.compose(delivery).message().as_bytes()
    assert sent.count(b"\nBcc:") == 0
    assert sent.count(b"\nSubject:") == 1
