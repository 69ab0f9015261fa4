"""Counts per UTC day: executions, documents and bytes, of an account or an account group.

They are counted from the records a query shows now. Successes are COMPLETE and
COMPLETE_WARN, failures every other final status; runs that go on are not counted.
"""

from __future__ import annotations

import json

from sandbox.account_objects import group_of
from sandbox.activity_shapes import COUNTS
from sandbox.asking import Ask
from sandbox.clock import stamp
from sandbox.company import RUNTIMES
from sandbox.filters import Value, bounds_of
from sandbox.made_rows import answer, needed
from sandbox.query import Query
from sandbox.results import Source
from sandbox.shapes import Shape
from sandbox.visible import executions_seen
from sandbox.wire import Answer

_SHAPES = {shape.name: shape for shape in COUNTS}
_GOOD = "status IN ('COMPLETE', 'COMPLETE_WARN')"
_VALUES = {
    "ExecutionCount": f"'successes', SUM({_GOOD}), 'failures', SUM(NOT {_GOOD})",
    "DocumentCount": "'value', SUM(documents_in + documents_out)",
    "Throughput": (
        "'value', SUM(json_extract(body, '$.inboundDocumentSize[1]') + "
        "json_extract(body, '$.outboundDocumentSize[1]'))"
    ),
}
_ENVIRONMENTS = {
    runtime.atom_id: runtime.environment.environment_id
    for runtime in RUNTIMES
}  # fmt: skip


def counted(ask: Ask) -> Answer | None:
    """`query` and `queryMore` of the six counting objects."""
    return answer(ask, _SHAPES[ask.name], _source)


def _source(ask: Ask, query: Query) -> Source:
    shape = _SHAPES[ask.name]
    services = ask.services
    parameters: dict[str, Value] = {"environments": json.dumps(_ENVIRONMENTS)}
    group = shape.field("accountGroupId") is not None
    if group:
        wanted = needed(query, shape, "accountGroupId")
        found = group_of(wanted)
        members = found.members if found is not None else ()
        owner, parameters["owner"] = "accountGroupId", wanted
        accounts = [account.account_id for account in members]
    else:
        owner, parameters["owner"] = "accountId", ask.account
        accounts = [ask.account]
    now = services.clock.now()
    seen = executions_seen(accounts, now, services.box.faults)
    low, high = bounds_of(query.expression, "processDate")
    parameters |= seen.parameters | {
        "from": max(seen.window[0], low) if seen.window else low,
        "to": min(stamp(now), f"{high}T99"),
    }
    return Source(_table(shape, owner, seen.exists), "1", parameters)


def _table(shape: Shape, owner: str, exists: str) -> str:
    """A table of rows per runtime and day, with the columns every object has."""
    values = next(sql for name, sql in _VALUES.items() if shape.name.startswith(name))
    return (
        "(SELECT ROW_NUMBER() OVER (ORDER BY SUBSTR(start, 1, 10), atom_id) AS seq, "  # noqa: S608
        "json_object('environmentId', json_extract(:environments, '$.\"' || atom_id || '\"')) "
        "AS extra, "
        f"json_object('@type', '{shape.name}', '{owner}', :owner, 'atomId', atom_id, "
        f"'date', SUBSTR(start, 1, 10), {values}) AS body FROM executions "
        f"WHERE start BETWEEN :from AND :to AND {exists} AND recorded <= :now "
        "GROUP BY SUBSTR(start, 1, 10), atom_id)"
    )
