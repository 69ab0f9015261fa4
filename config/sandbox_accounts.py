"""What the demo needs of the sandbox: a running one, and the accounts it opens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from config.demo_world import SandboxAccount
from sandbox import company
from sandbox.server import Sandbox

CONNECTED = (
    (company.PRIMARY, "production"),
    (company.ORDERS_DEV, "development"),
    (company.CRM_DEV, "development"),
    (company.CLIENT, "production"),
)


def accounts() -> list[SandboxAccount]:
    """The accounts the demo connects, with their invented credentials."""
    found = []
    for account, environment_class in CONNECTED:
        credential = company.credential_of(account)
        found.append(
            SandboxAccount(
                name=account.name,
                account_id=account.account_id,
                username=credential.user,
                token=credential.token,
                environment_class=environment_class,
            )
        )
    return found


@contextmanager
def running(port: int = 0) -> Iterator[Sandbox]:
    """A sandbox in this process, on the demo's own file, without the platform's call limit."""
    sandbox = Sandbox(settings.VAR_DIR / "sandbox.sqlite3", rate_limit=0, port=port)
    sandbox.start()
    try:
        yield sandbox
    finally:
        sandbox.stop()
