"""What is inside the downloads beside process logs, written by us in the usual forms."""

from __future__ import annotations

import random
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import IO

from sandbox.clock import stamp
from sandbox.company import Runtime
from sandbox.connectors import connectors_of
from sandbox.logs import LogSpec, write_log

_CLASSES = (
    ("INFO", "com.boomi.container.core.ContainerScheduler", "Schedules refreshed"),
    ("INFO", "com.boomi.container.core.MessagePoller", "Polled messages from the platform"),
    ("INFO", "com.boomi.process.ProcessExecution", "Execution accepted"),
    ("WARNING", "com.boomi.container.core.DiskUsage", "Working data takes 71 percent"),
    ("INFO", "com.boomi.container.core.Heartbeat", "Status sent"),
)
_EVERY = timedelta(minutes=4)


def write_artifacts(spec: LogSpec, out: IO[bytes]) -> None:
    """The zip of an ExecutionArtifacts download: log, properties, list of documents."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with archive.open(_entry(f"{spec.execution_id}.log", spec.start), "w") as log:
            write_log(spec, log)
        properties = (
            f"process={spec.process.name}\nprocessId={spec.process.process_id}\n"
            f"atomId={spec.process.runtime.atom_id}\ndocuments={spec.documents}\n"
        )
        archive.writestr(_entry("execution.properties", spec.start), properties)
        lines = [
            f"{connector.connection},{connector.operation},{connector.documents},{connector.errors}"
            for connector in connectors_of(spec)
        ]
        text = "\n".join(["connection,operation,documents,errors", *lines, ""])
        archive.writestr(_entry("connectors.csv", spec.start), text)


def write_runtime_log(
    runtime: Runtime, day: date, until: datetime, out: IO[bytes], *, worker: bool, with_bin: bool
) -> None:
    """The zip of an AtomLog or AtomWorkerLog: the container's log of a UTC day."""
    start = datetime.combine(day, time(), UTC)
    kind = "worker" if worker else "container"
    name = f"{day:%Y_%m_%d}.{kind}.{runtime.name.replace(' ', '_')}.log"
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(_entry(name, start), "".join(_lines(runtime, start, until)))
        if with_bin:
            script = "#!/bin/sh\n# start script of an invented runtime\n"
            archive.writestr(_entry("bin/atom", start), script)


def _entry(name: str, at: datetime) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, date_time=at.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _lines(runtime: Runtime, start: datetime, until: datetime) -> Iterator[str]:
    rng = random.Random(f"{runtime.atom_id}/{start.date().isoformat()}")
    end = min(until, start + timedelta(days=1))
    at = start + timedelta(seconds=rng.randrange(60))
    while at < end:
        level, source, text = _CLASSES[rng.randrange(len(_CLASSES))]
        yield f"{stamp(at)}\t{level}\t[{source}]\t{runtime.host}\t{text}\n"
        at += _EVERY + timedelta(seconds=rng.randrange(-60, 60))
