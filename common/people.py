"""Rights over people, what an admin does to them beside editing the row, and one's own zone."""

from __future__ import annotations

import zoneinfo

from axes.utils import reset
from django.db import transaction

from common import audit
from common.access import require, role_rule
from common.actors import Actor
from common.errors import InputError, NotAllowed
from common.models import User
from common.roles import Role

role_rule("common.user.edit", Role.ADMIN)
role_rule("common.user.unlock", Role.ADMIN)


def unlock(user: User, *, actor: Actor, note: str = "") -> int:
    """Forget failed sign-ins of this person, from every address; returns how many rows went."""
    require(actor, "common.user.unlock", user)
    forgotten = int(reset(username=user.email))
    audit.record(actor, "common.user.unlocked", user, after={"attempts": forgotten}, note=note)
    return forgotten


def set_time_zone(actor: Actor, name: str) -> None:
    """Show the actor times in the zone of this IANA name. Raises InputError, NotAllowed."""
    if actor.user is None:
        raise NotAllowed("Sign in first.")
    if name not in zoneinfo.available_timezones():
        text = f"There is no time zone {name}."
        raise InputError(text, hint="Choose one of the list.", fields={"time_zone": [text]})
    before = actor.user.time_zone
    if name == before:
        return
    with transaction.atomic():
        actor.user.time_zone = name
        actor.user.save(update_fields=["time_zone"])
        audit.record(
            actor, "common.user.changed", actor.user,
            before={"time_zone": before}, after={"time_zone": name},
        )  # fmt: skip
