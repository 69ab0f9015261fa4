"""A log tells of steps, connections, operations and maps that its process has."""

import io
import re
from datetime import UTC, datetime

import pytest

from sandbox.blueprints import HELPERS, walk
from sandbox.blueprints import canvas_of as canvas
from sandbox.company import ACCOUNTS
from sandbox.logs import LogSpec, write_log
from sandbox.processes import (
    CHILDREN,
    CLIENT_ORDERS,
    CRM_DEV_MERGE,
    CRM_DEV_SYNC,
    NORTHWIND,
    TEST_CUSTOMER_SYNC,
    TEST_ORDER_INTAKE,
)
from sandbox.processes import DEV_RETURNS as RETURNS_ON_DEV
from tests.sandbox.caller import Caller
from tests.sandbox.documents import inner, on_canvas, parsed

WRITTEN_BY_THE_RUNTIME = {"initializing...", "cleanup...", "Waiting..."}
LOGGED = (
    *NORTHWIND,
    *CHILDREN,
    CLIENT_ORDERS,
    TEST_ORDER_INTAKE,
    TEST_CUSTOMER_SYNC,
    RETURNS_ON_DEV,
    CRM_DEV_SYNC,
    CRM_DEV_MERGE,
)


def log_text(process, cause="", caught=""):
    """The log of one invented run."""
    out = io.BytesIO()
    start = datetime(2026, 3, 11, 9, 0, tzinfo=UTC)
    failed = 1 if cause or caught else 0
    id_ = "execution-00000000-0000-4000-8000-000000000001-2026.03.11"
    spec = LogSpec.of(id_, process, start, 60_000, 130, failed, cause, caught, 1)
    write_log(spec, out)
    return out.getvalue().decode()


def records(process, cause="", caught=""):
    """(step, detail) of every record of one invented run."""
    rows = [line.split("\t") for line in log_text(process, cause, caught).splitlines()]
    return {(row[2], row[3]) for row in rows if len(row) > 3}


def runs(process):
    yield records(process)
    for cause, _ in process.failures:
        yield records(process, cause)
    for cause, _ in process.caught:
        yield records(process, caught=cause)


@pytest.mark.parametrize("process", LOGGED, ids=lambda p: f"{p.runtime.name}/{p.key}")
def test_every_step_of_a_log_stands_in_the_process(reader, process):
    account = next(a for a in ACCOUNTS if a.account_id == process.runtime.account_id)
    found = on_canvas(Caller(reader.sandbox, account), process.process_id)
    for rows in runs(process):
        named = {step for step, _ in rows} - WRITTEN_BY_THE_RUNTIME
        assert named - found.steps == set()
        details = {detail for _, detail in rows if " Connector; " in detail}
        assert details - found.connectors == set()
        mapped = {detail for step, detail in rows if step == "Map" and detail}
        assert mapped - found.maps == set()


@pytest.mark.parametrize("process", NORTHWIND, ids=lambda p: p.key)
def test_a_step_is_named_once_or_by_its_kind(process):
    labels = [step.label for step in walk(canvas(process)) if step.kind == "catch"]
    assert len(labels) == len(set(labels))


def test_the_subprocesses_without_runs_have_names_of_their_own():
    assert not set(HELPERS) & {process.name for process in (*NORTHWIND, *CHILDREN)}


@pytest.mark.parametrize("process", NORTHWIND, ids=lambda p: p.key)
def test_a_try_has_the_shape_number_the_log_tells(reader, process):
    document = inner(parsed(Caller(reader.sandbox), process.process_id))
    shapes = {shape.get("name"): shape.get("shapetype") for shape in document.iter("shape")}
    text = log_text(process, caught="duplicate-409" if process.caught else "")
    for number in re.findall(r"Completed Try/Catch initial execution \((shape\d+)\)", text):
        assert shapes[number] == "catcherrors"
