"""Geometry of the next 24 hours of schedules: one lane each, a mark per start. Pure.

Places are shares of the width, so that text keeps its size however wide the page is.
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
    """Place and width on the axis, as SVG lengths such as "12.5%"."""

    x: str
    width: str
    title: str


@dataclass(frozen=True, slots=True)
class Tick:
    """`label` is the full hour in the viewer's zone; every other one is `minor`."""

    x: str
    label: str
    is_minor: bool


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
    return Mark(_share(min(first, MINUTES - width)), _share(width), title)


def ticks(now: datetime, zone: tzinfo) -> tuple[Tick, ...]:
    """Every third full hour on the viewer's clock."""
    hour = now.astimezone(zone).replace(minute=0, second=0, microsecond=0).astimezone(UTC)
    found = []
    for at in (hour + timedelta(hours=step) for step in range(1, 25)):
        local = at.astimezone(zone)
        if local.hour % TICK_HOURS == 0:
            minor = bool(local.hour % (2 * TICK_HOURS))
            found.append(Tick(_share(_minute(at, now)), f"{local:%H:%M}", minor))
    return tuple(found)


def _share(minutes: float) -> str:
    return f"{minutes * 100 / MINUTES:.2f}%"


def _minute(moment: datetime, now: datetime) -> float:
    # In UTC: within one zone Python subtracts what the dial shows.
    return round((moment.astimezone(UTC) - now.astimezone(UTC)).total_seconds() / 60, 1)
