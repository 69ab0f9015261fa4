"""The pages of jobs: who sees what, what can be done, what a refresh costs."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from common.models import AuditEvent, User
from scheduling.models import JobLogLine, JobRecordError, JobRun, JobStatus
from tests.scheduling.builders import make_automation
from tests.visits import html_of, queries_of

pytestmark = pytest.mark.django_db


def make_run(owner: User | None, status: str = JobStatus.RUNNING, **fields: object) -> JobRun:
    values = {"job": "tests.count", "title": "Count to ten", "started_at": timezone.now(), **fields}
    actor_text = owner.email if owner else "system:clock"
    return JobRun.objects.create(owner=owner, status=status, actor_text=actor_text, **values)


def test_the_list_shows_own_jobs_and_no_others(
    client: Client, viewer: User, operator: User
) -> None:
    make_run(viewer, title="Mine")
    make_run(operator, title="Not mine")
    html = html_of(client, viewer, reverse("jobs"))
    assert "Mine" in html
    assert "Not mine" not in html


def test_a_person_without_a_role_is_refused_with_a_reason(client: Client, stranger: User) -> None:
    client.force_login(stranger)
    answer = client.get(reverse("jobs"))
    assert answer.status_code == 403
    assert "This needs the role Viewer." in answer.content.decode()


def test_an_empty_list_says_what_will_stand_there(client: Client, viewer: User) -> None:
    assert "No jobs yet" in html_of(client, viewer, reverse("jobs"))


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_the_list_is_exported_as_it_is_filtered(
    client: Client, viewer: User, operator: User, kind: str
) -> None:
    make_run(viewer, title="Mine")
    make_run(viewer, title="Another")
    make_run(operator, title="Mine it is not")
    client.force_login(viewer)
    answer = client.get(reverse("jobs"), {"q": "Mine", "export": kind})
    text = b"".join(answer.streaming_content).decode()
    assert "Mine" in text
    assert "Another" not in text
    assert "it is not" not in text


def test_filters_that_select_nothing_can_be_cleared(client: Client, viewer: User) -> None:
    make_run(viewer)
    assert "Nothing matches these filters" in html_of(client, viewer, reverse("jobs") + "?q=zebra")


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("status=failed", {"Old"}),
        ("live=true", {"New"}),
        ("live=false", {"Old"}),
        ("mine=true", {"Old"}),
        ("mine=false", {"New"}),
        ("q=ol", {"Old"}),
    ],
)
def test_filters_of_the_address_narrow_the_list(
    client: Client, admin_user: User, viewer: User, query: str, shown: set[str]
) -> None:
    make_run(admin_user, JobStatus.FAILED, title="Old")
    make_run(viewer, JobStatus.RUNNING, title="New")
    client.force_login(admin_user)
    rows = client.get(f"{reverse('jobs')}?{query}").context["page"]
    assert {run.title for run in rows} == shown


def test_a_filter_that_makes_no_sense_selects_nothing_and_says_so(
    client: Client, viewer: User
) -> None:
    make_run(viewer)
    html = html_of(client, viewer, reverse("jobs") + "?status=bogus")
    assert "Select a valid choice" in html
    assert "Count to ten" not in html


def test_the_list_takes_as_many_queries_for_fifty_jobs_as_for_two(
    client: Client, viewer: User
) -> None:
    client.force_login(viewer)
    for _ in range(2):
        make_run(viewer)
    few = queries_of(client, reverse("jobs"))
    for _ in range(50):
        make_run(viewer)
    assert queries_of(client, reverse("jobs")) == few


def test_a_refresh_of_an_unchanged_list_is_cheap(client: Client, viewer: User) -> None:
    make_run(viewer)
    client.force_login(viewer)
    tag = client.get(reverse("jobs"), headers={"HX-Request": "true"})["ETag"]
    poll = {"HX-Request": "true", "If-None-Match": tag}
    assert client.get(reverse("jobs"), headers=poll).status_code == 304
    make_run(viewer)
    assert client.get(reverse("jobs"), headers=poll).status_code == 200


def test_a_stranger_finds_no_job(client: Client, stranger: User, viewer: User) -> None:
    client.force_login(stranger)
    url = reverse("job", args=[make_run(viewer).pk])
    assert client.get(url).status_code == 404
    assert client.post(url + "cancel/").status_code == 404
    assert client.post(url + "retry/").status_code == 404


def test_the_page_of_a_job_shows_its_progress_and_lines(client: Client, viewer: User) -> None:
    run = make_run(viewer, percent=40, phase="counting", detail="4 of 10")
    JobLogLine.objects.create(run=run, text="four it is")
    html = html_of(client, viewer, reverse("job", args=[run.pk]))
    assert 'value="40"' in html
    assert "4 of 10" in html
    assert "four it is" in html
    assert "data-live-final" not in html


def test_a_new_line_ends_the_silence_of_refreshes(client: Client, viewer: User) -> None:
    run = make_run(viewer)
    client.force_login(viewer)
    url = reverse("job", args=[run.pk])
    tag = client.get(url, headers={"HX-Request": "true"})["ETag"]
    JobLogLine.objects.create(run=run, text="five")
    poll = {"HX-Request": "true", "If-None-Match": tag}
    assert "five" in client.get(url, headers=poll).content.decode()


def test_the_page_of_an_ended_job_stops_refreshing(client: Client, viewer: User) -> None:
    run = make_run(viewer, JobStatus.FAILED, error_message="It broke.", error_hint="Mend it.")
    html = html_of(client, viewer, reverse("job", args=[run.pk]))
    assert "data-live-final" in html
    assert "It broke." in html
    assert "Mend it." in html


def test_a_traceback_is_for_admins(client: Client, viewer: User, admin_user: User) -> None:
    run = make_run(viewer, JobStatus.ERRORED, traceback="ZeroDivisionError: of 7")
    url = reverse("job", args=[run.pk])
    assert "of 7" not in html_of(client, viewer, url)
    assert "of 7" in html_of(client, admin_user, url)


def test_a_subject_elsewhere_is_not_linked(client: Client, viewer: User) -> None:
    run = make_run(viewer, subject_url="https://elsewhere.example/")
    assert "elsewhere.example" not in html_of(client, viewer, reverse("job", args=[run.pk]))


@pytest.mark.parametrize("name", ["job-cancel", "job-retry"])
def test_changes_need_a_post(client: Client, viewer: User, name: str) -> None:
    client.force_login(viewer)
    assert client.get(reverse(name, args=[make_run(viewer).pk])).status_code == 405


def test_cancelling_ends_a_waiting_job_and_is_audited(client: Client, viewer: User) -> None:
    run = make_run(viewer, JobStatus.QUEUED)
    client.force_login(viewer)
    answer = client.post(reverse("job-cancel", args=[run.pk]), follow=True)
    run.refresh_from_db()
    assert run.status == JobStatus.CANCELLED
    assert "The job was cancelled." in answer.content.decode()
    assert AuditEvent.objects.filter(action="scheduling.job.cancelled").count() == 1


def test_a_running_job_is_only_asked_to_end(client: Client, viewer: User) -> None:
    run = make_run(viewer, JobStatus.RUNNING)
    client.force_login(viewer)
    answer = client.post(reverse("job-cancel", args=[run.pk]), follow=True)
    html = answer.content.decode()
    assert "The job ends at its next step." in html
    assert "Somebody asked to cancel this job." in html


def test_an_ended_job_cannot_be_cancelled(client: Client, viewer: User) -> None:
    run = make_run(viewer, JobStatus.SUCCEEDED)
    client.force_login(viewer)
    answer = client.post(reverse("job-cancel", args=[run.pk]), follow=True)
    assert "This job has ended already" in answer.content.decode()


def test_a_retry_leads_to_the_new_job(client: Client, operator: User) -> None:
    run = make_run(operator, JobStatus.FAILED)
    client.force_login(operator)
    answer = client.post(reverse("job-retry", args=[run.pk]), follow=True)
    again = JobRun.objects.get(retry_of=run)
    assert answer.request["PATH_INFO"] == reverse("job", args=[again.pk])
    assert f"job {run.pk}</a>" in answer.content.decode()


def test_a_job_that_succeeded_is_not_repeated(client: Client, operator: User) -> None:
    run = make_run(operator, JobStatus.SUCCEEDED)
    client.force_login(operator)
    answer = client.post(reverse("job-retry", args=[run.pk]), follow=True)
    assert "cannot be retried" in answer.content.decode()
    assert not run.retries.exists()


def test_a_viewer_reads_why_the_button_is_off(
    client: Client, viewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(None, JobStatus.FAILED, audience="account:7")
    monkeypatch.setattr("scheduling.access.audiences", lambda actor: {"account:7"})
    url = reverse("job", args=[run.pk])
    html = html_of(client, viewer, url)
    assert "Only its owner or an Operator may do this to a job." in html
    assert client.post(url + "retry/").status_code == 403


def test_how_long_a_job_took_is_counted_to_its_end() -> None:
    began = timezone.now() - timedelta(hours=2)
    run = JobRun(started_at=began, finished_at=began + timedelta(seconds=61))
    assert run.took_ms == 61_000
    assert JobRun().took_ms is None


def test_why_records_failed_stands_on_the_page_of_a_job(client: Client, viewer: User) -> None:
    run = make_run(viewer, JobStatus.FAILED, records_done=3, records_failed=120)
    JobRecordError.objects.create(run=run, record="Orders", message="Purged.", url="/executions/1/")
    JobRecordError.objects.create(run=run, record="Bills", message="?", url="javascript:x()")
    html = html_of(client, viewer, reverse("job", args=[run.pk]))
    assert 'href="/executions/1/"' in html
    assert "javascript:" not in html
    assert "the first 2 of 120" in html


def test_the_automation_of_a_job_is_linked_for_those_who_see_it(
    client: Client, viewer: User, operator: User
) -> None:
    automation = make_automation(operator, "Count every night")
    run = make_run(viewer, automation=automation)
    assert "Count every night" not in html_of(client, viewer, reverse("job", args=[run.pk]))
    assert "Count every night" in html_of(client, operator, reverse("job", args=[run.pk]))
