"""Telling the channel of an automation that a run of it failed, or could not be started.

The same failure over and over is told once a day, until a run succeeds; starts refused one
after the other for the same reason are told once.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.urls import reverse
from django.utils import timezone

from scheduling import outbox
from scheduling.models import Automation, JobRun, JobStatus

WORDS = {
    JobStatus.FAILED: "failed",
    JobStatus.ERRORED: "crashed",
    JobStatus.LOST: "was given up",
}


def tell_of_failure(run: JobRun, status: str, message: str, hint: str = "") -> None:
    """Queue one message about the ending; belongs into the transaction that writes it.

    Runs without an automation, and automations without a channel, have nobody to tell.
    """
    if run.automation is None or status not in WORDS:
        return
    words = f"{run.title} {WORDS[JobStatus(status)]}"
    text = "\n\n".join(part for part in (message, hint) if part)
    told = outbox.Message(
        subject=words,
        text=f"{words}.\n\n{text}",
        subject_url=reverse("job", args=[run.pk]),
        audience=run.audience,
    )
    outbox.queue(run.automation.channel, told, key=_key(run, words + text))


def tell_of_refusal(automation: Automation, due_at: datetime, reason: str) -> None:
    """Queue one message about a schedule that starts nothing; belongs into the transaction
    that says so. Nobody would miss a mail about failures that are not looked for any more."""
    words = f"{automation.name} was not started"
    told = outbox.Message(
        subject=words,
        text=f"{words} when it was due at {due_at:%Y-%m-%d %H:%M} UTC.\n\n{reason}",
        subject_url=reverse("automation", args=[automation.pk]),
        audience=automation.audience,
    )
    mark = hashlib.sha256(reason.encode()).hexdigest()[:16]
    key = f"refused:{automation.pk}:{due_at:%Y-%m-%d}:{mark}"
    outbox.queue(automation.channel, told, key=key)


def _key(run: JobRun, told: str) -> str:
    good = JobRun.objects.filter(automation=run.automation_id, status=JobStatus.SUCCEEDED)
    since = good.order_by("-pk").values_list("pk", flat=True).first() or 0
    mark = hashlib.sha256(told.encode()).hexdigest()[:16]
    return f"automation:{run.automation_id}:{since}:{timezone.now():%Y-%m-%d}:{mark}"
