"""The pages of analyses: upload, list, result, log, and what may be done with them."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from analysis import services
from analysis.contributions import cause
from analysis.engine import ENGINE_VERSION
from analysis.models import Analysis, AnalysisStatus
from analysis.services import uploads
from boomi import logstore
from boomi.models import Connection, Execution, LogState
from common.actors import Actor
from common.models import AuditEvent, Team, User
from scheduling.models import JobRun, JobStatus
from tests.analysis.builders import failing_log, make_execution, zipped
from tests.signed_in import program

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json, text/html"}


@pytest.fixture(autouse=True)
def _store(log_store: Path) -> None:
    """Every test here has the log store to itself."""


@pytest.fixture
def page(client: Client, operator: User) -> Client:
    client.force_login(operator)
    return client


@pytest.fixture
def upload(olga: Actor) -> Analysis:
    content = io.BytesIO(failing_log(passes=150))
    return services.analyse_upload(content, name="orders.log", actor=olga)[0]


@pytest.fixture
def execution(connection: Connection) -> Execution:
    return make_execution()


def file(content: bytes, name: str = "orders.log") -> dict[str, Any]:
    return {"file": SimpleUploadedFile(name, content)}


def analysed(execution: Execution, olga: Actor) -> Analysis:
    """The execution with its log stored and read."""
    log = logstore.store(io.BytesIO(failing_log(passes=90)), name="run.log", max_bytes=10**6)
    Execution.objects.filter(pk=execution.pk).update(log_file=log, log_state=LogState.READY)
    analysis = Analysis.objects.create(
        execution=execution, log_file=log, name="run.log", engine_version=ENGINE_VERSION
    )
    return services.run_analysis(analysis, actor=olga)


def text(answer: Any) -> str:
    """The page as people read it: quotes unescaped."""
    return answer.content.decode().replace("&#x27;", "'")


# --- The button of an execution -----------------------------------------------------------


def test_one_click_starts_a_job_that_the_page_shows(page: Client, execution: Execution) -> None:
    answer = page.post(f"/executions/{execution.pk}/analyse/", follow=True)
    assert answer.redirect_chain[-1][0] == f"/executions/{execution.pk}/"
    assert JobRun.objects.get().key == f"analyse:{execution.pk}"
    assert "Requested" in text(answer)
    assert "data-live-final" not in text(answer)


def test_a_second_click_makes_no_second_job(page: Client, execution: Execution) -> None:
    for _ in range(2):
        page.post(f"/executions/{execution.pk}/analyse/")
    assert JobRun.objects.count() == 1


def test_asking_by_a_link_does_nothing(page: Client, execution: Execution) -> None:
    assert page.get(f"/executions/{execution.pk}/analyse/").status_code == 405
    assert not JobRun.objects.exists()


def test_the_page_of_an_analysed_run_shows_the_line_that_failed(
    page: Client, execution: Execution, olga: Actor
) -> None:
    analysis = analysed(execution, olga)
    shown = text(page.get(f"/executions/{execution.pk}/"))
    line = analysis.first_fault_line
    assert f'id="L{line}" data-error data-marked' in shown
    assert f"/analyses/{analysis.pk}/log/?line={line}#L{line}" in shown
    assert "HTTP 401" in shown
    assert shown.count('class="log-line') <= 101


def test_a_finished_analysis_is_one_click_away(
    page: Client, execution: Execution, olga: Actor
) -> None:
    analysis = analysed(execution, olga)
    answer = page.post(f"/executions/{execution.pk}/analyse/")
    assert answer["Location"] == f"/analyses/{analysis.pk}/"


def test_a_viewer_sees_the_verdict_but_neither_log_nor_live_button(
    client: Client, execution: Execution, olga: Actor, team: Team, viewer: User
) -> None:
    team.members.add(viewer)
    Connection.objects.update(team=team)
    client.force_login(viewer)
    assert "This needs the role Operator." in text(client.get(f"/executions/{execution.pk}/"))
    assert client.post(f"/executions/{execution.pk}/analyse/").status_code == 403
    analysis = analysed(execution, olga)
    shown = text(client.get(f"/executions/{execution.pk}/"))
    assert analysis.first_fault_text in shown
    assert 'class="log-line' not in shown
    assert client.get(f"/analyses/{analysis.pk}/log/").status_code == 403
    assert "/log/?line=" not in shown + text(client.get(f"/analyses/{analysis.pk}/"))


def test_a_run_without_a_log_says_so_on_the_disabled_button(
    page: Client, execution: Execution
) -> None:
    Execution.objects.update(log_state=LogState.NONE_BY_DESIGN, log_reason="Low latency.")
    shown = text(page.get(f"/executions/{execution.pk}/"))
    assert 'disabled title="Low latency."' in shown
    assert "Upload its log" in shown
    answer = page.post(f"/executions/{execution.pk}/analyse/", follow=True)
    assert "Low latency." in text(answer)


def test_a_failed_attempt_can_be_tried_again(page: Client, execution: Execution) -> None:
    JobRun.objects.create(
        job="analysis.analyse_execution", title="x", key=f"analyse:{execution.pk}",
        audience=f"account:{execution.account_id}", status=JobStatus.FAILED,
        error_message="No connection reaches it.", error_hint="Add one.",
    )  # fmt: skip
    shown = text(page.get(f"/executions/{execution.pk}/"))
    for words in ("No connection reaches it.", "Add one.", "Try again"):
        assert words in shown


def test_the_list_of_executions_names_the_cause(
    page: Client, execution: Execution, olga: Actor
) -> None:
    analysis = analysed(execution, olga)
    row = page.get("/executions/").context["table"][0]
    assert row.cause == analysis.verdict.removeprefix("Failed in step 'Post order' – ")
    assert row.cause.startswith("HTTP 401")


def test_a_complete_run_with_caught_errors_says_so_in_the_list() -> None:
    assert cause("Completed; 2 errors were caught on the way").startswith("Completed; 2 errors")


# --- Upload -------------------------------------------------------------------------------


def test_an_upload_leads_to_its_analysis(page: Client) -> None:
    answer = page.post("/analyses/upload/", file(failing_log()))
    analysis = Analysis.objects.get()
    assert answer["Location"] == f"/analyses/{analysis.pk}/"
    assert analysis.status == AnalysisStatus.DONE


def test_a_script_gets_the_address_instead(page: Client) -> None:
    answer = page.post(
        "/analyses/upload/", file(zipped(a_log=failing_log()), "a.zip"), headers=JSON
    )
    assert answer.json() == {"url": f"/analyses/{Analysis.objects.get().pk}/"}


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7 no log", b"hello\n"])
def test_a_file_that_is_no_log_is_refused_in_one_sentence(page: Client, content: bytes) -> None:
    answer = page.post("/analyses/upload/", file(content))
    assert answer.status_code == 400
    problem = answer.context["problem"]
    assert problem.message in text(answer)
    assert problem.hint
    assert not Analysis.objects.exists()


def test_a_script_gets_the_same_sentence(page: Client) -> None:
    answer = page.post("/analyses/upload/", file(b"hello\n"), headers=JSON)
    assert answer.status_code == 400
    assert set(answer.json()) == {"message", "hint", "code"}


def test_a_form_without_a_file_says_what_to_do(page: Client) -> None:
    assert "No file was chosen." in text(page.post("/analyses/upload/", {}))


def test_a_file_over_the_limit_is_refused(page: Client, settings: Any) -> None:
    settings.UPLOAD_MAX_MB = 0
    answer = page.post("/analyses/upload/", file(failing_log(passes=100)))
    assert answer.status_code == 400
    assert "larger than the 0 MB" in text(answer)
    assert not Analysis.objects.exists()


def test_an_upload_needs_the_token_of_the_form(operator: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(operator)
    assert strict.post("/analyses/upload/", file(failing_log())).status_code == 403
    assert not Analysis.objects.exists()


def test_a_viewer_may_not_upload_and_reads_why(client: Client, viewer: User) -> None:
    client.force_login(viewer)
    assert "This needs the role Operator." in text(client.get("/analyses/upload/"))
    assert client.post("/analyses/upload/", file(failing_log())).status_code == 403
    assert not Analysis.objects.exists()


def test_a_viewer_sends_no_file_to_the_disk(
    client: Client, viewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[int] = []
    monkeypatch.setattr(
        "analysis.receiving.CappedUploadHandler.receive_data_chunk",
        lambda self, data, start: taken.append(len(data)),
    )
    client.force_login(viewer)
    client.post("/analyses/upload/", file(failing_log()))
    upload = {"file": SimpleUploadedFile("a.log", failing_log())}
    program(viewer).post("/api/v1/analyses/", upload, format="multipart")
    assert taken == []


def test_a_large_upload_shows_its_job(page: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "INSTANT_BYTES", 2000)
    answer = page.post("/analyses/upload/", file(failing_log(passes=200)), follow=True)
    assert "Reading the log" in text(answer)
    assert "data-live-final" not in text(answer)


# --- The list -----------------------------------------------------------------------------


def test_an_empty_list_says_how_to_begin(page: Client) -> None:
    assert "No analyses yet" in text(page.get("/analyses/"))


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 2), ("q=ORDERS", 2), ("q=send+orders", 1), ("kind=upload", 1), ("kind=execution", 1),
        ("status=failed", 0), ("mine=1", 1), ("findings=errors", 2), ("findings=hidden", 0),
        ("outcome=completed_with_errors", 2),
    ],
)  # fmt: skip
def test_filters_of_the_list(
    page: Client, upload: Analysis, execution: Execution, olga: Actor, query: str, count: int
) -> None:
    analysis = analysed(execution, olga)
    Analysis.objects.filter(pk=analysis.pk).update(name="orders of a run.log")
    assert len(page.get(f"/analyses/?{query}").context["analyses"]) == count


def test_the_list_costs_the_same_for_2_and_20_rows(page: Client, olga: Actor) -> None:
    def cost_with(count: int) -> int:
        while Analysis.objects.count() < count:
            Analysis.objects.create(name="a.log", owner=olga.user, engine_version=1)
        with CaptureQueriesContext(connection) as queries:
            assert len(page.get("/analyses/").context["analyses"]) == count
        return len(queries)

    assert cost_with(2) == cost_with(20) <= 12


def test_the_list_can_be_taken_away(page: Client, upload: Analysis) -> None:
    rows = json.loads(b"".join(page.get("/analyses/?export=json").streaming_content))
    assert [(row["name"], row["owner"]) for row in rows] == [
        ("orders.log", "olga@northwind.example")
    ]
    assert page.get("/analyses/?export=csv&status=nope").status_code == 400
    assert page.get("/analyses/?export=xls").status_code == 400


def test_somebody_elses_upload_is_not_found(
    client: Client, upload: Analysis, developer: User, stranger: User
) -> None:
    for user in (developer, stranger):
        client.force_login(user)
        for rest in ("", "log/", "result.json"):
            assert client.get(f"/analyses/{upload.pk}/{rest}").status_code == 404
        for verb in ("download", "restart", "delete"):
            assert client.post(f"/analyses/{upload.pk}/{verb}/").status_code == 404


def test_a_stranger_has_no_list(client: Client, stranger: User) -> None:
    client.force_login(stranger)
    assert client.get("/analyses/").status_code == 403


# --- One analysis -------------------------------------------------------------------------


def test_the_page_shows_verdict_figures_and_every_part(page: Client, upload: Analysis) -> None:
    answer = page.get(f"/analyses/{upload.pk}/")
    shown = text(answer)
    assert upload.verdict in shown
    for part in ("cause", "errors", "slowest", "steps", "connectors", "warnings", "time", "source"):
        assert f'id="{part}"' in shown
    assert "CRM API" in shown
    assert answer.context["steps"][0]["share"] <= 1


def test_many_steps_are_shown_in_part_until_asked_for(page: Client, upload: Analysis) -> None:
    step = upload.result["shapes"][0]
    upload.result["shapes"] = [{**step, "step": f"Step {number}"} for number in range(80)]
    upload.save()
    assert len(page.get(f"/analyses/{upload.pk}/").context["steps"]) == 50
    assert len(page.get(f"/analyses/{upload.pk}/?steps=all").context["steps"]) == 80


def test_the_json_is_the_result_as_it_is(page: Client, upload: Analysis) -> None:
    answer = page.get(f"/analyses/{upload.pk}/result.json")
    assert json.loads(answer.content) == upload.result
    assert "attachment" in answer["Content-Disposition"]


@pytest.mark.parametrize("name", sorted(path.name for path in Path("tests/data/logs").iterdir()))
def test_every_kind_of_log_has_a_page(page: Client, olga: Actor, name: str) -> None:
    content = io.BytesIO((Path("tests/data/logs") / name).read_bytes())
    analysis, _ = services.analyse_upload(content, name=name, actor=olga)
    for rest in ("", "log/"):
        shown = text(page.get(f"/analyses/{analysis.pk}/{rest}"))
        assert " style=" not in shown
        assert ">None<" not in shown


def test_a_failed_analysis_says_why_and_starts_again(page: Client, upload: Analysis) -> None:
    Analysis.objects.update(status=AnalysisStatus.FAILED, error_message="The disk was full.")
    assert "The disk was full." in text(page.get(f"/analyses/{upload.pk}/"))
    page.post(f"/analyses/{upload.pk}/restart/")
    assert JobRun.objects.get().key == f"analyse-upload:{upload.pk}"


def test_the_owner_deletes_an_upload(page: Client, upload: Analysis) -> None:
    assert page.get(f"/analyses/{upload.pk}/delete/").status_code == 405
    answer = page.post(f"/analyses/{upload.pk}/delete/", follow=True)
    assert "orders.log was deleted" in text(answer)
    assert not Analysis.objects.exists()


# --- The log ------------------------------------------------------------------------------


def test_the_log_opens_at_the_first_fault(page: Client, upload: Analysis) -> None:
    answer = page.get(f"/analyses/{upload.pk}/log/")
    window = answer.context["window"]
    assert window.first <= (upload.first_fault_line or 0) <= window.last
    assert f'id="L{upload.first_fault_line}" data-error data-marked' in text(answer)
    assert len(window.lines) == 200


def test_parts_of_the_log_follow_one_another(page: Client, upload: Analysis) -> None:
    window = page.get(f"/analyses/{upload.pk}/log/?at=1").context["window"]
    assert (window.first, window.last, window.earlier) == (1, 200, None)
    following = page.get(f"/analyses/{upload.pk}/log/?at={window.later}").context["window"]
    assert following.first <= 201
    assert following.last == following.total
    assert "data-marked" not in text(page.get(f"/analyses/{upload.pk}/log/?at=1"))


def test_the_next_error_out_of_view_has_an_address(page: Client, upload: Analysis) -> None:
    line = upload.first_fault_line
    shown = text(page.get(f"/analyses/{upload.pk}/log/?line=1"))
    assert f'data-next-error="/analyses/{upload.pk}/log/?line={line}#L{line}"' in shown


@pytest.mark.parametrize("asked", ["0", "-4", "999999999", "1e9", "x", "9" * 40])
def test_a_line_that_is_not_there_shows_the_nearest(
    page: Client, upload: Analysis, asked: str
) -> None:
    answer = page.get(f"/analyses/{upload.pk}/log/?line={asked}")
    assert answer.status_code == 200
    assert ("There is no such line" in text(answer)) == (asked == "999999999")


def test_a_log_that_is_gone_leaves_the_analysis(page: Client, upload: Analysis) -> None:
    Analysis.objects.update(log_file=None)
    assert "not stored any more" in text(page.get(f"/analyses/{upload.pk}/"))
    assert page.get(f"/analyses/{upload.pk}/log/").status_code == 404


def test_a_download_is_the_log_itself_and_is_audited(page: Client, upload: Analysis) -> None:
    assert page.get(f"/analyses/{upload.pk}/download/").status_code == 405
    answer = page.post(f"/analyses/{upload.pk}/download/")
    assert b"".join(answer.streaming_content) == failing_log(passes=150)
    assert AuditEvent.objects.filter(action="analysis.log.downloaded").count() == 1
