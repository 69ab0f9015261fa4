"""Downloads: ask for a log or a document, wait for it, fetch it once.

A download is a row; what it holds is made when it is fetched. `execution_id` of the row
is what it is about (the runtime's id for its own logs), `level` the rest of the request.
"""

from __future__ import annotations

import tempfile
import uuid
import zipfile
from datetime import UTC, date, datetime, timedelta
from typing import IO

from sandbox.artifacts import write_artifacts, write_runtime_log
from sandbox.clock import Clock, parse_stamp, stamp
from sandbox.company import RUNTIMES
from sandbox.connectors import document_text
from sandbox.faults import Faults
from sandbox.logs import LEVELS, LogSpec, LogTruth, Nowhere, write_log
from sandbox.processes import process_at
from sandbox.store import Store
from sandbox.wire import Answer, BadRequest, Json

RETENTION = timedelta(days=30)
LOG_DELAY = timedelta(seconds=3)
DOWNLOAD_LIFE = timedelta(minutes=30)
_IN_MEMORY = 8_000_000
_MEGABYTE = 1 << 20
_LOG_LESS_TYPES = ("test_manual", "test_sub_process")
_LOG_COLUMNS = (
    "execution_id, process_key, start, duration_ms, documents_in, failed_documents, cause, caught"
)


class Downloads:
    """`seed` is the scenario's: logs are the same in every sandbox with that seed."""

    def __init__(self, store: Store, clock: Clock, faults: Faults, seed: int) -> None:
        self._store = store
        self._clock = clock
        self._faults = faults
        self.seed = seed

    def request(
        self, account: str, execution_id: str, level: str, url_base: str
    ) -> dict[str, Json]:
        """The LogDownload for an execution of `account`.

        Raises BadRequest for an execution that is unknown, forgotten, not ended
        long enough, or of a kind that has no log.
        """
        if level not in LEVELS:
            raise BadRequest(f"logLevel '{level}' is invalid.")
        atom_id, atom_name = self.check_ended(account, execution_id)
        if self.offline(account, atom_id, atom_name):
            return self.unavailable()
        return self.open("ProcessLog", account, execution_id, level, url_base)

    def unavailable(self) -> dict[str, Json]:
        """The answer for what lies on a runtime that is off."""
        return {"statusCode": self._code(504), "message": "Runtime is unavailable."}

    def _code(self, status: int) -> Json:
        return str(status) if self._faults.text_status_codes else status

    def open(
        self, kind: str, account: str, subject: str, detail: str, url_base: str
    ) -> dict[str, Json]:
        """A new download of this kind; the values of its answer."""
        id_ = f"{kind}-{uuid.uuid4()}"
        with self._store.writing() as connection:
            connection.execute(
                "INSERT INTO downloads (id, account, execution_id, level, requested) "
                "VALUES (?, ?, ?, ?, ?)",
                (id_, account, subject, detail, stamp(self._clock.now())),
            )
        url = self._faults.foreign_log_url or f"{url_base}/account/{account}/api/download/{id_}"
        return {"statusCode": self._code(202), "message": "Beginning download.", "url": url}

    def check_ended(
        self, account: str, execution_id: str, *, logged: bool = True
    ) -> tuple[str, str]:
        """Id and name of the runtime of an execution that has ended; if `logged`, only of
        one that has a log. Raises BadRequest.
        """
        now = self._clock.now()
        with self._store.reading() as connection:
            row = connection.execute(
                "SELECT recorded, start, execution_type, status, atom_id, atom_name "
                "FROM executions WHERE execution_id = ? AND account = ?",
                (execution_id, account),
            ).fetchone()
        if row is not None:
            recorded, start, type_, status, atom_id, atom_name = row
            fresh = stamp(now - timedelta(days=self._faults.keep_days)) <= start <= stamp(now)
            ended = recorded <= stamp(now - LOG_DELAY)
            has_log = type_ not in _LOG_LESS_TYPES and status != "DISCARDED"
            if fresh and ended and (has_log or not logged):
                return atom_id, atom_name
        raise BadRequest(f"Execution id {execution_id} is invalid.")

    def offline(self, account: str, atom_id: str, atom_name: str) -> bool:
        """Whether a runtime is off now, by its own status or by a switch."""
        if {atom_id, atom_name} & self._faults.offline_runtimes:
            return True
        now = stamp(self._clock.now())
        with self._store.reading() as connection:
            row = connection.execute(
                "SELECT json_extract(body, '$.status') FROM objects WHERE kind = 'Atom' "
                "AND account = ? AND id = ? AND since <= ? AND until > ?",
                (account, atom_id, now, now),
            ).fetchone()
        return row is not None and row[0] == "OFFLINE"

    def fetch(self, account: str, id_: str) -> Answer:
        """202 until the log is there, 200 once, then 204; 404 for an unknown id."""
        now = self._clock.now()
        with self._store.writing() as connection:
            row = connection.execute(
                "SELECT requested, asked, served FROM downloads WHERE id = ? AND account = ?",
                (id_, account),
            ).fetchone()
            if row is None:
                return Answer(404)
            requested, asked, served = parse_stamp(row[0]), int(row[1]), bool(row[2])
            status = self._status(requested, asked, served, now)
            connection.execute(
                "UPDATE downloads SET asked = asked + 1, served = ? WHERE id = ?",
                (int(served or status == 200), id_),
            )
        if status == 200 and id_.startswith("ConnectorDocument-"):
            return Answer(200, self._document(id_), "text/plain;charset=UTF-8")
        if status == 200:
            return Answer(200, content_type="application/zip", zip_of=id_)
        return Answer(status)

    def _status(self, requested: datetime, asked: int, served: bool, now: datetime) -> int:
        faults = self._faults
        if served or faults.log_expired or now - requested > DOWNLOAD_LIFE:
            return 204
        slow = requested + timedelta(seconds=faults.slow_log_seconds)
        if asked < faults.log_202_count or now < slow:
            return 204 if faults.early_204 else 202
        return 200

    def _wanted(self, id_: str) -> tuple[str, str]:
        """What a download is about, and the rest of its request."""
        with self._store.reading() as connection:
            row = connection.execute(
                "SELECT execution_id, level FROM downloads WHERE id = ?", (id_,)
            ).fetchone()
        return str(row[0]), str(row[1])

    def _document(self, id_: str) -> bytes:
        execution_id, document = self._wanted(id_)
        return document_text(self.spec(execution_id), document).encode()

    def zip(self, id_: str) -> IO[bytes]:
        """The zip of a download, positioned at its start. The caller closes it."""
        subject, detail = self._wanted(id_)
        file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
        kind = id_.partition("-")[0]
        if kind == "ProcessLog":
            self._write_log(file, subject, detail)
        elif kind == "ExecutionArtifacts":
            write_artifacts(self.spec(subject), file)
        else:
            self._write_runtime_log(file, kind, subject, detail)
        file.seek(0)
        return file

    def _write_log(self, file: IO[bytes], execution_id: str, level: str) -> None:
        spec = self.spec(execution_id)
        entry = zipfile.ZipInfo(f"{execution_id}.log", date_time=spec.start.timetuple()[:6])
        entry.compress_type = zipfile.ZIP_DEFLATED
        with (
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
            archive.open(entry, "w", force_zip64=self._faults.zip_bomb_mb > 2_000) as out,
        ):
            if self._faults.zip_bomb_mb:
                line = b"A" * (_MEGABYTE - 1) + b"\n"
                for _ in range(self._faults.zip_bomb_mb):
                    out.write(line)
            elif not self._faults.empty_log:
                write_log(spec, out, level)

    def _write_runtime_log(self, file: IO[bytes], kind: str, atom_id: str, detail: str) -> None:
        day, _, extra = detail.partition("+")
        runtime = next(found for found in RUNTIMES if found.atom_id == atom_id)
        write_runtime_log(
            runtime,
            date.fromisoformat(day),
            self._clock.now(),
            file,
            worker=kind == "AtomWorkerLog",
            with_bin=extra == "bin",
        )

    def spec(self, execution_id: str) -> LogSpec:
        """The facts from which the log of an execution is made. Raises KeyError."""
        with self._store.reading() as connection:
            row = connection.execute(
                f"SELECT {_LOG_COLUMNS} FROM executions WHERE execution_id = ?",  # noqa: S608
                (execution_id,),
            ).fetchone()
        if row is None:
            raise KeyError(execution_id)
        id_, key, start, duration, documents, failed, cause, caught = row
        process = process_at(key)
        begun = parse_stamp(start).astimezone(UTC)
        return LogSpec.of(
            id_, process, begun, duration, documents, failed, cause, caught, self.seed
        )

    def truth(self, execution_id: str) -> LogTruth:
        """What the log of an execution holds, at level ALL. Raises KeyError."""
        return write_log(self.spec(execution_id), Nowhere())
