"""Everything of a large account, mirrored from an empty database: every kind of fact.

    python -m benchmarks.mirror_large [--executions 100000] [--components 5000] [--days 60]

The size that counts is 2,000,000 executions, 5,000 components and 60 days. The sandbox serves
them from a process of its own without latency or limit. Prints rows and calls of each kind, slices
and the memory of the worker, for the first fill and for a sync right after it. DATABASE_URL
chooses the database; without it a throw-away SQLite file is used.
"""

import argparse
import json
import tempfile
import time
import urllib.request
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from benchmarks.mirror import connect, megabytes, sandbox

if TYPE_CHECKING:
    from boomi.models import Connection


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--executions", type=int, default=100_000)
    parser.add_argument("--components", type=int, default=5_000)
    parser.add_argument("--days", type=int, default=60)
    options = parser.parse_args()
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    scenario = f"bulk:{options.executions}:{options.components}:{options.days}"
    print(f"database: {connection.vendor}, {scenario}")
    began = time.perf_counter()
    with (
        tempfile.TemporaryDirectory() as folder,
        sandbox(scenario, f"{folder}/sandbox.sqlite3") as url,
    ):
        print(f"sandbox ready after {time.perf_counter() - began:.0f} s")
        keep(url, options.days)
        row = connect(url)
        before = megabytes()
        fill(row, "first fill", options.days)
        fill(row, "again", None)
        print(f"peak memory {megabytes():.0f} MB, {megabytes() - before:.0f} MB more than before")
        report()


def keep(url: str, days: int) -> None:
    """Let the imitation remember as long: the platform forgets after 30 days."""
    request = urllib.request.Request(
        f"{url}/_sandbox/faults",
        data=json.dumps({"keep_days": days}).encode(),
        headers={"Content-Type": "application/json"},
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        answer.read()


def fill(row: "Connection", name: str, days: int | None) -> None:
    from django.utils import timezone

    from boomi.models import ApiCall
    from boomi.services import sync
    from common.actors import Actor
    from scheduling.testing import drain

    since = timezone.now() - timedelta(days=days) if days else None
    calls, started = ApiCall.objects.count(), time.perf_counter()
    run = sync.start(row, actor=Actor.system("bench"), since=since)
    slices = drain(100_000, ignore_waits=True)
    seconds = time.perf_counter() - started
    run.refresh_from_db()
    print(f"{name}: {run.status}, {run.summary or run.error_message}")
    calls = ApiCall.objects.count() - calls
    print(f"  {seconds:.0f} s, {calls:,} calls, {slices} slices")


def report() -> None:
    """Rows of each kind, what each cost, and whether anything is missing."""
    from boomi.models import ApiCall, CompletenessCheck, SyncMark

    features = Counter(ApiCall.objects.values_list("feature", flat=True))
    for mark in SyncMark.objects.order_by("pk"):
        print(f"  {mark.kind:<14}{mark.rows:>12,} rows {features[f'sync.{mark.kind}']:>8,} calls")
    missing = sum(check.missing for check in CompletenessCheck.objects.all())
    print(f"  {CompletenessCheck.objects.count()} counts compared, {missing:,} missing")


if __name__ == "__main__":
    main()
