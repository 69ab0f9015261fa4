"""The engine and the sandbox were written apart: what one plants, the other must find."""

import io
import random
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from analysis.engine import analyze_stream
from sandbox import processes
from sandbox.causes import CAUSES
from sandbox.logs import LogSpec, LogTruth, write_log
from sandbox.scenario import stories

EPOCH = datetime(2026, 3, 11, 9, tzinfo=UTC)
PLANTED = ("failing", "zero_documents", "caught", "aborted", "retry", "late")


def recipes() -> Iterator[LogSpec]:
    """Every process clean, with each of its causes, and once with a cause that is not its own."""
    rng = random.Random("engine meets sandbox")
    for number, process in enumerate(processes.ALL):
        own = [cause for cause, _ in process.failures]
        for cause in ("", *own, rng.choice(sorted(set(CAUSES) - set(own)))):
            yield _spec(process, rng, f"{number:06x}{len(cause):06x}", cause=cause)
        for cause, _ in process.caught:
            yield _spec(process, rng, f"{number:06x}ca{len(cause):04x}", caught=cause)


def _spec(
    process: processes.BoomiProcess,
    rng: random.Random,
    tail: str,
    *,
    cause: str = "",
    caught: str = "",
) -> LogSpec:
    documents = rng.randrange(3, 240)
    failed = rng.randrange(1, 3 + documents // 4) if cause or caught else 0
    return LogSpec.of(
        f"execution-6f1d2c3b-0000-4000-8000-{tail}-2026.03.11",
        process,
        EPOCH,
        rng.randrange(2_000, 900_000),
        documents,
        min(failed, documents),
        cause,
        caught,
        rng.randrange(1_000),
    )


def planted() -> Iterator[LogSpec]:
    """The runs of the demo scenario that carry a story, one of the large logs among them."""
    _, story = stories("small", 1, EPOCH)
    for name in PLANTED:
        run = getattr(story, name)
        assert run is not None, name
        yield run.log_spec(1)
    yield story.big_logs[0].log_spec(1)


SPECS = [*recipes(), *planted()]


def name_of(spec: LogSpec) -> str:
    cause = spec.cause or spec.caught
    return f"{spec.process.key}-{cause.key if cause else 'clean'}-{spec.documents}"


def truth_as_result(truth: LogTruth) -> dict[str, object]:
    first = truth.first_error
    return {
        "process": truth.process_name,
        "bytes": truth.size_bytes,
        "lines": truth.physical_lines,
        "records": truth.records,
        "levels": dict(truth.levels),
        "shapes": (truth.shape_executions, truth.shapes_with_errors, truth.total_ms),
        "started_without_completion": truth.started_without_completion,
        "connector_calls": (truth.connector_calls, truth.connector_errors),
        "severe": truth.severe,
        "warnings": truth.warnings,
        "http_codes": dict(truth.http_codes),
        "skipped": truth.skipped,
        "document_errors": truth.document_errors,
        "outcome": truth.outcome,
        "first_fault": None if first is None else (first.line, first.step, first.connection),
    }


def engine_result(log: bytes) -> dict[str, object]:
    result = analyze_stream(io.BytesIO(log), name="process.log")
    shapes, calls = result["shape_executions"], result["connector_calls"]
    first = result["first_fault"]
    return {
        "process": result["process"]["name"],
        "bytes": result["source"]["bytes"],
        "lines": result["source"]["physical_lines"],
        "records": result["source"]["records"],
        "levels": result["levels"],
        "shapes": (shapes["total"], shapes["with_errors"], shapes["total_ms"]),
        "started_without_completion": shapes["started_without_completion"],
        "connector_calls": (calls["total"], calls["with_errors"]),
        "severe": result["severe"]["total"],
        "warnings": result["warnings"]["total"],
        "http_codes": result["http_errors"],
        "skipped": sum(row["count"] for row in result["skipped"]),
        "document_errors": result["process"]["document_errors"],
        "outcome": result["process"]["outcome"],
        "first_fault": None if first is None else tuple(first[k] for k in FIRST_FAULT),
    }


FIRST_FAULT = ("line", "step", "connection")


@pytest.mark.parametrize("spec", SPECS, ids=name_of)
def test_the_engine_finds_what_the_sandbox_planted(spec: LogSpec) -> None:
    log = io.BytesIO()
    truth = write_log(spec, log)
    assert engine_result(log.getvalue()) == truth_as_result(truth)


def test_enough_kinds_of_runs_are_compared() -> None:
    assert len(SPECS) >= 60
    assert {spec.process.recipe for spec in SPECS} == {p.recipe for p in processes.ALL}
    assert {cause.key for spec in SPECS if (cause := spec.cause or spec.caught)} == set(CAUSES)


def test_the_planted_failure_is_told_from_its_first_document() -> None:
    [spec] = [spec for spec in planted() if spec.cause is CAUSES["erp-401"]]
    log = io.BytesIO()
    write_log(spec, log)
    first = analyze_stream(io.BytesIO(log.getvalue()), name="process.log")["first_fault"]
    assert (first["line"], first["http_code"], first["outcome"]) == (564, 401, "fatal")
