"""Counts per UTC day: executions, documents and bytes, of an account or an account group.

They are counted from the records a query shows now. Successes are COMPLETE and
COMPLETE_WARN, failures every other final status; runs that go on are not counted.
"""

from __future__ import annotations

from sandbox.account_objects import group_of
from sandbox.activity_shapes import COUNTS
from sandbox.asking import Ask
from sandbox.clock import stamp
from sandbox.company import RUNTIMES
from sandbox.filters import bounds_of
from sandbox.made_rows import answer, needed, source_of
from sandbox.query import Query
from sandbox.results import Source
from sandbox.shapes import Shape
from sandbox.visible import executions_seen
from sandbox.wire import Answer, dump

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
_ENVIRONMENTS = dump({r.atom_id: r.environment.environment_id for r in RUNTIMES})


def counted(ask: Ask) -> Answer | None:
    """`query` and `queryMore` of the six counting objects."""
    return answer(ask, _SHAPES[ask.name], _source)


def _source(ask: Ask, query: Query) -> Source:
    shape = _SHAPES[ask.name]
    owner, accounts = _whose(ask, query, shape)
    now = ask.services.clock.now()
    seen = executions_seen(accounts, now, ask.services.box.faults)
    low, high = bounds_of(query.expression, "processDate")
    first = seen.window[0] if seen.window else low
    parameters = seen.parameters | {
        "owner": owner,
        "environments": _ENVIRONMENTS,
        "from": max(first, low),
        "to": min(stamp(now), f"{high}T99"),
    }
    with ask.services.store.reading() as connection:
        rows = connection.execute(_statement(shape, seen.exists), parameters).fetchall()
    return source_of((str(row[0]) for row in rows), ask, pairs=True)


def _whose(ask: Ask, query: Query, shape: Shape) -> tuple[str, list[str]]:
    """The owner that stands in each row, and the accounts that are counted."""
    if shape.field("accountGroupId") is None:
        return ask.account, [ask.account]
    group_id = needed(query, shape, "accountGroupId")
    group = group_of(group_id)
    return group_id, [account.account_id for account in group.members] if group else []


def _statement(shape: Shape, exists: str) -> str:
    """One row per runtime and day: a list of the object and its environment."""
    values = next(sql for name, sql in _VALUES.items() if shape.name.startswith(name))
    day, owner = "SUBSTR(start, 1, 10)", shape.fields[0].name
    return (
        f"SELECT json_array(json_object('@type', '{shape.name}', '{owner}', :owner, "  # noqa: S608
        f"'atomId', atom_id, 'date', {day}, {values}), json_object('environmentId', "
        "json_extract(:environments, '$.\"' || atom_id || '\"'))) FROM executions "
        f"WHERE start BETWEEN :from AND :to AND {exists} AND recorded <= :now "
        f"GROUP BY {day}, atom_id ORDER BY {day}, atom_id"
    )
