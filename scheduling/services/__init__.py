"""The verbs of background work; those of jobs are here by name, the rest in their modules."""

from scheduling.services.jobs import cancel, enqueue, retry

__all__ = ["cancel", "enqueue", "retry"]
