"""Uploaded logs: taken, checked, stored, analysed; restarted and deleted by their owner.

Nothing is stored before the engine has read the beginning and called it a process log.
"""

from __future__ import annotations

import io
from contextlib import suppress
from typing import IO, BinaryIO, NamedTuple

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse

from analysis import phases, queries, receiving
from analysis.engine import ENGINE_VERSION, Limits, open_log
from analysis.models import Analysis, AnalysisStatus
from analysis.services import reading
from boomi import logstore
from boomi.models import Execution, LogFile
from common import access, audit
from common.actors import Actor
from common.errors import Conflict, IllegalMove
from scheduling import services as jobs
from scheduling.jobs import Done, JobContext, JobFailed
from scheduling.models import JobRun
from scheduling.queries import live_run

# A log up to this size is analysed while its sender waits: a fifth of a second.
INSTANT_BYTES = 2 * 1024 * 1024


class Beginning(NamedTuple):
    """The first bytes of a log and what the engine makes of them."""

    content: bytes
    is_whole: bool
    result: reading.Result


def analyse_upload(
    upload_file: IO[bytes], *, name: str, actor: Actor
) -> tuple[Analysis, JobRun | None]:
    """Store an uploaded log or zip and analyse it.

    A small log comes back DONE and without a job, a large one PENDING with the job that reads
    it. Raises InputError for a file that is too large or no process log; nothing is stored then.
    """
    access.require(actor, "analysis.upload")
    name = receiving.clean_name(name)
    with receiving.seekable(upload_file) as source, reading.spoken():
        beginning = _beginning(source, name)
        log_file = _store(source, name, beginning)
    with transaction.atomic():
        analysis = _record(name, log_file, actor)
        if beginning.is_whole:
            reading.finish(analysis, beginning.result, actor=actor)
            return analysis, None
        return analysis, _enqueue(analysis, actor)


def restart(analysis: Analysis, *, actor: Actor) -> JobRun:
    """Read an upload again whose job failed, was cancelled or got lost.

    Returns the live job when there is one. Raises Conflict when the analysis is done, or
    belongs to an execution, which has a verb of its own.
    """
    access.require(actor, "analysis.analysis.restart", analysis)
    if analysis.execution_id is not None or analysis.status == AnalysisStatus.DONE:
        raise Conflict("This analysis is done; there is nothing to start again.")
    with transaction.atomic():
        if analysis.status == AnalysisStatus.FAILED:
            reading.reopen(analysis, actor=actor)
        return _enqueue(analysis, actor)


def delete_upload(analysis: Analysis, *, actor: Actor) -> None:
    """Delete an uploaded analysis, and its log when nothing else refers to it.

    The stored file itself goes with the next sweep of the log store.
    """
    access.require(actor, "analysis.analysis.delete", analysis)
    run = live_run(queries.upload_key(analysis))
    if run is not None:
        with suppress(IllegalMove):  # the job ended between the look and the cancel
            jobs.cancel(run, actor=actor)
    log_file_id = analysis.log_file_id
    with transaction.atomic():
        audit.record(
            actor,
            "analysis.analysis.deleted",
            analysis,
            before={"name": analysis.name, "verdict": analysis.verdict},
        )
        analysis.delete()
        if log_file_id is not None:
            _forget_log(log_file_id)


def _beginning(source: BinaryIO, name: str) -> Beginning:
    """Raises LogError or InputError when the file or its first bytes are no log."""
    content = bytearray()
    with open_log(source, name=name, limits=_limits()) as opened:
        while len(content) <= INSTANT_BYTES and (piece := opened.stream.read(INSTANT_BYTES)):
            content += piece
    result = reading.read_log(io.BytesIO(content), name=name)
    return Beginning(bytes(content), len(content) <= INSTANT_BYTES, result)


def _store(source: BinaryIO, name: str, beginning: Beginning) -> LogFile:
    encoding = _encoding(beginning.result)
    limit = receiving.upload_limit()
    if beginning.is_whole:
        stream = io.BytesIO(beginning.content)
        return logstore.store(stream, name=name, encoding=encoding, max_bytes=limit)
    source.seek(0)
    with open_log(source, name=name, limits=_limits()) as opened:
        return logstore.store(opened.stream, name=name, encoding=encoding, max_bytes=limit)


def _limits() -> Limits:
    return Limits(max_bytes=receiving.upload_limit())


def _encoding(result: reading.Result) -> str:
    """How the log store reads lines. Stray Windows bytes amid UTF-8 do not make it another."""
    source = result["source"]
    assert isinstance(source, dict)
    encoding = str(source["encoding"])
    return "utf-8" if encoding == "mixed" else encoding


def _record(name: str, log_file: LogFile, actor: Actor) -> Analysis:
    teams = sorted(actor.team_ids)
    analysis = Analysis.objects.create(
        name=name,
        log_file=log_file,
        owner=actor.user,
        # Somebody in several teams shares with all of them, by `owner`; see analysis.access.
        team_id=teams[0] if len(teams) == 1 else None,
        engine_version=ENGINE_VERSION,
    )
    audit.record(
        actor,
        "analysis.analysis.uploaded",
        analysis,
        after={"name": name, "bytes": log_file.size, "sha256": log_file.sha256},
    )
    return analysis


def _enqueue(analysis: Analysis, actor: Actor) -> JobRun:
    return jobs.enqueue(
        "analysis.analyse_upload",
        actor=actor,
        params={"analysis": analysis.pk},
        key=queries.upload_key(analysis),
        title=f"Analyse {analysis.name}",
        audience=f"team:{analysis.team_id}" if analysis.team_id else "",
        subject_url=reverse("analysis", args=[analysis.pk]),
        queue=JobRun.Queue.NOW,
    )


def _forget_log(pk: int) -> None:
    """Delete the row of a log that nothing refers to any more."""
    LogFile.objects.filter(
        ~Exists(Analysis.objects.filter(log_file=OuterRef("pk"))),
        ~Exists(Execution.objects.filter(log_file=OuterRef("pk"))),
        pk=pk,
    ).delete()


def work(ctx: JobContext) -> Done:
    """The job of a large upload: read the stored log from its beginning. Safe to repeat."""
    analysis = Analysis.objects.select_related("log_file").filter(pk=ctx.params["analysis"]).first()
    if analysis is None:
        raise JobFailed("The upload was deleted meanwhile.", code="NOT_FOUND")
    size = analysis.log_file.size if analysis.log_file else 0
    reading.run_analysis(
        analysis, actor=ctx.actor, progress=phases.parsing(ctx, size), step=ctx.step
    )
    phases.note(ctx, phases.DONE)
    return Done(analysis.verdict, {"analysis": analysis.pk})
