"""The health of the portal for terminals and monitors."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config import health


class Command(BaseCommand):
    help = (
        "Runs the readiness checks. Exit 0 healthy, 1 degraded, 2 down. "
        "Example: python manage.py health --json"
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        results = health.run_checks()
        state = health.overall(results)
        if options["json"]:
            checks = [health.as_json(item) for item in results]
            self.stdout.write(json.dumps({"state": state, "checks": checks}, indent=2))
        else:
            for item in results:
                line = f"{item.state:<9} {item.name}: {item.detail} {item.hint}"
                self.stdout.write(line.rstrip())
            self.stdout.write(f"The portal is {state}.")
        sys.exit(health.ORDER.index(state))
