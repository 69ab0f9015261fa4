"""`make run`: prepare the demo once, then serve it together with the sandbox."""

from __future__ import annotations

import fcntl
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from boomi.models import Connection
from config import demo_automations, demo_world, processes, sandbox_accounts
from sandbox.server import Sandbox


def port_number(text: str) -> int:
    """For argparse: a port that can be opened."""
    if text.isdecimal() and 0 < int(text) < 65536:
        return int(text)
    raise ArgumentTypeError(f"{text!r} is not a port; give a number from 1 to 65535.")


@contextmanager
def claimed(lock: Path, address: str) -> Iterator[str]:
    """Hold `lock` for one demo of a folder; gives the address of the one that holds it already.

    Gives "" when the lock is ours. The system lets go of it however this process ends.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            yield file.read().strip() or "another address"
            return
        file.truncate(0)
        file.write(address)
        file.flush()
        yield ""


class Command(BaseCommand):
    help = (
        "Prepare the demo (database, people, 45 mirrored days) if needed, then serve it. "
        "Example: DEMO=1 ALLOW_PRIVATE_ADDRESSES=1 python manage.py run_demo --port 8000"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=port_number, default=8000)
        parser.add_argument("--sandbox-port", type=port_number, default=8090)

    def handle(self, *args: Any, port: int, sandbox_port: int, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("run_demo needs DEMO=1; for a real installation use `serve`.")
        with claimed(settings.VAR_DIR / "demo.lock", f"http://127.0.0.1:{port}") as other:
            if other:
                self._join(other, port)
            else:
                self._serve(port, sandbox_port)

    def _join(self, other: str, port: int) -> None:
        """A second sandbox would take the connections away from the demo that is running."""
        self._check_ports(port)
        self.stdout.write(
            f"The demo of this folder runs already at {other}. This one shares its data and "
            "its imitation account; it lasts as long as you let the first one run."
        )
        self._greet(port)
        call_command("serve", port=port)

    def _serve(self, port: int, sandbox_port: int) -> None:
        self._check_ports(port, sandbox_port)
        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        self._prepare(sandbox_port)
        self._greet(port)
        call_command("serve", port=port, sandbox=True, sandbox_port=sandbox_port)

    def _check_ports(self, *ports: int) -> None:
        """Before minutes are spent on preparing what cannot be served afterwards."""
        try:
            for number in ports:
                processes.listen("127.0.0.1", number).close()
        except processes.CannotServe as error:
            raise CommandError(
                f"{error.message} Choose other ports, such as "
                "`make run PORT=8061 SANDBOX_PORT=8161`, or end the program that has it."
            ) from error

    def _prepare(self, sandbox_port: int) -> None:
        owner = demo_world.people()[0]
        with sandbox_accounts.running(sandbox_port) as sandbox:
            first_start = not owner.connections.exists()
            if first_start:
                self.stdout.write("Mirroring 45 days of the imitation accounts …")
                demo_world.set_sandbox_clock(sandbox.url, days_back=demo_world.LONG_MEMORY_DAYS)
            links = [
                demo_world.connect(account, sandbox.url, owner)
                for account in sandbox_accounts.accounts()
            ]
            if first_start:
                self._mirror_long_memory(links, sandbox)
        demo_automations.arrange(owner, links[0])

    def _mirror_long_memory(self, links: list[Connection], sandbox: Sandbox) -> None:
        """What the platform knew 15 days ago, and then what it knows today."""
        days = demo_world.LONG_MEMORY_DAYS
        for link in links:
            demo_world.mirror(link, days=days + demo_world.PLATFORM_MEMORY_DAYS)
        demo_world.set_sandbox_clock(sandbox.url, days_back=0)
        for link in links:
            demo_world.forget_counts(link)
            demo_world.mirror(link, days=days + 1)
            link.account.refresh_from_db()
            count = link.account.executions.count()
            self.stdout.write(f"  {link.account}: {count:,} executions")

    def _greet(self, port: int) -> None:
        lines = [
            f"  {p.email:<26} {demo_world.PASSWORD}   {p.role.label}" for p in demo_world.PEOPLE
        ]
        self.stdout.write(
            "\n".join(
                ["", f"The portal is at http://127.0.0.1:{port}", "Sign in with:", *lines, ""]
            )
        )
        self.stdout.flush()
