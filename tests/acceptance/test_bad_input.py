"""Every bad input people are known to meet: one clear sentence, and nothing half stored.

The portal is driven through its REST API; the platform is the sandbox over a real socket.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from analysis import panels, services
from analysis.models import Analysis, AnalysisStatus
from boomi.models import Account, ApiCall, Connection, Environment, Execution, LogFile, LogState
from boomi.services.logs import purged_at
from common.actors import Actor
from common.models import User
from sandbox.scenario import TRUTH, PlantedRun
from sandbox.server import Sandbox
from scheduling.models import JobRun, JobStatus
from scheduling.testing import drain
from tests.analysis.builders import failing_log, make_execution, zipped

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _store(log_store: Path) -> None:
    """Every test here has the log store to itself."""


@pytest.fixture
def client(operator: User) -> Client:
    client = Client()
    client.force_login(operator)
    return client


def assert_one_clear_sentence(text: str) -> None:
    assert text.endswith("."), text
    assert len(text) < 320
    for word in ("Traceback", "Error(", "Exception", "None", "  ", "<", "{"):
        assert word not in text


def assert_nothing_stored(log_store: Path) -> None:
    assert not Analysis.objects.exists()
    assert not LogFile.objects.exists()
    assert [path for path in log_store.rglob("*") if path.is_file()] == []


# --- Connections ----------------------------------------------------------------------------


def connect(client: Client, url: str, **changes: str) -> dict[str, Any]:
    credential = TRUTH.credential(TRUTH.primary)
    sent = {
        "name": "Northwind",
        "account_id": TRUTH.primary.account_id,
        "base_url": url,
        "username": credential.user,
        "token": credential.token,
        **changes,
    }
    answer = client.post("/api/v1/connections/", sent, "application/json")
    assert answer.status_code == 201, answer.content
    return answer.json()


CONNECTIONS = {
    "wrong token": (
        {"token": "not-the-token"},
        "AUTH_FAILED",
        "The platform refused the credentials (401): Unauthorized.",
    ),
    "unknown account": (
        {"account_id": "nobody-A1B2C3"},
        "ACCESS_DENIED",
        "The platform shows integration@northwind.example nothing of the account nobody-A1B2C3.",
    ),
    "platform down": (
        {"base_url": "http://127.0.0.1:9"},
        "CONNECTION_REFUSED",
        "127.0.0.1:9 does not accept connections (Connection refused).",
    ),
}


@pytest.mark.parametrize("name", CONNECTIONS)
def test_a_connection_that_cannot_work_says_why(
    client: Client, sandbox: Sandbox, name: str
) -> None:
    changes, code, sentence = CONNECTIONS[name]
    told = connect(client, sandbox.url, **changes)
    assert (told["status"], told["status_code"]) == ("failing", code)
    assert told["status_reason"] == sentence
    assert_one_clear_sentence(sentence)
    tested = client.post(f"/api/v1/connections/{told['id']}/test/").json()
    assert (tested["ok"], tested["message"]) == (False, sentence)
    assert_one_clear_sentence(tested["hint"])
    assert not JobRun.objects.exists()
    assert not Environment.objects.exists()
    assert not Execution.objects.exists()


@pytest.mark.parametrize(
    ("base_url", "sentence"),
    [
        (
            "https://9.9.9.9",
            "9.9.9.9 is not one of the allowed hosts (*.boomi.com). "
            "If the host belongs to your Boomi platform, add it to BOOMI_HOSTS.",
        ),
        (
            "ftp://api.boomi.com",
            "The address must look like https://api.boomi.com. "
            "Give scheme and host only, such as https://api.boomi.com.",
        ),
    ],
)
def test_an_address_of_somebody_else_is_refused_before_anything_is_stored(
    client: Client, base_url: str, sentence: str
) -> None:
    sent = {
        "name": "N", "account_id": "acme-A1B2C3", "base_url": base_url, "username": "a@b.example",
        "token": "some-token",
    }  # fmt: skip
    answer = client.post("/api/v1/connections/", sent, "application/json")
    assert answer.status_code == 400
    [told] = answer.json()["fields"]["base_url"]
    assert told == sentence
    assert_one_clear_sentence(told)
    assert not Connection.objects.exists()
    assert not Account.objects.exists()
    assert not ApiCall.objects.exists()


# --- Logs of executions ----------------------------------------------------------------------


@pytest.fixture
def connection(sandbox: Sandbox, make_connection: Any, operator: User) -> Connection:
    return make_connection(operator, sandbox.url)


@pytest.fixture
def planted(sandbox: Sandbox) -> PlantedRun:
    assert sandbox.truth.failing_run is not None
    return sandbox.truth.failing_run


def mirrored(run: PlantedRun, connection: Connection, **fields: Any) -> Execution:
    values = {
        "execution_id": run.execution_id,
        "account": connection.account,
        "runtime_id": run.atom_id,
        "runtime_name": "Prod Molecule",
        "started_at": run.start,
        "recorded_at": run.start,
        "status": run.status,
        "execution_type": run.execution_type,
        **fields,
    }
    return make_execution(**values)


@dataclass(frozen=True)
class LogCase:
    """`fields` change the mirrored run, `faults` the platform; `asked`: it was called."""

    sentence: str
    code: str = "LOG_FAILED"
    state: str = LogState.FAILED
    fields: dict[str, Any] = field(default_factory=dict)
    faults: dict[str, Any] = field(default_factory=dict)
    asked: bool = True


UNKNOWN = "execution-00000000-0000-4000-8000-000000000000-2026.01.01"
LONG_AGO = datetime(2026, 1, 5, 12, tzinfo=UTC)
ELSEWHERE = (
    "The answer points to {}, which may not receive the credentials. "
    "If the host belongs to your Boomi platform, add it to BOOMI_HOSTS."
)
LOGS = {
    "run of a low-latency process": LogCase(
        "The platform has no log of this execution. "
        "Runs of low-latency processes and refused starts leave none.",
        fields={"execution_id": UNKNOWN, "execution_type": "exec_listener"},
    ),
    "run in test mode": LogCase(
        "A run in test mode leaves no process log.",
        "LOG_NONE",
        LogState.NONE_BY_DESIGN,
        fields={"execution_type": "test_manual"},
        asked=False,
    ),
    "purged": LogCase(
        "The platform deleted this log on 4 Feb 2026.",
        "LOG_NONE",
        LogState.PURGED,
        fields={"started_at": LONG_AGO, "recorded_at": LONG_AGO},
        asked=False,
    ),
    "empty log": LogCase(
        "The log is empty: the run wrote nothing at this level.",
        "LOG_NONE",
        LogState.NONE_BY_DESIGN,
        faults={"empty_log": True},
    ),
    "never delivered": LogCase(
        "The platform delivered nothing, again and again. Try again later.",
        faults={"log_expired": True},
    ),
    "truncated archive": LogCase(
        "The downloaded archive is damaged. Try again later.", faults={"truncated_zip": True}
    ),
    "zip bomb": LogCase(
        "The downloaded archive unpacks to more than 200 times its size.",
        faults={"zip_bomb_mb": 200},
    ),
    "url on a foreign host": LogCase(
        ELSEWHERE.format("https://evil.example"),
        faults={"foreign_log_url": "https://evil.example/log.zip"},
    ),
    "url on an internal host": LogCase(
        ELSEWHERE.format("http://169.254.169.254"),
        faults={"foreign_log_url": "http://169.254.169.254/latest"},
    ),
    "token refused meanwhile": LogCase(
        "The platform refused the credentials (401): Unauthorized.",
        "AUTH_FAILED",
        LogState.UNKNOWN,
        faults={"reject_all_tokens": True},
    ),
}


@pytest.mark.parametrize("name", LOGS)
def test_a_log_that_cannot_be_had_is_explained(
    client: Client,
    connection: Connection,
    planted: PlantedRun,
    sandbox: Sandbox,
    log_store: Path,
    name: str,
) -> None:
    case = LOGS[name]
    execution = mirrored(planted, connection, **case.fields)
    sandbox.faults = replace(sandbox.faults, **case.faults)
    run = analysed(client, execution)
    assert (run.status, run.error_code, run.error_message) == (
        JobStatus.FAILED, case.code, case.sentence,
    )  # fmt: skip
    assert_one_clear_sentence(run.error_message)
    assert_one_clear_sentence(run.error_hint)
    execution.refresh_from_db()
    assert (execution.log_state, execution.log_file) == (case.state, None)
    assert ApiCall.objects.exists() == case.asked
    assert_nothing_stored(log_store)


def analysed(client: Client, execution: Execution) -> JobRun:
    answer = client.post(f"/api/v1/executions/{execution.pk}/analyze/")
    assert answer.status_code == 202, answer.content
    drain(ignore_waits=True)
    return JobRun.objects.get(pk=answer["Location"].rstrip("/").rsplit("/", 1)[-1])


def test_an_offline_runtime_is_waited_for_and_the_countdown_is_shown(
    client: Client,
    connection: Connection,
    planted: PlantedRun,
    sandbox: Sandbox,
    olga: Actor,
    log_store: Path,
) -> None:
    execution = mirrored(planted, connection)
    sandbox.faults = replace(sandbox.faults, offline_runtimes={execution.runtime_id})
    client.post(f"/api/v1/executions/{execution.pk}/analyze/")
    drain()
    told = client.get(f"/api/v1/executions/{execution.pk}/log/").json()
    assert (told["state"], told["reason"]) == (
        "waiting_runtime", "Prod Molecule cannot be reached.",
    )  # fmt: skip
    execution.refresh_from_db()
    panel = panels.execution_panel(olga, execution)
    assert panel["retry_at"] is not None
    assert panel["purged_at"] == purged_at(execution)
    assert timezone.now() < panel["retry_at"] < panel["purged_at"]
    assert_nothing_stored(log_store)


def test_an_offline_runtime_is_given_up_when_its_log_is_purged(
    client: Client,
    connection: Connection,
    planted: PlantedRun,
    sandbox: Sandbox,
    log_store: Path,
) -> None:
    almost = timezone.now() - timedelta(days=30, seconds=-30)
    execution = mirrored(planted, connection, started_at=almost, recorded_at=almost)
    sandbox.faults = replace(sandbox.faults, offline_runtimes={execution.runtime_id})
    run = analysed(client, execution)
    assert run.error_message == "The runtime stayed away until the platform deleted the log."
    assert run.error_code == "LOG_NONE"
    assert_nothing_stored(log_store)


# --- Files -----------------------------------------------------------------------------------


def upload(client: Client, content: bytes, name: str = "sent.bin") -> HttpResponse:
    return client.post("/api/v1/analyses/", {"file": SimpleUploadedFile(name, content)})


FILES: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "0 bytes": (lambda: b"", "EMPTY_LOG", "'sent.bin' is empty."),
    "binary": (
        lambda: bytes(range(256)) * 64,
        "NOT_A_LOG",
        "'sent.bin' is a binary file, not a Boomi process log.",
    ),
    "PDF": (
        lambda: b"%PDF-1.7\n" + bytes(range(256)) * 8,
        "NOT_A_LOG",
        "'sent.bin' is a PDF document, not a Boomi process log.",
    ),
    "zip bomb": (
        lambda: zipped(ProcessLog_log=failing_log() + b"\0" * 60_000_000),
        "ZIP_BOMB",
        "'sent.bin' unpacks to more than 200 times its size.",
    ),
    "zip with three files": (
        lambda: zipped(a_log=failing_log(), b_log=failing_log(2), c_log=failing_log(3)),
        "TOO_MANY_MEMBERS",
        "'sent.bin' holds 3 logs: a.log, b.log, c.log.",
    ),
    "half a zip": (
        lambda: zipped(a_log=failing_log(900))[:400],
        "BROKEN_ZIP",
        "'sent.bin' is damaged or packed in an unusual way.",
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_no_log_is_explained(client: Client, log_store: Path, name: str) -> None:
    content, code, sentence = FILES[name]
    answer = upload(client, content())
    told = answer.json()
    assert (answer.status_code, told["code"], told["message"]) == (400, code, sentence)
    assert_one_clear_sentence(told["message"])
    assert_one_clear_sentence(told["hint"])
    assert_nothing_stored(log_store)
    assert not JobRun.objects.exists()


@pytest.mark.parametrize("packed", [False, True])
def test_an_upload_over_the_limit_is_explained(
    client: Client, settings: Any, log_store: Path, packed: bool
) -> None:
    settings.UPLOAD_MAX_MB = 1
    log = failing_log(12_000)
    answer = upload(client, zipped(run_log=log) if packed else log, "run.log")
    told = answer.json()
    assert (answer.status_code, told["code"]) == (400, "TOO_LARGE")
    plain = "The file is larger than the 1 MB this portal accepts."
    inside = "'run.log' holds a log of more than 1 MiB."
    assert told["message"] == (inside if packed else plain)
    assert_one_clear_sentence(told["hint"])
    assert_nothing_stored(log_store)


# --- Logs in an odd state, which are read all the same ------------------------------------------


def test_a_truncated_log_is_analysed_and_its_missing_end_is_said(client: Client) -> None:
    log = failing_log()
    told = upload(client, log[: log.index(b"cleanup...") - 30], "cut.log").json()
    assert told["status"] == AnalysisStatus.DONE
    assert told["result"]["source"]["torn_last_line"] is True
    assert told["result"]["process"]["outcome"] == "running"
    assert told["verdict"].startswith("The log ends before the run does, at line 8")


@pytest.mark.parametrize(
    ("written", "named"), [("utf-16", "utf-16-le"), ("cp1252", "windows-1252")]
)
def test_a_log_in_another_encoding_is_analysed_and_its_lines_are_readable(
    client: Client, olga: Actor, written: str, named: str
) -> None:
    log = failing_log().decode().replace("Order to CRM", "Aufträge prüfen").encode(written)
    told = upload(client, log, "run.log").json()
    assert told["result"]["source"]["encoding"] == named
    assert "HTTP 401 Unauthorized" in told["verdict"]
    [line] = services.log_context(Analysis.objects.get(pk=told["id"]), 4, around=0)
    assert line.step == "Aufträge prüfen"
