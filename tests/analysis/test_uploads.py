import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from analysis import queries, services
from analysis.engine import analyze_stream
from analysis.models import Analysis, AnalysisStatus
from analysis.services import uploads
from boomi import logstore
from boomi.models import LogFile
from common import access
from common.actors import Actor
from common.errors import Conflict, InputError, NotAllowed, NotFound
from common.models import AuditEvent, Team, User
from scheduling.models import JobRun, JobStatus
from scheduling.testing import drain
from tests.analysis.builders import failing_log, failing_xml, make_execution, zipped

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.analysis.urls")]
PDF = b"%PDF-1.7\n" + bytes(range(256)) * 8
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8


def upload(actor: Actor, content: bytes, name: str = "process.log") -> Analysis:
    analysis, _ = services.analyse_upload(io.BytesIO(content), name=name, actor=actor)
    return analysis


@pytest.fixture(autouse=True)
def _store(log_store: Path) -> None:
    """Every test here has the log store to itself."""


@pytest.fixture
def instant_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Logs over 2 kB count as large."""
    monkeypatch.setattr(uploads, "INSTANT_BYTES", 2_000)


def test_a_small_log_is_analysed_at_once(olga: Actor) -> None:
    analysis, run = services.analyse_upload(
        io.BytesIO(failing_log()), name="C:\\logs\\run 7.log", actor=olga
    )
    assert run is None
    assert analysis.status == AnalysisStatus.DONE
    assert analysis.name == "run 7.log"
    assert "401" in analysis.verdict
    assert (analysis.first_fault_line, analysis.first_fault_step) == (7, "Post order")
    assert (analysis.outcome, analysis.severe_count) == ("completed_with_errors", 1)
    assert analysis.finished_at is not None


@pytest.mark.usefixtures("instant_limit")
def test_a_large_log_is_analysed_by_a_job(olga: Actor) -> None:
    content = failing_log(passes=300)
    analysis, run = services.analyse_upload(io.BytesIO(content), name="run.log", actor=olga)
    assert run is not None
    assert analysis.status == AnalysisStatus.PENDING
    drain()
    run.refresh_from_db()
    analysis.refresh_from_db()
    assert (run.status, run.phase, run.percent) == (JobStatus.SUCCEEDED, "done", 100)
    assert run.result == {"analysis": analysis.pk}
    assert analysis.status == AnalysisStatus.DONE
    assert analysis.result["source"]["bytes"] == len(content)


@pytest.mark.usefixtures("instant_limit")
@pytest.mark.parametrize("packed", [False, True])
def test_a_large_log_gives_the_result_of_the_engine(olga: Actor, packed: bool) -> None:
    content = failing_log(passes=300)
    sent = zipped(run_log=content) if packed else content
    large = upload(olga, sent, "run.log")
    drain()
    large.refresh_from_db()
    assert _without_name(large.result) == _engine_says(content)


def test_plain_and_zipped_bytes_give_equal_results(olga: Actor) -> None:
    plain = upload(olga, failing_log(5), "a.log")
    packed = upload(olga, zipped(ProcessLog_log=failing_log(5)), "process_log.zip")
    assert _without_name(plain.result) == _without_name(packed.result)


def test_equal_logs_are_stored_once(olga: Actor) -> None:
    first = upload(olga, failing_log(), "a.log")
    second = upload(olga, zipped(b_log=failing_log()), "b.zip")
    assert first.log_file == second.log_file
    assert LogFile.objects.count() == 1


def test_the_log_is_stored_as_it_came(olga: Actor) -> None:
    analysis = upload(olga, zipped(run_log=failing_log(40)))
    assert analysis.log_file is not None
    with logstore.open_log_file(analysis.log_file) as stream:
        assert stream.read() == failing_log(40)


def _encrypted() -> bytes:
    """A zip that says its member is encrypted; no library here writes a real one."""
    packed = bytearray(zipped(a_log=failing_log()))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        packed[packed.index(mark) + offset] |= 1
    assert zipfile.ZipFile(io.BytesIO(packed)).infolist()[0].flag_bits & 1
    return bytes(packed)


def _bad_files() -> Iterator[Any]:
    log = failing_log()
    yield pytest.param(b"", "EMPTY_LOG", "empty", id="nothing")
    yield pytest.param(b" \n\n", "EMPTY_LOG", "empty", id="blank")
    yield pytest.param(PDF, "NOT_A_LOG", "PDF", id="pdf")
    yield pytest.param(PNG, "NOT_A_LOG", "picture", id="picture")
    yield pytest.param(bytes(range(256)) * 64, "NOT_A_LOG", "binary", id="binary")
    yield pytest.param(b"Dear team,\nsee below.\n", "NOT_A_LOG", "process log", id="letter")
    yield pytest.param(b"letter\n" * 1_000, "NOT_A_LOG", "process log", id="long letter")
    yield pytest.param(b'{"a": 1}', "NOT_A_LOG", "JSON", id="json")
    three = zipped(a_log=log, b_log=log, c_log=log)
    yield pytest.param(three, "TOO_MANY_MEMBERS", "3 logs", id="zip of three")
    readme = zipped(readme_md=b"# hello", picture_png=PNG)
    yield pytest.param(readme, "NO_LOG_IN_ZIP", "no process log", id="zip without log")
    whole = zipped(a_log=failing_log(500))
    yield pytest.param(whole[: len(whole) // 2], "BROKEN_ZIP", "damaged", id="truncated zip")
    yield pytest.param(_encrypted(), "ENCRYPTED_ZIP", "password", id="encrypted zip")
    bomb = zipped(a_log=log + b"\0" * 60_000_000)
    yield pytest.param(bomb, "ZIP_BOMB", "times its size", id="zip bomb")
    empty = zipped(ProcessLog_log=b"")
    yield pytest.param(empty, "EMPTY_LOG", "empty", id="zip with an empty log")


@pytest.mark.usefixtures("instant_limit")
@pytest.mark.parametrize(("content", "code", "says"), list(_bad_files()))
def test_a_bad_file_is_explained_and_nothing_is_stored(
    olga: Actor, log_store: Path, content: bytes, code: str, says: str
) -> None:
    with pytest.raises(InputError) as caught:
        upload(olga, content, "sent.bin")
    assert caught.value.code == code
    assert says in caught.value.message
    assert caught.value.hint
    _assert_nothing_stored(log_store)


def test_a_file_over_the_limit_is_refused(olga: Actor, log_store: Path, settings: Any) -> None:
    settings.UPLOAD_MAX_MB = 1
    with pytest.raises(InputError) as caught:
        upload(olga, failing_log(10_000))
    assert caught.value.code == "TOO_LARGE"
    _assert_nothing_stored(log_store)


def test_a_zip_whose_log_is_over_the_limit_is_refused(
    olga: Actor, log_store: Path, settings: Any
) -> None:
    settings.UPLOAD_MAX_MB = 1
    packed = zipped(run_log=failing_log(10_000))
    assert len(packed) < 1_000_000
    with pytest.raises(InputError) as caught:
        upload(olga, packed)
    assert caught.value.code == "TOO_LARGE"
    _assert_nothing_stored(log_store)


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252", "utf-8-sig"])
def test_other_encodings_are_analysed_and_said(olga: Actor, encoding: str) -> None:
    text = failing_log().decode().replace("Order to CRM", "Aufträge")
    analysis = upload(olga, text.encode(encoding))
    named = {"utf-16": "utf-16-le", "cp1252": "windows-1252", "utf-8-sig": "utf-8"}[encoding]
    assert analysis.result["source"]["encoding"] == named
    context = services.log_context(analysis, 4, around=0)
    assert [line.step for line in context] == ["Aufträge"]


def test_the_xml_of_a_runtime_is_analysed_and_its_fault_found_again(olga: Actor) -> None:
    analysis = upload(olga, failing_xml(), "process_log.xml")
    assert analysis.result["source"]["format"] == "xml"
    assert analysis.first_fault_line is not None
    [line] = services.log_context(analysis, analysis.first_fault_line, around=0)
    assert line.is_fault
    assert line.step == "Post order"


def test_a_truncated_log_is_analysed_and_said(olga: Actor) -> None:
    analysis = upload(olga, failing_log()[:-40])
    assert analysis.status == AnalysisStatus.DONE
    assert analysis.result["source"]["torn_last_line"] is True


def test_a_character_the_database_cannot_keep_is_replaced(olga: Actor) -> None:
    log = failing_log().replace(b"Unauthorized", b"Un\0authorized")
    analysis = upload(olga, log)
    analysis.refresh_from_db()
    assert "\0" not in json.dumps(analysis.result) + analysis.first_fault_text
    assert "Un\N{REPLACEMENT CHARACTER}authorized" in analysis.first_fault_text


def test_a_viewer_may_not_upload(viewer: User, log_store: Path) -> None:
    with pytest.raises(NotAllowed, match="Operator"):
        upload(Actor.person(viewer), failing_log())
    _assert_nothing_stored(log_store)


def test_an_upload_is_seen_by_its_owner_the_team_and_admins(
    olga: Actor, team: Team, viewer: User, developer: User, admin_user: User
) -> None:
    team.members.add(viewer)
    analysis = upload(olga, failing_log())
    assert analysis.team == team
    for user, sees in ((olga.user, True), (viewer, True), (admin_user, True), (developer, False)):
        assert user is not None
        assert bool(access.may(Actor.person(user), "analysis.analysis.view", analysis)) is sees
    with pytest.raises(NotFound):
        access.find(Actor.person(developer), Analysis.objects.all(), pk=analysis.pk)


def test_having_asked_for_an_analysis_gives_no_right_to_the_account(olga: Actor) -> None:
    """The owner column of an execution's analysis only says who asked."""
    Analysis.objects.create(execution=make_execution(), name="a", engine_version=1, owner=olga.user)
    assert not access.visible(olga, Analysis.objects.all()).exists()


def test_somebody_in_two_teams_shares_with_both(olga: Actor, team: Team, viewer: User) -> None:
    second = Team.objects.create(name="Second")
    assert olga.user is not None
    second.members.add(olga.user, viewer)
    analysis = upload(Actor.person(olga.user), failing_log())
    assert analysis.team is None
    assert access.visible(Actor.person(viewer), Analysis.objects.all()).get() == analysis


def test_an_upload_is_audited(olga: Actor) -> None:
    analysis = upload(olga, failing_log())
    events = AuditEvent.objects.filter(object_id=str(analysis.pk)).values_list("action", flat=True)
    assert set(events) == {"analysis.analysis.uploaded", "analysis.analysis.done"}


def test_the_owner_deletes_an_upload_and_its_log(olga: Actor) -> None:
    analysis = upload(olga, failing_log())
    services.delete_upload(analysis, actor=olga)
    assert not Analysis.objects.exists()
    assert not LogFile.objects.exists()
    assert AuditEvent.objects.filter(action="analysis.analysis.deleted").count() == 1


def test_a_log_that_others_refer_to_outlives_the_upload(olga: Actor) -> None:
    first, second = upload(olga, failing_log()), upload(olga, failing_log())
    services.delete_upload(first, actor=olga)
    assert services.log_context(second, 1, around=0)[0].step == "initializing..."


def test_only_owner_and_admins_delete(olga: Actor, developer: User, admin_user: User) -> None:
    analysis = upload(olga, failing_log())
    with pytest.raises(NotAllowed):
        services.delete_upload(analysis, actor=Actor.person(developer))
    services.delete_upload(analysis, actor=Actor.person(admin_user))
    assert not Analysis.objects.exists()


def test_the_analysis_of_an_execution_cannot_be_deleted_as_an_upload(admin_user: User) -> None:
    analysis = Analysis.objects.create(execution=make_execution(), name="a", engine_version=1)
    with pytest.raises(NotAllowed, match="kept as long as the execution"):
        services.delete_upload(analysis, actor=Actor.person(admin_user))


@pytest.mark.usefixtures("instant_limit")
def test_deleting_an_upload_ends_its_job(olga: Actor) -> None:
    analysis = upload(olga, failing_log(300))
    services.delete_upload(analysis, actor=olga)
    assert JobRun.objects.get().status == JobStatus.CANCELLED
    assert drain() == 0


@pytest.mark.usefixtures("instant_limit")
def test_an_interrupted_upload_is_started_again_once(olga: Actor) -> None:
    analysis = upload(olga, failing_log(300))
    JobRun.objects.update(status=JobStatus.LOST)
    first = services.restart(analysis, actor=olga)
    assert services.restart(analysis, actor=olga) == first
    drain()
    analysis.refresh_from_db()
    assert analysis.status == AnalysisStatus.DONE
    with pytest.raises(Conflict):
        services.restart(analysis, actor=olga)


@pytest.mark.usefixtures("instant_limit")
def test_a_log_that_turns_out_unreadable_fails_with_a_sentence(
    olga: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    analysis = upload(olga, failing_log(300))
    monkeypatch.setattr(logstore, "open_log_file", lambda log_file: io.BytesIO(PDF))
    drain()
    analysis.refresh_from_db()
    run = JobRun.objects.get()
    assert (analysis.status, run.status) == (AnalysisStatus.FAILED, JobStatus.FAILED)
    assert "PDF" in analysis.error_message
    assert run.error_code == analysis.error_code == "NOT_A_LOG"


def test_a_list_of_analyses_costs_one_query(olga: Actor, django_assert_num_queries: Any) -> None:
    for passes in range(5):
        upload(olga, failing_log(passes))
    with django_assert_num_queries(1):
        rows = list(queries.for_list(Analysis.objects.all()))
        assert {str(row.owner) for row in rows} == {"Olga Operator"}
        assert {row.process_name for row in rows} == {"Send orders"}


def _without_name(result: dict[str, Any]) -> str:
    return json.dumps({**result, "source": {**result["source"], "name": ""}}, sort_keys=True)


def _engine_says(content: bytes) -> str:
    return _without_name(analyze_stream(io.BytesIO(content), name=""))


def _assert_nothing_stored(log_store: Path) -> None:
    assert not Analysis.objects.exists()
    assert not LogFile.objects.exists()
    assert not JobRun.objects.exists()
    assert [path for path in log_store.rglob("*") if path.is_file()] == []
