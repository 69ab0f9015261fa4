"""Rights over people, and what an admin does to them beside editing the row."""

from __future__ import annotations

from axes.utils import reset

from common import audit
from common.access import require, role_rule
from common.actors import Actor
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
