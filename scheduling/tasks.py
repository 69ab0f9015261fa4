"""What the queue calls, and the chores of the outbox. Each is harmless when delivered twice."""

from __future__ import annotations

from django_q.conf import Conf

from scheduling import heartbeats, outbox, runner
from scheduling.clock import tick
from scheduling.services import deliveries


def run_job(run_id: int) -> None:
    """Work one slice of a run. Being called at all shows that this queue is alive."""
    heartbeats.beat(f"queue:{Conf.CLUSTER_NAME}")
    runner.run_slice(run_id, queue=Conf.CLUSTER_NAME)
    heartbeats.beat(f"queue:{Conf.CLUSTER_NAME}")


def canary() -> None:
    """Asked for by the clock when a queue is idle, so that its silence means something."""
    heartbeats.beat(f"queue:{Conf.CLUSTER_NAME}")


def send_deliveries() -> None:
    """Send what is due; asked for after a commit and by the clock."""
    heartbeats.beat(f"queue:{Conf.CLUSTER_NAME}")
    outbox.send_due()
    heartbeats.beat(f"queue:{Conf.CLUSTER_NAME}")


@tick(every_seconds=5)
def wake_sender() -> None:
    outbox.wake_sender()


@tick(every_seconds=3600)
def forget_old_deliveries() -> None:
    deliveries.forget_old()
