"""The sandbox's state: one SQLite file, a pool of connections, one writer at a time.

Executions have columns for what can be filtered and the finished JSON text of
the record; every other object is a row of JSON text with the span of time in
which it looks like that. Survives `kill -9` (WAL).
"""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SCHEMA_VERSION = "2"
_SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE objects (
    seq INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    since TEXT NOT NULL,
    until TEXT NOT NULL,
    body TEXT NOT NULL,
    extra TEXT NOT NULL DEFAULT '{}'
);
CREATE INDEX object_by_id ON objects (kind, account, id);
CREATE TABLE executions (
    seq INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    execution_id TEXT NOT NULL,
    start TEXT NOT NULL,
    visible TEXT NOT NULL,
    recorded TEXT NOT NULL,
    status TEXT NOT NULL,
    execution_type TEXT NOT NULL,
    process_id TEXT NOT NULL,
    process_name TEXT NOT NULL,
    atom_id TEXT NOT NULL,
    atom_name TEXT NOT NULL,
    documents_in INTEGER NOT NULL,
    documents_out INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL,
    message TEXT,
    original_id TEXT,
    node_id TEXT,
    process_key TEXT NOT NULL,
    cause TEXT NOT NULL,
    caught TEXT NOT NULL,
    failed_documents INTEGER NOT NULL,
    chance INTEGER NOT NULL,
    body TEXT NOT NULL
);
CREATE TABLE downloads (
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    execution_id TEXT NOT NULL,
    level TEXT NOT NULL,
    requested TEXT NOT NULL,
    asked INTEGER NOT NULL DEFAULT 0,
    served INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE requests (
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    execution_id TEXT NOT NULL,
    visible TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE days (day TEXT PRIMARY KEY) WITHOUT ROWID;
"""
# Made after the rows: a bulk load is several times faster that way.
_INDEXES = """
CREATE INDEX reference_by_parent ON objects (json_extract(extra, '$.parentComponentId'))
    WHERE json_extract(extra, '$.parentComponentId') IS NOT NULL;
CREATE UNIQUE INDEX execution_by_id ON executions (execution_id);
CREATE INDEX execution_by_time ON executions (account, start, seq, visible);
CREATE INDEX execution_by_process ON executions (account, process_id, start, seq, visible);
"""
EXECUTION_COLUMNS = (
    "account, execution_id, start, visible, recorded, status, execution_type, process_id, "
    "process_name, atom_id, atom_name, documents_in, documents_out, duration_ms, message, "
    "original_id, node_id, process_key, cause, caught, failed_documents, chance, body"
)
ExecutionRow = tuple[str | int | None, ...]
ObjectRow = tuple[str, str, str, str, str, str, str]


class StoreError(Exception):
    """The state file cannot be used; the message says why and what to do."""


class Store:
    """Open (or make) the state file. `close` when done.

    Connections are pooled, because a client without keep-alive would otherwise
    pay for a new one with every request.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._pool: queue.SimpleQueue[sqlite3.Connection] = queue.SimpleQueue()
        self._all: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self.seeded = self.meta("schema") is not None
        except sqlite3.DatabaseError as error:
            raise StoreError(f"{path} is not a sandbox file ({error}). Name another.") from None
        if self.seeded and self.meta("schema") != SCHEMA_VERSION:
            raise StoreError(f"{path} was made by another version. Delete it to start afresh.")

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=10, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA case_sensitive_like = OFF")
        connection.create_function("casefold", 1, _casefold, deterministic=True)
        with self._lock:
            self._all.append(connection)
        return connection

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = self._pool.get_nowait()
        except queue.Empty:
            connection = self._connect()
        try:
            yield connection
        finally:
            self._pool.put(connection)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it or nothing."""
        with self.reading() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def close(self) -> None:
        with self._lock:
            while self._all:
                self._all.pop().close()

    # --- settings of this file --------------------------------------------

    def meta(self, name: str) -> str | None:
        with self.reading() as connection:
            tables = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'")
            if tables.fetchone() is None:
                return None
            row = connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def set_meta(self, name: str, value: str) -> None:
        with self.writing() as connection:
            connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    # --- first filling ------------------------------------------------------

    def fill(
        self,
        settings: dict[str, str],
        objects: Iterable[ObjectRow],
        executions: Iterable[ExecutionRow],
    ) -> None:
        """Make the tables and put everything in, in one transaction.

        A process killed in the middle leaves an empty file, which is filled next time.
        """
        marks = ", ".join("?" * len(EXECUTION_COLUMNS.split(",")))
        with self.writing() as connection:
            for statement in filter(str.strip, _SCHEMA.split(";")):
                connection.execute(statement)
            connection.executemany(
                "INSERT INTO objects (kind, account, id, since, until, body, extra) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                objects,
            )
            connection.executemany(
                f"INSERT INTO executions ({EXECUTION_COLUMNS}) VALUES ({marks})",  # noqa: S608
                executions,
            )
            for statement in filter(str.strip, _INDEXES.split(";")):
                connection.execute(statement)
            settings = {**settings, "schema": SCHEMA_VERSION}
            connection.executemany("INSERT INTO meta VALUES (?, ?)", settings.items())
        with self.reading() as connection, suppress(sqlite3.OperationalError):
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.seeded = True


def _casefold(text: object) -> str | None:
    return None if text is None else str(text).casefold()
