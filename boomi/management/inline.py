"""For commands of people who wait: work a run in this process and show how it goes on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.core.management.base import CommandError
from django.utils import timezone

from common.errors import PortalError
from scheduling import runner
from scheduling.models import JobRun, JobStatus

LOOK_SECONDS = 0.5


def work(run: JobRun, say: Callable[[str], object]) -> JobRun:
    """Work the run until it has ended and return it as it stands then.

    A queue worker may take slices of it too; whoever claims a slice first works it. `say`
    hears each new phase. Waits of the run (for the platform, for a runtime) are waited here.
    """
    told = ""
    while True:
        _wake(run.pk)
        worked = runner.run_slice(run.pk)
        run.refresh_from_db()
        news = " · ".join(word for word in (run.phase, run.detail) if word)
        if news and news != told:
            told = news
            say(news)
        if run.is_final:
            return run
        if not worked:
            time.sleep(LOOK_SECONDS)


def _wake(run_id: int) -> None:
    """The clock's part, should no clock run: a wait that is over makes the run queued."""
    due = JobRun.objects.filter(pk=run_id, status=JobStatus.WAITING, run_at__lte=timezone.now())
    due.update(status=JobStatus.QUEUED)


@contextmanager
def one_line_errors(returncode: int = 1) -> Iterator[None]:
    """Turn the portal's errors into one line and an exit status."""
    try:
        yield
    except PortalError as error:
        text = f"{error.message} {error.hint}".strip()
        raise CommandError(text, returncode=returncode) from None
