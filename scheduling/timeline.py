"""Geometry of the next 24 hours of schedules: one lane each, a mark per start. Pure.

The width of a drawing is its 1,440 minutes; the templates only write the numbers down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

SPAN = timedelta(hours=24)
MINUTES = 1440
MARK = 8
# Starts closer together than this are drawn as one band: single marks would touch.
BAND_GAP = timedelta(minutes=16)
TICK_HOURS = 3


@dataclass(frozen=True, slots=True)
class Mark:
    x: float
    width: float
    title: str


@dataclass(frozen=True, slots=True)
class Tick:
    """`label` is the full hour in the viewer's zone."""

    x: float
    label: str


def marks(times: Sequence[datetime], now: datetime, zone: tzinfo) -> tuple[Mark, ...]:
    """The starts among `times` (ascending) in the 24 hours after `now`."""
    begin = now.astimezone(UTC)
    bands: list[list[datetime]] = []
    for at in (one.astimezone(UTC) for one in times):
        if not begin <= at < begin + SPAN:
            continue
        if bands and at - bands[-1][-1] < BAND_GAP:
            bands[-1].append(at)
        else:
            bands.append([at])
    return tuple(_mark(band, begin, zone) for band in bands)


def _mark(band: list[datetime], begin: datetime, zone: tzinfo) -> Mark:
    first, last = _minute(band[0], begin), _minute(band[-1], begin)
    title = f"{band[0].astimezone(zone):%H:%M}"
    if len(band) > 1:
        title = f"{title}–{band[-1].astimezone(zone):%H:%M}, {len(band)} starts"
    width = last - first + MARK
    return Mark(min(first, MINUTES - width), width, title)


def ticks(now: datetime, zone: tzinfo) -> tuple[Tick, ...]:
    """Every third full hour on the viewer's clock."""
    hour = now.astimezone(zone).replace(minute=0, second=0, microsecond=0).astimezone(UTC)
    found = []
    for at in (hour + timedelta(hours=step) for step in range(1, 25)):
        local = at.astimezone(zone)
        if local.hour % TICK_HOURS == 0:
            found.append(Tick(_minute(at, now), f"{local:%H:%M}"))
    return tuple(found)


def _minute(moment: datetime, now: datetime) -> float:
    # In UTC: within one zone Python subtracts what the dial shows.
    return round((moment.astimezone(UTC) - now.astimezone(UTC)).total_seconds() / 60, 1)
