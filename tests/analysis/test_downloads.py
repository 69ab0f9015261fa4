import io
from pathlib import Path

import pytest

from analysis import services
from analysis.models import Analysis
from analysis.services.downloads import file_name
from boomi.models import LogFile
from common.actors import Actor
from common.errors import NotAllowed, NotFound
from common.models import AuditEvent, Team, User
from tests.analysis.builders import failing_log, zipped

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.analysis.urls")]


@pytest.fixture
def analysis(olga: Actor, team: Team, log_store: Path) -> Analysis:
    source = io.BytesIO(zipped(run_log=failing_log()))
    return services.analyse_upload(source, name="process_log.zip", actor=olga)[0]


def test_the_log_comes_out_as_it_was_inside_the_zip(analysis: Analysis, olga: Actor) -> None:
    name, stream = services.download_log(analysis, actor=olga)
    with stream:
        assert stream.read() == failing_log()
    assert name == "process_log.log"


def test_a_download_is_audited(analysis: Analysis, olga: Actor) -> None:
    services.download_log(analysis, actor=olga)[1].close()
    event = AuditEvent.objects.get(action="analysis.log.downloaded")
    assert event.actor_text == olga.text
    assert event.object_id == str(analysis.pk)


def test_a_viewer_of_the_analysis_does_not_get_the_log(
    analysis: Analysis, team: Team, viewer: User
) -> None:
    team.members.add(viewer)
    with pytest.raises(NotAllowed, match="Operator"):
        services.download_log(analysis, actor=Actor.person(viewer))
    assert not AuditEvent.objects.filter(action="analysis.log.downloaded").exists()


def test_an_operator_of_another_team_gets_nothing(analysis: Analysis, developer: User) -> None:
    with pytest.raises(NotAllowed, match="not yours"):
        services.download_log(analysis, actor=Actor.person(developer))


def test_a_log_that_is_gone_is_said(analysis: Analysis, olga: Actor) -> None:
    LogFile.objects.all().delete()
    analysis.refresh_from_db()
    with pytest.raises(NotFound):
        services.download_log(analysis, actor=olga)


@pytest.mark.parametrize(
    ("name", "given"),
    [("a.log", "a.log"), ("a.TXT", "a.TXT"), ("a.zip", "a.log"), ("a", "a.log")],
)
def test_a_log_is_named_as_a_log(name: str, given: str) -> None:
    assert file_name(name) == given
