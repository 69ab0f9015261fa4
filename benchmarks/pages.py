"""How long the first page of executions takes with 100,000 rows, and how many queries.

    python -m benchmarks.pages [--executions 100000]

The database is a throw-away SQLite file (DATABASE_URL chooses another). The baseline is the
same page with 100 rows in the same run; each figure is the median of eleven answers.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Iterator
from datetime import timedelta

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

ROUNDS = 11
BATCH = 2_000
ADDRESSES = (
    "/executions/",
    "/executions/?outcome=error",
    "/executions/?q=order",
    "/executions/?status=COMPLETE_WARN",
    "/",
    "/api/v1/executions/",
    "/api/v1/executions/?outcome=error",
)
PROCESSES = ("Order intake", "Invoice export", "Stock levels", "CRM sync", "Payroll", "EDI 850 in")


def rows(account: object, first: int, count: int) -> Iterator[object]:
    """Executions a minute apart, newest first; every twelfth failed, every fortieth warned."""
    from django.utils import timezone

    from boomi.models import Execution

    now = timezone.now()
    for number in range(first, first + count):
        failed, warned = number % 12 == 0, number % 40 == 1
        name = PROCESSES[number % len(PROCESSES)]
        yield Execution(
            account=account,
            execution_id=f"execution-{number:08d}",
            process_id=f"process-{number % len(PROCESSES)}",
            process_name=name,
            runtime_id="runtime-1",
            runtime_name="Prod Molecule",
            status="ERROR" if failed else "COMPLETE_WARN" if warned else "COMPLETE",
            outcome="error" if failed else "success",
            execution_type="exec_sched",
            started_at=now - timedelta(minutes=number),
            recorded_at=now - timedelta(minutes=number) + timedelta(seconds=4),
            duration_ms=4_000,
            inbound_documents=12,
            outbound_documents=12,
            error_documents=int(failed),
            message="HTTP 401 Unauthorized" if failed else "",
        )


def fill(account: object, first: int, count: int) -> None:
    from boomi.models import Execution

    for start in range(first, first + count, BATCH):
        size = min(BATCH, first + count - start)
        Execution.objects.bulk_create(list(rows(account, start, size)))


def measure(client: object, address: str) -> tuple[float, int]:
    """Median seconds of a page and the number of its SQL queries."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        answer = client.get(address)  # type: ignore[attr-defined]
        times.append(time.perf_counter() - began)
        assert answer.status_code == 200, f"{address} answered {answer.status_code}"
    with CaptureQueriesContext(connection) as queries:
        client.get(address)  # type: ignore[attr-defined]
    return statistics.median(times), len(queries)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--executions", type=int, default=100_000)
    options = parser.parse_args()

    import django

    django.setup()
    from django.contrib.auth.models import Group
    from django.core.management import call_command
    from django.test import Client

    from boomi.models import Account, Connection
    from common.models import User

    call_command("migrate", verbosity=0)
    person = User.objects.create_user("bench@northwind.example", "correct horse battery")
    person.groups.add(Group.objects.get(name="Operator"))
    account = Account.objects.create(account_id="bench-A1B2C3", name="Bench")
    Connection.objects.create(
        name="Bench", account=account, base_url="http://127.0.0.1:9", username="b", token="t",
        owner=person, status="ok", enabled=False,
    )  # fmt: skip
    client = Client()
    client.force_login(person)

    fill(account, 0, 100)
    few = {address: measure(client, address) for address in ADDRESSES}
    fill(account, 100, options.executions - 100)
    many = f"{options.executions:,} rows"
    print(f"{'address':<40}{'100 rows':>10}{many:>16}{'ratio':>8}{'queries':>14}")
    for address in ADDRESSES:
        (before, few_queries), (after, queries) = few[address], measure(client, address)
        print(
            f"{address:<40}{before * 1000:>7.0f} ms{after * 1000:>13.0f} ms{after / before:>7.1f}x"
            f"{few_queries:>7} → {queries}"
        )


if __name__ == "__main__":
    main()
