"""Jobs through the API."""

import pytest

from common.actors import Actor
from common.models import AuditEvent, User
from scheduling.models import JobLogLine, JobRun, JobStatus
from scheduling.services import enqueue
from scheduling.testing import drain
from tests.signed_in import browser, program

pytestmark = pytest.mark.django_db
JOBS = "/api/v1/jobs/"


def begin(user: User, name: str = "tests.succeed", **fields: object) -> JobRun:
    return enqueue(name, actor=Actor.person(user), **fields)


def test_people_see_their_own_jobs(operator: User, developer: User) -> None:
    mine, other = begin(operator), begin(developer)
    client = program(operator)
    assert [row["id"] for row in client.get(JOBS).json()["results"]] == [mine.pk]
    assert client.get(f"{JOBS}{other.pk}/").status_code == 404


def test_a_stranger_without_a_role_sees_no_jobs(stranger: User) -> None:
    assert browser(stranger).get(JOBS).status_code == 403


def test_a_detail_shows_how_far_it_is_and_what_it_said(operator: User) -> None:
    run = begin(operator)
    for number in range(3):
        JobLogLine.objects.create(run=run, text=f"line {number}")
    JobRun.objects.filter(pk=run.pk).update(phase="downloading", percent=40)
    told = program(operator).get(f"{JOBS}{run.pk}/").json()
    assert (told["phase"], told["percent"], told["live"]) == ("downloading", 40, True)
    assert [line["text"] for line in told["log_lines"]] == ["line 0", "line 1", "line 2"]


def test_only_the_newest_lines_are_told(operator: User) -> None:
    run = begin(operator)
    lines = [JobLogLine(run=run, text=str(number)) for number in range(250)]
    JobLogLine.objects.bulk_create(lines)
    told = program(operator).get(f"{JOBS}{run.pk}/").json()["log_lines"]
    assert (len(told), told[0]["text"], told[-1]["text"]) == (200, "50", "249")


def test_a_finished_job_tells_its_result(operator: User) -> None:
    run = begin(operator)
    drain()
    told = program(operator).get(f"{JOBS}{run.pk}/").json()
    assert (told["status"], told["live"]) == ("succeeded", False)
    assert (told["summary"], told["result"]) == ("All good.", {"answer": 42})


def test_a_traceback_is_not_told(operator: User) -> None:
    run = begin(operator)
    JobRun.objects.filter(pk=run.pk).update(traceback="canary-trace", status=JobStatus.ERRORED)
    client = program(operator)
    for url in (JOBS, f"{JOBS}{run.pk}/", f"{JOBS}?export=json"):
        assert b"canary-trace" not in client.get(url).getvalue()


@pytest.mark.parametrize(
    ("query", "total"),
    [
        ("status=queued", 1),
        ("status=queued&status=failed", 2),
        ("live=true", 1),
        ("live=false", 1),
        ("job=tests.fail", 1),
        ("q=fai", 1),
        ("mine=true", 2),
        ("mine=false", 0),
    ],
)
def test_the_list_is_filtered(operator: User, query: str, total: int) -> None:
    begin(operator)
    failed = begin(operator, "tests.fail")
    JobRun.objects.filter(pk=failed.pk).update(status=JobStatus.FAILED)
    assert program(operator).get(f"{JOBS}?{query}").json()["total"] == total


def test_cancelling_is_told_and_audited(operator: User) -> None:
    run = begin(operator)
    answer = program(operator).post(f"{JOBS}{run.pk}/cancel/")
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert AuditEvent.objects.get(action="scheduling.job.cancelled").via == "api"


def test_what_has_ended_cannot_be_cancelled(operator: User) -> None:
    run = begin(operator)
    drain()
    answer = program(operator).post(f"{JOBS}{run.pk}/cancel/")
    assert (answer.status_code, answer.json()["code"]) == (409, "ILLEGAL_MOVE")


def test_a_retry_is_a_job_of_its_own(operator: User) -> None:
    run = begin(operator, "tests.fail")
    drain()
    client = program(operator)
    answer = client.post(f"{JOBS}{run.pk}/retry/")
    again = JobRun.objects.latest("pk")
    assert (answer.status_code, answer["Location"]) == (202, f"{JOBS}{again.pk}/")
    assert client.get(answer["Location"]).json()["retry_of"] == run.pk
    assert client.get(f"{JOBS}{run.pk}/").json()["retries"] == [again.pk]


def test_a_success_is_not_retried(operator: User) -> None:
    run = begin(operator)
    drain()
    answer = program(operator).post(f"{JOBS}{run.pk}/retry/")
    assert (answer.status_code, answer.json()["code"]) == (409, "CONFLICT")


def test_a_viewer_ends_only_what_is_his(viewer: User, operator: User, admin_user: User) -> None:
    own = begin(viewer)
    assert program(viewer).post(f"{JOBS}{own.pk}/cancel/").status_code == 200
    other = begin(operator)
    assert program(viewer).post(f"{JOBS}{other.pk}/cancel/").status_code == 404
    assert program(admin_user).post(f"{JOBS}{other.pk}/cancel/").status_code == 200
