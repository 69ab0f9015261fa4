from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from analysis import panels
from analysis.engine import ENGINE_VERSION
from analysis.models import Analysis, AnalysisStatus
from boomi.models import Account, Connection, Execution, LogState, Runtime
from common.actors import Actor
from common.models import User
from scheduling.models import JobRun, JobStatus
from tests.analysis.builders import START, make_execution

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.analysis.urls")]


@pytest.fixture
def execution(connection: Connection) -> Execution:
    return make_execution()


def run_of(execution: Execution, **fields: object) -> JobRun:
    return JobRun.objects.create(
        job="analysis.analyse_execution",
        title="x",
        key=f"analyse:{execution.pk}",
        audience=f"account:{execution.account_id}",
        **{"status": JobStatus.RUNNING, **fields},
    )


def analysis_of(execution: Execution, **fields: object) -> Analysis:
    values: dict[str, object] = {"status": AnalysisStatus.DONE, "engine_version": ENGINE_VERSION}
    return Analysis.objects.create(execution=execution, name="a.log", **{**values, **fields})


def test_nothing_yet_offers_the_button(execution: Execution, olga: Actor) -> None:
    panel = panels.execution_panel(olga, execution)
    assert panel["state"] == "none"
    assert panel["verdict"].allowed
    assert panel["url"] == f"/executions/{execution.pk}/analyse/"


def test_a_viewer_sees_why_the_button_is_disabled(execution: Execution, viewer: User) -> None:
    verdict = panels.execution_panel(Actor.person(viewer), execution)["verdict"]
    assert not verdict.allowed
    assert verdict.reason


def test_a_job_at_work_is_shown_before_an_older_analysis(execution: Execution, olga: Actor) -> None:
    run = run_of(execution)
    analysis_of(execution, engine_version=ENGINE_VERSION - 1)
    panel = panels.execution_panel(olga, execution)
    assert (panel["state"], panel["run"]) == ("running", run)


def test_waiting_for_a_runtime_counts_down_to_the_purge(execution: Execution, olga: Actor) -> None:
    run_of(execution)
    Runtime.objects.create(
        account=execution.account,
        runtime_id="runtime-1",
        name="Berlin",
        purge_days=14,
        seen_at=timezone.now(),
    )
    execution.log_state = LogState.WAITING_RUNTIME
    execution.log_retry_at = START + timedelta(hours=1)
    panel = panels.execution_panel(olga, execution)
    assert panel["state"] == "waiting"
    assert panel["retry_at"] == START + timedelta(hours=1)
    assert panel["purged_at"] == START + timedelta(days=14)


def test_a_finished_analysis_is_linked(execution: Execution, olga: Actor) -> None:
    analysis = analysis_of(execution)
    panel = panels.execution_panel(olga, execution)
    assert (panel["state"], panel["url"]) == ("done", f"/analyses/{analysis.pk}/")
    assert not panel["is_outdated"]


def test_the_analysis_of_an_older_engine_is_marked(execution: Execution, olga: Actor) -> None:
    analysis_of(execution, engine_version=ENGINE_VERSION - 1)
    assert panels.execution_panel(olga, execution)["is_outdated"]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"log_state": LogState.PURGED}, "purged"),
        ({"log_state": LogState.NONE_BY_DESIGN, "log_reason": "Low latency."}, "Low latency."),
    ],
)
def test_where_there_is_no_log_the_reason_stands_on_the_button(
    execution: Execution, olga: Actor, fields: dict[str, Any], says: str
) -> None:
    for name, value in fields.items():
        setattr(execution, name, value)
    panel = panels.execution_panel(olga, execution)
    assert panel["state"] == "no_log"
    assert says in panel["reason"] == panel["verdict"].reason
    assert not panel["verdict"].allowed


def test_a_failed_attempt_says_why_and_may_be_repeated(execution: Execution, olga: Actor) -> None:
    execution.log_state, execution.log_reason = LogState.FAILED, "The download broke off."
    panel = panels.execution_panel(olga, execution)
    assert (panel["state"], panel["label"]) == ("failed", "Try again")
    assert panel["reason"] == "The download broke off."
    assert panel["verdict"].allowed


def test_a_job_that_failed_says_why_and_may_be_repeated(execution: Execution, olga: Actor) -> None:
    run_of(execution, status=JobStatus.FAILED, error_message="No connection.", error_hint="Add it.")
    panel = panels.execution_panel(olga, execution)
    assert (panel["state"], panel["reason"], panel["hint"]) == (
        "failed",
        "No connection.",
        "Add it.",
    )
    assert panel["run"] is None


def test_a_cancelled_job_leaves_the_button_as_it_was(execution: Execution, olga: Actor) -> None:
    run_of(execution, status=JobStatus.CANCELLED)
    assert panels.execution_panel(olga, execution)["state"] == "none"


def test_a_panel_costs_few_queries(
    execution: Execution, olga: Actor, django_assert_max_num_queries: Any
) -> None:
    analysis_of(execution)
    with django_assert_max_num_queries(5):
        panels.execution_panel(olga, execution)


def test_an_upload_without_a_live_job_is_interrupted(olga: Actor) -> None:
    analysis = Analysis.objects.create(name="a.log", owner=olga.user, engine_version=1)
    panel = panels.analysis_panel(olga, analysis)
    assert panel["state"] == "interrupted"
    assert panel["may_restart"].allowed
    assert panel["may_delete"].allowed


def test_an_upload_shows_its_job(olga: Actor) -> None:
    analysis = Analysis.objects.create(name="a.log", owner=olga.user, engine_version=1)
    run = JobRun.objects.create(job="x", title="x", key=f"analyse-upload:{analysis.pk}")
    panel = panels.analysis_panel(olga, analysis)
    assert (panel["state"], panel["run"]) == ("running", run)


def test_an_installation_without_a_connection_has_analyses_all_the_same(olga: Actor) -> None:
    assert not Account.objects.exists()
    analysis = Analysis.objects.create(
        name="a.log", owner=olga.user, engine_version=1, status=AnalysisStatus.DONE
    )
    assert panels.analysis_panel(olga, analysis)["state"] == "done"
