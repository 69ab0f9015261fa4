"""What the queue calls. Both entries are harmless when delivered twice."""

from __future__ import annotations

from django_q.conf import Conf

from scheduling import heartbeats, runner


def run_job(run_id: int) -> None:
    """Work one slice of a run. Being called at all shows that this queue is alive."""
    heartbeats.beat(f"queue:{Conf.CLUSTER_NAME}")
    runner.run_slice(run_id, queue=Conf.CLUSTER_NAME)
    heartbeats.beat(f"queue:{Conf.CLUSTER_NAME}")


def canary() -> None:
    """Asked for by the clock when a queue is idle, so that its silence means something."""
    heartbeats.beat(f"queue:{Conf.CLUSTER_NAME}")
