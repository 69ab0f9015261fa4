"""The log of calls does not grow for ever, and its sums outlive it."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from boomi.client import CallRecord
from boomi.models import ApiCall, CallCount
from boomi.services import api_calls
from boomi.services.api_calls import BEGINNING, COUNTS_KEPT, outcome_of
from scheduling import clock

pytestmark = [pytest.mark.django_db, pytest.mark.db]
AT = datetime(2026, 3, 4, 5, 59, 59, tzinfo=UTC)


def call(**changes: object) -> CallRecord:
    known: dict[str, object] = {
        "at": AT,
        "method": "POST",
        "path": "/Atom/query",
        "status": 200,
        "duration_ms": 120,
        "attempt": 1,
        "request_bytes": 10,
        "response_bytes": 300,
        "account_id": "acme-A1B2C3",
        "override_account": "",
        "purpose": "background",
        "error": "",
        "request_id": None,
        "feature": "sync.runtimes",
    }
    return CallRecord(**{**known, **changes})


def add(**values: object) -> CallCount:
    known: dict[str, object] = {
        "hour": AT.replace(minute=0, second=0), "service": "boomi", "account_id": "acme-A1B2C3",
        "feature": "sync.events", "purpose": "background", "outcome": "2xx", "final": True,
        "calls": 3, "duration_ms": 30, "response_bytes": 300,
    }  # fmt: skip
    return CallCount.objects.create(**{**known, **values})


def test_the_clock_forgets_calls_that_are_older_than_they_are_kept(settings) -> None:
    settings.RETENTION_API_CALL_DAYS = 14
    for days in (13, 15):
        ApiCall.objects.create(
            at=timezone.now() - timedelta(days=days),
            account_id="acme", method="GET", path="/Atom", duration_ms=1,
        )  # fmt: skip
    clock._ticks["boomi.forget_old_calls"].chore()
    assert ApiCall.objects.get().at > timezone.now() - timedelta(days=14)


def test_a_call_is_logged_and_added_to_its_hour() -> None:
    api_calls.record(call(), 7)
    api_calls.record(call(at=AT + timedelta(seconds=2)), 7)
    api_calls.record(call(duration_ms=80), 7)
    assert ApiCall.objects.filter(connection_id=7, feature="sync.runtimes").count() == 3
    first, second = CallCount.objects.order_by("hour")
    assert (first.hour, first.calls) == (AT.replace(minute=0, second=0), 2)
    assert (first.duration_ms, first.response_bytes) == (200, 600)
    assert (second.hour, second.calls) == (AT + timedelta(seconds=1), 1)


@pytest.mark.parametrize(
    ("status", "error", "outcome"),
    [
        (200, "", "2xx"),
        (202, "NOT_READY", "2xx"),
        (200, "BROKEN_ANSWER", "broken"),
        (200, "CONNECTION_DROPPED", "none"),
        (301, "", "3xx"),
        (400, "REQUEST_REJECTED", "4xx"),
        (429, "API_RATE_LIMIT", "429"),
        (503, "API_RATE_LIMIT", "503"),
        (502, "BROKEN_ANSWER", "5xx"),
        (None, "TIMEOUT", "none"),
    ],
)
def test_each_ending_has_a_name(status, error, outcome) -> None:
    assert outcome_of(call(status=status, error=error)) == outcome


def test_old_sums_are_added_up_and_nothing_is_lost() -> None:
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    old = now - COUNTS_KEPT - timedelta(days=1)
    add(hour=old)
    add(hour=old - timedelta(hours=1), calls=4)
    add(hour=old, outcome="503", final=False)
    add(hour=now)
    api_calls.forget_old()
    ancient = CallCount.objects.filter(hour=BEGINNING)
    assert ancient.get(outcome="2xx").calls == 7
    assert ancient.get(outcome="503").calls == 3
    assert CallCount.objects.get(hour=now).calls == 3
    api_calls.forget_old()
    assert CallCount.objects.aggregate(Sum("calls"))["calls__sum"] == 13


@pytest.mark.django_db(transaction=True)
def test_many_processes_count_together_and_lose_nothing() -> None:
    together = threading.Barrier(6)

    def work() -> None:
        try:
            together.wait()
            for _ in range(5):
                api_calls.record(call(), 1)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert CallCount.objects.get().calls == ApiCall.objects.count() == 30


@pytest.mark.django_db(transaction=True)
def test_two_clocks_add_old_sums_once() -> None:
    old = timezone.now() - COUNTS_KEPT - timedelta(days=2)
    for hours in range(10):
        add(hour=old - timedelta(hours=hours))
    together = threading.Barrier(2)

    def work() -> None:
        try:
            together.wait()
            api_calls.fold(CallCount.objects.filter(hour__gt=BEGINNING))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert CallCount.objects.get().calls == 30
