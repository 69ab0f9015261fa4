"""Due times: each exactly once, whatever the clocks, the people and the machines do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from common.models import User
from scheduling.models import Automation, JobRun, JobStatus, Occurrence, Trigger
from scheduling.services import schedules
from scheduling.testing import drain
from tests.scheduling.builders import make_automation, make_schedule, outcomes

pytestmark = [pytest.mark.db, pytest.mark.django_db]
SECOND = timedelta(seconds=1)


@pytest.fixture
def automation(operator: User) -> Automation:
    return make_automation(operator)


def test_what_is_due_starts_once_and_moves_on(automation: Automation) -> None:
    now = timezone.now()
    schedule = make_schedule(automation, now - SECOND)
    assert (schedules.start_due(), schedules.start_due()) == (1, 0)
    run = JobRun.objects.get()
    assert (run.trigger, run.automation, run.owner) == (
        Trigger.SCHEDULE, automation, automation.owner,
    )  # fmt: skip
    assert run.params == {"rows": 3, "only_errors": False, "automation": automation.pk}
    schedule.refresh_from_db()
    assert schedule.next_due_at is not None
    assert schedule.next_due_at > now
    assert (schedule.last_due_at, outcomes(schedule)) == (now - SECOND, [("started", 1)])
    assert Occurrence.objects.get().run == run
    drain()
    run.refresh_from_db()
    assert run.status == JobStatus.SUCCEEDED
