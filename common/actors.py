"""Who acts, and through which door. Passed to every verb; never guessed from a thread."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from common import roles
from common.roles import Role

if TYPE_CHECKING:
    from django.http import HttpRequest

    from common.models import User

Via = Literal["page", "admin", "api", "command", "job", "system"]


@dataclass(frozen=True)
class Actor:
    """A person, a service user or the portal itself.

    `text` is what the audit keeps when the user row is gone. `scopes` narrows what a
    token may do: None means no narrowing, {"read"} means no verb that changes anything.
    """

    user: User | None
    text: str
    via: Via
    request_id: str = ""
    scopes: frozenset[str] | None = field(default=None)

    @classmethod
    def of(cls, request: HttpRequest, via: Via = "page") -> Actor:
        """The signed-in user of a request; nobody when it is anonymous."""
        user = getattr(request, "user", None)
        known = user if user is not None and user.is_authenticated else None
        return cls(
            user=known,
            text=known.email if known else "anonymous",
            via=via,
            request_id=getattr(request, "request_id", ""),
            scopes=getattr(request, "token_scopes", None),
        )

    @classmethod
    def person(cls, user: User, via: Via = "command") -> Actor:
        return cls(user=user, text=user.email, via=via)

    @classmethod
    def system(cls, name: str = "portal", via: Via = "system") -> Actor:
        """The portal itself: background work without a person behind it."""
        return cls(user=None, text=f"system:{name}", via=via)

    def through(self, via: Via) -> Actor:
        """The same actor at another door, for work that goes on in a job."""
        return Actor(self.user, self.text, via, self.request_id, self.scopes)

    @property
    def is_system(self) -> bool:
        return self.user is None and self.text.startswith("system:")

    @cached_property
    def rank(self) -> int:
        """Rank of the highest role; -1 for nobody and for people without a role."""
        if self.is_system:
            return roles.ADMIN_RANK
        if self.user is None or not self.user.is_active:
            return -1
        if self.user.is_superuser:
            return roles.ADMIN_RANK
        names = self.user.groups.values_list("name", flat=True)
        return max((roles.ORDER[name] for name in names if name in roles.ORDER), default=-1)

    def has_role(self, role: Role) -> bool:
        """True when the actor holds this role or a higher one."""
        return self.rank >= roles.ORDER[role]

    @property
    def is_admin(self) -> bool:
        return self.rank == roles.ADMIN_RANK

    @cached_property
    def team_ids(self) -> frozenset[int]:
        if self.user is None:
            return frozenset()
        return frozenset(self.user.teams.values_list("pk", flat=True))
