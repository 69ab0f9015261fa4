"""The public SDK reads what happens on the platform: typed, call by call."""

import json
import subprocess
from pathlib import Path

import pytest

from sandbox.account_objects import GROUPS
from sandbox.company import MOLECULE, PRIMARY, credential_of
from sandbox.processes import ORDER_INTAKE
from sandbox.server import Sandbox
from tests.sandbox import test_sdk
from tests.sandbox.conftest import EPOCH

DRIVER = Path(__file__).with_name("sdk_activity.py")
pytestmark = test_sdk.pytestmark
CUSTOMERS = next(group for group in GROUPS if group.name == "Customers")


@pytest.fixture(scope="module")
def driven(tmp_path_factory):
    """What the driver printed, and the run it had to look at."""
    credential = credential_of(PRIMARY)
    with Sandbox(scenario="northwind", rate_limit=0, epoch=EPOCH) as sandbox:
        sandbox.clock.set(EPOCH)
        execution_id = sandbox.truth.failing_run.execution_id
        done = subprocess.run(
            [
                *(test_sdk.PYTHON, "-I", DRIVER, sandbox.base_url_template, PRIMARY.account_id),
                *(credential.login, credential.token, execution_id, MOLECULE.atom_id),
                *(ORDER_INTAKE.process_id, CUSTOMERS.group_id, EPOCH.date().isoformat()),
            ],
            capture_output=True,
            text=True,
            timeout=120,
            cwd=tmp_path_factory.mktemp("sdk"),
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout), sandbox.log_truth(execution_id)


def test_at_least_25_different_calls_come_back_typed(driven):
    calls = driven[0]["calls"]
    assert [name for name, fine in calls.items() if not fine] == []
    assert len(calls) >= 25


def test_schedules_are_read_as_they_are(driven):
    found = driven[0]["schedules"]
    assert found["minutes"] == ["5,35"]
    assert found["enabled"] is True


def test_connectors_of_the_failing_run_have_its_errors(driven):
    found, truth = driven
    start_errors = 118
    assert found["connectors"]["errors"] == truth.connector_errors + start_errors


def test_a_requested_run_is_the_process_that_was_asked_for(driven):
    assert driven[0]["run"] == {"process": ORDER_INTAKE.process_id}


def test_events_and_groups_are_understood(driven):
    assert driven[0]["history"]["levels"] == ["ERROR", "INFO", "WARNING"]
    assert driven[0]["accounts"]["resources"] == 2
