"""Component, ComponentMetadata, ComponentReference and PackagedComponentManifest.

What these answer beyond rows: documents (always XML), versioned ids, the users of a
component in one object, and the components inside a package.
"""

from __future__ import annotations

import json
import sqlite3
import uuid
from dataclasses import dataclass

from sandbox import wire
from sandbox.asking import Ask, bulk_ids
from sandbox.bulk_components import bulk_content
from sandbox.clock import stamp
from sandbox.component_rows import content_at
from sandbox.documents import bulk_document, declared, document
from sandbox.filters import STILL_USED
from sandbox.query import Expression, Group, read_query
from sandbox.references import DEPENDENT
from sandbox.results import Source
from sandbox.shapes import COMPONENT_METADATA, COMPONENT_REFERENCE, MANIFEST
from sandbox.wire import XML_TYPE, Answer, BadRequest, Json

BULK_LIMIT = 100
DOCUMENTS_LIMIT = 5
_EXISTS = "kind = :kind AND account = :account AND since <= :now AND until > :now"


@dataclass(frozen=True, slots=True)
class _Found:
    """One version as its metadata says; `extra` says how its document is made."""

    body: str
    values: dict[str, Json]
    extra: dict[str, Json]


def invalid(id_: str) -> str:
    return f"ComponentId {id_} is invalid."


def over_limit(ask: Ask, limit: int, number: int) -> BadRequest:
    told = ask.services.box.faults.over_limit_text
    return BadRequest(told or f"A bulk request may hold {limit} ids, not {number}.")


def _rows(ask: Ask, kind: str) -> Source:
    now = stamp(ask.services.clock.now())
    return Source("objects", _EXISTS, {"account": ask.account, "now": now, "kind": kind})


def _version(ask: Ask, connection: sqlite3.Connection, id_: str) -> _Found | None:
    """A component by id (newest of main), `id~version` or `id~branch`."""
    source = _rows(ask, "ComponentMetadata")
    own, _, suffix = id_.partition("~")
    where, parameters = f"{source.exists} AND id = :id", {**source.parameters, "id": own}
    if suffix.isdecimal():
        where += " AND json_extract(body, '$.version') = :version"
        parameters["version"] = int(suffix)
    else:
        where += " AND json_extract(body, '$.currentVersion') = 1"
        if suffix:
            where += " AND json_extract(body, '$.branchId') = :branch"
            parameters["branch"] = suffix
    statement = f"SELECT body, extra FROM objects WHERE {where}"  # noqa: S608
    found = connection.execute(statement, parameters).fetchone()
    return None if found is None else _Found(found[0], json.loads(found[0]), json.loads(found[1]))


def _bulk_version(ask: Ask, connection: sqlite3.Connection, id_: str) -> _Found | None:
    if "~" in id_ and ask.services.box.faults.bulk_versions_refused:
        return None
    return _version(ask, connection, id_)


# --- Component ------------------------------------------------------------------


def component(ask: Ask) -> Answer | None:
    """`GET /Component/{id}` and `POST /Component/bulk`: XML, whatever Accept says."""
    if ask.is_get and len(ask.rest) == 1:
        with ask.services.store.reading() as connection:
            text = _document(ask, _version(ask, connection, ask.rest[0]))
        if text is None:
            raise BadRequest(invalid(ask.rest[0]))
        return Answer(200, declared(text), XML_TYPE)
    if ask.is_post and ask.rest == ("bulk",):
        ids = bulk_ids(ask.request)
        if len(ids) > DOCUMENTS_LIMIT:
            raise over_limit(ask, DOCUMENTS_LIMIT, len(ids))
        with ask.services.store.reading() as connection:
            texts = [_document(ask, _bulk_version(ask, connection, id_)) for id_ in ids]
        return Answer(200, bulk_document(list(zip(ids, texts, strict=True))), XML_TYPE)
    return None


def _document(ask: Ask, found: _Found | None) -> str | None:
    faults = ask.services.box.faults
    if found is None or (found.values["deleted"] and faults.get_deleted_component_refused):
        return None
    age, drawing = int(str(found.extra["age"])), found.extra.get("drawing")
    id_ = str(found.values["componentId"])
    if drawing is None:
        content = content_at(id_, age)
    else:
        content = bulk_content(ask.account, int(str(drawing)), age)
    salt = uuid.uuid4().hex if faults.reencrypted_secrets else ""
    return document(found.values, str(found.extra["path"]), content, salt=salt)


# --- ComponentMetadata ------------------------------------------------------------


def metadata(ask: Ask) -> Answer | None:
    """GET and bulk by `id`, `id~version` and `id~branch`; queries are rows."""
    if ask.is_get and len(ask.rest) == 1:
        with ask.services.store.reading() as connection:
            found = _version(ask, connection, ask.rest[0])
        if found is None:
            raise BadRequest(invalid(ask.rest[0]))
        return wire.one(COMPONENT_METADATA, found.body, as_json=ask.as_json)
    if ask.is_post and ask.rest == ("bulk",):
        ids = _limited_ids(ask)
        with ask.services.store.reading() as connection:
            items = [(id_, _bulk_version(ask, connection, id_)) for id_ in ids]
        bodies = [(id_, None if found is None else found.body) for id_, found in items]
        missing = "No such componentMetadata"
        return wire.bulk(COMPONENT_METADATA, bodies, missing, as_json=ask.as_json)
    return None


def _limited_ids(ask: Ask) -> list[str]:
    ids = bulk_ids(ask.request)
    if len(ids) > BULK_LIMIT:
        raise over_limit(ask, BULK_LIMIT, len(ids))
    return ids


# --- ComponentReference -------------------------------------------------------------


def references(ask: Ask) -> Answer | None:
    """GET and bulk: all users of a component in one object; queries are rows."""
    if ask.is_get and len(ask.rest) == 1:
        with ask.services.store.reading() as connection:
            body = _users(ask, connection, ask.rest[0])
        if body is None:
            raise BadRequest(_no_users(ask.rest[0]))
        return wire.one(COMPONENT_REFERENCE, body, as_json=ask.as_json)
    if ask.is_post and ask.rest == ("bulk",):
        with ask.services.store.reading() as connection:
            items = [(id_, _users(ask, connection, id_)) for id_ in _limited_ids(ask)]
        missing = "No references found"
        return wire.bulk(COMPONENT_REFERENCE, items, missing, as_json=ask.as_json)
    if ask.is_post and ask.rest == ("query",) and ask.services.box.faults.nested_or_refused:
        _refuse_or(read_query(ask.request.body, is_xml=ask.request.is_xml).expression)
    return None


def _refuse_or(expression: Expression | None) -> None:
    if isinstance(expression, Group):
        if expression.operator == "or":
            raise BadRequest("Operator 'or' is invalid for ComponentReference.")
        for nested in expression.nested:
            _refuse_or(nested)


def _no_users(id_: str) -> str:
    return f"No references found for component {id_}."


def _users(ask: Ask, connection: sqlite3.Connection, id_: str) -> str | None:
    """Components whose current version uses this one; None when there are none."""
    own, _, branch = id_.partition("~")
    source = _rows(ask, "ComponentReference")
    statement = (
        f"SELECT json_extract(body, '$.references[0]') FROM objects "  # noqa: S608
        f"WHERE {source.exists} AND id = :id AND {STILL_USED} ORDER BY seq"
    )
    rows = connection.execute(statement, {**source.parameters, "id": own}).fetchall()
    found: list[Json] = [json.loads(row[0]) for row in rows]
    if branch:
        found = [each for each in found if isinstance(each, dict) and each["branchId"] == branch]
    return wire.dump({"@type": "ComponentReference", "references": found}) if found else None


# --- PackagedComponentManifest -------------------------------------------------------


def manifest(ask: Ask) -> Answer | None:
    """Every component version inside a package; deleted packages still tell."""
    if ask.is_get and len(ask.rest) == 1:
        with ask.services.store.reading() as connection:
            body = _manifest(ask, connection, ask.rest[0])
        if body is None:
            raise BadRequest(f"PackageId {ask.rest[0]} is invalid.")
        return wire.one(MANIFEST, body, as_json=ask.as_json)
    if ask.is_post and ask.rest == ("bulk",):
        with ask.services.store.reading() as connection:
            items = [(id_, _manifest(ask, connection, id_)) for id_ in _limited_ids(ask)]
        missing = "No such packagedComponentManifest"
        return wire.bulk(MANIFEST, items, missing, as_json=ask.as_json)
    return None


def _manifest(ask: Ask, connection: sqlite3.Connection, id_: str) -> str | None:
    """The closure over DEPENDENT references, as of the day the package was made."""
    source = _rows(ask, "PackagedComponent")
    row = connection.execute(
        f"SELECT body FROM objects WHERE {source.exists} AND id = :id",  # noqa: S608
        {**source.parameters, "id": id_},
    ).fetchone()
    if row is None:
        return None
    package = json.loads(row[0])
    inside: dict[str, int] = {package["componentId"]: package["componentVersion"]}
    waiting = list(inside.items())
    while waiting:
        for child in _children(connection, ask.account, *waiting.pop()):
            if child not in inside:
                inside[child] = _version_at(connection, ask.account, child, package["createdDate"])
                waiting.append((child, inside[child]))
    listed: list[Json] = [
        {"@type": "ComponentInfo", "id": component_id, "version": version}
        for component_id, version in inside.items()
    ]
    values: dict[str, Json] = {"packageId": id_, "componentInfo": listed}
    return wire.dump({"@type": "PackagedComponentManifest", **values})


def _children(connection: sqlite3.Connection, account: str, parent: str, version: int) -> list[str]:
    rows = connection.execute(
        "SELECT id FROM objects WHERE kind = 'ComponentReference' AND account = ? "
        "AND json_extract(extra, '$.parentComponentId') = ? "
        "AND json_extract(extra, '$.parentVersion') = ? "
        "AND json_extract(extra, '$.type') = ? ORDER BY seq",
        (account, parent, version, DEPENDENT),
    )
    return [str(row[0]) for row in rows]


def _version_at(connection: sqlite3.Connection, account: str, id_: str, moment: str) -> int:
    """The version that was newest at a time; a component made later has its first."""
    row = connection.execute(
        "SELECT MAX(json_extract(body, '$.version')) FROM objects "
        "WHERE kind = 'ComponentMetadata' AND account = ? AND id = ? "
        "AND json_extract(body, '$.modifiedDate') <= ?",
        (account, id_, moment),
    ).fetchone()
    return int(row[0] or 1)
