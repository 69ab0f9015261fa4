"""`manage.py sandbox`: the imitation platform, by itself."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from typing import Any

from django.core.management.base import BaseCommand

from sandbox import cli


class Command(BaseCommand):
    help = (
        "Serve the imitation AtomSphere until Ctrl-C. "
        "Example: python manage.py sandbox --port 8090 --scenario northwind"
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        cli.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        sys.exit(cli.run(Namespace(**options)))
