"""Encrypt all stored secrets with the newest key."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common import rotation
from common.actors import Actor


class Command(BaseCommand):
    help = (
        "Encrypts every stored secret again with the first of ENCRYPTION_KEYS. Put the new key "
        "in front, restart, run this, then remove the old key. May be stopped and repeated. "
        "Example: python manage.py rotate_keys --batch 200. Exit 0 when no older key is in use."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--batch", type=int, default=500, help="rows a transaction (500)")
        parser.add_argument("--dry-run", action="store_true", help="only count")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["batch"] <= 5000:
            raise CommandError("--batch must be from 1 to 5000.")
        results = rotation.rotate(
            actor=Actor.system("rotate_keys", via="command"),
            batch=options["batch"],
            dry_run=options["dry_run"],
        )
        for result in results:
            line = f"{result.name}: {result.rotated} rotated, {result.left} with an older key"
            if result.unreadable:
                line += f", {result.unreadable} unreadable"
            self.stdout.write(line)
        self._conclude(results, dry_run=options["dry_run"])

    def _conclude(self, results: list[rotation.FieldRotation], *, dry_run: bool) -> None:
        left = sum(result.left for result in results)
        if dry_run:
            self.stdout.write(f"{left} values to rotate.")
        elif sum(result.unreadable for result in results):
            raise CommandError(
                f"{left} values cannot be read with any configured key. Add the key they were "
                "written with to the end of ENCRYPTION_KEYS, or enter these secrets again."
            )
        elif left:
            raise CommandError(
                f"{left} values carry an older key still: something wrote with it meanwhile. "
                "Restart every process with the new ENCRYPTION_KEYS, then run this again."
            )
        else:
            self.stdout.write("Finished: every value carries the newest key.")
