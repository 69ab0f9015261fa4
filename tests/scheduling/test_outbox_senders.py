"""Several senders, and one that is killed while the server has the mail already."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from common.models import User
from scheduling import outbox
from scheduling.models import Delivery, NotificationChannel
from scheduling.outbox import Message
from tests.scheduling.smtp import Plan, free_port, mail_server
from tests.scheduling.test_clusters import database_url

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.db]
ROOT = Path(__file__).parents[2]
MAILS = 24


@pytest.fixture
def port(settings: Any) -> int:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    return int(settings.EMAIL_PORT)


@pytest.fixture
def plan(port: int) -> Iterator[Plan]:
    plan = Plan()
    with mail_server(plan, port):
        yield plan


def fill(owner: User, count: int) -> None:
    channel = NotificationChannel.objects.create(
        name="On call", owner=owner, recipients=[f"p{number}@x.example" for number in range(count)]
    )
    assert len(outbox.queue(channel, Message("3 runs failed", "Three."))) == count


def test_two_senders_send_each_mail_once(operator: User, plan: Plan) -> None:
    fill(operator, MAILS)
    sent: list[int] = []

    def send() -> None:
        try:
            sent.append(outbox.send_due())
        finally:
            connection.close()

    senders = [threading.Thread(target=send) for _ in range(3)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert sum(sent) == MAILS
    assert set(Counter(mail["To"] for mail in plan.taken).values()) == {1}
    assert Delivery.objects.filter(status="sent", tries=1).count() == MAILS


def test_two_that_tell_of_the_same_cause_tell_it_once(operator: User) -> None:
    channel = NotificationChannel.objects.create(
        name="On call", owner=operator, recipients=["ann@x.example"]
    )
    gate, made = threading.Barrier(3), []

    def tell() -> None:
        try:
            gate.wait(10)
            made.extend(outbox.queue(channel, Message("3 runs failed", "Three."), key="run:7"))
        finally:
            connection.close()

    tellers = [threading.Thread(target=tell) for _ in range(3)]
    for teller in tellers:
        teller.start()
    for teller in tellers:
        teller.join()
    assert len(made) == Delivery.objects.count() == 1


def test_a_sender_killed_after_the_server_took_the_mail_leads_to_the_same_mail_again(
    operator: User, plan: Plan, port: int
) -> None:
    fill(operator, 1)
    plan.add("data", "hang")
    code = "from scheduling import outbox; outbox.send_due()"
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": database_url(),
        "EMAIL_URL": f"smtp://127.0.0.1:{port}",
    }
    sender = subprocess.Popen(
        [sys.executable, "manage.py", "shell", "-c", code], cwd=ROOT, env=environment
    )
    deadline = time.monotonic() + 60
    while not plan.taken and time.monotonic() < deadline:
        time.sleep(0.05)
    sender.kill()
    sender.wait(10)
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.tries) == ("sending", 1)
    assert outbox.send_due() == 0, "its claim has not run out yet"
    past = timezone.now() - timedelta(seconds=1)
    Delivery.objects.update(claimed_until=past)
    assert outbox.send_due() == 1
    first, again = plan.taken
    assert first["Message-ID"] == again["Message-ID"]
    delivery.refresh_from_db()
    assert (delivery.status, delivery.tries) == ("sent", 2)
