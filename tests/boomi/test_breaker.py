"""The shared circuit: it opens after failures in a row, lets one try, and closes by itself."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import DatabaseError, connection
from django.utils import timezone

from boomi import breaker as breaker_module
from boomi.breaker import FAILURES_TO_OPEN, TRIAL, DatabaseBreaker, pause_after
from boomi.client import CircuitOpen
from boomi.models import Circuit

pytestmark = [pytest.mark.db, pytest.mark.django_db(transaction=True)]
ACCOUNT = "acme-A1B2C3"
START = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
Time = time_machine.Traveller


@pytest.fixture
def passing() -> Iterator[Time]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def breaker(passing: Time) -> DatabaseBreaker:
    return DatabaseBreaker(ACCOUNT)


def fail(breaker: DatabaseBreaker, times: int = 1, reason: str = "No answer in time.") -> None:
    for _ in range(times):
        breaker.before_call().failed(reason)


def refusal(breaker: DatabaseBreaker) -> CircuitOpen:
    with pytest.raises(CircuitOpen) as refused:
        breaker.before_call()
    return refused.value


def state() -> str:
    return Circuit.objects.get().state


def test_while_all_is_well_nothing_is_written(breaker, django_assert_num_queries):
    with django_assert_num_queries(1):
        breaker.before_call().succeeded()
    assert not Circuit.objects.exists()


def test_failures_in_a_row_open_the_circuit(breaker):
    fail(breaker, FAILURES_TO_OPEN - 1)
    assert state() == Circuit.State.CLOSED
    fail(breaker)
    refused = refusal(breaker)
    assert refused.wait_seconds == 15
    assert refused.code == "CIRCUIT_OPEN"
    assert "No answer in time." in refused.message
    assert Circuit.objects.get().state_since == START


def test_an_answer_in_between_starts_the_count_again(breaker):
    for _ in range(5):
        fail(breaker, FAILURES_TO_OPEN - 1)
        breaker.before_call().succeeded()
    row = Circuit.objects.get()
    assert (row.state, row.failures, row.reason) == (Circuit.State.CLOSED, 0, "")


def test_one_answer_closes_it_again(breaker, passing):
    fail(breaker, FAILURES_TO_OPEN)
    passing.shift(15)
    breaker.before_call().succeeded()
    row = Circuit.objects.get()
    assert (row.state, row.openings, row.failures) == (Circuit.State.CLOSED, 0, 0)
    assert row.state_since == START + timedelta(seconds=15)
    breaker.before_call().succeeded()


def test_each_failed_trial_doubles_the_pause_up_to_five_minutes(breaker, passing):
    fail(breaker, FAILURES_TO_OPEN)
    waits = []
    for _ in range(7):
        waits.append(refusal(breaker).wait_seconds)
        passing.shift(waits[-1])
        fail(breaker)
    assert waits == [15, 30, 60, 120, 240, 300, 300]
    assert Circuit.objects.get().state_since == START


def test_a_closed_circuit_begins_with_the_short_pause_again(breaker, passing):
    fail(breaker, FAILURES_TO_OPEN)
    passing.shift(15)
    fail(breaker)
    passing.shift(30)
    breaker.before_call().succeeded()
    fail(breaker, FAILURES_TO_OPEN)
    assert refusal(breaker).wait_seconds == 15


def test_while_one_tries_the_others_wait(breaker, passing):
    fail(breaker, FAILURES_TO_OPEN)
    passing.shift(15)
    breaker.before_call()
    assert state() == Circuit.State.HALF_OPEN
    assert refusal(DatabaseBreaker(ACCOUNT)).wait_seconds <= 5


def test_the_trial_of_a_killed_process_is_given_to_another(breaker, passing):
    fail(breaker, FAILURES_TO_OPEN)
    passing.shift(15)
    lost = breaker.before_call()
    passing.shift(TRIAL.total_seconds())
    second = breaker.before_call()
    lost.failed("Too late to count.")
    assert state() == Circuit.State.HALF_OPEN
    second.succeeded()
    assert state() == Circuit.State.CLOSED


def test_a_trial_that_did_not_take_place_is_free_again_in_a_moment(breaker, passing):
    fail(breaker, FAILURES_TO_OPEN)
    passing.shift(15)
    breaker.before_call().unused()
    passing.shift(1)
    breaker.before_call().succeeded()
    assert state() == Circuit.State.CLOSED


def test_a_call_from_before_the_opening_changes_nothing(breaker):
    early = [breaker.before_call(), breaker.before_call()]
    fail(breaker, FAILURES_TO_OPEN)
    early[0].succeeded()
    early[1].failed("Also late.")
    assert state() == Circuit.State.OPEN
    assert refusal(breaker).wait_seconds == 15


def test_accounts_have_circuits_of_their_own(breaker):
    fail(breaker, FAILURES_TO_OPEN)
    DatabaseBreaker("other-A1B2C3").before_call().succeeded()


def test_a_database_that_fails_takes_no_answer_away(breaker, monkeypatch):
    fail(breaker)
    permit = breaker.before_call()

    def broken(*args: object, **kwargs: object) -> None:
        raise DatabaseError("gone")

    monkeypatch.setattr(breaker_module.Circuit.objects, "filter", broken)
    permit.succeeded()
    permit.failed("x")


def in_threads(count: int, work) -> None:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_of_many_callers_exactly_one_tries():
    fail(DatabaseBreaker(ACCOUNT), FAILURES_TO_OPEN)
    Circuit.objects.update(retry_at=timezone.now() - timedelta(seconds=1))
    together, outcomes = threading.Barrier(8), []

    def call() -> None:
        together.wait()
        try:
            outcomes.append(DatabaseBreaker(ACCOUNT).before_call())
        except CircuitOpen:
            outcomes.append(None)

    in_threads(8, call)
    assert len(outcomes) == 8
    assert len([one for one in outcomes if one]) == 1


def test_failures_of_many_callers_open_it_once():
    together = threading.Barrier(FAILURES_TO_OPEN + 4)

    def call() -> None:
        permit = DatabaseBreaker(ACCOUNT).before_call()
        together.wait()
        permit.failed("No answer.")

    in_threads(FAILURES_TO_OPEN + 4, call)
    row = Circuit.objects.get()
    assert (row.state, row.openings) == (Circuit.State.OPEN, 1)


def test_the_pause_grows_to_five_minutes():
    pauses = [pause_after(n).total_seconds() for n in (0, 1, 2, 5, 6, 1000)]
    assert pauses == [15, 15, 30, 240, 300, 300]
