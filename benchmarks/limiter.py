"""10,000 takes of the shared limiter by 8 processes on the configured database.

    python -m benchmarks.limiter [--takes 10000] [--processes 8]

Two runs: one with caps too high to matter measures what taking and giving back costs; one
with tight caps, where callers nap and try again for a good minute, shows that no window ever
holds too many.
DATABASE_URL chooses the database; without it a throw-away SQLite file is used.
"""

import argparse
import multiprocessing
import os
import statistics
import time
from bisect import bisect_left
from dataclasses import dataclass

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Setting:
    name: str
    takes: int
    second: int
    minute: int
    concurrency: int
    hold_seconds: float


def work(setting: Setting, takes: int, results: "multiprocessing.Queue[object]") -> None:
    """Take and give back `takes` places; report the cost of each and when it was held."""
    apply(setting)
    from boomi.client import RateLimited
    from boomi.limiter import DatabaseLimiter

    limiter = DatabaseLimiter("bench-A1B2C3")
    costs: list[float] = []
    held: list[Span] = []
    refused = 0
    while len(held) < takes:
        started = time.perf_counter()
        try:
            lease = limiter.take("interactive")
        except RateLimited as limited:
            refused += 1
            time.sleep(min(limited.wait_seconds, 0.2))
            continue
        begun = time.perf_counter()
        costs.append(begun - started)
        wall = time.time()
        if setting.hold_seconds:
            time.sleep(setting.hold_seconds)
        # What counts as under way ends before the row is told, never after.
        held.append((wall, time.time()))
        lease.release()
    results.put((costs, held, refused))


def apply(setting: Setting) -> None:
    import django

    django.setup()
    from django.conf import settings

    settings.API_REQUESTS_PER_SECOND = setting.second
    settings.API_REQUESTS_PER_MINUTE = setting.minute
    settings.API_CONCURRENCY = setting.concurrency


def largest_in_window(times: list[float], seconds: float) -> int:
    return max(bisect_left(times, at + seconds) - number for number, at in enumerate(times))


def largest_at_once(held: list[Span]) -> int:
    changes = sorted([(start, 1) for start, _ in held] + [(end, -1) for _, end in held])
    now = most = 0
    for _, change in changes:
        now += change
        most = max(most, now)
    return most


def run(setting: Setting, processes: int) -> None:
    from boomi.models import LimiterState

    LimiterState.objects.update_or_create(
        account_id="bench-A1B2C3",
        defaults={"hits": [], "background_hits": [], "leases": {}, "not_before": 0},
    )
    from django.db import connections

    connections.close_all()
    context = multiprocessing.get_context("spawn")
    results: multiprocessing.Queue[object] = context.Queue()
    share = setting.takes // processes
    workers = [
        context.Process(target=work, args=(setting, share, results)) for _ in range(processes)
    ]
    started = time.time()
    for worker in workers:
        worker.start()
    costs, held, refused = [], [], 0
    for _ in workers:
        some_costs, some_held, some_refused = results.get()
        costs += some_costs
        held += some_held
        refused += some_refused
    for worker in workers:
        worker.join()
    report(setting, costs, held, refused, time.time() - started)


def report(
    setting: Setting, costs: list[float], held: list[Span], refused: int, seconds: float
) -> None:
    costs.sort()
    times = sorted(start for start, _ in held)
    minute = int(setting.minute * 0.95)
    print(f"{setting.name}: {len(held)} admitted, {refused} refusals, {seconds:.1f} s")
    print(
        f"  take: median {statistics.median(costs) * 1000:.2f} ms, "
        f"p99 {costs[int(len(costs) * 0.99)] * 1000:.2f} ms"
    )
    print(f"  most in any second {largest_in_window(times, 1.0)} (cap {setting.second})")
    print(f"  most in any minute {largest_in_window(times, 60.0)} (cap {minute} after the margin)")
    print(f"  most at once {largest_at_once(held)} (cap {setting.concurrency})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--takes", type=int, default=10_000)
    parser.add_argument("--processes", type=int, default=8)
    options = parser.parse_args()
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    os.environ.setdefault("DATABASE_URL", f"sqlite:///{connection.settings_dict['NAME']}")
    call_command("migrate", verbosity=0)
    print(f"database: {connection.vendor}, {options.processes} processes")
    run(Setting("cost", options.takes, 60_000, 3_000_000, 1000, 0), options.processes)
    run(Setting("tight", 60 * options.processes, 50, 400, 3, 0.01), options.processes)


if __name__ == "__main__":
    main()
