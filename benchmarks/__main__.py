"""`make bench`: every measurement of docs/performance.md, one after the other.

    python -m benchmarks [NAME…]     names: engine, mirror, pages, limiter

Each runs in a process of its own, so that peak memory is its own. The limiter is measured on a
throw-away PostgreSQL, the rest on SQLite.
"""

import subprocess
import sys

COMMANDS = {
    "engine": ["benchmarks/engine/bench.py"],
    "mirror": ["-m", "benchmarks.mirror"],
    "pages": ["-m", "benchmarks.pages"],
    "limiter": ["-m", "tests.postgres", "--", sys.executable, "-m", "benchmarks.limiter"],
}


def main(names: list[str]) -> int:
    unknown = set(names) - set(COMMANDS)
    if unknown:
        print(f"No benchmark is called {', '.join(sorted(unknown))}.")
        print(f"There are: {', '.join(COMMANDS)}.")
        return 2
    failed = []
    for name in names or COMMANDS:
        print(f"\n== {name} ==", flush=True)
        if subprocess.run([sys.executable, *COMMANDS[name]], check=False).returncode:
            failed.append(name)
    if failed:
        print(f"\nCould not be measured: {', '.join(failed)}.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
