"""`manage.py sync`: mirror accounts now, in this process."""

from __future__ import annotations

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.dateparse import parse_date, parse_datetime

from boomi.management.inline import one_line_errors, work
from boomi.models import Connection, ConnectionState
from boomi.services import sync
from common.actors import Actor
from scheduling.models import JobStatus

EPILOG = """
example:
  manage.py sync
  manage.py sync --connection 3 --since 2026-01-31

exit status: 0 mirrored, 1 a sync failed or there is nothing to sync
"""


class Command(BaseCommand):
    help = "Mirror what is known of connected accounts, from runs to components, and count it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EPILOG
        parser.add_argument(
            "--connection", default="", help="number or name (default: every working one)"
        )
        parser.add_argument(
            "--since", default="", help="read executions again from this UTC date or time"
        )
        parser.add_argument(
            "--kind", action="append", choices=list(sync.PASSES), help="only this; repeatable"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        since = _moment(options["since"])
        failed = 0
        for connection in _chosen(options["connection"]):
            failed += not self._sync(connection, options["kind"], since)
        if failed:
            raise CommandError(f"{failed} of the syncs failed.")

    def _sync(
        self, connection: Connection, kinds: list[str] | None, since: datetime | None
    ) -> bool:
        actor = Actor.system("sync", via="command")
        with one_line_errors():
            run = sync.request(connection, actor=actor, kinds=kinds, since=since)
        run = work(run, lambda news: self.stderr.write(f"{connection}: {news}"))
        if run.status == JobStatus.SUCCEEDED:
            self.stdout.write(f"{connection}: {run.summary}")
            return True
        said = f"{run.error_message} {run.error_hint}".strip() or run.summary
        self.stderr.write(f"{connection}: {run.get_status_display().lower()}. {said}")
        return False


def _chosen(text: str) -> list[Connection]:
    """The named connection, or one working connection per account."""
    rows = Connection.objects.select_related("account").order_by("pk")
    if text:
        named = rows.filter(pk=int(text)) if text.isdecimal() else rows.filter(name=text)
        if named.count() != 1:
            word = "no" if not named else "more than one"
            raise CommandError(f"There is {word} connection {text}.")
        return list(named)
    working = rows.filter(enabled=True, status=ConnectionState.OK)
    one_each = {row.account_id: row for row in reversed(working)}
    if not one_each:
        raise CommandError("There is no working connection. `manage.py connect` adds one.")
    return sorted(one_each.values(), key=lambda row: row.pk)


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        found = parse_datetime(text)
        day = None if found else parse_date(text)
    except ValueError:
        found = day = None
    if found is None and day is not None:
        found = datetime(day.year, day.month, day.day, tzinfo=UTC)
    if found is None:
        raise CommandError(f"{text} is not a date; write 2026-01-31 or 2026-01-31T08:00:00Z.")
    return found if found.tzinfo else found.replace(tzinfo=UTC)
