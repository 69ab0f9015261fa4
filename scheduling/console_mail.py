"""Mails on the terminal, where no mail server is set: what people would read, without the HTML."""

from __future__ import annotations

from django.core.mail import EmailMessage
from django.core.mail.backends.console import EmailBackend

RULE = "-" * 72


class ConsoleBackend(EmailBackend):
    """In place of Django's own, which prints every part of a mail as it would be sent."""

    def write_message(self, message: EmailMessage) -> None:
        head = f"Mail to {', '.join(message.to)} (no mail server is set, see EMAIL_URL)"
        text = str(message.body).strip()
        self.stream.write(f"{RULE}\n{head}\nSubject: {message.subject}\n\n{text}\n{RULE}\n")
