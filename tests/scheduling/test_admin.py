"""Jobs in the admin: everything to look at, cancel and retry as buttons."""

import pytest
from django.test import Client

from common.actors import Actor
from common.models import User
from scheduling.models import JobLogLine, JobRun, JobStatus
from scheduling.services import enqueue
from tests.signed_in import browser

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.portal_urls")]


@pytest.fixture
def ada(admin_user: User) -> Client:
    return browser(admin_user)


def begin(user: User, **values: object) -> JobRun:
    run = enqueue("tests.succeed", actor=Actor.person(user), params={"n": "<i>"})
    JobRun.objects.filter(pk=run.pk).update(**values or {"status": JobStatus.QUEUED})
    run.refresh_from_db()
    return run


def address(run: JobRun, action: str) -> str:
    return f"/admin/scheduling/jobrun/{run.pk}/{action}/"


def test_a_job_shows_what_it_said_and_where_it_broke(ada: Client, operator: User) -> None:
    run = begin(operator, status=JobStatus.ERRORED, traceback="ValueError: <b>")
    JobLogLine.objects.create(run=run, text="reading <page> 7")
    page = ada.get(address(run, "change")).content.decode()
    assert "reading &lt;page&gt; 7" in page
    assert "ValueError: &lt;b&gt;" in page
    assert f'href="/jobs/{run.pk}/"' in page


def test_a_waiting_job_is_cancelled(ada: Client, operator: User) -> None:
    run = begin(operator)
    assert "Retry job" not in ada.get(address(run, "change")).content.decode()
    page = ada.post(address(run, "action/cancel"), follow=True).content.decode()
    assert "is cancelled" in page
    run.refresh_from_db()
    assert run.status == JobStatus.CANCELLED


def test_a_failed_job_is_retried(ada: Client, operator: User, admin_user: User) -> None:
    run = begin(operator, status=JobStatus.FAILED)
    assert "Cancel job" not in ada.get(address(run, "change")).content.decode()
    ada.post(address(run, "action/retry"))
    again = JobRun.objects.latest("pk")
    assert (again.retry_of, again.owner) == (run, admin_user)


def test_a_refusal_is_told(ada: Client, operator: User) -> None:
    run = begin(operator, status=JobStatus.SUCCEEDED)
    page = ada.post(address(run, "action/cancel"))
    assert page.status_code == 409
    assert "has ended already" in page.content.decode()


def test_the_list_is_narrowed_to_a_job(ada: Client, operator: User) -> None:
    begin(operator)
    page = ada.get("/admin/scheduling/jobrun/?job=tests.fail").content.decode()
    assert "0 jobs" in page
