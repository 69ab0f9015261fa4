"""Signs of life in the database, and who among several clocks does a repeating thing.

Names: "clock", "queue:now", "queue:later" (written by whatever those run) and
"tick:<name>" (claimed by the clock that runs the tick).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from scheduling.models import Heartbeat

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
# Machines differ by seconds. What is written further ahead comes from a clock that was set back.
JUMP = timedelta(hours=1)


def beat(name: str, detail: str = "") -> None:
    """Say that the named part is alive now."""
    now = timezone.now()
    if not Heartbeat.objects.filter(name=name).update(at=now, detail=detail[:200]):
        Heartbeat.objects.get_or_create(name=name, defaults={"at": now, "detail": detail[:200]})


def last_beat(name: str) -> datetime | None:
    """When the named part last gave a sign of life; None for never."""
    at = Heartbeat.objects.filter(name=name).values_list("at", flat=True).first()
    return None if at is None or at == NEVER else at


def claim(name: str, every_seconds: float) -> bool:
    """True for the one asker per period who shall act; safe among any number of machines.

    Who asked in a future that is gone keeps nobody waiting for it.
    """
    now = timezone.now()
    Heartbeat.objects.get_or_create(name=name, defaults={"at": NEVER})
    due = Q(asked_at=None) | Q(asked_at__lte=now - timedelta(seconds=every_seconds))
    due |= Q(asked_at__gt=now + JUMP)
    return bool(Heartbeat.objects.filter(due, name=name).update(asked_at=now))


def release(name: str) -> None:
    """Let the next asker act at once: what the last one was to do is done."""
    Heartbeat.objects.filter(name=name).update(asked_at=None)
