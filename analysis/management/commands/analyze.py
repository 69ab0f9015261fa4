"""`manage.py analyze`: the log engine on files, without the database."""

import sys
from argparse import RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from analysis.engine import cli


class Command(BaseCommand):
    help = "Say what happened in a Boomi process log (.log, .txt, .zip, process_log.xml)."
    requires_system_checks = []

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(
            prog_name,
            subcommand,
            epilog="example: manage.py analyze process_log.zip --json\n"
            "exit status: 0 all analysed, 1 a file could not be (said on stderr), 2 usage",
            formatter_class=RawDescriptionHelpFormatter,
            **kwargs,
        )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", help="the log, as downloaded")
        parser.add_argument("--json", action="store_true", help="one JSON object per file and line")
        parser.add_argument("--indent", action="store_true", help="with --json: over several lines")

    def handle(self, *args: Any, **options: Any) -> None:
        flags = [f"--{name}" for name in ("json", "indent") if options[name]]
        status = cli.main([*flags, "--", *options["files"]])
        if status:
            sys.exit(status)
