"""The life of a run as a table: what each hand makes of a run in each status."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from common.actors import Actor
from common.errors import IllegalMove
from scheduling import lease, services, sweeps
from scheduling.models import FINAL, JobRun, JobStatus

pytestmark = [pytest.mark.db, pytest.mark.django_db]


def claim(run: JobRun) -> None:
    lease.claim(run.pk)


def cancel(run: JobRun) -> None:
    try:
        services.cancel(run, actor=Actor.system())
    except IllegalMove:
        assert run.is_final


def clock(run: JobRun) -> None:
    sweeps.dispatch_due()
    sweeps.recover_expired()


HANDS = {"claim": claim, "cancel": cancel, "clock": clock}
MOVES = {
    ("claim", "queued"): "running",
    ("cancel", "queued"): "cancelled",
    ("cancel", "waiting"): "cancelled",
    ("clock", "waiting"): "queued",
    ("clock", "running"): "queued",
}


@pytest.mark.parametrize("status", JobStatus.values)
@pytest.mark.parametrize("hand", HANDS)
def test_a_hand_moves_a_run_as_the_table_says(hand: str, status: str) -> None:
    """The run is due and its lease, if it has one, ran out: nothing but its status decides."""
    run = services.enqueue("tests.succeed", actor=Actor.system())
    past = timezone.now() - timedelta(seconds=1)
    JobRun.objects.filter(pk=run.pk).update(
        status=status, run_at=past, lease_until=past, attempts=1
    )
    run.refresh_from_db()
    HANDS[hand](run)
    run.refresh_from_db()
    assert run.status == MOVES.get((hand, status), status)


@pytest.mark.parametrize(("hand", "origin"), MOVES)
def test_every_move_is_one_the_life_cycle_knows(hand: str, origin: str) -> None:
    assert MOVES[hand, origin] in JobRun.TRANSITIONS[JobStatus(origin)]


def test_nothing_leaves_a_final_status() -> None:
    assert {status for status, following in JobRun.TRANSITIONS.items() if not following} == FINAL
