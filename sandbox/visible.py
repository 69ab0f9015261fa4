"""Which executions a client can see now: not the coming ones, nor the forgotten ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sandbox.clock import stamp
from sandbox.faults import Faults
from sandbox.filters import Value
from sandbox.results import Source


def executions_seen(accounts: Sequence[str], now: datetime, faults: Faults) -> Source:
    """The executions of these accounts, with the late ones left out while they are late."""
    names = [f"account{index}" for index in range(len(accounts))]
    parameters: dict[str, Value] = dict(zip(names, accounts, strict=True))
    parameters["now"] = stamp(now)
    marks = ", ".join(f":{name}" for name in names)
    owner = f"account = {marks}" if len(names) == 1 else f"account IN ({marks})"
    exists = f"{owner} AND visible <= :now"
    if faults.late_records > 0:
        late = now - timedelta(seconds=faults.late_by_seconds)
        parameters |= {"late": stamp(late), "share": int(faults.late_records * 10_000)}
        exists += " AND (chance >= :share OR start <= :late)"
    first = now - timedelta(days=faults.keep_days)
    return Source("executions", exists, parameters, (stamp(first), stamp(now)))
