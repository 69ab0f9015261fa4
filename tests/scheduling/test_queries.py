"""Reads for pages and health checks."""

from datetime import timedelta

import pytest
from django.utils import timezone

from common.actors import Actor
from common.registry import registry
from scheduling import heartbeats, queries, services
from scheduling.models import Heartbeat, JobLogLine
from scheduling.testing import drain

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system()


def test_runs_are_found_by_their_key() -> None:
    run = services.enqueue("tests.succeed", actor=SYSTEM, key="sync:1")
    services.enqueue("tests.succeed", actor=SYSTEM)
    assert queries.live_run("sync:1") == run
    drain()
    assert queries.live_run("sync:1") is None
    assert queries.live_run("") is None


def test_the_newest_lines_come_in_the_order_they_were_said() -> None:
    run = services.enqueue("tests.succeed", actor=SYSTEM)
    JobLogLine.objects.bulk_create(JobLogLine(run=run, text=str(n)) for n in range(5))
    assert [line.text for line in queries.newest_lines(run, 2)] == ["3", "4"]


@pytest.mark.parametrize("name", ["clock", "queue:now", "queue:later"])
def test_a_silent_part_is_degraded_and_says_what_to_do(name: str) -> None:
    check = registry.checks[name]
    assert check().state == "degraded"
    heartbeats.beat(name)
    assert check().state == "healthy"
    Heartbeat.objects.update(at=timezone.now() - timedelta(seconds=300))
    assert check().state == "degraded"
    assert "silent for 5 minutes" in check().detail
    assert "serve" in check().hint
