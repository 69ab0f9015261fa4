"""What the calls to the platform cost: against the caps, by hour, by what they were for.

Each function takes a fixed number of SQL queries. Sums come from `CallCount`, which holds a few
rows an hour however many calls there were; only the last hour is counted from the call log.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Q, QuerySet, Sum

from boomi.models import Account, ApiCall, CallCount, Circuit
from boomi.services.api_calls import BEGINNING
from common.access import visible
from common.actors import Actor

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WARN_AT = 0.8
# An answer that refuses the request is one; these are none.
FAILED = ("503", "429", "5xx", "broken", "none")
THROTTLED = ("503", "429")


@dataclass(frozen=True, slots=True)
class Gauge:
    """Calls charged to an account in the last minute and hour, against the caps in force."""

    account: Account
    minute: int
    hour: int
    minute_cap: int
    hour_cap: int
    circuit: Circuit | None

    @property
    def share(self) -> float:
        """The fuller of the two windows, 0 to 1 and beyond."""
        return max(self.minute / self.minute_cap, self.hour / self.hour_cap)

    @property
    def is_high(self) -> bool:
        return self.share >= WARN_AT

    @property
    def minute_high(self) -> int:
        return int(self.minute_cap * WARN_AT)

    @property
    def hour_high(self) -> int:
        return int(self.hour_cap * WARN_AT)


@dataclass(slots=True)
class Sums:
    """Calls of one sort. `asked` counts calls, `calls` their attempts, `failed` calls that ended
    without a usable answer."""

    calls: int = 0
    asked: int = 0
    failed: int = 0
    throttled: int = 0
    duration_ms: int = 0
    bytes: int = 0

    def add(self, row: CallCount) -> None:
        self.calls += row.calls
        self.duration_ms += row.duration_ms
        self.bytes += row.response_bytes
        self.asked += row.calls if row.final else 0
        self.failed += row.calls if row.final and row.outcome in FAILED else 0
        self.throttled += row.calls if row.outcome in THROTTLED else 0

    @property
    def failed_share(self) -> float:
        return self.failed / self.asked if self.asked else 0.0

    @property
    def throttled_share(self) -> float:
        return self.throttled / self.calls if self.calls else 0.0

    @property
    def mean_ms(self) -> int | None:
        return round(self.duration_ms / self.calls) if self.calls else None


@dataclass(slots=True)
class Usage:
    """The sums of a span: all of it, by what it was for, and by hour and what it was for."""

    total: Sums = field(default_factory=Sums)
    by_feature: dict[str, Sums] = field(default_factory=dict)
    by_hour: dict[datetime, dict[str, int]] = field(default_factory=dict)


def charged(actor: Actor) -> list[Account]:
    """The accounts the actor sees that were ever charged with a call."""
    known = CallCount.objects.order_by().values("account_id")
    return list(visible(actor, Account.objects.all()).filter(account_id__in=known))


def caps() -> tuple[int, int]:
    """The caps per minute and per hour, as the settings say now."""
    return settings.API_REQUESTS_PER_MINUTE, settings.API_REQUESTS_PER_MINUTE * 60


def recent(account_ids: Collection[str], now: datetime) -> dict[str, tuple[int, int]]:
    """Calls in the last minute and in the last hour, by charged account."""
    rows = (
        ApiCall.objects.filter(account_id__in=account_ids, at__gt=now - HOUR)
        .order_by()
        .values("account_id")
        .annotate(hour=Count("pk"), minute=Count("pk", filter=Q(at__gt=now - timedelta(minutes=1))))
    )
    return {row["account_id"]: (row["minute"], row["hour"]) for row in rows}


def gauges(accounts: Iterable[Account], now: datetime) -> list[Gauge]:
    """Each account against its caps, the fullest first. Two queries."""
    accounts = list(accounts)
    names = [account.account_id for account in accounts]
    used = recent(names, now)
    away = Circuit.objects.exclude(state=Circuit.State.CLOSED).in_bulk(names)
    per_minute, per_hour = caps()
    found = [
        Gauge(
            account,
            *used.get(account.account_id, (0, 0)),
            per_minute,
            per_hour,
            away.get(account.account_id),
        )
        for account in accounts
    ]
    return sorted(found, key=lambda gauge: -gauge.share)


def of(account_ids: Collection[str], since: datetime) -> Usage:
    """What calls since then cost, the hour that `since` lies in included. One query."""
    return _added_up(
        CallCount.objects.filter(account_id__in=account_ids, hour__gt=max(since - HOUR, BEGINNING))
    )


def _added_up(rows: QuerySet[CallCount]) -> Usage:
    usage = Usage()
    for row in rows.order_by():
        usage.total.add(row)
        usage.by_feature.setdefault(row.feature, Sums()).add(row)
        hour = usage.by_hour.setdefault(row.hour, {})
        hour[row.feature] = hour.get(row.feature, 0) + row.calls
    return usage


def between(account_ids: Collection[str], start: datetime) -> int:
    """Calls of the whole hours from `start` on."""
    rows = CallCount.objects.filter(account_id__in=account_ids, hour__gte=start)
    return rows.aggregate(calls=Sum("calls"))["calls"] or 0


def forecast(last_day: int, today: int, now: datetime, midnight: datetime) -> int:
    """Calls of today if the rest of it goes on like the last 24 hours."""
    left = max(0.0, (midnight + DAY - now) / DAY)
    return today + round(last_day * left)
