"""`manage.py fetch_log`: fetch and store the process log of one execution."""

from __future__ import annotations

import shutil
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from boomi import logstore
from boomi.management.inline import one_line_errors, work
from boomi.models import Execution
from boomi.services import log_fetches
from common.actors import Actor
from scheduling.models import JobStatus

EPILOG = """
example:
  manage.py fetch_log execution-3456789a-bcde-f012-3456-789abcdef012-2026.01.31 --output run.log

exit status: 0 stored, 1 there is no log or it could not be fetched
"""


class Command(BaseCommand):
    help = "Fetch the process log of an execution from the platform and store it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EPILOG
        parser.add_argument("execution", metavar="EXECUTION_ID", help="platform id or number")
        parser.add_argument("--output", default="", help="also write the log to this file")

    def handle(self, *args: Any, **options: Any) -> None:
        execution = _find(options["execution"])
        actor = Actor.system("fetch_log", via="command")
        with one_line_errors():
            run = log_fetches.request(execution, actor=actor)
        run = work(run, self.stderr.write)
        if run.status != JobStatus.SUCCEEDED:
            said = f"{run.error_message} {run.error_hint}".strip() or run.summary
            raise CommandError(said)
        execution.refresh_from_db()
        self.stdout.write(f"{execution}: {run.summary}")
        if options["output"]:
            _write(execution, Path(options["output"]))


def _find(text: str) -> Execution:
    rows = Execution.objects.filter(execution_id=text)
    if not rows and text.isdecimal():
        rows = Execution.objects.filter(pk=int(text))
    execution = rows.first()
    if execution is None:
        raise CommandError(f"The portal does not know the execution {text}. Sync first.")
    return execution


def _write(execution: Execution, target: Path) -> None:
    assert execution.log_file is not None
    try:
        with (
            one_line_errors(),
            logstore.open_log_file(execution.log_file) as log,
            target.open("wb") as out,
        ):
            shutil.copyfileobj(log, out)
    except OSError as error:
        raise CommandError(f"{target} cannot be written: {error.strerror}.") from None
