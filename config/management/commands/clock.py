"""`manage.py clock`: moves due work on and watches the queues, until it is told to end."""

import signal
from argparse import ArgumentParser
from types import FrameType

from django.core.management.base import BaseCommand

from scheduling.clock import Clock


class Command(BaseCommand):
    help = "Run the clock: due jobs, dead workers, repeating chores."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="do everything once and end")

    def handle(self, *args: object, once: bool, **options: object) -> None:
        clock = Clock()
        if once:
            clock.once()
            return

        def end(number: int, frame: FrameType | None) -> None:
            clock.stop()

        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGINT, end)
        clock.run()
