"""ExecutionRecord: rows of the store, and how a record looks before its run has ended."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from sandbox import processes as boomi
from sandbox.causes import CAUSES
from sandbox.clock import stamp
from sandbox.rhythm import BoomiRun
from sandbox.store import ExecutionRow
from sandbox.wire import Json, dump

BULK_DAYS = 20
_FINAL_ONLY = (
    "inboundDocumentCount",
    "inboundErrorDocumentCount",
    "outboundDocumentCount",
    "executionDuration",
    "inboundDocumentSize",
    "outboundDocumentSize",
    "message",
)


def execution_row(run: BoomiRun, seed: int) -> ExecutionRow:
    """The store's row of one run, with the JSON text of its finished record."""
    runtime = run.process.runtime
    outbound = run.documents - run.failed_documents
    node = f"{runtime.node}[{run.execution_id}]" if runtime.node else None
    rng = random.Random(f"{seed}/{run.uuid}/record")
    size = run.documents * rng.randrange(900, 1_800)
    values: dict[str, Json] = {
        "@type": "ExecutionRecord",
        "executionId": run.execution_id,
        "originalExecutionId": run.original_id or None,
        "account": runtime.account_id,
        "executionTime": stamp(run.start),
        "status": run.status,
        "executionType": run.execution_type,
        "processName": run.process.name,
        "processId": run.process.process_id,
        "atomName": runtime.name,
        "atomId": runtime.atom_id,
        "inboundDocumentCount": run.documents,
        "inboundErrorDocumentCount": run.failed_documents if run.cause else 0,
        "outboundDocumentCount": outbound,
        "executionDuration": ["Long", run.duration_ms],
        "message": run.message or None,
        "inboundDocumentSize": ["Long", size],
        "outboundDocumentSize": ["Long", size * outbound // max(1, run.documents)],
        "parentExecutionId": run.parent_id or None,
        "topLevelExecutionId": run.top_level_id or None,
        "nodeId": node,
        "recordedDate": stamp(run.recorded),
    }
    body = dump({name: value for name, value in values.items() if value is not None})
    return (
        runtime.account_id,
        run.execution_id,
        stamp(run.start),
        stamp(run.start + timedelta(seconds=run.lag_seconds)),
        stamp(run.recorded),
        run.status,
        run.execution_type,
        run.process.process_id,
        run.process.name,
        runtime.atom_id,
        runtime.name,
        run.documents,
        outbound,
        run.duration_ms,
        run.message or None,
        run.original_id or None,
        node,
        f"{runtime.name}/{run.process.key}",
        run.cause,
        run.caught,
        run.failed_documents,
        rng.randrange(10_000),
        body,
    )


def running_body(body: str) -> str:
    """A record as it looks while the run goes on: no counts, no duration, no message.

    `recordedDate` is the start: clients that require it find it.
    """
    values: dict[str, Json] = json.loads(body)
    for name in _FINAL_ONLY:
        values.pop(name, None)
    values["status"] = "INPROCESS"
    values["recordedDate"] = values["executionTime"]
    return dump(values)


def without(body: str, names: frozenset[str]) -> str:
    """A JSON text that leaves out some names."""
    values: dict[str, Json] = json.loads(body)
    return dump({name: value for name, value in values.items() if name not in names})


def bulk_rows(
    number: int, seed: int, epoch: datetime, days: int = BULK_DAYS
) -> Iterator[ExecutionRow]:
    """`number` finished runs of the primary account, evenly over `days`, made fast."""
    rng = random.Random(f"{seed}/bulk")
    step = days * 86_400_000 / number
    first = epoch - timedelta(days=days)
    failed = CAUSES["bad-400"]
    kinds = [p for p in boomi.NORTHWIND if p.rhythm.hours or p.rhythm.per_day]
    names = [json.dumps(p.name, ensure_ascii=False) for p in kinds]
    message = f'"message":{json.dumps(failed.message)},'
    bits = rng.getrandbits(96)
    for index in range(number):
        process, name = kinds[index % len(kinds)], names[index % len(kinds)]
        start = first + timedelta(milliseconds=int(index * step))
        at = stamp(start)
        uuid = f"{index:08x}-{(bits >> 80) & 0xFFFF:04x}-4000-8000-{bits & 0xFFFFFFFFFFFF:012x}"
        id_ = f"execution-{uuid}-{at[:4]}.{at[5:7]}.{at[8:10]}"
        duration = 400 + (index * 7919) % 9_000
        recorded = stamp(start + timedelta(milliseconds=duration + 999))
        broken = index % 50 == 49
        status = "ERROR" if broken else "COMPLETE"
        documents = 1 + index % 17
        out = documents - broken
        runtime = process.runtime
        body = (
            f'{{"@type":"ExecutionRecord","executionId":"{id_}",'
            f'"account":"{runtime.account_id}","executionTime":"{at}","status":"{status}",'
            f'"executionType":"{process.execution_type}","processName":{name},'
            f'"processId":"{process.process_id}","atomName":"{runtime.name}",'
            f'"atomId":"{runtime.atom_id}","inboundDocumentCount":{documents},'
            f'"inboundErrorDocumentCount":{int(broken)},"outboundDocumentCount":{out},'
            f'"executionDuration":["Long",{duration}],{message if broken else ""}'
            f'"inboundDocumentSize":["Long",{documents * 1200}],'
            f'"outboundDocumentSize":["Long",{out * 1200}],"recordedDate":"{recorded}"}}'
        )
        yield (
            runtime.account_id, id_, at, at, recorded, status, process.execution_type,
            process.process_id, process.name, runtime.atom_id, runtime.name, documents, out,
            duration, failed.message if broken else None, None, None,
            f"{runtime.name}/{process.key}", "bad-400" if broken else "", "", int(broken),
            (index * 6_151) % 10_000, body,
        )  # fmt: skip
