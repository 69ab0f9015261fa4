"""Analyses in the admin, and the button on an execution."""

import io

import pytest
from django.test import Client
from django.utils.html import escape

from analysis import services
from analysis.models import Analysis, AnalysisStatus
from boomi.models import Connection, LogState
from common.actors import Actor
from common.models import User
from scheduling.models import JobRun
from scheduling.testing import drain
from tests.analysis.builders import failing_log, make_execution
from tests.signed_in import browser

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.urls("tests.portal_urls"),
    pytest.mark.usefixtures("log_store"),
]


@pytest.fixture
def ada(admin_user: User) -> Client:
    return browser(admin_user)


@pytest.fixture
def upload(olga: Actor) -> Analysis:
    analysis, _ = services.analyse_upload(io.BytesIO(failing_log()), name="a.log", actor=olga)
    return analysis


def address(analysis: Analysis, action: str) -> str:
    return f"/admin/analysis/analysis/{analysis.pk}/{action}/"


def test_an_analysis_shows_its_result(ada: Client, upload: Analysis) -> None:
    page = ada.get(address(upload, "change")).content.decode()
    assert escape(upload.verdict) in page
    assert "&quot;schema&quot;: 1" in page
    assert f'href="/analyses/{upload.pk}/"' in page


def test_an_upload_is_deleted_and_the_list_comes_up(ada: Client, upload: Analysis) -> None:
    page = ada.post(address(upload, "action/delete"), follow=True)
    assert page.redirect_chain[-1][0] == "/admin/analysis/analysis/"
    assert not Analysis.objects.exists()


def test_a_failed_upload_is_read_again(ada: Client, upload: Analysis) -> None:
    Analysis.objects.update(status=AnalysisStatus.FAILED)
    ada.post(address(upload, "action/restart"))
    drain()
    upload.refresh_from_db()
    assert upload.status == AnalysisStatus.DONE


def test_an_execution_is_fetched_and_analysed(ada: Client, connection: Connection) -> None:
    execution = make_execution()
    url = f"/admin/boomi/execution/{execution.pk}/action/analyse/"
    assert "Fetch and analyse" in ada.get(url).content.decode()
    page = ada.post(url, follow=True).content.decode()
    assert f"Job {JobRun.objects.get().pk} fetches the log" in page


def test_a_log_that_cannot_be_had_is_told(ada: Client, connection: Connection) -> None:
    execution = make_execution(log_state=LogState.PURGED, log_reason="It was purged.")
    page = ada.post(f"/admin/boomi/execution/{execution.pk}/action/analyse/")
    assert page.status_code == 409
    assert "It was purged." in page.content.decode()
