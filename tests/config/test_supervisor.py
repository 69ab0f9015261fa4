"""Processes are kept alive together, and nothing of them is left afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from config import supervisor
from config.supervisor import Child, Supervisor, ending

ROOT = Path(__file__).parents[2]
# A leader with a worker of its own, as a queue has; both write down their process ids.
FAMILY = """
import os, pathlib, subprocess, sys, time
home = pathlib.Path(sys.argv[1])
worker = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
(home / f"{os.getpid()}.pid").write_text(str(os.getpid()))
(home / f"{worker.pid}.pid").write_text(str(worker.pid))
(home / "ready").touch()
"""
STEADY = FAMILY + "time.sleep(600)"
DIES = FAMILY + "sys.exit(3)"
STUBBORN = (
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)" + FAMILY + "time.sleep(600)"
)


def until(condition: Callable[[], object], seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def lives(pid: int) -> bool:
    """A zombie that its new parent has not collected yet is dead to us."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def pids(home: Path) -> list[int]:
    return [int(file.read_text()) for file in home.glob("*.pid") if file.read_text()]


def all_gone(home: Path) -> bool:
    return len(pids(home)) >= 2 and not any(lives(pid) for pid in pids(home))


class Supervised:
    """A supervisor that the test moves on by hand; what it says is kept."""

    def __init__(self, home: Path, script: str, **options: object) -> None:
        self.said: list[str] = []
        child = Child("worker", [sys.executable, "-c", script, str(home)], sign="queue:now")
        clock = Child("clock", [sys.executable, "-c", "import time; time.sleep(600)"], sign="clock")
        self.it = Supervisor(
            [child, clock],
            say=self.said.append,
            grace_seconds=0.5,
            **options,  # type: ignore[arg-type]
        )

    def look_until(self, condition: Callable[[], object], seconds: float = 15.0) -> None:
        def looked() -> object:
            self.it.look()
            return condition()

        until(looked, seconds)

    def heard(self, words: str) -> bool:
        return any(words in line for line in self.said)


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[Callable[..., Supervised]]:
    started: list[Supervised] = []

    def start(script: str, **options: object) -> Supervised:
        started.append(Supervised(tmp_path, script, **options))
        return started[-1]

    yield start
    for supervised in started:
        supervised.it.end_all()


def test_a_dead_child_takes_its_leftovers_with_it_and_is_started_again(
    supervise: Callable[..., Supervised], tmp_path: Path
) -> None:
    supervised = supervise(DIES)
    supervised.look_until(lambda: supervised.heard("ended with status 3"))
    until(lambda: all_gone(tmp_path))
    supervised.look_until(lambda: len(pids(tmp_path)) >= 4)


def test_a_child_that_keeps_dying_is_started_ever_more_rarely(
    supervise: Callable[..., Supervised],
) -> None:
    supervised = supervise(DIES)
    supervised.look_until(lambda: supervised.heard("again in 2 s"))
    assert supervised.heard("again in 1 s")


def test_a_silent_child_is_killed_and_started_again(
    supervise: Callable[..., Supervised], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "WATCH_SECONDS", 0.05)
    signs = {"queue:now": 1}
    supervised = supervise(
        STUBBORN, signs=lambda: {**signs, "clock": time.monotonic()}, stale_seconds=1.0
    )
    supervised.look_until((tmp_path / "ready").exists)
    first = pids(tmp_path)
    supervised.look_until(lambda: supervised.heard("worker         gave no sign of life"))
    until(lambda: not any(lives(pid) for pid in first))
    supervised.look_until(lambda: len(pids(tmp_path)) >= 4)


@pytest.mark.parametrize("clock_sign", [{}, {"clock": "always the same"}])
def test_silence_counts_only_while_the_clock_asks(
    supervise: Callable[..., Supervised],
    monkeypatch: pytest.MonkeyPatch,
    clock_sign: dict[str, object],
) -> None:
    monkeypatch.setattr(supervisor, "WATCH_SECONDS", 0.05)
    monkeypatch.setattr(supervisor, "ASKER_LATE_SECONDS", 0.1)
    supervised = supervise(STEADY, signs=lambda: clock_sign, stale_seconds=0.7)
    ends = time.monotonic() + 1.5
    supervised.look_until(lambda: time.monotonic() > ends)
    assert not supervised.heard("worker         gave no sign of life")


def test_a_child_that_will_not_end_is_killed_with_its_group(
    supervise: Callable[..., Supervised], tmp_path: Path
) -> None:
    supervised = supervise(STUBBORN)
    supervised.look_until((tmp_path / "ready").exists)
    began = time.monotonic()
    supervised.it.end_all()
    assert 0.4 < time.monotonic() - began < 5
    until(lambda: all_gone(tmp_path))


def drive(home: Path, script: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.config.drive_supervisor", str(home), script],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    until((home / "ready").exists)
    return process


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_everything_in_good_order(tmp_path: Path, number: signal.Signals) -> None:
    process = drive(tmp_path, STEADY)
    os.kill(process.pid, number)
    said, _ = process.communicate(timeout=15)
    assert (process.returncode, said.splitlines()[-1]) == (0, "ended")
    until(lambda: all_gone(tmp_path))


@pytest.mark.parametrize("script", [STEADY, STUBBORN], ids=["obedient", "stubborn"])
def test_children_end_when_the_supervisor_itself_is_killed(tmp_path: Path, script: str) -> None:
    process = drive(tmp_path, script)
    process.kill()
    process.communicate()
    until(lambda: all_gone(tmp_path), seconds=20)


def test_everything_ends_with_the_starting_process_where_that_was_asked(tmp_path: Path) -> None:
    starter = "import subprocess, sys; subprocess.run(sys.argv[1:])"
    command = [sys.executable, "-m", "tests.config.drive_supervisor", str(tmp_path), STEADY]
    process = subprocess.Popen(
        [sys.executable, "-c", starter, *command, "with-parent"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    until((tmp_path / "ready").exists)
    process.kill()
    process.wait()
    until(lambda: all_gone(tmp_path))


def test_a_killed_reaper_is_replaced_and_knows_everything(tmp_path: Path) -> None:
    process = drive(tmp_path, STEADY)
    (reaper,) = [
        child
        for child in psutil.Process(process.pid).children()
        if "config.reaper" in child.cmdline()
    ]
    reaper.kill()
    until(
        lambda: any(
            child.pid != reaper.pid and "config.reaper" in child.cmdline()
            for child in psutil.Process(process.pid).children()
        )
    )
    time.sleep(0.1)
    process.kill()
    process.communicate()
    until(lambda: all_gone(tmp_path), seconds=20)


def test_a_child_that_dies_all_night_does_not_end_the_supervisor() -> None:
    assert supervisor.pause_seconds(1) == 1
    assert supervisor.pause_seconds(5000) == supervisor.LONGEST_PAUSE_SECONDS


def test_a_child_that_cannot_be_started_is_tried_again() -> None:
    said: list[str] = []
    it = Supervisor([Child("worker", ["/no/such/program"])], say=said.append)
    try:
        it.look()
    finally:
        it.end_all()
    assert said == ["worker         cannot be started: No such file or directory; "
                    "starts again in 1 s"]  # fmt: skip


def test_endings_are_told_in_words() -> None:
    assert ending(3) == "ended with status 3"
    assert ending(-9) == "was killed by SIGKILL"
    assert ending(-250) == "was killed by signal 250"
