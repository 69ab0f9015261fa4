"""Artifacts of runs and logs of runtimes: zips that are fetched once."""

import io
import zipfile
from datetime import timedelta

import pytest

from sandbox.company import DEV_ATOM, MOLECULE
from sandbox.faults import Faults
from tests.sandbox.caller import simple
from tests.sandbox.conftest import EPOCH

TODAY = EPOCH.date().isoformat()


def fetched(caller, told):
    """The names and texts inside a zip, fetched as a client has to."""
    answers = [caller.get(told["url"]) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [202, 202, 200, 204]
    with zipfile.ZipFile(io.BytesIO(answers[2].content)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_artifacts_hold_the_log_and_what_the_connectors_did(caller):
    execution_id = caller.sandbox.truth.failing_run.execution_id
    told = caller.post("ExecutionArtifacts", {"executionId": execution_id}).json()
    assert told["statusCode"] == "202"
    found = fetched(caller, told)
    assert found[f"{execution_id}.log"] == caller.log(execution_id)
    assert "ERP HTTP" in found["connectors.csv"]
    assert "processId=" in found["execution.properties"]


def test_the_log_of_a_runtime_covers_the_day_so_far(caller):
    told = caller.post("AtomLog", {"atomId": MOLECULE.atom_id, "logDate": TODAY}).json()
    ((name, text),) = fetched(caller, told).items()
    assert name == "2026_03_11.container.Prod_Molecule.log"
    lines = text.splitlines()
    assert lines[0].startswith(TODAY)
    assert lines[-1][:19] <= f"{EPOCH:%Y-%m-%dT%H:%M:%S}"


def test_the_start_scripts_come_when_asked_for(caller):
    wanted = {"atomId": MOLECULE.atom_id, "logDate": "2026-03-01", "includeBin": True}
    assert "bin/atom" in fetched(caller, caller.post("AtomLog", wanted).json())


def test_a_worker_is_known_by_its_node(caller):
    told = caller.post("AtomWorkerLog", {"workerId": MOLECULE.node}).json()
    assert [name for name in fetched(caller, told) if ".worker." in name]
    assert caller.post("AtomWorkerLog", {"workerId": "nope"}).status_code == 400


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("AtomLog", {"atomId": "nope", "logDate": TODAY}),
        ("AtomLog", {"atomId": MOLECULE.atom_id, "logDate": "2026-03-12"}),
        ("AtomLog", {"atomId": MOLECULE.atom_id, "logDate": "2026-01-01"}),
        ("AtomLog", {"atomId": MOLECULE.atom_id, "logDate": "2026-02-30"}),
        ("AtomLog", {"atomId": MOLECULE.atom_id}),
        ("AtomWorkerLog", {}),
        ("ExecutionArtifacts", {"executionId": "execution-none"}),
        ("ExecutionArtifacts", {}),
    ],
)
def test_what_does_not_exist_is_refused(caller, name, values):
    refused = caller.post(name, values)
    assert refused.status_code == 400
    assert "is invalid" in refused.json()["message"]


def test_a_runtime_that_is_off_is_told_in_the_body(caller):
    wanted = {"atomId": DEV_ATOM.atom_id, "logDate": TODAY}
    told = caller.post("AtomLog", wanted)
    assert told.status_code == 200
    assert told.json() == {
        "@type": "LogDownload", "statusCode": 504, "message": "Runtime is unavailable.",
    }  # fmt: skip
    caller.sandbox.faults = Faults(offline_runtimes={MOLECULE.name})
    execution_id = caller.sandbox.truth.failing_run.execution_id
    told = caller.post("ExecutionArtifacts", {"executionId": execution_id}).json()
    assert told["statusCode"] == "504"


def test_fetching_from_a_runtime_is_audited(caller):
    caller.post("AtomLog", {"atomId": MOLECULE.atom_id, "logDate": TODAY})
    caller.sandbox.clock.advance(timedelta(seconds=5))
    (entry,) = caller.everything("AuditLog", simple("type", "EQUALS", "as.atom.log"))
    assert (entry["action"], entry["containerId"]) == ("DOWNLOAD", MOLECULE.atom_id)
    assert entry["userId"] == "integration@northwind.example"
