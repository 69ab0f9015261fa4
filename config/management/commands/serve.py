"""`manage.py serve`: the whole portal under one supervisor, until Ctrl-C or SIGTERM."""

from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config import processes
from config.supervisor import Supervisor


class Command(BaseCommand):
    help = "Run web, both queues and the clock; they end together with this process."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
        parser.add_argument("--port", type=int, default=8000, help="port; 0 takes a free one")
        parser.add_argument("--sandbox", action="store_true", help="run the imitation platform too")
        parser.add_argument("--sandbox-port", type=int, default=8090, help="its port")
        parser.add_argument(
            "--with-parent", action="store_true", help="end when the starting process has ended"
        )

    def handle(
        self,
        *args: object,
        host: str,
        port: int,
        sandbox: bool,
        sandbox_port: int,
        with_parent: bool,
        **options: object,
    ) -> None:
        try:
            listener = processes.listen(host, port)
            if sandbox:
                processes.listen("127.0.0.1", sandbox_port).close()
            processes.check_database()
        except processes.CannotServe as error:
            raise CommandError(f"{error.message} {error.hint}") from error
        Supervisor(
            processes.portal(listener, sandbox_port if sandbox else None),
            signs=processes.signs_of_life,
            say=self.say,
            stale_seconds=settings.CLUSTER_STALE_SECONDS,
            with_parent=with_parent,
        ).run()
        self.say("The portal has ended.")

    def say(self, line: str) -> None:
        """Written at once: whoever reads a pipe waits for the address."""
        self.stdout.write(line)
        self.stdout.flush()
