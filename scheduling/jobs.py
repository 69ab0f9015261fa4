"""What a job is: a registered function that works in slices and says how each one ended.

A job lives in its app's `tasks.py`, is registered with `@job` and gets a JobContext. It
returns Done or Again; it raises JobFailed (told to people) or Retry (a passing fault).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from common.access import Verdict
from common.actors import Actor
from common.errors import PortalError
from scheduling.context import JobCancelled, JobContext
from scheduling.lease import LostLease
from scheduling.models import JobRun

__all__ = [
    "Again",
    "Done",
    "Job",
    "JobCancelled",
    "JobContext",
    "JobFailed",
    "LostLease",
    "Retry",
    "UnknownJob",
    "find",
    "job",
    "names",
]


@dataclass(frozen=True, slots=True)
class Done:
    """The work is finished. `summary` is one line with counts, `result` is JSON for programs."""

    summary: str
    result: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Again:
    """More is to be done: now (0), or after so many seconds of holding no worker.

    `reason` tells people what is waited for.
    """

    after_seconds: float = 0
    reason: str = ""


class JobFailed(PortalError):
    """The job cannot do what was asked, and says why and what to do. Not repeated by itself."""

    default_code = "JOB_FAILED"


class Retry(PortalError):
    """A passing fault: repeat the slice, until `max_tries` slices in a row ended with one.

    Steps a slice made before its fault do not count: a job that reads the same first page each
    time would be repeated for ever.

    `after_seconds` 0 leaves the pause to the runner (growing, with jitter). The sentence is
    shown when the last repeat has failed too.
    """

    default_code = "GAVE_UP"

    def __init__(
        self,
        after_seconds: float = 0,
        message: str = "A passing fault did not pass.",
        hint: str = "Try again later.",
        code: str = "",
    ) -> None:
        super().__init__(message, hint, code)
        self.after_seconds = after_seconds


class UnknownJob(LookupError):
    """No job of this name is registered in this version of the portal."""


JobFunction = Callable[[JobContext], Done | Again]
# Whether the actor may ask today for the work that these parameters describe.
Right = Callable[[Actor, Mapping[str, Any]], Verdict]


@dataclass(frozen=True, slots=True)
class Job:
    """A registered job. `max_attempts` counts workers that died over it without a step forward.

    `right` is asked before somebody repeats a run; without it, seeing the run is enough.
    """

    name: str
    title: str
    queue: str
    function: JobFunction
    max_tries: int
    max_attempts: int
    right: Right | None = None


_jobs: dict[str, Job] = {}


def job(
    name: str,
    *,
    title: str,
    queue: str = JobRun.Queue.LATER,
    max_tries: int = 5,
    max_attempts: int = 3,
    right: Right | None = None,
) -> Callable[[JobFunction], JobFunction]:
    """Register a job under "app.verb_noun". One slice should take at most a minute.

    The queue "now" is for work somebody waits for; everything else goes to "later".
    """

    if queue not in JobRun.Queue.values:
        raise ValueError(f"The job {name!r} names the unknown queue {queue!r}.")

    def register(function: JobFunction) -> JobFunction:
        if name in _jobs and _jobs[name].function is not function:
            raise ValueError(f"Two jobs are called {name!r}.")
        _jobs[name] = Job(name, title, str(queue), function, max_tries, max_attempts, right)
        return function

    return register


def find(name: str) -> Job:
    """The registered job. Raises UnknownJob."""
    try:
        return _jobs[name]
    except KeyError:
        raise UnknownJob(f"No job is called {name!r}.") from None


def names() -> list[str]:
    return sorted(_jobs)
