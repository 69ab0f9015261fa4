"""What the health page says of the platform and of the age of tokens."""

from datetime import timedelta

import pytest
from django.utils import timezone

from boomi.breaker import FAILURES_TO_OPEN, DatabaseBreaker
from boomi.health import check_platform, check_tokens
from config.health import overall

pytestmark = pytest.mark.django_db


def fail(breaker: DatabaseBreaker, times: int, reason: str = "No answer in time.") -> None:
    for _ in range(times):
        breaker.before_call().failed(reason)


def test_health_says_which_account_gets_no_answer_and_why(operator, make_connection):
    row = make_connection(operator)
    assert check_platform().state == "healthy"
    circuit = DatabaseBreaker(row.account.account_id)
    fail(circuit, FAILURES_TO_OPEN, "api.boomi.com did not answer in time.")
    found = check_platform()
    assert found.state == "degraded"
    assert row.account.account_id in found.detail
    assert "did not answer in time" in found.detail


def test_an_account_that_nobody_calls_any_more_is_no_trouble(operator, make_connection):
    row = make_connection(operator)
    fail(DatabaseBreaker(row.account.account_id), FAILURES_TO_OPEN)
    row.enabled = False
    row.save()
    assert check_platform().state == "healthy"


@pytest.fixture
def aged(operator, make_connection):
    """A connection whose token was set so many days ago."""

    def make(days: int, **fields: object):
        since = timezone.now() - timedelta(days=days, minutes=1)
        return make_connection(operator, token_set_at=since, **fields)

    return make


@pytest.mark.parametrize(
    ("days", "state"),
    [(0, "healthy"), (89, "healthy"), (90, "degraded"), (119, "degraded"), (120, "down")],
)
def test_a_token_is_due_after_three_months_and_overdue_after_four(aged, days, state):
    aged(days)
    assert check_tokens().state == state


def test_an_overdue_token_is_named_but_takes_nothing_down(aged):
    row = aged(200)
    found = check_tokens()
    assert row.name in found.detail
    assert "200 days" in found.detail
    assert overall([found]) == "degraded"


def test_a_disabled_connection_needs_no_new_token(aged):
    aged(200, enabled=False)
    assert check_tokens().state == "healthy"


def test_the_age_of_tokens_may_go_unwatched(aged, settings):
    settings.TOKEN_ROTATION_DAYS = 0
    aged(200)
    assert check_tokens().state == "healthy"
