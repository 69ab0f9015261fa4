"""ExecutionSummaryRecord: what the low-latency process did, in blocks of five minutes.

Such a process has no execution records. A block exists where there were calls; calls
that failed are a block of their own with the same time.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from sandbox import processes as boomi
from sandbox.activity_shapes import SUMMARY
from sandbox.asking import Ask
from sandbox.clock import parse_stamp, stamp
from sandbox.filters import times_of
from sandbox.made_rows import answer, source_of
from sandbox.query import Query
from sandbox.results import Source
from sandbox.wire import Answer, Json, dump

BLOCK = timedelta(minutes=5)
_LAG = timedelta(seconds=20)
_CALLERS = ("shop-frontend", "partner-portal")
_DAY = timedelta(days=1)


def summary_records(ask: Ask) -> Answer | None:
    """`POST /ExecutionSummaryRecord/query` and `/queryMore`."""
    return answer(ask, SUMMARY, _source)


def _source(ask: Ask, query: Query) -> Source:
    """The blocks that can match and have been written by now."""
    now = ask.services.clock.now()
    low, high = times_of(query.expression, "timeBlock")
    kept = timedelta(days=ask.services.box.faults.keep_days)
    first, last = max(low, stamp(now - kept)), min(high, stamp(now - BLOCK - _LAG))
    bodies = _bodies(ask.services.downloads.seed, first, last) if first <= last else ()
    owner = boomi.ORDER_STATUS.runtime.account_id
    return source_of(bodies if ask.account == owner else (), ask)


def _bodies(seed: int, first: str, last: str) -> Iterator[str]:
    day, end = parse_stamp(first).date(), parse_stamp(last).date()
    while day <= end:
        yield from (body for at, body in _blocks(seed, day) if first <= at <= last)
        day += _DAY


@lru_cache(maxsize=64)
def _blocks(seed: int, day: date) -> tuple[tuple[str, str], ...]:
    """(timeBlock, JSON text) of one day, oldest first."""
    rng = random.Random(f"{seed}/{boomi.ORDER_STATUS.key}/{day.isoformat()}")
    start = datetime.combine(day, time(), UTC)
    busy = 0.35 if day.weekday() >= 5 else 1.0
    found = []
    for index in range(_DAY // BLOCK):
        at = start + index * BLOCK
        expected = busy * (2.6 if 7 <= at.hour < 19 else 0.3)
        calls = min(40, int(rng.expovariate(1 / expected)))
        failed = sum(rng.random() < 0.012 for _ in range(calls))
        for status, count in (("COMPLETE", calls - failed), ("ERROR", failed)):
            if count:
                found.append((stamp(at), _body(at, status, count, rng)))
    return tuple(found)


def _body(at: datetime, status: str, calls: int, rng: random.Random) -> str:
    process = boomi.ORDER_STATUS
    taken = [max(12, int(rng.lognormvariate(3.9, 0.5))) for _ in range(calls)]
    mean = sum(taken) / calls
    returned = calls if status == "COMPLETE" else 0
    values: dict[str, Json] = {
        "@type": "ExecutionSummaryRecord",
        "accountID": process.runtime.account_id,
        "processID": process.process_id,
        "processName": process.name,
        "atomID": process.runtime.atom_id,
        "atomName": process.runtime.name,
        "reportKey": _CALLERS[rng.random() < 0.3],
        "status": status,
        "timeBlock": stamp(at),
        "executionCount": calls,
        "elapsedTime": sum(taken),
        "maxElapsedTime": max(taken),
        "launchElapsedTime": 3 * calls,
        "elapsedVarSum": round(sum((each - mean) ** 2 for each in taken), 3),
        "inboundDocCount": calls,
        "inboundDocSize": 420 * calls,
        "outboundDocCount": returned,
        "outboundDocSize": 260 * returned,
        "returnDocCount": returned,
        "returnDocSize": 1_150 * returned,
    }
    return dump(values)
