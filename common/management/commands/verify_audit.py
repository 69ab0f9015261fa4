"""Prove that the audit trail is whole."""

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from common import sealing


class Command(BaseCommand):
    help = (
        "Checks place, seal and content of every audit event, the end of the chain and the "
        "checkpoints outside the database. Exit 0 when all hold, 1 when not. "
        "Example: python manage.py verify_audit --json"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        report = sealing.verify()
        if options["json"]:
            values = {**asdict(report), "ok": report.ok}
            self.stdout.write(json.dumps(values, indent=2))
        else:
            self._print(report)
        if not report.ok:
            sys.exit(1)

    def _print(self, report: sealing.AuditReport) -> None:
        for problem in report.problems:
            self.stdout.write(f"{problem.kind}: {problem.sentence}")
        if report.problems_omitted:
            self.stdout.write(f"… and {report.problems_omitted} more")
        counts = (
            f"{report.sealed} sealed ({report.first_seq} to {report.last_seq}), "
            f"{report.unsealed} not sealed yet, {report.checkpoints} checkpoints"
        )
        found = len(report.problems) + report.problems_omitted
        word = "The audit trail is whole" if report.ok else f"{found} problems in the audit trail"
        self.stdout.write(f"{word}: {counts}.")
