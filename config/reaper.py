"""The supervisor's last will: ends what it started when the supervisor itself was killed.

A tiny process of its own session that reads group ids from a pipe: "+123" when one starts,
"-123" when it has ended. Only the supervisor holds the other end, so the pipe closes however
the supervisor dies; whatever is still listed then is asked to end, and after a while made to.
A death signal set by each child would not do: it reaches neither grandchildren nor a queue
that froze, and only Linux has it.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterable
from pathlib import Path

LOOK_SECONDS = 0.1


def lives(process: int) -> bool:
    """Whether the process still runs. One that is dead but not collected yet does not.

    Linux tells the state after the last bracket of /proc/<pid>/stat; elsewhere process 1
    collects what is left to it at once.
    """
    try:
        os.kill(process, 0)
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return state != "Z"


def send(group: int, number: signal.Signals, *, leader_only: bool = False) -> None:
    """Signal a group, or its leader only; one that has ended already is no fault."""
    try:
        if leader_only:
            os.kill(group, number)
        else:
            os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return


def end(groups: Iterable[int], grace_seconds: float) -> None:
    """Ask the leaders to end in good order, then kill whatever is left of their groups."""
    groups = list(groups)
    for group in groups:
        send(group, signal.SIGTERM, leader_only=True)
    deadline = time.monotonic() + grace_seconds
    while any(map(lives, groups)) and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)
    for group in groups:
        send(group, signal.SIGKILL)


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        word = line.strip()
        if word.startswith("+"):
            groups.add(int(word[1:]))
        elif word.startswith("-"):
            groups.discard(int(word[1:]))
    end(groups, float(sys.argv[1]))


if __name__ == "__main__":
    main()
