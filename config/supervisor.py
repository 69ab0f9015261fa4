"""Keeps the portal's processes alive and ends all of them together.

Each child leads a session of its own, so that a whole group can be ended: django-q2 leaves
workers behind when its parent is killed, and they go on taking work. A queue that gives no
sign of life is killed and started anew, because a worker killed while idle takes the lock of
the queue with it and freezes the rest. Knows processes only; what they are is in processes.py.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from config import reaper

LOOK_SECONDS = 0.2
WATCH_SECONDS = 2.0
STEADY_SECONDS = 30.0
LONGEST_PAUSE_SECONDS = 30.0
# The clock beats every 5 s; when it is late, nobody asks the queues for signs.
ASKER = "clock"
ASKER_LATE_SECONDS = 15.0
REAPER = Path(reaper.__file__)

Signs = Callable[[], Mapping[str, object]]
"""Newest sign of life by name; any value that changes with each sign. Empty when unknown."""


@dataclass(frozen=True, slots=True)
class Child:
    """A process to keep alive. `sign` names its sign of life; without one it is not watched."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    sign: str = ""
    descriptors: tuple[int, ...] = ()
    note: str = ""


@dataclass(slots=True)
class Running:
    """What the supervisor knows about one child; times are of the monotonic clock."""

    child: Child
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_at: float = 0.0
    quick_deaths: int = 0
    last_sign: object = None
    heard_at: float = 0.0


class Supervisor:
    """Starts `children`, restarts dead and silent ones, and ends them all when told to.

    `signs` is asked every two seconds and must not raise. `stale_seconds` of silence, counted
    while the clock is well, cost a child its life. `run` returns once nothing is left.
    """

    def __init__(
        self,
        children: Sequence[Child],
        *,
        signs: Signs = dict,
        say: Callable[[str], None] = print,
        stale_seconds: float = 90.0,
        grace_seconds: float = 15.0,
        with_parent: bool = False,
    ) -> None:
        self._running = [Running(child) for child in children]
        self._signs = signs
        self._say = say
        self._stale_seconds = stale_seconds
        self._grace_seconds = grace_seconds
        self._parent = os.getppid() if with_parent else None
        self._reaper: subprocess.Popen[bytes] | None = None
        self._watched_at = 0.0
        self._asked_to_stop = 0

    def stop(self) -> None:
        """End everything; called a second time, at once. Safe in a signal handler."""
        self._asked_to_stop += 1

    def run(self) -> None:
        """Supervise until `stop`, SIGTERM, SIGINT or SIGHUP; blocks. For the main thread."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        try:
            while not self._asked_to_stop:
                self.look()
                time.sleep(LOOK_SECONDS)
        finally:
            self.end_all()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.stop()

    def look(self) -> None:
        """One round: bury the dead, start what is due, end what is silent."""
        self._keep_reaper()
        for running in self._running:
            if running.process is not None and running.process.poll() is not None:
                self._bury(running)
            if running.process is None and time.monotonic() >= running.start_at:
                self._start(running)
        reap_strangers(self._own_pids())
        self._watch()
        if self._parent is not None and os.getppid() != self._parent:
            self.stop()

    def _start(self, running: Running) -> None:
        child = running.child
        running.started_at = time.monotonic()
        try:
            running.process = subprocess.Popen(  # noqa: S603 - the commands are our own
                list(child.command),
                env={**os.environ, **child.environment},
                stdin=subprocess.DEVNULL,
                pass_fds=child.descriptors,
                start_new_session=True,
            )
        except OSError as error:
            # A machine short of memory or processes must not cost the children that live.
            self._postpone(running, f"cannot be started: {error.strerror}")
            return
        self._tell_reaper(f"+{running.process.pid}")
        running.heard_at = running.started_at
        self._say(f"{child.name:<14} started, pid {running.process.pid} {child.note}".rstrip())

    def _bury(self, running: Running) -> None:
        """Kill what a dead child left behind and set the time of its next start."""
        process = running.process
        if process is None:
            return
        reaper.send(process.pid, signal.SIGKILL)
        self._tell_reaper(f"-{process.pid}")
        running.process = None
        self._postpone(running, ending(process.returncode))

    def _postpone(self, running: Running, fate: str) -> None:
        """One that keeps dying young is started ever more rarely: 1, 2, 4 … 30 seconds apart."""
        lived = time.monotonic() - running.started_at
        running.quick_deaths = running.quick_deaths + 1 if lived < STEADY_SECONDS else 0
        pause = pause_seconds(running.quick_deaths)
        running.start_at = time.monotonic() + pause
        self._say(f"{running.child.name:<14} {fate}; starts again in {pause:.0f} s")

    def _watch(self) -> None:
        now = time.monotonic()
        if now - self._watched_at < WATCH_SECONDS:
            return
        self._watched_at = now
        signs = self._signs()
        for running in self._running:
            sign = signs.get(running.child.sign)
            if not signs or sign != running.last_sign:
                running.last_sign, running.heard_at = sign, now
        asker_is_late = self._asker_is_late(now)
        for running in self._running:
            if asker_is_late and running.child.sign != ASKER:
                running.heard_at = now
            silent = now - running.heard_at
            if running.child.sign and running.process and silent > self._stale_seconds:
                self._say(f"{running.child.name:<14} gave no sign of life for {silent:.0f} s")
                reaper.send(running.process.pid, signal.SIGKILL)
                running.process.wait()
                self._bury(running)

    def _asker_is_late(self, now: float) -> bool:
        askers = [running for running in self._running if running.child.sign == ASKER]
        return any(now - running.heard_at > ASKER_LATE_SECONDS for running in askers)

    def end_all(self) -> None:
        """Ask every child to end; kill the groups of those that have not after the grace."""
        alive = [running.process for running in self._running if running.process is not None]
        for process in alive:
            reaper.send(process.pid, signal.SIGTERM, leader_only=True)
        deadline = time.monotonic() + self._grace_seconds
        asked = self._asked_to_stop
        while any(process.poll() is None for process in alive):
            if time.monotonic() > deadline or self._asked_to_stop > max(asked, 1):
                break
            time.sleep(LOOK_SECONDS / 2)
        for process in alive:
            reaper.send(process.pid, signal.SIGKILL)
            process.wait()
            self._tell_reaper(f"-{process.pid}")
        for running in self._running:
            running.process = None
        reap_strangers(self._own_pids())
        self._dismiss_reaper()

    def _own_pids(self) -> set[int]:
        processes = [running.process for running in self._running] + [self._reaper]
        return {process.pid for process in processes if process is not None}

    def _keep_reaper(self) -> None:
        if self._reaper is not None and self._reaper.poll() is None:
            return
        self._reaper = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", "config.reaper", str(self._grace_seconds)],
            cwd=REAPER.parent.parent,
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        for running in self._running:
            if running.process is not None:
                self._tell_reaper(f"+{running.process.pid}")

    def _tell_reaper(self, word: str) -> None:
        """A reaper that has just died is replaced at the next look and told everything anew."""
        if self._reaper is not None and self._reaper.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._reaper.stdin.write(f"{word}\n".encode())
                self._reaper.stdin.flush()

    def _dismiss_reaper(self) -> None:
        if self._reaper is not None and self._reaper.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._reaper.stdin.close()
            self._reaper.wait()
            self._reaper = None


def pause_seconds(quick_deaths: int) -> float:
    """The pause after so many quick deaths in a row; a night of them must not overflow."""
    return min(LONGEST_PAUSE_SECONDS, 2.0 ** (min(quick_deaths, 16) - 1))


def ending(status: int) -> str:
    """How a process ended, in words: its exit status, or the signal that killed it."""
    if status >= 0:
        return f"ended with status {status}"
    try:
        return f"was killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"was killed by signal {-status}"


def reap_strangers(known: set[int]) -> None:
    """Collect dead processes that were left to us, as process 1 of a container gets them.

    Looking does not collect: a child of our own stays for the object that waits for it.
    """
    if not hasattr(os, "waitid"):
        return
    while True:
        try:
            found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return
        if found is None or found.si_pid in known:
            return
        with contextlib.suppress(ChildProcessError):
            os.waitpid(found.si_pid, os.WNOHANG)
