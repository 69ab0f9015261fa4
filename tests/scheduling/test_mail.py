"""Mails against a real SMTP server that refuses, delays, breaks off, or is not there."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from common.models import User
from scheduling import mail, outbox
from scheduling.models import Delivery, NotificationChannel
from scheduling.outbox import Message
from tests.scheduling.smtp import Plan, free_port, mail_server

pytestmark = pytest.mark.django_db
PASSWORD = "canary-7d1a-mail"


@pytest.fixture
def port(settings: Any) -> int:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = free_port()
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.SITE_URL = "https://portal.example"
    return int(settings.EMAIL_PORT)


@pytest.fixture
def plan(port: int) -> Iterator[Plan]:
    plan = Plan()
    with mail_server(plan, port):
        yield plan


@pytest.fixture
def channel(operator: User) -> NotificationChannel:
    return NotificationChannel.objects.create(
        name="On <call>", owner=operator, recipients=["ann@x.example"]
    )


def tell(channel: NotificationChannel, text: str = "Three runs failed.", **more: str) -> Delivery:
    message = Message("Northwind: 3 runs failed", text, subject_url="/jobs/7/", **more)
    return outbox.queue(channel, message)[0]


def send(delivery: Delivery) -> Delivery:
    """One pass of the sender over a delivery whose time has come."""
    Delivery.objects.filter(pk=delivery.pk).update(next_try_at=timezone.now())
    outbox.send_due()
    delivery.refresh_from_db()
    return delivery


def test_a_mail_arrives_with_its_headers_and_both_parts(
    channel: NotificationChannel, plan: Plan
) -> None:
    assert send(tell(channel)).status == "sent"
    (message,) = plan.taken
    assert message["Subject"] == "Northwind: 3 runs failed"
    assert message["To"] == "ann@x.example"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    kinds = [part.get_content_type() for part in message.iter_parts()]
    assert kinds == ["text/plain", "text/html"]
    for part in message.iter_parts():
        assert "https://portal.example/jobs/7/" in part.get_content()


def test_hostile_text_stays_text(channel: NotificationChannel, plan: Plan) -> None:
    send(tell(channel, "<script>alert(1)</script> & <b>"))
    plain, rich = [part.get_content() for part in plan.taken[0].iter_parts()]
    assert "<script>alert(1)</script> & <b>" in plain
    assert "<script" not in rich
    assert "On &lt;call&gt;" in rich


def test_the_link_of_the_header_ends_the_mails(
    channel: NotificationChannel, plan: Plan, client: Client
) -> None:
    send(tell(channel))
    header = plan.taken[0]["List-Unsubscribe"].strip()
    link = re.fullmatch(r"<https://portal\.example(.+)>", header)
    assert link
    assert client.post(link[1], {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert outbox.queue(channel, Message("More", "More")) == []


@pytest.mark.parametrize("at", ["rcpt", "data"])
def test_a_server_that_asks_for_time_gets_the_mail_later(
    channel: NotificationChannel, plan: Plan, at: str
) -> None:
    plan.add(at, "451 4.3.0 Greylisted")
    delivery = send(tell(channel))
    assert (delivery.status, delivery.tries) == ("queued", 1)
    assert "451 4.3.0 Greylisted" in delivery.error
    assert (send(delivery).status, delivery.tries, delivery.error) == ("sent", 2, "")
    assert len(plan.taken) == 1


@pytest.mark.parametrize(
    ("at", "sentence"),
    [("rcpt", "The mail server refused the address"), ("data", "The mail server refused the mail")],
)
def test_a_final_refusal_fails_at_once(
    channel: NotificationChannel, plan: Plan, at: str, sentence: str
) -> None:
    plan.add(at, "550 5.1.1 No such user")
    delivery = send(tell(channel))
    assert (delivery.status, delivery.tries) == ("failed", 1)
    assert delivery.error == f"{sentence}: 550 5.1.1 No such user"


@pytest.mark.parametrize("at", ["rcpt", "data"])
def test_a_line_broken_in_the_middle_costs_one_try(
    channel: NotificationChannel, plan: Plan, at: str
) -> None:
    plan.add(at, "drop")
    delivery = send(tell(channel))
    assert (delivery.status, delivery.error) == (
        "queued",
        "The mail server broke off the conversation.",
    )
    assert send(delivery).status == "sent"


def test_every_try_of_a_delivery_has_the_same_message_id(
    channel: NotificationChannel, plan: Plan
) -> None:
    """A server may take the mail and die before it says so; readers then show it once."""
    delivery = send(tell(channel))
    Delivery.objects.filter(pk=delivery.pk).update(status="queued")
    send(delivery)
    send(tell(channel))
    first, again, other = [message["Message-ID"] for message in plan.taken]
    assert first == again != other
    assert re.fullmatch(rf"<delivery-{delivery.pk}-[0-9a-f]{{20}}@portal\.example>", first)


def test_a_server_that_says_nothing_is_not_waited_for(
    channel: NotificationChannel, plan: Plan, settings: Any
) -> None:
    settings.EMAIL_TIMEOUT = 0.2
    plan.add("data", "hang")
    delivery = send(tell(channel))
    assert (delivery.status, delivery.error) == (
        "queued",
        "The mail server did not answer in time.",
    )


def test_mail_waits_for_a_server_that_is_down(channel: NotificationChannel, port: int) -> None:
    delivery = send(tell(channel))
    assert delivery.status == "queued"
    assert delivery.error.startswith("The mail server cannot be reached")
    plan = Plan()
    with mail_server(plan, port):
        assert send(delivery).status == "sent"
    assert len(plan.taken) == 1


def test_many_mails_share_a_line(channel: NotificationChannel, plan: Plan) -> None:
    channel.recipients = [f"person{number}@x.example" for number in range(20)]
    outbox.queue(channel, Message("Hello", "Hello"))
    assert outbox.send_due() == 20
    assert len({message["Message-ID"] for message in plan.taken}) == 20


def test_a_broken_line_is_opened_anew_for_the_next_mail(
    channel: NotificationChannel, plan: Plan
) -> None:
    channel.recipients = ["a@x.example", "b@x.example", "c@x.example"]
    outbox.queue(channel, Message("Hello", "Hello"))
    plan.add("data", "drop")
    assert outbox.send_due() == 2


def test_the_login_is_used_and_a_wrong_one_told_without_it(
    channel: NotificationChannel, port: int, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "portal", "wrong-" + PASSWORD
    plan = Plan()
    with mail_server(plan, port, password=PASSWORD):
        delivery = send(tell(channel))
        assert delivery.status == "queued"
        assert "did not accept the portal's login (535)" in delivery.error
        settings.EMAIL_HOST_PASSWORD = PASSWORD
        assert send(delivery).status == "sent"
    assert PASSWORD not in delivery.error + caplog.text


def test_a_server_that_echoes_the_password_is_not_quoted(settings: Any) -> None:
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "portal", PASSWORD
    error = smtplib.SMTPDataError(554, f"you said {PASSWORD}, really".encode())
    assert PASSWORD not in str(mail.translate(error))


@pytest.mark.parametrize(
    ("error", "final", "words"),
    [
        (smtplib.SMTPSenderRefused(550, b"who?", "a@x"), True, "refused the sender: 550 who?"),
        (smtplib.SMTPSenderRefused(530, b"log in", "a@x"), False, "refused the sender: 530"),
        (smtplib.SMTPConnectError(554, b"go away"), False, "said: 554 go away"),
        (smtplib.SMTPNotSupportedError("no STARTTLS"), False, "no STARTTLS"),
        (ssl.SSLCertVerificationError("x"), False, "certificate"),
        (ValueError("bad header"), True, "cannot be written"),
        (RuntimeError("boom"), False, "fault of the portal"),
    ],
)
def test_each_failure_has_its_sentence(error: Exception, final: bool, words: str) -> None:
    told = mail.translate(error)
    assert isinstance(told, mail.Refused) is final
    assert words in str(told)
