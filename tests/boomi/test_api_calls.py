"""The log of calls does not grow for ever."""

from datetime import timedelta

import pytest
from django.utils import timezone

from boomi.models import ApiCall
from scheduling import clock

pytestmark = [pytest.mark.django_db, pytest.mark.db]


def test_the_clock_forgets_calls_that_are_older_than_they_are_kept(settings) -> None:
    settings.RETENTION_API_CALL_DAYS = 14
    for days in (13, 15):
        ApiCall.objects.create(
            at=timezone.now() - timedelta(days=days),
            account_id="acme", method="GET", path="/Atom", duration_ms=1,
        )  # fmt: skip
    clock._ticks["boomi.forget_old_calls"].chore()
    assert ApiCall.objects.get().at > timezone.now() - timedelta(days=14)
