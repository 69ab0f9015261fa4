"""Every filter of jobs together with every other, against a plain calculation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product
from urllib.parse import urlencode

import pytest

from common.models import User
from scheduling.models import Automation, JobRun, JobStatus, Trigger
from tests.scheduling.builders import make_automation
from tests.signed_in import program

pytestmark = pytest.mark.django_db
JOBS = "/api/v1/jobs/"
DAY = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def automations(operator: User) -> list[Automation]:
    return [make_automation(operator, name) for name in ("First", "Second")]


@pytest.fixture
def runs(operator: User, automations: list[Automation]) -> list[JobRun]:
    """Every mixture of automation, trigger, status and failed records, a day apart."""
    mixtures = product(
        [*automations, None],
        [Trigger.MANUAL, Trigger.SCHEDULE, Trigger.WEBHOOK, Trigger.EVENT],
        [JobStatus.SUCCEEDED, JobStatus.FAILED],
        [0, 7],
    )
    rows = [
        JobRun(
            job="tests.count", title="Count", owner=operator, actor_text=operator.email,
            automation=automation, trigger=trigger, status=status, records_done=10,
            records_failed=failed, created_at=DAY + timedelta(days=number),
        )
        for number, (automation, trigger, status, failed) in enumerate(mixtures)
    ]  # fmt: skip
    return JobRun.objects.bulk_create(rows)


def test_all_combinations_of_filters(
    operator: User, automations: list[Automation], runs: list[JobRun]
) -> None:
    client = program(operator)
    first = automations[0].pk
    middle = DAY + timedelta(days=20)
    for automation, trigger, status, failed, after in product(
        ["", first], [[], ["schedule"], ["webhook", "event"]], ["", "failed"],
        ["", "true", "false"], ["", middle.isoformat()],
    ):  # fmt: skip
        expected = [
            run.pk
            for run in runs
            if (not automation or run.automation_id == automation)
            and (not trigger or run.trigger in trigger)
            and (not status or run.status == status)
            and (not failed or (run.records_failed > 0) == (failed == "true"))
            and (not after or run.created_at >= middle)
        ]
        values = {
            "automation": automation, "trigger": trigger, "status": status,
            "failed_records": failed, "created_after": after, "page_size": 500,
        }  # fmt: skip
        query = urlencode({name: value for name, value in values.items() if value}, doseq=True)
        told = client.get(f"{JOBS}?{query}").json()
        assert [row["id"] for row in told["results"]] == expected[::-1], query
        assert told["total"] == len(expected)


def test_pages_of_a_filtered_list_add_up(operator: User, runs: list[JobRun]) -> None:
    client = program(operator)
    seen: list[int] = []
    for page in range(1, 6):
        told = client.get(f"{JOBS}?trigger=schedule&page_size=3&page={page}").json()
        assert (told["total"], told["page_size"]) == (12, 3)
        seen += [row["id"] for row in told["results"]]
    assert seen == [run.pk for run in runs[::-1] if run.trigger == Trigger.SCHEDULE]


def test_a_row_tells_of_its_automation_and_its_records(
    operator: User, automations: list[Automation], runs: list[JobRun]
) -> None:
    told = program(operator).get(f"{JOBS}{runs[1].pk}/").json()
    assert (told["automation"], told["automation_name"]) == (automations[0].pk, "First")
    assert (told["trigger"], told["records_done"], told["records_failed"]) == ("manual", 10, 7)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("automation=999999", "automation"),
        ("trigger=sunshine", "trigger"),
        ("created_after=yesterday", "created_after"),
        ("created_before=9999-01-01", "created_before"),
    ],
)
def test_a_filter_that_means_nothing_is_refused(operator: User, query: str, field: str) -> None:
    answer = program(operator).get(f"{JOBS}?{query}")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])


def test_a_foreign_automation_is_no_filter(developer: User, automations: list[Automation]) -> None:
    answer = program(developer).get(f"{JOBS}?automation={automations[0].pk}")
    assert answer.status_code == 400
