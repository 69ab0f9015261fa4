import io
from pathlib import Path
from typing import Any

import pytest

from analysis import queries, services
from analysis.models import Analysis, AnalysisStatus
from boomi.models import Execution, LogFile
from common.actors import Actor
from common.errors import NotFound
from tests.analysis.builders import failing_log, make_execution

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.analysis.urls")]
LINES = 8 + 2 * 200 - 1  # of failing_log(200); the fault is the last but two


@pytest.fixture
def analysis(olga: Actor, log_store: Path) -> Analysis:
    source = io.BytesIO(failing_log(200))
    return services.analyse_upload(source, name="run.log", actor=olga)[0]


def test_the_context_surrounds_the_fault(analysis: Analysis) -> None:
    assert analysis.first_fault_line is not None
    lines = services.log_context(analysis, analysis.first_fault_line, around=2)
    assert [line.number for line in lines] == [LINES - 4 + n for n in range(5)]
    fault = next(line for line in lines if line.number == analysis.first_fault_line)
    assert fault.is_fault
    assert fault.text.startswith(("Error message received", "Shape executed with errors"))


@pytest.mark.parametrize(("asked", "first", "last"), [(-5, 1, 4), (10**9, LINES - 3, LINES)])
def test_a_line_outside_the_log_shows_its_nearest_end(
    analysis: Analysis, asked: int, first: int, last: int
) -> None:
    numbers = [line.number for line in services.log_context(analysis, asked, around=3)]
    assert (numbers[0], numbers[-1]) == (first, last)


def test_nobody_gets_more_lines_than_the_cap(analysis: Analysis) -> None:
    lines = services.log_context(analysis, 1, around=10**6)
    assert len(lines) == min(LINES, queries.AROUND_AT_MOST + 1)


def test_a_log_that_is_gone_is_said(analysis: Analysis) -> None:
    LogFile.objects.all().delete()
    analysis.refresh_from_db()
    with pytest.raises(NotFound, match="not stored any more"):
        services.log_context(analysis, 1)


def test_a_list_of_executions_names_the_newest_analysis_in_one_query(
    django_assert_num_queries: Any,
) -> None:
    for number in range(5):
        execution = make_execution(f"execution-{number}")
        for version in (1, 2):
            Analysis.objects.create(
                execution=execution,
                name="a",
                engine_version=version,
                status=AnalysisStatus.DONE,
                verdict=f"by engine {version}",
            )
    make_execution("without")
    with django_assert_num_queries(1):
        rows = list(queries.with_latest_analysis(Execution.objects.all()))
    assert {row.analysis_verdict for row in rows if row.analysis_pk} == {"by engine 2"}
    assert [row.execution_id for row in rows if row.analysis_pk is None] == ["without"]
