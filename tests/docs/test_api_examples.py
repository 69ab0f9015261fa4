"""Runs the examples of docs/api.md as they stand, against a live portal and a live sandbox."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from boomi import logstore
from boomi.models import LogState
from common import tokens
from common.actors import Actor
from common.models import User
from sandbox.scenario import TRUTH
from sandbox.server import Sandbox
from scheduling.models import Automation, JobRun
from scheduling.testing import drain
from tests.analysis.builders import failing_log
from tests.boomi.rows import connect, make_account, make_execution

SNAPSHOT = Path(__file__).parents[1] / "data" / "openapi.yaml"
PAGE = Path(__file__).parents[2] / "docs" / "api.md"
# A command, and the answer where one is shown right below it.
EXAMPLE = re.compile(r"^```sh\n(.*?)^```\n(?:\n```json\n(.*?)^```)?", re.MULTILINE | re.DOTALL)
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.portal_urls"),
    pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed."),
]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(scenario="small", rate_limit=0) as server:
        yield server


@pytest.fixture
def world(operator: User, sandbox: Sandbox, settings: Any, tmp_path: Path) -> dict[str, str]:
    """What the page tells its reader to put in place of the variables."""
    settings.BOOMI_BASE_URL = sandbox.url
    settings.STORAGES["logs"]["OPTIONS"]["location"] = str(tmp_path / "logs")
    account = connect(operator, make_account("fabrikam-1")).account
    log = logstore.store(io.BytesIO(failing_log()), name="run.log", max_bytes=1 << 20)
    run = make_execution(account, 10, log_file=log, log_state=LogState.READY)
    (tmp_path / "process.log").write_bytes(failing_log())
    actor = Actor.person(operator)
    _, plain = tokens.issue(operator, name="docs", scope="write", expires_at=None, actor=actor)
    credential = TRUTH.credential(TRUTH.primary)
    return {
        "TOKEN": plain,
        "EMAIL": operator.email,
        "EXECUTION": str(run.pk),
        "ACCOUNT_KEY": str(account.pk),
        "ACCOUNT": TRUTH.primary.account_id,
        "BOOMI_USER": credential.user,
        "BOOMI_TOKEN": credential.token,
    }


def run_example(command: str, world: dict[str, str], folder: Path) -> str:
    environment = {"PATH": os.environ["PATH"], "NO_PROXY": "*", **world}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert done.returncode == 0, (command, done.stderr, done.stdout)
    return done.stdout


def missing(shown: Any, told: Any, path: str = "") -> list[str]:
    """Names the page shows that the answer does not have."""
    if isinstance(shown, dict):
        if not isinstance(told, dict):
            return [path]
        return [
            fault
            for name, value in shown.items()
            for fault in (
                missing(value, told[name], f"{path}.{name}") if name in told else [f"{path}.{name}"]
            )
        ]
    if isinstance(shown, list) and shown and isinstance(shown[0], dict):
        return missing(shown[0], told[0], f"{path}[0]") if told else [f"{path}[0]"]
    return []


def test_the_examples_work_and_answer_as_shown(
    world: dict[str, str], live_server: Any, tmp_path: Path
) -> None:
    world["PORTAL"] = live_server.url
    examples = EXAMPLE.findall(PAGE.read_text())
    assert len(examples) >= 9
    for command, shown in examples:
        answer = run_example(command, world, tmp_path)
        if shown:
            assert missing(json.loads(shown), json.loads(answer)) == [], command
        drain()
        world["AUTOMATION"] = str(Automation.objects.values_list("pk", flat=True).last() or 0)
        world["JOB"] = str(JobRun.objects.order_by("pk").values_list("pk", flat=True).first() or 0)
    assert (tmp_path / "copy.log").read_bytes() == failing_log()


def test_the_page_names_the_filters_that_exist() -> None:
    paths = yaml.safe_load(SNAPSHOT.read_text())["paths"]
    for name, told in re.findall(r"^\| `(\w+)/` \| (.*) \|$", PAGE.read_text(), re.MULTILINE):
        parameters = {item["name"] for item in paths[f"/api/v1/{name}/"]["get"]["parameters"]}
        listed = set(re.findall(r"`(\w+)`", told))
        assert listed == parameters - {"page", "page_size", "ordering", "export"}, name
