"""The public SDK understands components, references, manifests and folders."""

import json
import subprocess
from pathlib import Path

import pytest

from sandbox.company import PRIMARY, credential_of
from tests.sandbox import test_sdk
from tests.sandbox.conftest import EPOCH

DRIVER = Path(__file__).with_name("sdk_components.py")
pytestmark = test_sdk.pytestmark


@pytest.fixture(scope="module")
def driven(read_only, tmp_path_factory):
    """What the driver printed."""
    read_only.clock.set(EPOCH)
    credential = credential_of(PRIMARY)
    done = subprocess.run(
        [
            test_sdk.PYTHON,
            "-I",
            DRIVER,
            read_only.base_url_template,
            PRIMARY.account_id,
            credential.login,
            credential.token,
        ],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=tmp_path_factory.mktemp("sdk"),
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_documents_and_metadata(driven):
    found = driven["components"]
    assert found["pages"] == [100, True]
    assert found["document"] == [True, True]
    assert (found["bulk_documents"], found["bulk_metadata"]) == (2, [200, 400])


def test_users_of_a_component(driven):
    assert driven["references"] == {"same": True, "used": True, "bulk": [200, 400]}


def test_packages_and_their_manifests(driven):
    found = driven["packages"]
    assert (found["package"], found["inside"]) == ("2.0", True)
    assert found["bulk"] == found["manifests"] == [200, 400]


def test_folders_processes_and_connectors(driven):
    for found in driven["others"].values():
        assert found == [True, [200, 400]]
