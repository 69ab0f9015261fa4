"""One worker at a time, with real threads and real commits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from common.actors import Actor
from scheduling import heartbeats, lease, services
from scheduling.keeper import LeaseKeeper
from scheduling.lease import Lease
from scheduling.models import JobRun, JobStatus

pytestmark = [pytest.mark.db, pytest.mark.django_db(transaction=True)]


def at_once(function: Callable[[], object], times: int = 6) -> list[object]:
    """Call `function` in several threads that start together; what each returned."""
    start, results = threading.Barrier(times), []

    def run() -> None:
        start.wait()
        try:
            results.append(function())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(results) == times
    return results


def test_of_many_workers_one_gets_the_run() -> None:
    run = services.enqueue("tests.succeed", actor=Actor.system())
    claims = at_once(lambda: lease.claim(run.pk))
    assert sum(claimed is not None for claimed in claims) == 1
    run.refresh_from_db()
    assert (run.fence, run.attempts, run.slices) == (1, 1, 1)


def test_of_many_requests_with_one_key_there_is_one_run() -> None:
    runs = at_once(lambda: services.enqueue("tests.succeed", actor=Actor.system(), key="k").pk)
    assert set(runs) == set(JobRun.objects.values_list("pk", flat=True))
    assert len(set(runs)) == 1


def test_of_many_clocks_one_does_a_chore() -> None:
    assert at_once(lambda: heartbeats.claim("tick:x", 60)).count(True) == 1


def claimed() -> Lease:
    run = lease.claim(services.enqueue("tests.succeed", actor=Actor.system()).pk)
    assert run is not None
    return Lease(run.pk, run.fence)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, settings) -> threading.Event:
    """Beats every 20 ms; the event is set after each."""
    settings.JOB_HEARTBEAT_SECONDS = 0.02
    beaten = threading.Event()
    beat = LeaseKeeper._beat

    def noted(keeper: LeaseKeeper) -> None:
        try:
            beat(keeper)
        finally:
            beaten.set()

    monkeypatch.setattr(LeaseKeeper, "_beat", noted)
    return beaten


def test_the_lease_is_extended_while_the_job_works(quick: threading.Event) -> None:
    mine = claimed()
    JobRun.objects.update(lease_until=timezone.now())
    with LeaseKeeper(mine, "now"):
        assert quick.wait(5)
    assert JobRun.objects.get().lease_until > timezone.now() + timedelta(seconds=5)
    assert heartbeats.last_beat("queue:now") is not None


def test_a_lost_lease_is_not_taken_back(quick: threading.Event) -> None:
    mine = claimed()
    JobRun.objects.update(status=JobStatus.QUEUED, lease_until=None)
    keeper = LeaseKeeper(mine, "now")
    with keeper:
        assert quick.wait(5)
        keeper._thread.join(5)
        assert not keeper._thread.is_alive()
    assert JobRun.objects.get().lease_until is None


def test_a_run_worked_by_a_command_is_no_sign_of_life_of_its_queue(quick: threading.Event) -> None:
    run = services.enqueue("tests.succeed", actor=Actor.system())
    mine = lease.claim(run.pk)
    assert mine is not None
    with LeaseKeeper(Lease(mine.pk, mine.fence), queue=""):
        assert quick.wait(5)
    assert heartbeats.last_beat(f"queue:{run.queue}") is None


def test_a_lost_database_connection_does_not_end_the_keeping(
    quick: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = claimed()
    extend = Lease.extend
    faults = [InterfaceError("the connection is closed"), OperationalError("server closed")]

    def broken_at_first(self: Lease) -> None:
        if faults:
            raise faults.pop()
        extend(self)

    monkeypatch.setattr(Lease, "extend", broken_at_first)
    JobRun.objects.update(lease_until=timezone.now())
    with LeaseKeeper(mine, "now") as keeper:
        for _ in range(3):
            quick.clear()
            assert quick.wait(5)
        assert keeper._thread.is_alive()
    assert JobRun.objects.get().lease_until > timezone.now() + timedelta(seconds=5)
