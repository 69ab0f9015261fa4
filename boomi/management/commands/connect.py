"""`manage.py connect`: save a connection from a terminal and test it."""

from __future__ import annotations

import getpass
import os
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from boomi.management.inline import one_line_errors
from boomi.models import Connection, ConnectionState
from boomi.services import connections
from common.actors import Actor
from common.models import Team, User, normalise_email

EPILOG = """
The API token is read from --token-file, else from the environment variable BOOMI_TOKEN, else
from standard input. It is never taken from the command line, where others could see it.

example:
  manage.py connect --owner jo@acme.example --account acme-A1B2C3 \\
      --username jo@acme.example --token-file /run/secrets/boomi

exit status: 0 connected, 1 saved but failing, 2 not saved
"""


class Command(BaseCommand):
    help = "Save a connection to a Boomi account and test it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EPILOG
        parser.add_argument("--owner", required=True, help="e-mail of the person who owns it")
        parser.add_argument("--account", required=True, help="account id, such as acme-A1B2C3")
        parser.add_argument("--username", required=True, help="platform user the token belongs to")
        parser.add_argument("--name", default="", help="name in the portal (default: account id)")
        parser.add_argument("--base-url", default="", help="platform address (default: setting)")
        parser.add_argument("--team", default="", help="name of the team that shares it")
        parser.add_argument("--token-file", default="", help="file that holds the API token")
        parser.add_argument(
            "--purpose", default=Connection.Purpose.MONITORING, choices=Connection.Purpose.values
        )
        parser.add_argument(
            "--environment-class",
            default=Connection.EnvironmentClass.PRODUCTION,
            choices=Connection.EnvironmentClass.values,
        )

    def handle(self, *args: Any, **options: Any) -> None:
        owner = User.objects.filter(email=normalise_email(options["owner"])).first()
        if owner is None:
            raise CommandError(f"There is no user {options['owner']}.", returncode=2)
        team = Team.objects.filter(name=options["team"]).first() if options["team"] else None
        if options["team"] and team is None:
            raise CommandError(f"There is no team {options['team']}.", returncode=2)
        with one_line_errors(returncode=2):
            connection = connections.create(
                actor=Actor.person(owner, via="command"),
                name=options["name"] or options["account"],
                account_id=options["account"],
                base_url=options["base_url"],
                username=options["username"],
                token=_token(options["token_file"]),
                team=team,
                purpose=options["purpose"],
                environment_class=options["environment_class"],
            )
        connection.refresh_from_db()
        self._tell(connection)

    def _tell(self, connection: Connection) -> None:
        if connection.status != ConnectionState.OK:
            raise CommandError(
                f"Saved as connection {connection.pk}, but it fails: {connection.status_reason}"
            )
        self.stdout.write(f"Connected to {connection.account} as connection {connection.pk}.")
        words = {True: "granted", False: "missing", None: "unknown"}
        for right in connection.rights:
            self.stdout.write(
                f"  {words[right['granted']]:<8} {right['name']} ({right['needed_for']})"
            )


def _token(path: str) -> str:
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "not a text file"
            raise CommandError(f"{path} cannot be read: {reason}.", returncode=2) from None
    if token := os.environ.get("BOOMI_TOKEN", "").strip():
        return token
    if sys.stdin.isatty():
        return getpass.getpass("API token: ").strip()
    return sys.stdin.readline().strip()
