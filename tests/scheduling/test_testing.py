"""Draining the queues inside a test or a command."""

from datetime import timedelta

import pytest
from django.utils import timezone

from common.actors import Actor
from scheduling import services
from scheduling.models import JobRun
from scheduling.testing import drain

pytestmark = pytest.mark.django_db


def test_everything_due_is_run_and_slices_are_counted() -> None:
    services.enqueue("tests.succeed", actor=Actor.system())
    services.enqueue("tests.count", actor=Actor.system(), params={"rows": 3, "per_slice": 1})
    assert drain() == 4
    assert set(JobRun.objects.values_list("status", flat=True)) == {"succeeded"}


def test_waits_are_kept_or_ignored() -> None:
    later = timezone.now() + timedelta(days=1)
    services.enqueue("tests.succeed", actor=Actor.system(), run_at=later)
    assert drain() == 0
    assert drain(ignore_waits=True) == 1


def test_a_job_that_never_ends_is_not_run_for_ever() -> None:
    services.enqueue("tests.busy", actor=Actor.system())
    with pytest.raises(RuntimeError, match="still due after 20"):
        drain(20, ignore_waits=True)
