"""How fast an account's executions are mirrored, from an empty database.

    python -m benchmarks.mirror [--executions 100000]

The sandbox serves them from a process of its own without latency or limit, and the job runs
in this process as a worker would run it. Prints rows per second, calls, slices and memory. The
baseline is the client reading the same pages in the same run and keeping nothing.
DATABASE_URL chooses the database; without it a throw-away SQLite file is used.
"""

import argparse
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from boomi.models import Connection

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ.setdefault("API_REQUESTS_PER_SECOND", "2000")
os.environ.setdefault("API_REQUESTS_PER_MINUTE", "120000")


@contextmanager
def sandbox(scenario: str, database: str) -> Iterator[str]:
    """The address of an imitation platform with that content."""
    server = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "sandbox",
            "--port=0",
            "--rate-limit=0",
            f"--db={database}",
            f"--scenario={scenario}",
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        for line in server.stdout:
            if found := re.search(r"http://\S+", line):
                yield found.group()
                break
    finally:
        server.terminate()
        server.wait()


def megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--executions", type=int, default=100_000)
    options = parser.parse_args()
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    print(f"database: {connection.vendor}, {options.executions:,} executions")
    with (
        tempfile.TemporaryDirectory() as folder,
        sandbox(f"bulk:{options.executions}", f"{folder}/sandbox.sqlite3") as url,
    ):
        mirror(url)


def read_alone(connection_row: object) -> float:
    """Seconds to read every page of executions and forget it."""
    from boomi.clients import open_client

    client = open_client(connection_row)  # type: ignore[arg-type]
    started = time.perf_counter()
    found = sum(len(page.items) for page in client.execution_pages(None))
    seconds = time.perf_counter() - started
    print(f"reading alone: {found:,} executions in {seconds:.1f} s")
    return seconds


def connect(url: str) -> "Connection":
    """A connection to the sandbox's primary account as if it had been tested."""
    from boomi.models import Account, Connection, ConnectionState
    from common.models import User
    from sandbox.scenario import TRUTH

    credential = TRUTH.credential(TRUTH.primary)
    return Connection.objects.create(
        name="Bench",
        account=Account.objects.create(account_id=TRUTH.primary.account_id),
        owner=User.objects.create_user("bench@northwind.example"),
        base_url=url,
        username=credential.user,
        token=credential.token,
        status=ConnectionState.OK,
    )


def mirror(url: str) -> None:
    from boomi.models import ApiCall, Execution
    from boomi.services import sync
    from common.actors import Actor
    from scheduling.testing import drain

    row = connect(url)
    baseline = read_alone(row)
    for name in ("first fill", "again"):
        before, calls, started = megabytes(), ApiCall.objects.count(), time.perf_counter()
        run = sync.start(row, actor=Actor.system("bench"), kinds=["executions"])
        slices = drain(ignore_waits=True)
        seconds = time.perf_counter() - started
        run.refresh_from_db()
        rows = Execution.objects.count()
        calls = ApiCall.objects.count() - calls
        print(f"{name}: {run.status}, {run.summary or run.error_message}")
        print(
            f"  {rows:,} rows, {run.result.get('executions', 0) / seconds:,.0f} rows/s, "
            f"{calls} calls, {slices} slices"
        )
        if name == "first fill":
            print(f"  {seconds / baseline:.2f}x the {baseline:.1f} s of reading alone")
        print(f"  peak memory {megabytes():.0f} MB, {megabytes() - before:.0f} MB more than before")


if __name__ == "__main__":
    main()
