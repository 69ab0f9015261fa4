"""Which automations led to a run: they travel with the work, so that no event goes in circles.

The worker says which run it works on; whatever is enqueued meanwhile inherits that run's
chain under the parameter "chain", a list of primary keys, the first cause first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from scheduling.models import JobRun

CHAIN = "chain"
LONGEST = 5

_current: ContextVar[tuple[int, ...]] = ContextVar("scheduling_chain", default=())


@contextmanager
def working_on(run: JobRun) -> Iterator[None]:
    """Name the run whose work is done inside the block."""
    former = run.params.get(CHAIN, [])
    chain = (*former, run.automation_id) if run.automation_id else tuple(former)
    token = _current.set(tuple(dict.fromkeys(chain)))
    try:
        yield
    finally:
        _current.reset(token)


def current() -> tuple[int, ...]:
    """The automations behind the work of this moment; empty outside of a run."""
    return _current.get()


def passed_on(params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a new run, with the chain it continues if there is one."""
    return {**params, CHAIN: list(current())} if current() else dict(params)
