"""Reading a stored log with the engine and keeping what it found.

Every log comes here, uploaded or fetched: that is why equal bytes give an equal result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import BinaryIO, TypedDict, cast

from django.db import transaction
from django.utils import timezone

from analysis.engine import ENGINE_VERSION, analyze_stream
from analysis.engine.errors import LogError
from analysis.models import Analysis, AnalysisStatus
from boomi import logstore
from boomi.models import Execution, LogFile
from common import states
from common.actors import Actor
from common.errors import InputError

Result = dict[str, object]
Step = Callable[[], AbstractContextManager[object]]
OnBytes = Callable[[int], None]


@contextmanager
def spoken() -> Iterator[None]:
    """What the engine says of a bad file, as an error of the portal."""
    try:
        yield
    except LogError as error:
        raise InputError(error.message, hint=error.hint, code=error.code.upper()) from error


def read_log(stream: BinaryIO, *, name: str, progress: OnBytes | None = None) -> Result:
    """Analyse decoded log bytes. `name` only ends up in `source.name`.

    Raises InputError when the bytes are no log.
    """
    with spoken():
        return cast(Result, storable(analyze_stream(stream, name=name, progress=progress)))


def run_analysis(
    analysis: Analysis,
    *,
    actor: Actor,
    progress: OnBytes | None = None,
    step: Step = transaction.atomic,
) -> Analysis:
    """Read the analysis' stored log and make the row DONE, or FAILED with the sentence.

    Safe to repeat: a row that is DONE already is returned as it is. `progress` gets bytes of
    the log; `step` opens the transaction of the ending. Raises InputError after a failure.
    """
    if analysis.status == AnalysisStatus.DONE:
        return analysis
    if analysis.log_file is None:
        error = InputError(
            "The log of this analysis is not stored any more.",
            hint="Upload it again.",
            code="LOG_NOT_STORED",
        )
        with step():
            fail(analysis, error, actor=actor)
        raise error
    try:
        with logstore.open_log_file(analysis.log_file) as stream:
            result = read_log(stream, name=analysis.name, progress=progress)
    except InputError as error:
        with step():
            fail(analysis, error, actor=actor)
        raise
    with step():
        finish(analysis, result, actor=actor)
    return analysis


def open_row(execution: Execution, log_file: LogFile, *, actor: Actor) -> Analysis:
    """The row of this engine for an execution, ready to be worked on; made when there is none.

    A DONE row comes back as it is, a FAILED one becomes PENDING again.
    """
    analysis, _ = Analysis.objects.get_or_create(
        execution=execution,
        engine_version=ENGINE_VERSION,
        defaults={"name": log_file.name, "log_file": log_file, "owner": actor.user},
    )
    if analysis.status == AnalysisStatus.FAILED:
        reopen(analysis, actor=actor)
    if analysis.log_file != log_file and analysis.status == AnalysisStatus.PENDING:
        states.compare_and_set(
            analysis,
            {"status": AnalysisStatus.PENDING},
            {"log_file": log_file, "name": log_file.name},
        )
    return analysis


def reopen(analysis: Analysis, *, actor: Actor) -> None:
    """FAILED → PENDING: somebody tries again."""
    states.move(
        analysis,
        AnalysisStatus.PENDING,
        actor=actor,
        finished_at=None,
        error_code="",
        error_message="",
        error_hint="",
    )


def finish(analysis: Analysis, result: Result, *, actor: Actor) -> None:
    """PENDING → DONE. Raises IllegalMove when somebody else ended it first."""
    states.move(
        analysis,
        AnalysisStatus.DONE,
        actor=actor,
        note=str(result["verdict"] or ""),
        finished_at=timezone.now(),
        result=result,
        **columns(result),
    )


def fail(analysis: Analysis, error: InputError, *, actor: Actor) -> None:
    """PENDING → FAILED with the sentence people read."""
    states.move(
        analysis,
        AnalysisStatus.FAILED,
        actor=actor,
        note=error.message,
        finished_at=timezone.now(),
        error_code=error.code,
        error_message=error.message[:1000],
        error_hint=error.hint[:500],
    )


class Columns(TypedDict):
    verdict: str
    outcome: str
    first_fault_line: int | None
    first_fault_step: str
    first_fault_text: str
    severe_count: int
    warning_count: int


def columns(result: Result) -> Columns:
    """What lists and cards need of a result, as columns of the row."""
    fault = cast("Mapping[str, object]", result["first_fault"] or {})
    process = cast("Mapping[str, object]", result["process"])
    levels = cast("Mapping[str, int]", result["levels"])
    return {
        "verdict": str(result["verdict"] or "")[:500],
        "outcome": str(process["outcome"] or "")[:30],
        "first_fault_line": cast("int | None", fault.get("line")),
        "first_fault_step": str(fault.get("step") or "")[:300],
        "first_fault_text": str(fault.get("text") or ""),
        "severe_count": levels.get("SEVERE", 0),
        "warning_count": levels.get("WARNING", 0),
    }


def storable(value: object) -> object:
    """A copy without NUL characters: PostgreSQL keeps none, neither in text nor in JSON."""
    if isinstance(value, str):
        return value.replace("\0", "\N{REPLACEMENT CHARACTER}")
    if isinstance(value, dict):
        return {str(storable(name)): storable(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [storable(item) for item in value]
    return value
