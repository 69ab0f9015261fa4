"""ExecutionConnector, GenericConnectorRecord and the documents behind them."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox import wire
from sandbox.activity_shapes import CONNECTOR_RECORD, EXECUTION_CONNECTOR
from sandbox.asking import Ask, bulk_ids, flat_values
from sandbox.component_api import BULK_LIMIT, over_limit
from sandbox.connectors import connectors_of, execution_of_document, record_bodies
from sandbox.logs import LogSpec
from sandbox.made_rows import answer, needed, source_of
from sandbox.query import Query
from sandbox.results import Source
from sandbox.wire import Answer, BadRequest


def execution_connectors(ask: Ask) -> Answer | None:
    """`query` and `queryMore`; a query must name one execution."""
    return answer(ask, EXECUTION_CONNECTOR, _connectors)


def _connectors(ask: Ask, query: Query) -> Source:
    spec = _ended(ask, needed(query, EXECUTION_CONNECTOR, "executionId"))
    found = connectors_of(spec) if spec is not None else ()
    return source_of((connector.body() for connector in found), ask)


def connector_records(ask: Ask) -> Answer | None:
    """`query` and `queryMore` of one execution, GET and bulk by id."""
    if ask.is_get and len(ask.rest) == 1:
        body = _record(ask, ask.rest[0])
        if body is None:
            raise BadRequest(f"GenericConnectorRecordId {ask.rest[0]} is invalid.")
        return wire.one(CONNECTOR_RECORD, body, as_json=ask.as_json)
    if ask.is_post and ask.rest == ("bulk",):
        ids = bulk_ids(ask.request)
        if len(ids) > BULK_LIMIT:
            raise over_limit(ask, BULK_LIMIT, len(ids))
        items = [(id_, _record(ask, id_)) for id_ in ids]
        missing = "No such genericConnectorRecord"
        return wire.bulk(CONNECTOR_RECORD, items, missing, as_json=ask.as_json)
    return answer(ask, CONNECTOR_RECORD, _records)


def _records(ask: Ask, query: Query) -> Source:
    spec = _ended(ask, needed(query, CONNECTOR_RECORD, "executionId"))
    return source_of(_bodies(spec), ask)


def _bodies(spec: LogSpec | None) -> Sequence[str]:
    return record_bodies(spec) if spec is not None else ()


def _record(ask: Ask, id_: str) -> str | None:
    spec = _ended(ask, execution_of_document(id_))
    wanted = f'"id":"{id_}"'
    return next((body for body in _bodies(spec) if wanted in body), None)


def _ended(ask: Ask, execution_id: str) -> LogSpec | None:
    """The facts of an execution that has ended and that the account may see."""
    try:
        ask.services.downloads.check_ended(ask.account, execution_id, logged=False)
        return ask.services.downloads.spec(execution_id)
    except BadRequest:
        return None


def connector_document(ask: Ask) -> Answer | None:
    """`POST /ConnectorDocument`: where the document can be fetched, once."""
    if not ask.is_post or ask.rest:
        return None
    id_ = flat_values(ask.request).get("genericConnectorRecordId")
    if not isinstance(id_, str) or _record(ask, id_) is None:
        raise BadRequest(f"GenericConnectorRecordId {id_} is invalid.")
    execution_id = execution_of_document(id_)
    told = ask.services.downloads.open(
        "ConnectorDocument", ask.account, execution_id, id_, ask.url_base
    )
    if ask.as_json:
        return wire.flat("ConnectorDocumentDownload", told, as_json=True)
    return wire.tree("ConnectorDocumentDownload", {}, told)
