"""Geometry of small server-drawn charts; the templates only write the numbers down.

Widths and heights are in SVG user units. Bars start at zero, always.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

MOST_BARS = 240


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    title: str


@dataclass(frozen=True, slots=True)
class Bucket:
    """One slice of time. `at` is empty when the log has no clock time to start from."""

    at: str
    records: int
    errors: int


@dataclass(frozen=True, slots=True)
class Histogram:
    """Records and errors over time as two panels on one time axis, each with its own maximum."""

    buckets: tuple[Bucket, ...]
    records: tuple[Bar, ...]
    errors: tuple[Bar, ...]
    width: int
    bucket_seconds: int
    total_records: int
    total_errors: int
    most_records: int
    most_errors: int
    ticks: tuple[str, ...]


def histogram(data: Mapping[str, object]) -> Histogram | None:
    """Read {bucket_seconds, start, records, errors} as the log analysis writes it.

    None when there is nothing to draw. Neighbouring buckets are added up until no more than
    MOST_BARS stay.
    """
    records, errors = _numbers(data.get("records")), _numbers(data.get("errors"))
    if not records or not any(records):
        return None
    errors += [0] * (len(records) - len(errors))
    step = math.ceil(len(records) / MOST_BARS)
    seconds = int(str(data.get("bucket_seconds") or 1)) * step
    records, errors = _merge(records, step), _merge(errors[: len(records)], step)
    labels = _labels(str(data.get("start") or ""), seconds, len(records))
    buckets = tuple(
        Bucket(at, count, failed) for at, count, failed in zip(labels, records, errors, strict=True)
    )
    return Histogram(
        buckets=buckets,
        records=_bars([(bucket.records, _say(bucket)) for bucket in buckets], 64),
        errors=_bars([(bucket.errors, _say(bucket)) for bucket in buckets], 24, least=3),
        width=len(buckets) * 4,
        bucket_seconds=seconds,
        total_records=sum(records),
        total_errors=sum(errors),
        most_records=max(records),
        most_errors=max(errors),
        ticks=tuple(labels[index] for index in _tick_places(len(labels)) if labels[index]),
    )


def sparkline(values: Sequence[float], width: int = 96, height: int = 24) -> tuple[str, Bar] | None:
    """Points of a polyline and the place of its last value; None below two values."""
    if len(values) < 2:
        return None
    most = max(values) or 1
    inner = height - 4
    points = [
        (
            round(2 + index * (width - 4) / (len(values) - 1), 1),
            round(2 + inner * (1 - v / most), 1),
        )
        for index, v in enumerate(values)
    ]
    last = points[-1]
    return " ".join(f"{x},{y}" for x, y in points), Bar(last[0], last[1], 0, 0, "")


def strip(durations: Sequence[int | None], height: int = 24) -> list[Bar]:
    """One bar per run, as tall as it was long; a run without a duration keeps a low bar."""
    most = max((value or 0 for value in durations), default=0) or 1
    bars = []
    for index, value in enumerate(durations):
        tall = max(5, round(height * (value or 0) / most))
        bars.append(Bar(index * 8, height - tall, 6, tall, ""))
    return bars


def _numbers(raw: object) -> list[int]:
    return [int(value or 0) for value in raw] if isinstance(raw, list | tuple) else []


def _merge(values: list[int], step: int) -> list[int]:
    return [sum(values[index : index + step]) for index in range(0, len(values), step)]


def _labels(start: str, seconds: int, count: int) -> list[str]:
    try:
        first = datetime.fromisoformat(start)
    except ValueError:
        return [""] * count
    spread = seconds * count
    form = "%H:%M:%S" if spread < 86_400 else "%d %b %H:%M"
    return [f"{first + timedelta(seconds=seconds * index):{form}}" for index in range(count)]


def _tick_places(count: int) -> list[int]:
    return sorted({0, count // 4, count // 2, 3 * count // 4, count - 1}) if count > 4 else [0]


def _say(bucket: Bucket) -> str:
    when = f"{bucket.at}: " if bucket.at else ""
    return f"{when}{bucket.records} records, {bucket.errors} errors"


def _bars(values: list[tuple[int, str]], height: int, least: int = 1) -> tuple[Bar, ...]:
    most = max((value for value, _ in values), default=0) or 1
    bars = []
    for index, (value, title) in enumerate(values):
        if value:
            tall = max(least, round(height * value / most, 1))
            bars.append(Bar(index * 4, round(height - tall, 1), 3, tall, title))
    return tuple(bars)
