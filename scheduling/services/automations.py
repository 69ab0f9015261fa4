"""Automations: create, change, switch, delete. Starting and previewing them is told here too,
for doors that want one place to ask.

Switching one off empties the next due time of its schedules in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, Unpack

from django.db import IntegrityError, transaction
from django.utils import timezone

from common import audit
from common.access import refusal, require, visible
from common.actors import Actor
from common.errors import Conflict, InputError, NotAllowed
from common.models import User
from common.pruning import delete_old
from scheduling import events, kinds
from scheduling.models import LIVE, Automation, NotificationChannel, Occurrence
from scheduling.services import parameters as asked
from scheduling.services import timing
from scheduling.services.previews import DryRun, dry_run, last_week
from scheduling.services.starting import (
    owner_of,
    reread,
    run_now,
    start_by_webhook,
    why_not,
)
from scheduling.services.webhooks import new_webhook, revoke_webhook
from scheduling.texts import plain_json

__all__ = [
    "Changes",
    "DryRun",
    "create",
    "delete",
    "dry_run",
    "last_week",
    "new_webhook",
    "owner_of",
    "revoke_webhook",
    "run_now",
    "set_enabled",
    "start_by_webhook",
    "update",
    "why_not",
]
TOLD = ("name", "kind", "parameters", "notes", "enabled", "on_event")


class Changes(TypedDict, total=False):
    """What `update` can change; a name that is left out stays as it is."""

    name: str
    parameters: Mapping[str, Any]
    notes: str
    enabled: bool
    on_event: str
    channel: NotificationChannel | None
    owner: User


def create(
    *,
    actor: Actor,
    name: str,
    kind: str,
    parameters: Mapping[str, Any],
    notes: str = "",
    enabled: bool = True,
    on_event: str = "",
    channel: NotificationChannel | None = None,
) -> Automation:
    """Save an automation of the actor's own; its schedules are added afterwards.

    Raises InputError with `fields`, NotAllowed.
    """
    require(actor, "scheduling.automation.create")
    if actor.user is None:
        raise NotAllowed("An automation belongs to a person.", hint="Sign in as its owner.")
    chosen = asked.kind_of(kind)
    values = asked.checked(chosen, parameters, actor)
    automation = Automation(
        name=_name(name),
        kind=chosen.name,
        parameters=values,
        owner=actor.user,
        audience=chosen.audience(values),
        notes=_notes(notes),
        enabled=enabled,
        on_event=_event(chosen, on_event),
        channel=_channel(channel, actor),
    )
    try:
        with transaction.atomic():
            automation.save(force_insert=True)
            audit.record(
                actor, "scheduling.automation.created", automation, after=_told(automation)
            )
    except IntegrityError:
        raise _taken(automation.name) from None
    return automation


def update(automation: Automation, *, actor: Actor, **changes: Unpack[Changes]) -> Automation:
    """Change what is given. Raises InputError with `fields`, NotAllowed, Conflict when it was
    deleted meanwhile; nothing is changed then."""
    require(actor, "scheduling.automation.edit", automation)
    reread(automation)
    values = _values(automation, actor, changes)
    values = {name: value for name, value in values.items() if getattr(automation, name) != value}
    if not values:
        return automation
    before = _told(automation)
    try:
        with transaction.atomic():
            _write(automation, values)
            audit.record(actor, _action(values), automation, before=before, after=_told(automation))
    except IntegrityError:
        raise _taken(str(values.get("name", automation.name))) from None
    return automation


def set_enabled(automation: Automation, enabled: bool, *, actor: Actor) -> Automation:
    """Switch it on or off; off, nothing starts it but a person. Repeating it is harmless."""
    return update(automation, actor=actor, enabled=enabled)


def _write(automation: Automation, values: dict[str, Any]) -> None:
    rows = Automation.objects.filter(pk=automation.pk)
    if not rows.update(**values, changed_at=timezone.now()):
        raise Conflict("The automation was deleted meanwhile.", hint="Reload the page.")
    automation.refresh_from_db()
    if "enabled" in values:
        timing.set_next_due(automation)


def _action(values: Mapping[str, Any]) -> str:
    if set(values) == {"enabled"}:
        return f"scheduling.automation.{'enabled' if values['enabled'] else 'disabled'}"
    return "scheduling.automation.updated"


def _values(automation: Automation, actor: Actor, changes: Changes) -> dict[str, Any]:
    """The columns that `changes` ask for, each checked."""
    values: dict[str, Any] = {}
    if "name" in changes:
        values["name"] = _name(changes["name"])
    if "notes" in changes:
        values["notes"] = _notes(changes["notes"])
    if "enabled" in changes:
        values["enabled"] = changes["enabled"]
    if "channel" in changes:
        values["channel"] = _changed_channel(automation, changes["channel"], actor)
    if {"parameters", "on_event", "owner"} & set(changes):
        values |= _work(automation, actor, changes)
    return values


def _work(automation: Automation, actor: Actor, changes: Changes) -> dict[str, Any]:
    """What it does and for whom hang together: the owner must have the right to the work.

    Who leaves all of it as it is may change the rest, also when the owner has left.
    """
    if _is_same_work(automation, changes):
        return {}
    kind = asked.kind_of(automation.kind)
    values: dict[str, Any] = {"on_event": automation.on_event}
    if "on_event" in changes:
        values["on_event"] = _event(kind, changes["on_event"])
    parameters = automation.parameters
    if "parameters" in changes:
        parameters = asked.checked(kind, changes["parameters"], actor)
        values |= {"parameters": parameters, "audience": kind.audience(parameters)}
    owner = changes.get("owner", automation.owner)
    if owner != automation.owner and not actor.is_admin:
        raise refusal("Only an Admin may give an automation to somebody else.")
    reason = why_not(Automation(kind=kind.name, parameters=parameters), Actor.person(owner))
    if reason:
        raise InputError(
            f"Its owner could not run it: {reason}",
            hint="Choose other parameters or another owner.",
            fields={"owner": [reason]},
        )
    return {**values, "owner": owner}


def _is_same_work(automation: Automation, changes: Changes) -> bool:
    parameters = plain_json(changes.get("parameters", automation.parameters))
    return (parameters, changes.get("on_event", automation.on_event)) == (
        automation.parameters,
        automation.on_event,
    ) and changes.get("owner", automation.owner) == automation.owner


def delete(automation: Automation, *, actor: Actor) -> None:
    """Delete it with its schedules and their history; its runs stay.

    Raises NotAllowed, Conflict while one of its runs is live.
    """
    require(actor, "scheduling.automation.delete", automation)
    _refuse_live(automation)
    # A schedule of every minute has tens of thousands of them: not in one transaction.
    delete_old(Occurrence.objects.filter(schedule__automation=automation).order_by("pk"))
    with transaction.atomic():
        timing.stop(automation)
        _refuse_live(automation)
        before, pk = _told(automation), automation.pk
        if not Automation.objects.filter(pk=pk).delete()[0]:
            raise Conflict("The automation was deleted meanwhile.", hint="Reload the page.")
        audit.record(actor, "scheduling.automation.deleted", automation, before=before)


def _refuse_live(automation: Automation) -> None:
    if automation.runs.filter(status__in=LIVE).exists():
        raise Conflict(
            "A run of this automation is at work.", hint="Cancel it or wait for its end first."
        )


def _name(name: str) -> str:
    clean = " ".join(name.split())
    if not 1 <= len(clean) <= 120 or "\0" in clean:
        raise InputError("Give it a name.", fields={"name": ["1 to 120 characters."]})
    return clean


def _taken(name: str) -> InputError:
    text = "Another automation has this name already."
    return InputError(f"The name {name!r} is taken.", hint=text, fields={"name": [text]})


def _notes(notes: str) -> str:
    if len(notes) > 500 or "\0" in notes:
        raise InputError("The notes are too long.", fields={"notes": ["At most 500 characters."]})
    return notes.strip()


def _event(kind: kinds.Kind, name: str) -> str:
    """Kinds that name their events are started by those only."""
    known = {event.name for event in events.all_events()}
    if name and (name not in known or (kind.events and name not in kind.events)):
        listed = ", ".join(sorted(known & set(kind.events or known))) or "none"
        raise InputError(
            f"The event {name!r} cannot start this kind of automation.",
            fields={"on_event": [f"Choose among: {listed}."]},
        )
    return name


def _channel(channel: NotificationChannel | None, actor: Actor) -> NotificationChannel | None:
    if channel is None:
        return None
    if not visible(actor, NotificationChannel.objects.filter(pk=channel.pk)).exists():
        raise InputError(
            "This channel is not among those you may use.",
            fields={"channel": ["Choose one of your channels."]},
        )
    return channel


def _changed_channel(
    automation: Automation, channel: NotificationChannel | None, actor: Actor
) -> NotificationChannel | None:
    """Who changes something else need not see the channel its owner chose."""
    same = channel is not None and channel.pk == automation.channel_id
    return channel if same else _channel(channel, actor)


def _told(automation: Automation) -> dict[str, object]:
    values: dict[str, object] = {name: getattr(automation, name) for name in TOLD}
    values["parameters"] = kinds.public(automation.kind, automation.parameters)
    channel = automation.channel.name if automation.channel else ""
    return {**values, "owner": automation.owner.email, "channel": channel}
