"""The public SDK, in its own environment, understands what the sandbox answers."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from sandbox.company import PRIMARY, credential_of
from tests.sandbox.conftest import EPOCH

ROOT = Path(__file__).resolve().parents[2]
DRIVER = Path(__file__).with_name("sdk_drive.py")
PYTHON = Path(os.environ.get("SDK_PYTHON") or ROOT / ".venv-sdk" / "bin" / "python")

pytestmark = [
    pytest.mark.sdk,
    pytest.mark.skipif(
        not PYTHON.exists(),
        reason=f"no SDK environment at {PYTHON}: run `make sdk` or set SDK_PYTHON",
    ),
]


@pytest.fixture(scope="module")
def driven(read_only, tmp_path_factory):
    """What the driver printed."""
    read_only.clock.set(EPOCH)
    credential = credential_of(PRIMARY)
    done = subprocess.run(
        [
            PYTHON,
            "-I",
            DRIVER,
            read_only.base_url_template,
            PRIMARY.account_id,
            credential.login,
            credential.token,
            read_only.truth.failing_run.execution_id,
        ],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=tmp_path_factory.mktemp("sdk"),
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_records_are_typed_sorted_and_complete(driven):
    found = driven["executions"]
    assert found["typed"]
    assert found["sorted"]
    assert found["rows"] == found["total"] > 3_000
    assert found["pages"] == -(-found["rows"] // 100)
    assert isinstance(found["duration"], int)


def test_the_other_objects_are_understood(driven):
    found = driven["objects"]
    assert found["environments"] == ["Development", "Production", "Test"]
    assert len(found["atoms"]) == found["attachments"] == 4
    assert found["environment"] in found["environments"]
    assert found["atom_status"] == "ONLINE"
    assert found["component"]
    assert found["package"]
    assert found["deployment"]
    assert (found["component_version"], found["accounts"]) == (1, 3)
    assert found["bulk"] == [200, 400]


def test_the_log_comes_home_through_the_sdk(driven):
    assert driven["log"]["zip"] == "PK"
    assert driven["log"]["bytes"] > 5_000


def test_refusals_arrive_with_their_status(driven):
    assert driven["refusals"] == {
        "environment": 400,
        "log": 400,
        "token": 400,
        "credentials": 401,
    }
