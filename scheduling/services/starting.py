"""Starting an automation: by hand, by webhook and by an event; schedules do it in `due`.

By hand it works with the rights of who pressed the button, else with those of its owner. They
are asked at each start, for people leave and lose rights.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from common import audit
from common.access import audiences, may, refusal, require
from common.actors import Actor
from common.errors import Conflict, NotFound
from common.logs import get_logger
from scheduling import chains, events, jobs, kinds
from scheduling.models import LIVE, Automation, JobRun, Trigger
from scheduling.services import webhooks
from scheduling.services.jobs import enqueue_once

log = get_logger(__name__)
MOST_LIVE = 100
WEBHOOK_STARTS_PER_MINUTE = 30


class TooManyStarts(Conflict):
    status = 429
    default_code = "TOO_MANY_REQUESTS"


def owner_of(automation: Automation) -> Actor:
    """The owner as who works when nobody pressed a button."""
    return Actor.person(automation.owner, via="system")


def reread(automation: Automation) -> None:
    """The row as it is now. Raises NotFound when it was deleted meanwhile."""
    try:
        automation.refresh_from_db()
    except Automation.DoesNotExist:
        raise NotFound("This automation was deleted.", hint="Go back to the list.") from None


def why_not(automation: Automation, actor: Actor) -> str:
    """The sentence why the actor cannot let it work today; "" when it can start."""
    try:
        kind = kinds.find(automation.kind)
        jobs.find(kind.job)
    except (kinds.UnknownKind, jobs.UnknownJob):
        return f"This version of the portal knows no automation of the kind {automation.kind}."
    if actor.user is not None and not actor.user.is_active:
        return f"The user {actor.text} is switched off."
    # A token's narrower scope was judged at the door.
    whole = Actor(actor.user, actor.text, actor.via, actor.request_id)
    verdict = may(whole, "scheduling.automation.create")
    if not verdict:
        return f"{actor.text} may not run automations any more: {verdict.reason}"
    verdict = kind.may_use(whole, automation.parameters)
    return "" if verdict else verdict.reason or f"{actor.text} has lost the right to this work."


def is_full(automation: Automation) -> bool:
    """Whether so many of its runs are live that one more only makes the line longer."""
    return automation.runs.filter(status__in=LIVE).count() >= MOST_LIVE


def start(
    automation: Automation,
    *,
    actor: Actor,
    trigger: str,
    beside: bool = False,
    more: Mapping[str, Any] | None = None,
) -> tuple[JobRun, bool]:
    """Enqueue its job in the caller's transaction; False with the run that is live already.

    `beside` lets it start next to a live one. Rights are the caller's to ask; raises
    UnknownKind and UnknownJob.
    """
    kind = kinds.find(automation.kind)
    return enqueue_once(
        kind.job,
        actor=actor,
        params={**automation.parameters, "automation": automation.pk, **(more or {})},
        key="" if beside else f"automation:{automation.pk}",
        title=automation.name,
        audience=automation.audience,
        subject_url=f"/automations/{automation.pk}/",
        automation=automation,
        trigger=trigger,
    )


def run_now(automation: Automation, *, actor: Actor, trigger: str = Trigger.MANUAL) -> JobRun:
    """Start it now, also while it is switched off; the run that is live already is the answer
    then. Raises NotAllowed."""
    require(actor, "scheduling.automation.run", automation)
    reread(automation)
    reason = why_not(automation, actor)
    if reason:
        raise refusal(reason)
    with transaction.atomic():
        run, created = start(automation, actor=actor, trigger=trigger)
        if created:
            audit.record(actor, "scheduling.automation.started", automation, after={"run": run.pk})
    return run


def start_by_webhook(automation_pk: int, token: str) -> JobRun:
    """Start the automation on behalf of its owner, for whoever holds its token.

    The run that is live already is the answer then. Raises NotFound for a wrong token as for
    an automation that is not there, Conflict while it is switched off or its owner may not,
    TooManyStarts.
    """
    automation = Automation.objects.select_related("owner").filter(pk=automation_pk).first()
    if not webhooks.fits(automation, token) or automation is None:
        log.warning("scheduling.webhook_refused", automation=automation_pk)
        raise NotFound(
            "No automation listens here with this token.",
            hint="Check the address and the header X-Webhook-Token.",
        )
    if not automation.enabled:
        raise Conflict("This automation is switched off.", hint="Switch it on in the portal.")
    owner = owner_of(automation)
    if why_not(automation, owner):
        raise Conflict(
            "The owner of this automation may not run it any more.",
            hint="Its page in the portal says why.",
        )
    _refuse_flood(automation)
    with transaction.atomic():
        run, created = start(automation, actor=owner, trigger=Trigger.WEBHOOK)
        if created:
            hook = Actor.system("webhook", via="api")
            audit.record(hook, "scheduling.automation.started", automation, after={"run": run.pk})
    return run


def _refuse_flood(automation: Automation) -> None:
    minute = timezone.now() - timedelta(minutes=1)
    started = automation.runs.filter(trigger=Trigger.WEBHOOK, created_at__gt=minute).count()
    if started >= WEBHOOK_STARTS_PER_MINUTE:
        raise TooManyStarts(
            f"This webhook started {started} runs within a minute.", hint="Call it again later."
        )


@events.listen
def start_by_event(event: events.PortalEvent, payload: events.Payload) -> None:
    """Start what listens to the event, in the transaction of whoever tells it.

    Each event is a run of its own that gets it as the parameter "event". Nothing is raised:
    who tells the event has no part in what an automation may.
    """
    waiting = Automation.objects.filter(
        on_event=event.name, enabled=True, audience__in={"", str(payload.get("audience", ""))}
    )
    for automation in waiting.select_related("owner").order_by("pk"):
        try:
            # What a faulty kind asked of the database undoes nothing of the teller's.
            with transaction.atomic():
                reason = _hear(automation, payload)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            log.error("scheduling.start_failed", automation=automation.pk, exc_info=True)
            continue
        if reason:
            log.warning(
                "scheduling.event_ignored", event_name=event.name, automation=automation.pk,
                reason=reason,
            )  # fmt: skip


def _hear(automation: Automation, payload: events.Payload) -> str:
    """Start it for the event, or say why not."""
    reason = _why_deaf(automation, payload)
    if not reason:
        start(
            automation,
            actor=owner_of(automation),
            trigger=Trigger.EVENT,
            beside=True,
            more={"event": dict(payload)},
        )
    return reason


def _why_deaf(automation: Automation, payload: events.Payload) -> str:
    if automation.pk in chains.current():
        return "it led to this event itself"
    if len(chains.current()) >= chains.LONGEST:
        return f"{chains.LONGEST} automations in a row led to this event"
    owner, audience = owner_of(automation), str(payload.get("audience", ""))
    if not (owner.is_admin or audience in audiences(owner)):
        return "its owner may not know of it"
    if is_full(automation):
        return f"{MOST_LIVE} of its runs are live already"
    return why_not(automation, owner)
