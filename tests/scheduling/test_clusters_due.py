"""Two clocks and two clusters over one database, killed at random moments: every due time
starts exactly one run, and every run is worked on to its end exactly once."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from common.roles import Role
from scheduling.models import FINAL, JobLogLine, JobRun, JobStatus, Occurrence, Schedule
from tests.conftest import make_user
from tests.scheduling.builders import hourly, make_automation, make_schedule
from tests.scheduling.test_clusters import ROOT, SHORT, database_url

pytestmark = [
    pytest.mark.clusters,
    pytest.mark.db,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("clusters"),
]
CLOCK = [sys.executable, "-m", "tests.scheduling.busy_clock"]
CLUSTER = [sys.executable, "manage.py", "qcluster"]


class Processes:
    """Two clocks and two clusters of the queue "later", each leading a group of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.starts: Counter[str] = Counter()
        for name, command in (("clock", CLOCK), ("cluster", CLUSTER)):
            for number in (1, 2):
                self.start(f"{name}-{number}", command)

    def start(self, name: str, command: list[str]) -> None:
        environment = {
            **os.environ,
            **SHORT,
            "Q_WORKERS": "1",
            "Q_CLUSTER_NAME": "later",
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": database_url(),
            "VAR_DIR": str(self.home),
        }
        self.starts[name] += 1
        with (self.home / f"{name}.log").open("ab") as output:
            self.running[name] = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=output, stderr=output,
                start_new_session=True,
            )  # fmt: skip

    def kill(self, name: str) -> None:
        """The process and all it started, at once and without a word."""
        process = self.running[name]
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)

    def kill_and_start(self, name: str) -> None:
        self.kill(name)
        self.start(name, CLOCK if name.startswith("clock") else CLUSTER)

    def ready_clocks(self) -> list[str]:
        """Those at work: one that is killed while it still starts would prove nothing."""
        return [
            name
            for name in ("clock-1", "clock-2")
            if (self.home / f"{name}.log").read_bytes().count(b"ready") == self.starts[name]
        ]

    def until_ready(self) -> None:
        deadline = time.monotonic() + 30
        while len(self.ready_clocks()) < 2:
            assert time.monotonic() < deadline, self.said
            time.sleep(0.1)

    @property
    def said(self) -> str:
        return "\n".join(log.read_text()[-2000:] for log in self.home.glob("*.log"))


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    started = Processes(tmp_path)
    try:
        yield started
    finally:
        for name in started.running:
            started.kill(name)


def make_due(count: int, every: float) -> list[Schedule]:
    """So many schedules, each of an automation of its own, due one after the other from now."""
    owner = make_user("olga@northwind.example", Role.OPERATOR)
    cron = hourly()
    made = [
        make_schedule(make_automation(owner, f"Count {n}", parameters={"rows": 1}), cron=cron)
        for n in range(count)
    ]
    begin = timezone.now() + timedelta(seconds=0.5)
    for number, schedule in enumerate(made):
        at = begin + timedelta(seconds=every * number)
        Schedule.objects.filter(pk=schedule.pk).update(next_due_at=at)
    return made


def all_done(count: int) -> bool:
    return JobRun.objects.filter(status__in=FINAL).count() >= count


def state() -> str:
    """For the message of a test that waits in vain."""
    runs = Counter(JobRun.objects.values_list("status", flat=True))
    return f"{Occurrence.objects.count()} due times taken, runs {dict(runs)}"


def kill_at_random(
    processes: Processes, dice: random.Random, count: int, kills: Counter[str], seconds: float
) -> None:
    """Until every due time is done, kill so many times a clock and so many times a cluster.

    Each start costs a second of a core, so that endless kills would leave no time for work.
    """
    deadline = time.monotonic() + seconds
    while not all_done(count):
        assert time.monotonic() < deadline, f"{state()}\n{processes.said}"
        time.sleep(dice.uniform(0.1, 0.8))
        ready = processes.ready_clocks()
        if ready and kills["clock"] and Occurrence.objects.count() < count:
            processes.kill_and_start(dice.choice(ready))
            kills["clock"] -= 1
        if kills["cluster"] and JobRun.objects.exists():
            processes.kill_and_start("cluster-2")
            kills["cluster"] -= 1


def assert_each_once(schedules: list[Schedule]) -> None:
    occurrences = Occurrence.objects.select_related("schedule")
    assert Counter(row.outcome for row in occurrences) == {"started": len(schedules)}
    runs = {row.schedule_id: row.run_id for row in occurrences}
    assert sorted(runs) == [schedule.pk for schedule in schedules]
    assert sorted(runs.values()) == sorted(JobRun.objects.values_list("pk", flat=True))
    assert set(JobRun.objects.values_list("status", flat=True)) == {JobStatus.SUCCEEDED}
    rows = JobLogLine.objects.filter(level="row").values_list("run", flat=True)
    assert sorted(rows) == sorted(runs.values()), "each run did its work once"


def run_killing(
    processes: Processes, count: int, every: float, kills: Counter[str], limit: int
) -> None:
    seed = random.SystemRandom().randrange(10**6)
    print(f"dice of seed {seed}")
    processes.until_ready()
    schedules = make_due(count, every)
    kill_at_random(processes, random.Random(seed), count, kills, limit)
    assert_each_once(schedules)


def test_every_due_time_starts_one_run_whoever_is_killed(processes: Processes) -> None:
    run_killing(processes, 30, 0.15, Counter(clock=6, cluster=1), limit=100)


@pytest.mark.soak
@pytest.mark.timeout(1000)
def test_every_due_time_starts_one_run_for_long(processes: Processes) -> None:
    run_killing(processes, 600, 0.2, Counter(clock=200, cluster=20), limit=900)
