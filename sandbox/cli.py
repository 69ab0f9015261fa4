"""`python -m sandbox`: serve until Ctrl-C. `manage.py sandbox` uses the same flags."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from types import FrameType

from sandbox.scenario import ScenarioError
from sandbox.server import Sandbox
from sandbox.store import StoreError

EXAMPLE = "Example: python -m sandbox --port 8090 --db var/sandbox.sqlite3 --scenario northwind"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Put the flags of the sandbox onto any parser."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8090, help="0 picks a free one")
    parser.add_argument("--db", metavar="PATH", help="state file; none keeps nothing")
    parser.add_argument(
        "--scenario", default="northwind", help="northwind, small or bulk:N[:C[:D]]"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--rate-limit", type=float, default=10.0, help="requests a second and account, 0 is off"
    )
    parser.add_argument("--latency-ms", type=int, default=0, help="added to every answer")


def main(argv: Sequence[str] | None = None) -> int:
    """Exit status: 0 after an interrupt, 2 when it cannot start."""
    parser = argparse.ArgumentParser(
        prog="sandbox", description="A local imitation of the AtomSphere API.", epilog=EXAMPLE
    )
    add_arguments(parser)
    return run(parser.parse_args(argv))


def run(options: argparse.Namespace) -> int:
    """Serve with parsed flags, until SIGINT or SIGTERM."""
    try:
        sandbox = Sandbox(
            options.db,
            scenario=options.scenario,
            seed=options.seed,
            rate_limit=options.rate_limit,
            latency_ms=options.latency_ms,
            host=options.host,
            port=options.port,
        )
    except (ScenarioError, StoreError) as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    except (OSError, OverflowError) as problem:
        where = f"{options.host}:{options.port}"
        sys.stderr.write(f"Cannot listen on {where} ({problem}). Choose another with --port.\n")
        return 2
    signal.signal(signal.SIGTERM, _interrupt)
    sys.stdout.write(f"sandbox ready on {sandbox.url}\n")
    sys.stdout.flush()
    try:
        sandbox.serve()
    except KeyboardInterrupt:
        sys.stdout.write("sandbox stopped\n")
    finally:
        sandbox.stop()
    return 0


def _interrupt(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
