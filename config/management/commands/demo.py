"""`make demo`: the main job once, headless, in a world of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from config import demo, sandbox_accounts

INSIDE = "PORTAL_DEMO_INSIDE"


class Command(BaseCommand):
    help = (
        "Connect, mirror, analyse, explain a component and run an automation against the "
        "sandbox, and report every step; exit status 0 only if all held. It runs in a throw-away "
        "directory and touches nothing of this installation. Example: python manage.py demo --json"
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(self, *args: Any, json: bool, **options: Any) -> None:
        if os.environ.get(INSIDE) != "1":
            sys.exit(self._in_a_world_of_its_own(as_json=json))
        call_command("migrate", verbosity=0)
        with sandbox_accounts.running() as sandbox:
            report = demo.walk(sandbox)
        self._print(report, as_json=json)
        sys.exit(0 if report.ok else 1)

    def _in_a_world_of_its_own(self, *, as_json: bool) -> int:
        with tempfile.TemporaryDirectory(prefix="portal-demo-") as directory:
            world = {
                name: value
                for name, value in os.environ.items()
                if name not in {"DATABASE_URL", "LOG_DIR", "AUDIT_CHECKPOINT_FILE"}
            }
            world |= {
                INSIDE: "1",
                "DEMO": "1",
                "ALLOW_PRIVATE_ADDRESSES": "1",
                "VAR_DIR": directory,
                "ENV_FILE": os.devnull,
                "LOG_LEVEL": os.environ.get("LOG_LEVEL", "ERROR"),
                # The sandbox is ours: the caps of the real platform would only make it slow.
                "API_REQUESTS_PER_SECOND": "200",
                "API_REQUESTS_PER_MINUTE": "6000",
            }
            command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "demo"]
            if as_json:
                command.append("--json")
            return subprocess.run(command, env=world, check=False).returncode  # noqa: S603

    def _print(self, report: demo.Report, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(report.as_dict(), ensure_ascii=False))
            return
        for step in report.steps:
            mark = self.style.SUCCESS("ok  ") if step.ok else self.style.ERROR("FAIL")
            self.stdout.write(f"{mark} {step.name:<35} {step.seconds:>6.2f} s  {step.detail}")
        self.stdout.write("Every step held." if report.ok else "The demo stopped at the last line.")
