"""`make bench`: every measurement of docs/performance.md, one after the other.

    python -m benchmarks [NAME…]

Names: engine, mirror, mirror_large, pages, limiter; all without one.

Each runs in a process of its own, so that peak memory is its own; what uses the database runs on
SQLite first and then on a throw-away PostgreSQL.
"""

import os
import platform
import sqlite3
import subprocess
import sys

ON_POSTGRES = ["-m", "tests.postgres", "--", sys.executable]
COMMANDS = {
    "engine": [["benchmarks/engine/bench.py"]],
    **{
        name: [command, [*ON_POSTGRES, *command]]
        for name in ("mirror", "mirror_large", "pages", "limiter")
        for command in [["-m", f"benchmarks.{name}"]]
    },
}


def main(names: list[str]) -> int:
    unknown = set(names) - set(COMMANDS)
    if unknown:
        print(f"No benchmark is called {', '.join(sorted(unknown))}.")
        print(f"There are: {', '.join(COMMANDS)}.")
        return 2
    print(f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}", end=", ")
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    failed = []
    for name in names or COMMANDS:
        print(f"\n== {name} ==", flush=True)
        codes = [
            subprocess.run([sys.executable, *command], check=False).returncode
            for command in COMMANDS[name]
        ]
        if any(codes):
            failed.append(name)
    if failed:
        print(f"\nCould not be measured: {', '.join(failed)}.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
