"""Old rows go, in batches and within a bounded time."""

import pytest

from common import pruning
from common.models import Team

pytestmark = [pytest.mark.django_db, pytest.mark.db]


@pytest.fixture(autouse=True)
def teams(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "BATCH", 2)
    for number in range(5):
        Team.objects.create(name=f"Team {number}")


def test_more_than_one_batch_goes_at_a_time() -> None:
    assert pruning.delete_old(Team.objects.exclude(name="Team 4").order_by("pk")) == 4
    assert Team.objects.get().name == "Team 4"


def test_the_oldest_go_first_when_time_is_short() -> None:
    assert pruning.delete_old(Team.objects.order_by("pk"), seconds=0) == 2
    assert not Team.objects.filter(name__in=["Team 0", "Team 1"]).exists()
