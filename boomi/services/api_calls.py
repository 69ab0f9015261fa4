"""The log of calls to the platform and its sums: written per attempt, forgotten by age."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from boomi.client import CallRecord
from boomi.models import ApiCall, CallCount
from common.pruning import delete_old

# As far back as charts reach; what is older stays in the sums alone.
COUNTS_KEPT = timedelta(days=35)
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
FOLDED_AT_ONCE = 200
SUMS = ("calls", "duration_ms", "response_bytes")
KEY = ("account_id", "service", "feature", "purpose", "outcome", "final")
# Codes of failures that an answer of status 2xx can end in.
UNUSABLE = ("BROKEN_ANSWER", "UNREADABLE_RECORD", "TOO_LARGE")


def record(call: CallRecord, connection_pk: int | None) -> None:
    """Write one attempt to the log and add it to the sums of its hour."""
    with transaction.atomic():
        ApiCall.objects.create(
            at=call.at,
            account_id=call.account_id,
            override_account=call.override_account,
            connection_id=connection_pk,
            method=call.method,
            path=call.path[:300],
            status=call.status,
            duration_ms=max(0, call.duration_ms),
            attempt=call.attempt,
            request_bytes=call.request_bytes,
            response_bytes=call.response_bytes,
            purpose=call.purpose,
            service=call.service[:20],
            feature=call.feature[:40],
            error=call.error[:300],
            request_id=(call.request_id or "")[:64],
        )
        _add(
            {
                "hour": call.at.replace(minute=0, second=0, microsecond=0),
                "account_id": call.account_id,
                "service": call.service[:20],
                "feature": call.feature[:40],
                "purpose": call.purpose,
                "outcome": outcome_of(call),
                "final": call.final,
            },
            calls=1,
            duration_ms=max(0, call.duration_ms),
            response_bytes=call.response_bytes,
        )


def outcome_of(call: CallRecord) -> str:
    """How an attempt ended, as `CallCount` names it."""
    if call.status is None or call.error in ("TIMEOUT", "CONNECTION_DROPPED"):
        return "none"
    if call.status in (429, 503):
        return str(call.status)
    if call.status < 300 and call.error in UNUSABLE:
        return "broken"
    return f"{call.status // 100}xx"


def _add(key: dict[str, Any], **values: int) -> None:
    more = {name: F(name) + value for name, value in values.items()}
    if not CallCount.objects.filter(**key).update(**more):
        CallCount.objects.get_or_create(**key)
        CallCount.objects.filter(**key).update(**more)


def forget_old() -> int:
    """Delete calls older than RETENTION_API_CALL_DAYS, oldest first; returns how many."""
    now = timezone.now()
    fold(CallCount.objects.filter(hour__gt=BEGINNING, hour__lt=now - COUNTS_KEPT))
    before = now - timedelta(days=settings.RETENTION_API_CALL_DAYS)
    return delete_old(ApiCall.objects.filter(at__lt=before).order_by("at"))


def fold(rows: QuerySet[CallCount]) -> int:
    """Add so many of the rows to those of the beginning of time; returns how many went.

    Whoever deletes a row adds it, so two clocks at once count nothing twice.
    """
    folded = 0
    with transaction.atomic():
        for row in list(rows.order_by("hour", "pk")[:FOLDED_AT_ONCE]):
            deleted, _ = CallCount.objects.filter(pk=row.pk).delete()
            if deleted:
                key = {name: getattr(row, name) for name in KEY}
                _add({"hour": BEGINNING, **key}, **{name: getattr(row, name) for name in SUMS})
                folded += 1
    return folded
