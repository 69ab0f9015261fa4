"""Real queues, a real clock and a real supervisor, with processes killed under them.

Short settings make the waits short; test_sweeps.py proves the same arithmetic for the real
ones. Every row a job writes is numbered, so a slice that ran twice would show.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from django.db import connection

from common.actors import Actor
from scheduling import heartbeats, services
from scheduling.models import JobRun, JobStatus

pytestmark = [
    pytest.mark.clusters,
    pytest.mark.db,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("clusters"),
]
ROOT = Path(__file__).parents[2]
SHORT = {
    "JOB_LEASE_SECONDS": "3",
    "JOB_HEARTBEAT_SECONDS": "1",
    "JOB_SLICE_SECONDS": "5",
    "CLUSTER_STALE_SECONDS": "6",
    "Q_WORKERS": "2",
}
ROWS = 40


def database_url() -> str:
    """The address of the test database, for processes that must use the same one."""
    values = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{values['NAME']}"
    host = values["OPTIONS"].get("host") or values["HOST"]
    return f"postgresql://{values['USER']}:{values['PASSWORD']}@/{values['NAME']}?host={host}"


class Portal:
    """`manage.py serve` as a process of its own, and what it prints."""

    def __init__(self, home: Path) -> None:
        self._output = home / "serve.log"
        environment = {
            **os.environ,
            **SHORT,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": database_url(),
            "VAR_DIR": str(home),
        }
        with self._output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "serve", "--port", "0"],
                cwd=ROOT,
                env=environment,
                stdout=output,
                stderr=output,
            )
        self.everybody: set[int] = set()

    @property
    def said(self) -> str:
        return self._output.read_text()

    @property
    def url(self) -> str:
        return re.findall(r"http://\S+", self.said)[0]

    def pid(self, name: str) -> int:
        """The newest process of this name."""
        return int(re.findall(rf"{name} +started, pid (\d+)", self.said)[-1])

    def workers(self, queue: str) -> list[int]:
        """The workers of a queue; its guard starts them before anything else."""
        (guard,) = psutil.Process(self.pid(f"queue {queue}")).children()
        return sorted(child.pid for child in guard.children())[: int(SHORT["Q_WORKERS"])]

    def note_everybody(self) -> None:
        children = psutil.Process(self.process.pid).children(recursive=True)
        self.everybody |= {child.pid for child in children}


@pytest.fixture(scope="module")
def portal(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    running = Portal(tmp_path_factory.mktemp("portal"))
    yield running
    running.process.send_signal(signal.SIGTERM)
    try:
        running.process.wait(30)
    finally:
        running.process.kill()


def until(condition: Callable[[], object], portal: Portal, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain:\n{portal.said}"
        assert portal.process.poll() is None, portal.said
        time.sleep(0.1)


def all_well() -> bool:
    """Both queues have answered the clock in this test (its tables began empty)."""
    return all(heartbeats.last_beat(name) for name in ("queue:now", "queue:later"))


def start_counting() -> JobRun:
    return services.enqueue(
        "tests.count", actor=Actor.system(), params={"rows": ROWS, "per_slice": 15, "pause": 0.05}
    )


def rows_written(run: JobRun) -> list[int]:
    return sorted(int(line.text) for line in run.log_lines.filter(level="row"))


def ended(run: JobRun) -> bool:
    run.refresh_from_db()
    return run.is_final


def assert_counted_once(run: JobRun) -> None:
    assert run.status == JobStatus.SUCCEEDED, (run.error_message, run.traceback)
    assert rows_written(run) == list(range(ROWS))
    assert run.cursor == {"row": ROWS}


def test_every_message_is_worked_on_once_in_its_own_queue(portal: Portal) -> None:
    until(all_well, portal)
    runs = [
        services.enqueue("tests.succeed", actor=Actor.system(), queue=("now", "later")[n % 2])
        for n in range(30)
    ]
    until(lambda: all(ended(run) for run in runs), portal)
    assert {(run.status, run.slices) for run in runs} == {("succeeded", 1)}
    portal.note_everybody()


def test_a_worker_killed_in_mid_slice_costs_one_slice(portal: Portal) -> None:
    until(all_well, portal)
    run = start_counting()
    until(lambda: len(rows_written(run)) >= 5, portal)
    run.refresh_from_db()
    os.kill(int(run.worker.rpartition(":")[2]), signal.SIGKILL)
    until(lambda: ended(run), portal)
    assert_counted_once(run)
    assert run.fence >= 4, "one of the three slices was begun twice"


def test_a_queue_killed_with_its_guard_goes_on_in_a_new_one(portal: Portal) -> None:
    until(all_well, portal)
    run = start_counting()
    until(lambda: len(rows_written(run)) >= 5, portal)
    former = portal.pid("queue later")
    os.kill(former, signal.SIGKILL)
    until(lambda: portal.pid("queue later") != former, portal)
    until(lambda: ended(run), portal)
    assert_counted_once(run)


def test_work_goes_on_after_the_death_of_idle_workers(portal: Portal) -> None:
    """One of them mostly dies holding the lock of the queue, which freezes its heirs."""
    until(all_well, portal)
    for pid in portal.workers("later"):
        os.kill(pid, signal.SIGKILL)
    run = start_counting()
    until(lambda: ended(run), portal, seconds=40)
    assert_counted_once(run)


def test_a_frozen_queue_is_started_anew(portal: Portal) -> None:
    until(all_well, portal)
    for pid in [portal.pid("queue later"), *portal.workers("later")]:
        os.kill(pid, signal.SIGSTOP)
    run = start_counting()
    until(lambda: ended(run), portal, seconds=40)
    assert_counted_once(run)
    assert re.search(r"queue later +gave no sign of life", portal.said)


def test_a_job_that_kills_its_worker_is_given_up(portal: Portal) -> None:
    until(all_well, portal)
    run = services.enqueue("tests.kill_worker", actor=Actor.system())
    until(lambda: ended(run), portal)
    assert (run.status, run.slices, run.error_code) == (JobStatus.LOST, 2, "WORKER_DIED")


def test_web_answers_and_a_stop_leaves_no_process(portal: Portal) -> None:
    until(all_well, portal)
    with pytest.raises(urllib.error.HTTPError) as answer:
        urllib.request.urlopen(f"{portal.url}/no-such-page/", timeout=20)
    assert answer.value.code in {404, 500}
    portal.note_everybody()
    portal.process.send_signal(signal.SIGTERM)
    assert portal.process.wait(25) == 0
    assert portal.said.rstrip().endswith("The portal has ended.")
    left = [pid for pid in portal.everybody if psutil.pid_exists(pid)]
    assert [pid for pid in left if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE] == []
