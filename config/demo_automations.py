"""The automations of the demo: what a team would set up in its first hour.

Made once, when there are none; whatever people change or delete afterwards stays so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from boomi.models import Connection, Deployment, Execution, Runtime
from common.actors import Actor
from common.models import Team, User
from scheduling.models import Automation, NotificationChannel
from scheduling.services import automations, channels, schedules

ZONE = "Europe/Berlin"
CHANNEL = "On call"
RECIPIENTS = ("olga@northwind.example", "dan@northwind.example")


@dataclass(frozen=True, slots=True)
class Planned:
    """`parameters` come beside the account; `tells` says whether the channel hears of it."""

    name: str
    kind: str
    cron: str
    notes: str
    parameters: dict[str, Any] = field(default_factory=dict)
    tells: bool = True
    of_account: bool = True


PLANNED = (
    Planned(
        "Explain failed runs of Northwind",
        "analysis.analyse_executions",
        "20 * * * *",
        "One mail an hour at most, by cause.",
        {"only_errors": True, "too_fast_percent": 5, "limit": 50},
    ),
    Planned(
        "Capture logs nightly",
        "boomi.capture_logs",
        "30 2 * * *",
        "Before the platform forgets them.",
        {"only_errors": True, "older_than_days": 20, "limit": 100},
    ),
    Planned(
        "Refresh components daily", "boomi.refresh_components", "0 4 * * *",
        "A few hundred calls at most, at night.", {"limit": 500},
    ),
    Planned(
        "Prune nightly", "boomi.prune", "45 3 * * *", "What is older than it is kept.",
        tells=False, of_account=False,
    ),
)  # fmt: skip


def arrange(owner: User, connection: Connection) -> list[Automation]:
    """Channel, automations and schedules of the demo; nothing when there are any already.

    The first of them is started at once, so that its pages have something to show.
    """
    if Automation.objects.exists():
        return []
    actor = Actor.person(owner, via="command")
    channel = _channel(actor)
    made = [_make(actor, planned, connection, channel) for planned in PLANNED]
    process = _process_run(connection)
    if process is not None:
        made.append(_make(actor, process, connection, channel))
    automations.run_now(made[0], actor=actor)
    return made


def _channel(actor: Actor) -> NotificationChannel:
    found = NotificationChannel.objects.filter(name=CHANNEL).first()
    if found is not None:
        return found
    team = Team.objects.filter(members=actor.user).order_by("pk").first()
    return channels.create(actor=actor, name=CHANNEL, recipients=RECIPIENTS, team=team)


def _make(
    actor: Actor, planned: Planned, connection: Connection, channel: NotificationChannel
) -> Automation:
    account = {"account": connection.account_id} if planned.of_account else {}
    automation = automations.create(
        actor=actor,
        name=planned.name,
        kind=planned.kind,
        parameters={**account, **planned.parameters},
        notes=planned.notes,
        channel=channel if planned.tells else None,
    )
    schedules.create(automation, actor=actor, cron=planned.cron, zone=ZONE)
    return automation


def _process_run(connection: Connection) -> Planned | None:
    """A scheduled process where nobody is hurt: on a runtime of a test environment."""
    runtimes = Runtime.objects.filter(
        account=connection.account,
        status="ONLINE",
        gone_at=None,
        environments__classification="TEST",
    )
    for runtime in runtimes.order_by("name"):
        places = runtime.environments.values("environment_id")
        deployed = Deployment.objects.filter(
            account=connection.account, active=True, environment_id__in=places
        )
        # One that ran there: low-latency processes leave no record that could be watched.
        ran = Execution.objects.filter(
            account=connection.account,
            runtime_id=runtime.runtime_id,
            process_id__in=deployed.values("component_id"),
        )
        process = ran.order_by("-started_at").values_list("process_id", flat=True).first()
        if process:
            return Planned(
                f"Smoke test on {runtime}", "boomi.run_process", "15 6 * * 1-5",
                "Before the day begins.", {"process": process, "runtime": runtime.pk},
            )  # fmt: skip
    return None
