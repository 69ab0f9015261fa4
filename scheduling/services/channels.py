"""The verbs of notification channels: create, change, delete, try out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone

from common import audit
from common.access import require
from common.actors import Actor
from common.errors import Conflict, InputError, NotAllowed
from common.models import Team, normalise_email
from scheduling import outbox
from scheduling.models import Delivery, NotificationChannel

MOST_RECIPIENTS = 50
NAME_LENGTH = 120


class Changes(TypedDict, total=False):
    """What `update` can change; a name that is left out stays as it is."""

    name: str
    recipients: Sequence[str]
    team: Team | None
    enabled: bool


def create(
    *,
    actor: Actor,
    name: str,
    recipients: Sequence[str],
    team: Team | None = None,
    enabled: bool = True,
) -> NotificationChannel:
    """A new channel of the actor. Raises InputError with `fields`, Conflict when the name is
    taken, NotAllowed."""
    require(actor, "scheduling.channel.create")
    if actor.user is None:
        raise NotAllowed("A channel belongs to a person.", hint="Sign in as one.")
    values = _checked(actor, {"name": name, "recipients": recipients, "team": team})
    try:
        with transaction.atomic():
            channel = NotificationChannel.objects.create(
                owner=actor.user, enabled=enabled, **values
            )
            audit.record(actor, "scheduling.channel.created", channel, after=_told(channel))
    except IntegrityError:
        raise _taken() from None
    return channel


def update(
    channel: NotificationChannel, *, actor: Actor, **changes: Unpack[Changes]
) -> NotificationChannel:
    """Change what is given. Raises InputError with `fields`, Conflict, NotAllowed; nothing is
    changed then."""
    require(actor, "scheduling.channel.edit", channel)
    values = _checked(actor, changes, kept_team=channel.team_id)
    values = {name: value for name, value in values.items() if getattr(channel, name) != value}
    if not values:
        return channel
    before = _told(channel)
    try:
        with transaction.atomic():
            if not NotificationChannel.objects.filter(pk=channel.pk).update(**values):
                raise Conflict("The channel was deleted meanwhile.", hint="Reload the page.")
            channel.refresh_from_db()
            after = _told(channel)
            audit.record(actor, "scheduling.channel.updated", channel, before=before, after=after)
    except IntegrityError:
        raise _taken() from None
    return channel


def delete(channel: NotificationChannel, *, actor: Actor) -> None:
    """Delete a channel and cancel what still waits in it. Raises Conflict while an automation
    tells it something, NotAllowed."""
    require(actor, "scheduling.channel.delete", channel)
    with transaction.atomic():
        users = list(channel.automations.order_by("name").values_list("name", flat=True)[:5])
        if users:
            raise Conflict(
                f"This channel is used by {', '.join(users)}.",
                hint="Choose another channel there first.",
            )
        Delivery.objects.filter(channel=channel, status=Delivery.Status.QUEUED).update(
            status=Delivery.Status.CANCELLED, changed_at=timezone.now()
        )
        audit.record(actor, "scheduling.channel.deleted", channel, before=_told(channel))
        channel.delete()


def test(channel: NotificationChannel, *, actor: Actor) -> list[Delivery]:
    """Send every address of the channel a mail that asks for nothing.

    Raises Conflict when it is switched off or everybody opted out, NotAllowed.
    """
    require(actor, "scheduling.channel.test", channel)
    if not channel.enabled:
        raise Conflict("The channel is switched off.", hint="Switch it on first.")
    text = (
        f"This is a test of the channel {channel.name}, asked for by {actor.text}. "
        "If you can read it, the portal's mail reaches you. Nothing is to be done."
    )
    with transaction.atomic():
        made = outbox.queue(channel, outbox.Message(f"Test of the channel {channel.name}", text))
        if not made:
            raise Conflict(
                "Every address of the channel has opted out of its mails.",
                hint="The link in any earlier mail lets them come back.",
            )
        after = {"deliveries": len(made)}
        audit.record(actor, "scheduling.channel.tested", channel, after=after)
    return made


def _checked(actor: Actor, given: Changes, *, kept_team: int | None = None) -> dict[str, Any]:
    """Clean values. Raises InputError that names every wrong field."""
    values: dict[str, Any] = dict(given)
    faults: dict[str, list[str]] = {}
    if "name" in values:
        values["name"] = " ".join(str(values["name"]).replace("\0", "").split())
        if not 0 < len(values["name"]) <= NAME_LENGTH:
            faults["name"] = [f"Give a name of at most {NAME_LENGTH} characters."]
    if "recipients" in values:
        values["recipients"], wrong = _addresses(values["recipients"])
        if wrong:
            faults["recipients"] = wrong
    team = values.get("team")
    foreign = team is not None and team.pk not in actor.team_ids and team.pk != kept_team
    if foreign and not actor.is_admin:
        faults["team"] = ["Choose one of your own teams."]
    if faults:
        first = next(iter(faults.values()))[0]
        raise InputError(first, hint="Correct it and save again.", fields=faults)
    return values


def _addresses(given: Sequence[str]) -> tuple[list[str], list[str]]:
    """The addresses, each once, and what is wrong with them."""
    known = dict.fromkeys(normalise_email(str(each)) for each in given)
    addresses = [address for address in known if address]
    if not addresses:
        return [], ["Give at least one e-mail address."]
    if len(addresses) > MOST_RECIPIENTS:
        return [], [f"Give at most {MOST_RECIPIENTS} addresses; a mailing list serves more."]
    return addresses, [
        f"{each!r} is no e-mail address." for each in addresses if not _is_mail(each)
    ]


def _is_mail(address: str) -> bool:
    try:
        validate_email(address)
    except ValidationError:
        return False
    return len(address) <= 254


def _told(channel: NotificationChannel) -> dict[str, object]:
    return {
        "name": channel.name,
        "recipients": list(channel.recipients),
        "team": channel.team.name if channel.team else "",
        "enabled": channel.enabled,
    }


def _taken() -> Conflict:
    text = "There is a channel of this name already."
    return Conflict(text, hint="Choose another name.", fields={"name": [text]})
