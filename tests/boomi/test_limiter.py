"""The shared limiter: its caps hold for any number of callers, and settings act at once."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection

from boomi.client import BACKGROUND, INTERACTIVE, RateLimited
from boomi.limiter import Cap, Caps, DatabaseLimiter
from boomi.models import LimiterState

pytestmark = [pytest.mark.db, pytest.mark.django_db(transaction=True)]
ACCOUNT = "acme-A1B2C3"


@contextmanager
def caps(settings, second: int = 200, minute: int = 200, concurrency: int = 200) -> Iterator[None]:
    settings.API_REQUESTS_PER_SECOND = second
    settings.API_REQUESTS_PER_MINUTE = minute
    settings.API_CONCURRENCY = concurrency
    yield


def admitted(limiter: DatabaseLimiter, tries: int, purpose: str = INTERACTIVE) -> int:
    """How many of `tries` calls, each ended at once, are let through."""
    count = 0
    for _ in range(tries):
        try:
            limiter.take(purpose).release()
            count += 1
        except RateLimited:
            pass
    return count


def refusal(limiter: DatabaseLimiter, purpose: str = INTERACTIVE) -> float:
    with pytest.raises(RateLimited) as refused:
        limiter.take(purpose)
    return refused.value.wait_seconds


def test_no_more_calls_a_second_than_set(settings):
    with caps(settings, second=3):
        limiter = DatabaseLimiter(ACCOUNT)
        assert admitted(limiter, 5) == 3
        assert 0 < refusal(limiter) <= 1.25


def test_a_minute_keeps_five_percent_back(settings):
    with caps(settings, minute=20):
        limiter = DatabaseLimiter(ACCOUNT)
        assert admitted(limiter, 25) == 19
        assert 55 < refusal(limiter) <= 60.05


def test_background_work_leaves_the_rest_of_a_minute_to_people(settings):
    with caps(settings, minute=20):
        limiter = DatabaseLimiter(ACCOUNT)
        assert admitted(limiter, 20, BACKGROUND) == 11
        assert refusal(limiter, BACKGROUND) > 55
        assert admitted(limiter, 20, INTERACTIVE) == 8


def test_a_place_is_free_again_when_the_window_has_passed(settings):
    with caps(settings, minute=20):
        limiter = DatabaseLimiter(ACCOUNT)
        admitted(limiter, 25)
        state = LimiterState.objects.get()
        state.hits = [state.hits[0] - 60, *state.hits[1:]]
        state.save()
        assert admitted(limiter, 5) == 1


def test_no_more_calls_at_once_than_set(settings):
    with caps(settings, concurrency=2):
        limiter = DatabaseLimiter(ACCOUNT)
        first, _second = limiter.take(BACKGROUND), limiter.take(INTERACTIVE)
        assert 0 < refusal(limiter) < 1
        first.release()
        limiter.take(INTERACTIVE)


def test_the_lease_of_a_killed_worker_runs_out(settings):
    with caps(settings, concurrency=1):
        limiter = DatabaseLimiter(ACCOUNT)
        limiter.take(INTERACTIVE)
        LimiterState.objects.update(leases={"dead": time.time() - 1})
        limiter.take(INTERACTIVE)
        assert "dead" not in LimiterState.objects.get().leases


def test_a_lease_given_back_twice_harms_nobody(settings):
    with caps(settings):
        lease = DatabaseLimiter(ACCOUNT).take(INTERACTIVE)
        lease.release()
        lease.release()
        assert LimiterState.objects.get().leases == {}


def test_backing_off_stops_everybody(settings):
    with caps(settings):
        DatabaseLimiter(ACCOUNT).back_off(30)
        assert 29 < refusal(DatabaseLimiter(ACCOUNT)) < 31
        assert admitted(DatabaseLimiter("other-A1B2C3"), 1) == 1


def test_a_shorter_back_off_does_not_shorten_a_longer_one(settings):
    with caps(settings):
        limiter = DatabaseLimiter(ACCOUNT)
        limiter.back_off(30)
        limiter.back_off(1)
        assert refusal(limiter) > 25


def test_a_changed_setting_counts_from_the_next_call(settings):
    limiter = DatabaseLimiter(ACCOUNT)
    with caps(settings, second=2):
        assert admitted(limiter, 5) == 2
    with caps(settings, second=4):
        assert admitted(limiter, 5) == 2


def test_lists_stay_short_and_shrink_with_the_caps(settings):
    limiter = DatabaseLimiter(ACCOUNT)
    with caps(settings, second=30, minute=30):
        admitted(limiter, 28)
    with caps(settings, second=10, minute=10):
        LimiterState.objects.update(hits=[1.0] * 28)
        admitted(limiter, 9)
    assert len(LimiterState.objects.get().hits) == 19


@pytest.mark.parametrize(
    ("cap", "expected"),
    [
        (Cap(100, 60), Cap(100, 60)),
        (Cap(12_000, 60), Cap(200, 1.0)),
        (Cap(500, 1), Cap(166, 1 / 3)),
    ],
)
def test_a_large_cap_becomes_an_equal_or_stricter_short_one(cap, expected):
    assert cap.condensed() == expected
    assert expected.calls / expected.seconds <= cap.calls / cap.seconds


def test_many_callers_together_never_break_a_cap(settings):
    """Eight threads, each with a connection of its own, against 20 a second and 3 at once."""
    settings.API_REQUESTS_PER_SECOND = 20
    settings.API_REQUESTS_PER_MINUTE = 40
    settings.API_CONCURRENCY = 3
    LimiterState.objects.create(account_id=ACCOUNT)
    under_way, largest, times = [0], [0], []
    lock = threading.Lock()
    stop = time.monotonic() + 20

    def call() -> None:
        limiter = DatabaseLimiter(ACCOUNT)
        try:
            while time.monotonic() < stop:
                try:
                    lease = limiter.take(INTERACTIVE)
                except RateLimited as refused:
                    if refused.wait_seconds > 5:
                        return
                    time.sleep(min(refused.wait_seconds, 0.05))
                    continue
                with lock:
                    times.append(time.monotonic())
                    under_way[0] += 1
                    largest[0] = max(largest[0], under_way[0])
                time.sleep(0.01)
                with lock:
                    under_way[0] -= 1
                lease.release()
        finally:
            connection.close()

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(times) == int(40 * 0.95)
    assert largest[0] <= 3
    hits = LimiterState.objects.get().hits
    assert all(later - earlier >= 1.0 for earlier, later in zip(hits, hits[20:], strict=False))


def test_the_settings_make_the_caps(settings):
    with caps(settings, second=5, minute=100, concurrency=5):
        assert Caps.from_settings() == Caps(Cap(5, 1.2), Cap(95, 60.0), Cap(57, 60.0), 5)
