"""How long the lists take with many rows, how many queries, and exports.

    python -m benchmarks.pages [--executions 100000] [--calls 100000] [--components 5000]

The database is a throw-away SQLite file (DATABASE_URL chooses another). The rows belong to two
accounts of the reader; a third one, not seen, has a tenth as many on top. The baseline is the same
page with 100 rows in the same run; each figure is the median of eleven answers.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import time
from collections.abc import Iterator, Sequence
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
    "/executions/?process=Payroll",
    "/executions/?period=7d&sort=-duration",
    "/executions/?page=100",
    "/api/v1/executions/",
    "/api/v1/executions/?outcome=error",
    "/api/v1/executions/?q=order&ordering=duration_ms",
)
EXPORTS = tuple(
    f"{address}?export={kind}"
    for address in ("/executions/", "/api/v1/executions/")
    for kind in ("csv", "json")
)
PROCESSES = ("Order intake", "Invoice export", "Stock levels", "CRM sync", "Payroll", "EDI 850 in")


def rows(accounts: Sequence[object], first: int, count: int) -> Iterator[object]:
    """Executions 26 s apart, newest first, as of a busy month; every twelfth failed, every
    fortieth warned. Each eleventh belongs to the account that is not seen."""
    from django.utils import timezone

    from boomi.models import Execution

    now = timezone.now()
    for number in range(first, first + count):
        failed, warned = number % 12 == 0, number % 40 == 1
        name = PROCESSES[number % len(PROCESSES)]
        started = now - timedelta(seconds=26 * number)
        yield Execution(
            account=accounts[2 if number % 11 == 10 else number % 2],
            execution_id=f"execution-{number:08d}",
            process_id=f"process-{number % len(PROCESSES)}",
            process_name=name,
            runtime_id="runtime-1",
            runtime_name="Prod Molecule",
            status="ERROR" if failed else "COMPLETE_WARN" if warned else "COMPLETE",
            outcome="error" if failed else "success",
            execution_type="exec_sched",
            started_at=started,
            recorded_at=started + timedelta(seconds=4),
            duration_ms=4_000 + number % 997,
            inbound_documents=12,
            outbound_documents=12,
            error_documents=int(failed),
            message="HTTP 401 Unauthorized" if failed else "",
        )


def fill(accounts: Sequence[object], first: int, count: int) -> None:
    from django.db import connection

    from boomi.models import Execution

    for start in range(first, first + count, BATCH):
        size = min(BATCH, first + count - start)
        Execution.objects.bulk_create(list(rows(accounts, start, size)))
    if connection.vendor == "postgresql":
        # A server in use has done so long ago; here its housekeeping has had no time yet.
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def measure_all(client: object) -> dict[str, tuple[float, int]]:
    from benchmarks import landscape

    return {address: measure(client, address) for address in ADDRESSES + landscape.ADDRESSES}


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


def export(client: object, address: str) -> tuple[float, int, int]:
    """Seconds of a whole export, its lines and its bytes."""
    began = time.perf_counter()
    answer = client.get(address)  # type: ignore[attr-defined]
    parts = [(part.count(b"\n"), len(part)) for part in answer.streaming_content]
    seconds = time.perf_counter() - began
    return seconds, sum(lines for lines, _ in parts), sum(size for _, size in parts)


def megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def prepare() -> tuple[object, Sequence[object], object]:
    """A signed-in reader with two connections, three accounts, and the reader."""
    from django.contrib.auth.models import Group
    from django.test import Client
    from django.utils import timezone

    from boomi.models import Account, Connection
    from common.models import User

    person = User.objects.create_user("bench@northwind.example", "correct horse battery")
    person.groups.add(Group.objects.get(name="Operator"))
    accounts = [Account.objects.create(account_id=f"bench-{n}", name=f"B{n}") for n in range(3)]
    for account in accounts[:2]:
        Connection.objects.create(
            name=account.name, account=account, base_url="http://127.0.0.1:9", username="b",
            token="t", owner=person, status="ok", proved_at=timezone.now(), enabled=False,
        )  # fmt: skip
    client = Client()
    client.force_login(person)
    return client, accounts, person


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--executions", type=int, default=100_000)
    parser.add_argument("--calls", type=int, default=100_000)
    parser.add_argument("--components", type=int, default=5_000)
    options = parser.parse_args()

    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    from benchmarks import landscape

    client, accounts, person = prepare()
    landscape.fill(accounts, person, landscape.Sizes())
    fill(accounts, 0, 110)
    few = measure_all(client)
    sizes = landscape.Sizes(options.components, 20_000, options.calls, 200)
    landscape.fill(accounts, person, sizes)
    fill(accounts, 110, options.executions * 11 // 10 - 110)
    print(f"database: {connection.vendor}; {sizes}")
    many = f"{options.executions:,} rows"
    print(f"{'address':<50}{'100 rows':>10}{many:>16}{'ratio':>8}{'queries':>14}")
    for address in few:
        (before, few_queries), (after, queries) = few[address], measure(client, address)
        print(
            f"{address:<50}{before * 1000:>7.0f} ms{after * 1000:>13.0f} ms{after / before:>7.1f}x"
            f"{few_queries:>7} → {queries}"
        )
    for address in EXPORTS:
        before = megabytes()
        seconds, lines, size = export(client, address)
        print(
            f"{address:<50}{lines:>8,} lines {size / 1e6:>5.0f} MB {seconds:>5.1f} s "
            f"{megabytes() - before:>4.0f} MB of memory"
        )


if __name__ == "__main__":
    main()
