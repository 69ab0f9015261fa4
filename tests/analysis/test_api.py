"""Analyses through the API: of executions, of uploads, and their logs."""

import io
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from analysis.engine import ENGINE_VERSION
from analysis.models import Analysis, AnalysisStatus
from boomi import logstore
from boomi.models import Connection, Execution, LogFile, LogState
from common.models import AuditEvent, Team, User
from scheduling.models import JobRun
from scheduling.testing import drain
from tests.analysis.builders import failing_log, make_execution, zipped
from tests.signed_in import program

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.urls("tests.portal_urls"),
    pytest.mark.usefixtures("log_store"),
]
ANALYSES = "/api/v1/analyses/"


def upload(client: APIClient, content: bytes, name: str = "process.log") -> object:
    file = SimpleUploadedFile(name, content)
    return client.post(ANALYSES, {"file": file}, format="multipart")


def stored_execution() -> Execution:
    file = logstore.store(io.BytesIO(failing_log()), name="run.log", max_bytes=1 << 20)
    return make_execution(log_file=file, log_state=LogState.READY)


def analyze(client: APIClient, execution: Execution) -> object:
    return client.post(f"/api/v1/executions/{execution.pk}/analyze/")


@pytest.mark.parametrize("content", [failing_log(), zipped(process_log=failing_log())])
def test_a_small_upload_is_answered_with_its_analysis(operator: User, content: bytes) -> None:
    answer = upload(program(operator), content)
    told = answer.json()
    assert (answer.status_code, told["status"]) == (201, "done")
    assert told["first_fault_step"] == "Post order"
    assert told["result"]["schema"] == 1
    assert answer["Location"] == f"{ANALYSES}{told['id']}/"


def test_a_large_upload_is_answered_with_a_job(
    operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analysis.services.uploads.INSTANT_BYTES", 100)
    client = program(operator)
    answer = upload(client, failing_log(20))
    assert answer.status_code == 202
    drain()
    assert client.get(answer["Location"]).json()["status"] == "succeeded"
    assert client.get(f"{ANALYSES}{answer.json()['analysis']}/").json()["status"] == "done"


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n" + b"\0" * 99, b"%PDF-1.7 x"])
def test_what_is_no_log_gets_a_sentence_and_leaves_nothing(operator: User, content: bytes) -> None:
    answer = upload(program(operator), content)
    told = answer.json()
    assert answer.status_code == 400
    assert told["message"]
    assert told["hint"]
    assert not Analysis.objects.exists()
    assert not LogFile.objects.exists()


def test_an_upload_over_the_limit_is_refused(
    operator: User, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analysis.receiving.upload_limit", lambda: 1000)
    answer = upload(program(operator), failing_log(100))
    assert (answer.status_code, answer.json()["code"]) == (400, "TOO_LARGE")


@pytest.mark.parametrize("body", [{}, {"file": "text"}])
def test_a_form_without_a_file_names_the_field(operator: User, body: dict[str, str]) -> None:
    answer = program(operator).post(ANALYSES, body, format="multipart")
    assert (answer.status_code, set(answer.json()["fields"])) == (400, {"file"})


def test_a_viewer_may_not_upload(viewer: User) -> None:
    assert upload(program(viewer), failing_log()).status_code == 403


def test_an_upload_belongs_to_its_owner_and_the_team(
    operator: User, developer: User, viewer: User
) -> None:
    team = Team.objects.create(name="Integration")
    team.members.add(operator, developer)
    pk = upload(program(operator), failing_log()).json()["id"]
    assert program(developer).get(f"{ANALYSES}{pk}/").json()["team"] == "Integration"
    assert program(viewer).get(f"{ANALYSES}{pk}/").status_code == 404


@pytest.mark.parametrize(
    ("query", "total"),
    [
        ("", 2),
        ("uploaded=true", 1),
        ("uploaded=false", 1),
        ("execution_id=execution-1", 1),
        ("status=done", 1),
        ("status=failed&status=pending", 1),
        ("mine=true", 1),
        ("q=first", 1),
        ("created_before=2020-01-01T00:00Z", 0),
    ],
)
def test_the_list_is_filtered(
    connection: Connection, operator: User, query: str, total: int
) -> None:
    client = program(operator)
    upload(client, failing_log(), "first.log")
    Analysis.objects.create(execution=make_execution(), name="run", engine_version=1)
    assert client.get(f"{ANALYSES}?{query}").json()["total"] == total


def test_the_list_leaves_the_result_out(operator: User) -> None:
    client = program(operator)
    upload(client, failing_log())
    (row,) = client.get(ANALYSES).json()["results"]
    assert "result" not in row
    assert row["log_lines"] == len(failing_log().splitlines())


def test_an_upload_is_deleted_by_its_owner_only(
    operator: User, developer: User, admin_user: User
) -> None:
    pk = upload(program(operator), failing_log()).json()["id"]
    assert program(developer).delete(f"{ANALYSES}{pk}/").status_code == 404
    assert program(operator).delete(f"{ANALYSES}{pk}/").status_code == 204
    assert not Analysis.objects.exists()


def test_the_analysis_of_an_execution_is_kept(connection: Connection, operator: User) -> None:
    analysis = Analysis.objects.create(
        execution=make_execution(), name="run", engine_version=ENGINE_VERSION
    )
    answer = program(operator).delete(f"{ANALYSES}{analysis.pk}/")
    assert (answer.status_code, answer.json()["code"]) == (403, "NOT_ALLOWED")


def test_a_failed_upload_is_read_again(operator: User, log_store: Path) -> None:
    client = program(operator)
    pk = upload(client, failing_log()).json()["id"]
    Analysis.objects.filter(pk=pk).update(status=AnalysisStatus.FAILED)
    assert client.post(f"{ANALYSES}{pk}/restart/").status_code == 202
    drain()
    assert client.get(f"{ANALYSES}{pk}/").json()["status"] == "done"


def test_the_log_comes_back_as_it_was_and_is_audited(operator: User) -> None:
    client = program(operator)
    pk = upload(client, zipped(process_log=failing_log())).json()["id"]
    answer = client.post(f"{ANALYSES}{pk}/log/")
    assert answer.getvalue() == failing_log()
    assert AuditEvent.objects.filter(action="analysis.log.downloaded").exists()


def test_an_execution_is_analysed_by_a_job_and_answered_at_once_later(
    connection: Connection, operator: User
) -> None:
    execution = stored_execution()
    client = program(operator)
    first = analyze(client, execution)
    assert first.status_code == 202
    assert analyze(client, execution)["Location"] == first["Location"]
    drain()
    told = analyze(client, execution)
    assert (told.status_code, told.json()["execution"]) == (200, execution.pk)
    assert JobRun.objects.count() == 1


def test_a_viewer_gets_a_finished_analysis_but_starts_none(
    connection: Connection, operator: User, viewer: User
) -> None:
    team = Team.objects.create(name="Integration")
    team.members.add(viewer)
    Connection.objects.update(team=team)
    execution = stored_execution()
    assert analyze(program(viewer), execution).status_code == 403
    analyze(program(operator), execution)
    drain()
    assert analyze(program(viewer), execution).status_code == 200


def test_a_log_that_can_never_be_had_is_a_conflict(connection: Connection, operator: User) -> None:
    execution = make_execution(log_state=LogState.PURGED, log_reason="It was purged.")
    answer = analyze(program(operator), execution)
    assert (answer.status_code, answer.json()["code"]) == (409, "LOG_NONE")


def test_an_execution_of_others_is_not_found(operator: User) -> None:
    assert analyze(program(operator), make_execution()).status_code == 404
