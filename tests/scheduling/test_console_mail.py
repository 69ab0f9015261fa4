"""Mails on the terminal of an installation without a mail server."""

from __future__ import annotations

import io

from django.core.mail import EmailMultiAlternatives, get_connection


def test_the_terminal_shows_what_people_read_and_not_the_html() -> None:
    stream = io.StringIO()
    line = get_connection("scheduling.console_mail.ConsoleBackend", stream=stream)
    mail = EmailMultiAlternatives("3 failed runs", "Order Intake\n", to=["olga@northwind.example"])
    mail.attach_alternative("<p>Order Intake</p>", "text/html")
    assert line.send_messages([mail]) == 1
    shown = stream.getvalue()
    assert "Mail to olga@northwind.example" in shown
    assert "Subject: 3 failed runs\n\nOrder Intake\n" in shown
    assert "<p>" not in shown
