"""Deliveries as mails: their parts and headers, the talk with the server, and its failures.

Headers: Message-ID is the same for every try of a delivery; List-Unsubscribe and
List-Unsubscribe-Post as in RFC 8058; Auto-Submitted as in RFC 3834, so that nobody's absence
note answers.
"""

from __future__ import annotations

import base64
import smtplib
import socket
import ssl
from types import TracebackType
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.crypto import salted_hmac

from common.logs import MASK, get_logger
from scheduling.models import Delivery
from scheduling.texts import storable

log = get_logger(__name__)
SALT = "scheduling.unsubscribe"
TOO_LATE = "The mail server did not answer in time."
# Refusals of the portal's login or of the line, not of the mail: somebody will mend them.
LOGIN_CODES = frozenset({521, 530, 534, 535, 538})


class Undelivered(Exception):
    """The mail did not go out; another try may help. The text is for people."""


class Refused(Undelivered):
    """The server refused this very mail for good."""


class Postman:
    """One line to the mail server for several deliveries, opened with the first."""

    def __init__(self) -> None:
        self._line: BaseEmailBackend | None = None

    def __enter__(self) -> Postman:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._hang_up()

    def deliver(self, delivery: Delivery) -> None:
        """Hand the mail to the server. Raises Refused or Undelivered."""
        try:
            if self._line is None:
                self._line = get_connection(timeout=settings.EMAIL_TIMEOUT)
                self._line.open()
            self._line.send_messages([compose(delivery)])
        except Exception as error:  # noqa: BLE001 - one bad mail must not keep the others back
            self._hang_up()
            raise translate(error) from None

    def _hang_up(self) -> None:
        line, self._line = self._line, None
        if line is None:
            return
        try:
            line.close()
        except (OSError, smtplib.SMTPException) as error:
            log.info("scheduling.mail_line_broken", error=type(error).__name__)


def compose(delivery: Delivery) -> EmailMultiAlternatives:
    """The mail of a delivery: text and HTML with a footer that says why and how to end it."""
    leave = unsubscribe_url(delivery)
    values = {
        "delivery": delivery,
        "link": absolute(delivery.subject_url) if delivery.subject_url else "",
        "leave": leave,
        "site": settings.SITE_URL,
        "environment": settings.ENVIRONMENT_NAME,
    }
    message = EmailMultiAlternatives(
        subject=" ".join(delivery.subject.split()),
        body=render_to_string("mail/message.txt", values),
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[delivery.address],
        headers={
            "Message-ID": message_id(delivery),
            "List-Unsubscribe": f"<{leave}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Auto-Submitted": "auto-generated",
        },
    )
    message.attach_alternative(render_to_string("mail/message.html", values), "text/html")
    return message


def absolute(path: str) -> str:
    """A path of the portal as an address that works from a mail."""
    return f"{settings.SITE_URL}{path}" if path.startswith("/") else path


def message_id(delivery: Delivery) -> str:
    """The same for every try: a mail that went out twice is shown once by most readers."""
    text = f"{delivery.pk} {delivery.created_at.isoformat()} {delivery.address}"
    mark = salted_hmac("scheduling.message_id", text).hexdigest()[:20]
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    return f"<delivery-{delivery.pk}-{mark}@{host}>"


def unsubscribe_url(delivery: Delivery) -> str:
    return absolute(reverse("unsubscribe", args=[unsubscribe_token(delivery)]))


def unsubscribe_token(delivery: Delivery) -> str:
    """What lets the holder of a mail end it: address and channel, signed, without an end."""
    return signing.Signer(salt=SALT).sign_object([delivery.address, delivery.channel_id])


def read_unsubscribe_token(token: str) -> tuple[str, int | None]:
    """Address and channel of a token. Raises django.core.signing.BadSignature."""
    address, channel_id = signing.Signer(salt=SALT).unsign_object(token)
    return str(address), channel_id


def translate(error: Exception) -> Undelivered:
    """What went wrong as a sentence without secrets; Refused when another try cannot help.

    RFC 5321: a 5yz reply is final, a 4yz one is not.
    """
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
        return _refusal("The mail server refused the address", code, said)
    if isinstance(error, smtplib.SMTPSenderRefused):
        return _refusal("The mail server refused the sender", error.smtp_code, error.smtp_error)
    if isinstance(error, smtplib.SMTPDataError):
        return _refusal("The mail server refused the mail", error.smtp_code, error.smtp_error)
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return Undelivered(
            f"The mail server did not accept the portal's login ({error.smtp_code})."
        )
    if isinstance(error, smtplib.SMTPServerDisconnected):
        # smtplib calls a reply that did not come a disconnection; only its text tells.
        late = "timed out" in str(error)
        return Undelivered(TOO_LATE if late else "The mail server broke off the conversation.")
    if isinstance(error, smtplib.SMTPResponseException):
        return Undelivered(_sentence("The mail server said", error.smtp_code, error.smtp_error))
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return Undelivered(_clean(f"The mail server cannot do what EMAIL_URL asks: {error}"))
    if isinstance(error, OSError):
        return Undelivered(_unreachable(error))
    if isinstance(error, ValueError):
        return Refused(_clean(f"The mail cannot be written: {error}"))
    log.error("scheduling.mail_fault", error=type(error).__name__, exc_info=error)
    return Undelivered(f"A fault of the portal kept the mail back ({type(error).__name__}).")


def _refusal(what: str, code: int, said: bytes | str) -> Undelivered:
    permanent = 500 <= code < 600 and code not in LOGIN_CODES
    return (Refused if permanent else Undelivered)(_sentence(what, code, said))


def _sentence(what: str, code: int, said: bytes | str) -> str:
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return _clean(f"{what}: {code} {' '.join(words.split())}")


def _unreachable(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return TOO_LATE
    if isinstance(error, ssl.SSLCertVerificationError):
        reason = getattr(error, "verify_message", "") or "it does not verify"
        return f"The certificate of the mail server is not trusted: {reason}."
    if isinstance(error, ssl.SSLError):
        return "The mail server does not speak TLS as EMAIL_URL asks."
    if isinstance(error, socket.gaierror):
        return "The name of the mail server is not known."
    if isinstance(error, ConnectionError):
        return "The mail server cannot be reached: it refused or broke the connection."
    return _clean(f"The mail server cannot be reached: {error.strerror or type(error).__name__}.")


def _clean(text: str) -> str:
    """Servers echo what they were told, and that may be the login."""
    for secret in filter(None, [str(settings.EMAIL_HOST_PASSWORD or "")]):
        packed = base64.b64encode(secret.encode()).decode()
        user = str(settings.EMAIL_HOST_USER or "")
        login = base64.b64encode(f"\0{user}\0{secret}".encode()).decode()
        for form in (login, packed, secret):
            text = text.replace(form, MASK)
    return storable(text, 500)
