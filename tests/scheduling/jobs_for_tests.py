"""Jobs that show every way a slice can end; their parameters choose it."""

from __future__ import annotations

import os
import signal
import time

from django.db import OperationalError

from common.errors import RemoteBusy, RemoteError
from scheduling.jobs import Again, Done, JobContext, JobFailed, Retry, job
from scheduling.models import JobLogLine


@job("tests.succeed", title="Succeed", queue="now")
def succeed(context: JobContext) -> Done:
    return Done("All good.", {"answer": 42})


@job("tests.count", title="Count rows")
def count(context: JobContext) -> Done | Again:
    """Writes `rows` numbered lines, one step each, `per_slice` a slice, with a pause in each."""
    target = context.params["rows"]
    for _ in range(context.params.get("per_slice", target)):
        number = context.cursor.get("row", 0)
        if number >= target:
            break
        with context.step(row=number + 1):
            JobLogLine.objects.create(run=context.run, level="row", text=str(number))
            time.sleep(context.params.get("pause", 0))
    if context.cursor.get("row", 0) < target:
        return Again(context.params.get("wait", 0), "more rows")
    return Done(f"{target} rows")


@job("tests.fail", title="Fail")
def fail(context: JobContext) -> Done:
    raise JobFailed("The log was purged.", "Ask for a newer run.", "LOG_PURGED")


@job("tests.break", title="Break")
def break_(context: JobContext) -> Done:
    raise ValueError("Authorization: Basic dXNlcjpwYXNzd29yZDEyMzQ1Njc4")


@job("tests.busy", title="Wait for the platform")
def busy(context: JobContext) -> Done:
    raise RemoteBusy("The platform asks us to wait.", wait_seconds=30)


@job("tests.flaky", title="Stumble", max_tries=3)
def flaky(context: JobContext) -> Done:
    """Fails `faults` times in the chosen `way`, then succeeds."""
    if context.run.tries < context.params["faults"]:
        match context.params.get("way", "retry"):
            case "retry":
                raise Retry(5, "The line was cut.", "Check the network.", "UNREACHABLE")
            case "transient":
                error = RemoteError("The platform did not answer.", "Wait.", "TIMEOUT")
                error.transient = True  # type: ignore[attr-defined]
                raise error
            case "locked":
                raise OperationalError("database is locked")
    return Done("Made it.")


@job("tests.cancel_myself", title="Get cancelled in mid-slice")
def cancel_myself(context: JobContext) -> Done:
    """As if somebody pressed the button while the job works, between two of its steps."""
    type(context.run).objects.filter(pk=context.run.pk).update(
        cancel_asked_at=context.run.created_at
    )
    with context.step(row=1):
        context.log("must not be seen")
    return Done("Not reached.")


@job("tests.kill_worker", title="Kill the worker", max_attempts=2)
def kill_worker(context: JobContext) -> Done:
    os.kill(os.getpid(), signal.SIGKILL)
    return Done("Not reached.")
