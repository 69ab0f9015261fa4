"""Print fresh secrets. Runs without any settings."""

import secrets
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from common.crypto import generate_key

NAMES = ("SECRET_KEY", "ENCRYPTION_KEYS", "AUDIT_KEY")


class Command(BaseCommand):
    help = (
        "Prints a random 256-bit key for ENCRYPTION_KEYS or AUDIT_KEY, or all three secrets. "
        "Example: python manage.py generate_key --env >> .env"
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--env", action="store_true", help="print all three settings as lines of a .env file"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["env"]:
            for name in NAMES:
                self.stdout.write(f"{name}={_value(name)}")
        else:
            self.stdout.write(generate_key())


def _value(name: str) -> str:
    # Django asks for at least 50 characters in SECRET_KEY; a cipher key is exactly 32 bytes.
    return secrets.token_urlsafe(48) if name == "SECRET_KEY" else generate_key()
