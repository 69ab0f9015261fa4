"""Reads for pages and health checks."""

from datetime import timedelta

import pytest
from django.utils import timezone

from common.actors import Actor
from common.registry import registry
from scheduling import heartbeats, queries, services
from scheduling.models import Heartbeat, JobLogLine, JobRun
from scheduling.testing import drain

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system()


@pytest.mark.db
def test_the_state_of_both_queues_takes_three_queries(django_assert_num_queries) -> None:
    later = timezone.now() + timedelta(hours=1)
    run = services.enqueue("tests.succeed", actor=SYSTEM)
    services.enqueue("tests.succeed", actor=SYSTEM, run_at=later)
    heartbeats.beat("queue:later")
    with django_assert_num_queries(3):
        now, other = queries.queue_states()
    assert (now.name, now.queued, now.running, now.waiting) == ("now", 1, 0, 1)
    assert now.oldest_queued_at == run.run_at
    assert (other.queued, now.last_beat_at) == (0, None)
    assert other.last_beat_at is not None


def test_runs_are_found_by_their_key() -> None:
    run = services.enqueue("tests.succeed", actor=SYSTEM, key="sync:1")
    services.enqueue("tests.succeed", actor=SYSTEM)
    assert queries.live_run("sync:1") == queries.latest_run("sync:1") == run
    drain()
    assert (queries.live_run("sync:1"), queries.latest_run("sync:1")) == (None, run)
    assert queries.latest_run("") is None


def test_the_newest_lines_come_in_the_order_they_were_said() -> None:
    run = services.enqueue("tests.succeed", actor=SYSTEM)
    JobLogLine.objects.bulk_create(JobLogLine(run=run, text=str(n)) for n in range(5))
    assert [line.text for line in queries.newest_lines(run, 2)] == ["3", "4"]


def test_every_status_has_a_count() -> None:
    services.enqueue("tests.succeed", actor=SYSTEM)
    services.enqueue("tests.fail", actor=SYSTEM)
    drain()
    counts = queries.counts_by_status(JobRun.objects.all())
    assert (counts["succeeded"], counts["failed"], counts["lost"]) == (1, 1, 0)


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
