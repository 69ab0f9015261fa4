"""Every status in words for people: tone, word, icon and one sentence.

Apps contribute their tables in `<app>/badges.py`; pages ask `badge(kind, status)` and never
spell a status themselves. The five tones are the only colours of state in the product.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from django.utils.module_loading import autodiscover_modules

Tone = Literal["neutral", "active", "good", "warn", "bad"]


@dataclass(frozen=True, slots=True)
class Badge:
    """`icon` is a name of the icon sprite; `sentence` is shown on hover and read aloud."""

    tone: Tone
    word: str
    icon: str
    sentence: str


@dataclass(frozen=True, slots=True)
class BadgeKind:
    """`attribute` is where a row keeps this status when a whole row is handed over."""

    attribute: str
    table: Mapping[str, Badge]


_kinds: dict[str, BadgeKind] = {}


def register(kind: str, table: Mapping[str, Badge], *, attribute: str = "status") -> None:
    """Contribute the statuses of one kind; a kind has one owner."""
    if kind in _kinds:
        raise ValueError(f"Two tables of badges for the kind {kind!r}.")
    _kinds[kind] = BadgeKind(attribute, {str(status): entry for status, entry in table.items()})


def badge(kind: str, status: object) -> Badge:
    """The badge of `status`: a status itself, or a row that carries one.

    A status nobody described is shown as it is: the platform may grow new ones any day.
    An unknown kind is a bug and raises KeyError.
    """
    _discover()
    entry = _kinds[kind]
    value = status if isinstance(status, str) else getattr(status, entry.attribute, status)
    known = entry.table.get(str(value))
    return known or _unknown(str(value or ""))


def kinds() -> dict[str, BadgeKind]:
    """All kinds by name, for sweeps and the style guide."""
    _discover()
    return dict(_kinds)


def _unknown(status: str) -> Badge:
    word = status.replace("_", " ").capitalize() if status else "Unknown"
    return Badge("neutral", word, "circle-question-mark", "The portal does not know this status.")


@functools.cache
def _discover() -> None:
    autodiscover_modules("badges")


register(
    "audit",
    {
        "done": Badge("good", "Done", "circle-check", "This happened as written."),
        "refused": Badge("warn", "Refused", "ban", "The person had no right to do this."),
        "failed": Badge("bad", "Failed", "circle-x", "This was tried and did not work."),
    },
    attribute="outcome",
)
register(
    "check",
    {
        "healthy": Badge("good", "Healthy", "circle-check", "This part works as it should."),
        "degraded": Badge("warn", "Degraded", "triangle-alert", "This part works, but not well."),
        "down": Badge("bad", "Down", "circle-x", "This part does not work."),
    },
    attribute="state",
)
