"""The page behind the link at the end of a mail."""

from __future__ import annotations

import pytest
from django.test import Client

from common.models import AuditEvent, User
from scheduling import mail, outbox
from scheduling.models import Delivery, NotificationChannel, OptOut
from scheduling.outbox import Message

pytestmark = pytest.mark.django_db
ADDRESS = "ann@x.example"


@pytest.fixture
def channel(operator: User) -> NotificationChannel:
    return NotificationChannel.objects.create(name="On call", owner=operator, recipients=[ADDRESS])


@pytest.fixture
def link(channel: NotificationChannel) -> str:
    (delivery,) = outbox.queue(channel, Message("3 runs failed", "Three."))
    return f"/unsubscribe/{mail.unsubscribe_token(delivery)}/"


def test_looking_changes_nothing(link: str, client: Client) -> None:
    answer = client.get(link)
    assert answer.status_code == 200
    assert "On call" in answer.text
    assert answer["Referrer-Policy"] == "no-referrer"
    assert not OptOut.objects.exists()


def test_the_button_ends_the_mails_of_the_channel(
    link: str, client: Client, channel: NotificationChannel
) -> None:
    shown = client.post(link, {"choice": "channel"}, follow=True)
    assert "gets no more mails of the channel" in shown.text
    assert outbox.queue(channel, Message("More", "More")) == []
    assert Delivery.objects.get().status == "cancelled"


def test_all_mails_can_be_ended(
    link: str, client: Client, channel: NotificationChannel, operator: User
) -> None:
    client.post(link, {"choice": "all"})
    other = NotificationChannel.objects.create(name="Other", owner=operator, recipients=[ADDRESS])
    assert outbox.queue(other, Message("More", "More")) == []


def test_who_left_can_come_back(link: str, client: Client, channel: NotificationChannel) -> None:
    client.post(link, {"choice": "all"})
    client.post(link, {"choice": "again"})
    assert len(outbox.queue(channel, Message("More", "More"))) == 1


def test_a_second_press_is_harmless_and_told_once(link: str, client: Client) -> None:
    client.post(link)
    client.post(link)
    event = AuditEvent.objects.get()
    assert (event.action, event.actor_text) == ("scheduling.optout.created", ADDRESS)
    assert OptOut.objects.count() == 1


def test_a_mail_program_needs_no_form(link: str, channel: NotificationChannel) -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(link, {"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, answer.content) == (200, b"Unsubscribed.")
    assert OptOut.objects.get().channel == channel


@pytest.mark.parametrize("end", ["x/", "/"])
def test_a_link_that_is_not_whole_says_so(link: str, client: Client, end: str) -> None:
    for answer in (client.get(link[:-3] + end), client.post(link[:-3] + end)):
        assert answer.status_code == 404
        assert "This link does not work" in answer.text
    assert not OptOut.objects.exists()


def test_a_deleted_channel_is_no_fault(
    link: str, client: Client, channel: NotificationChannel
) -> None:
    channel.delete()
    assert "does not exist any more" in client.get(link).text
    assert client.post(link).status_code == 200
    assert not OptOut.objects.exists()


def test_hostile_names_stay_text(link: str, client: Client, channel: NotificationChannel) -> None:
    NotificationChannel.objects.update(name="<script>alert(1)</script>")
    assert "<script>alert" not in client.get(link).text
