"""Telling the channel of an automation that one of its runs ended badly: one mail per run."""

from __future__ import annotations

from scheduling import outbox
from scheduling.models import Automation, JobRun


def tell_bad_end(run: JobRun, message: str, hint: str) -> None:
    """Queue the notice in the transaction that writes the ending; most runs have no channel."""
    if run.automation_id is None:
        return
    rows = Automation.objects.select_related("channel")
    automation = rows.filter(pk=run.automation_id, channel__isnull=False).first()
    if automation is None:
        return
    lines = [f"A run of the automation {automation.name} did not succeed.", message, hint]
    outbox.queue(
        automation.channel,
        outbox.Message(
            subject=f"{automation.name}: a run did not succeed",
            text="\n\n".join(line for line in lines if line),
            subject_url=f"/jobs/{run.pk}/",
            audience=run.audience,
        ),
        key=f"run-ended:{run.pk}",
    )
