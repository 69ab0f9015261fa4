"""A real mail server on loopback that follows a plan: refuses, delays, breaks off, or takes."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session

TAKEN = "250 OK"
# The mail is the server's when it hangs before it says so: that is what makes mails double.
TAKES = (("data", "hang"), ("data", TAKEN))


class Plan:
    """Each step answers one mail: a reply such as "451 later", "hang" or "drop".

    `at` says at which command: "rcpt" or "data". Without a step left, mails are taken.
    """

    def __init__(self) -> None:
        self.steps: list[tuple[str, str]] = []
        self.taken: list[EmailMessage] = []
        self.tried = 0

    def add(self, at: str, *answers: str) -> None:
        self.steps += [(at, answer) for answer in answers]

    async def handle_RCPT(
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.tried += 1
        answer = await self._answer("rcpt", server)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        if not self.steps or self.steps[0] in TAKES:
            self.taken.append(message_from_bytes(content, policy=policy.default))  # type: ignore[arg-type]
        return await self._answer("data", server)

    async def _answer(self, at: str, server: Any) -> str:
        if not self.steps or self.steps[0][0] != at:
            return TAKEN
        _, answer = self.steps.pop(0)
        if answer == "hang":
            await asyncio.sleep(1.5)
        if answer == "drop":
            server.transport.abort()
        return answer if answer[0].isdigit() else TAKEN


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def mail_server(plan: Plan, port: int, *, password: str = "") -> Iterator[None]:
    """The server, listening on loopback; with a password it lets nobody in without it."""

    def check(server: Any, session: Any, envelope: Any, way: str, data: Any) -> AuthResult:
        ok = isinstance(data, LoginPassword) and data.password == password.encode()
        return AuthResult(success=ok, handled=False)

    extra: dict[str, Any] = {}
    if password:
        extra = {"authenticator": check, "auth_required": True, "auth_require_tls": False}
    controller = Controller(plan, hostname="127.0.0.1", port=port, **extra)
    controller.start()
    try:
        yield
    finally:
        controller.stop()
