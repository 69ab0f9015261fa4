"""One automation of every part, for the pages to look at: schedules, a past, mail."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from boomi.models import Connection


def automate(connection: Connection) -> dict[str, object]:
    """What was made, by the names of Facts."""
    from django.utils import timezone

    from common.actors import Actor
    from scheduling import mail
    from scheduling.models import Delivery, JobRecordError, JobRun, Occurrence
    from scheduling.services import automations, channels, schedules

    actor = Actor.person(connection.owner, via="command")
    people = ["olga@northwind.example", "vic@northwind.example"]
    channel = channels.create(actor=actor, name="Integration on call", recipients=people)
    automation = automations.create(
        actor=actor,
        name="Analyse what failed over night, before anybody asks",
        kind="analysis.analyse_executions",
        parameters={"account": connection.account_id},
        channel=channel,
        notes="Agreed with the warehouse team.",
    )
    paused = schedules.create(automation, actor=actor, cron="0 */4 * * 1-5", zone="America/Lima")
    schedules.pause(paused, actor=actor, until=None, reason="The account is being rebuilt.")
    zone = "Europe/Berlin"
    schedule = schedules.create(automation, actor=actor, cron="30 2 * * *", zone=zone)
    now = timezone.now()
    run = JobRun.objects.create(
        job="analysis.analyse_executions", title=automation.name, automation=automation,
        owner=automation.owner, actor_text=actor.text, trigger="schedule", status="failed",
        created_at=now - timedelta(days=1), started_at=now - timedelta(days=1),
        finished_at=now - timedelta(hours=23), error_message="The platform refuses the credential.",
        records_done=40, records_failed=2,
    )  # fmt: skip
    for record, message in (
        ("Order Intake Main", "The log is gone."),
        ("A-long-name-" * 12, "No."),
    ):
        JobRecordError.objects.create(run=run, record=record, message=message)
    for days, outcome, found in ((1, "started", run), (2, "missed", None), (3, "overlapped", None)):
        Occurrence.objects.create(
            schedule=schedule, due_at=now - timedelta(days=days), outcome=outcome, run=found
        )
    delivery = Delivery.objects.create(
        channel=channel, address=people[0], subject="Northwind: 3 runs failed", status="failed",
        text="Three runs failed.\n\nSend orders: Code 401", tries=12,
        subject_url=f"/jobs/{run.pk}/", error="The mail server cannot be reached.",
    )  # fmt: skip
    return {
        "automation": automation.pk,
        "schedule": schedule.pk,
        "channel": channel.pk,
        "delivery": delivery.pk,
        "failed_job": run.pk,
        "unsubscribe": urlsplit(mail.unsubscribe_url(delivery)).path,
    }
