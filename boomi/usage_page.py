"""What the usage page shows: chart, table, forecast and one sentence of advice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from boomi import usage
from boomi.usage import Gauge, Sums, Usage

SPANS = {"24h": timedelta(hours=24), "7d": timedelta(days=7)}
SERIES = 5
HEIGHT = 120
OTHERS = "Others"
WORDS = {
    "": "Not named",
    "connection.test": "Test of a connection",
    "log.fetch": "Process logs",
    "component.document": "Documents of components",
    "process.run": "Running processes",
    "sync.count": "Sync: comparing counts",
}


def words(feature: str) -> str:
    """What a feature is called on pages."""
    if feature in WORDS:
        return WORDS[feature]
    first, _, rest = feature.partition(".")
    return f"{first.capitalize()}: {rest.replace('_', ' ')}" if rest else first.capitalize()


@dataclass(frozen=True, slots=True)
class Segment:
    y: float
    height: float
    series: int


@dataclass(frozen=True, slots=True)
class Column:
    """One hour; `counts` follows the series of the chart."""

    at: datetime
    x: int
    width: int
    total: int
    title: str
    counts: tuple[int, ...]
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Stacked bars on one scale from zero. `cap_y` is None where the cap lies far above them."""

    names: tuple[str, ...]
    columns: tuple[Column, ...]
    width: int
    height: int
    most: int
    cap: int
    cap_y: float | None


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table: what the calls were for and what they cost."""

    feature: str
    name: str
    sums: Sums
    share: float


def hours_of(span: timedelta, now: datetime) -> list[datetime]:
    """The whole hours of a span, oldest first, the running one last."""
    last = now.replace(minute=0, second=0, microsecond=0)
    count = round(span / usage.HOUR)
    return [last - usage.HOUR * back for back in range(count - 1, -1, -1)]


def lines(found: Usage) -> list[Line]:
    """Everything by feature, the costliest first."""
    total = found.total.calls or 1
    rows = sorted(found.by_feature.items(), key=lambda item: (-item[1].calls, item[0]))
    return [Line(name, words(name), sums, sums.calls / total) for name, sums in rows]


def chart(found: Usage, hours: list[datetime], accounts: int) -> Chart:
    """Calls by hour and feature; the smallest features are added up as "Others"."""
    leading = [line.feature for line in lines(found)[:SERIES]]
    names = [words(feature) for feature in leading]
    if len(found.by_feature) > SERIES:
        names.append(OTHERS)
    cap = usage.caps()[1] * max(1, accounts)
    most = max((sum(found.by_hour.get(hour, {}).values()) for hour in hours), default=0)
    # A cap twenty times as high as all bars would flatten them to nothing.
    shows_cap = most * 2 >= cap
    scale = HEIGHT / (max(most, cap) if shows_cap else most or 1)
    step = 30 if len(hours) <= 24 else 5
    columns = tuple(
        _column(found.by_hour.get(hour, {}), hour, index * step, step, leading, names, scale)
        for index, hour in enumerate(hours)
    )
    cap_y = round(HEIGHT - cap * scale, 1) if shows_cap else None
    return Chart(tuple(names), columns, len(hours) * step, HEIGHT, most, cap, cap_y)


def _column(
    counts: dict[str, int],
    hour: datetime,
    x: int,
    step: int,
    leading: list[str],
    names: list[str],
    scale: float,
) -> Column:
    values = [counts.get(feature, 0) for feature in leading]
    total = sum(counts.values())
    if len(names) > len(leading):
        values.append(total - sum(values))
    segments, top = [], float(HEIGHT)
    for index, value in enumerate(values):
        if value:
            tall = round(value * scale, 2)
            top -= tall
            segments.append(Segment(round(top, 2), tall, index + 1))
    said = ", ".join(f"{name} {value}" for name, value in zip(names, values, strict=True) if value)
    when = f"{timezone.localtime(hour):%a %d %b %H:%M}"
    title = f"{when}: {total} call{'' if total == 1 else 's'}" + (f" ({said})" if said else "")
    return Column(hour, x, step - max(1, step // 6), total, title, tuple(values), tuple(segments))


def today(account_ids: list[str], now: datetime) -> tuple[int, int]:
    """Calls since midnight of the reader, and how many the whole day will probably have."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    so_far = usage.between(account_ids, midnight)
    last_day = usage.between(account_ids, now - usage.DAY)
    return so_far, usage.forecast(last_day, so_far, now, midnight)


def advice(gauges: list[Gauge], found: Usage) -> tuple[str, str]:
    """A tone and the one sentence that matters most now."""
    away = next((gauge for gauge in gauges if gauge.circuit), None)
    if away is not None:
        return "bad", (
            f"The platform does not answer for {away.account}: nothing is called until a trial "
            "succeeds, and syncs wait meanwhile."
        )
    full = next((gauge for gauge in gauges if gauge.is_high), None)
    if full is not None:
        return "warn", (
            f"{full.account} is at {full.share:.0%} of its cap: raise API_REQUESTS_PER_MINUTE if "
            "the platform allows more, or AUTO_SYNC_SECONDS to sync less often."
        )
    total = found.total
    if total.throttled_share > 0.02:
        return "warn", (
            f"The platform throttles {total.throttled_share:.1%} of the calls: other programs "
            "use the same account, so lower API_REQUESTS_PER_SECOND."
        )
    if total.failed_share > 0.01:
        return "warn", (
            f"{total.failed_share:.1%} of the calls ended without an answer after all repeats: "
            "look at the errors in the call log."
        )
    if not total.calls:
        return "neutral", "Nothing was called in this time."
    top = lines(found)[0]
    return "good", (
        f"All is well: the caps are far away. {top.name} takes {top.share:.0%} of the calls."
    )
