"""The AtomSphere REST API of the sandbox: who may ask, and what is answered.

Knows nothing of sockets: a `Request` in, an `Answer` out.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qs, unquote, urlsplit

from sandbox import wire
from sandbox.asking import FORBIDDEN, NO_ENDPOINT, Ask, Refused, Request, Services, bulk_ids
from sandbox.clock import Clock, stamp
from sandbox.company import ACCOUNTS, CREDENTIALS, Account, Credential
from sandbox.day_by_day import Days
from sandbox.dispatch import ALL_SHAPES, HANDLERS, PRIVILEGES
from sandbox.downloads import Downloads
from sandbox.faults import FaultBox
from sandbox.filters import Value
from sandbox.limits import RateLimit
from sandbox.paging import Paging
from sandbox.query import read_query
from sandbox.records import running_body, without
from sandbox.results import (
    Page,
    Source,
    Token,
    count,
    fetch,
)
from sandbox.shapes import ATOM, EXECUTION_RECORD, Shape
from sandbox.store import Store
from sandbox.visible import executions_seen
from sandbox.wire import Answer, BadRequest

BULK_LIMIT = 100
UNAVAILABLE = (
    "The Boomi server is currently unavailable or your account's rate limits have been exceeded. "
    "Retry later."
)
_PREFIXES = {("api", "rest", "v1"): False, ("partner", "api", "rest", "v1"): True}
_BY_ID = {account.account_id: account for account in ACCOUNTS}


@dataclass(frozen=True, slots=True)
class Target:
    """What an address means. `account` stands in the path and is the one charged."""

    account: str
    parts: tuple[str, ...]
    partner: bool = False
    override: str = ""
    download: str = ""

    @property
    def verb(self) -> str:
        """Object and verb for the counters, such as `ExecutionRecord.queryMore`."""
        if self.download:
            return "download.get"
        if len(self.parts) > 1 and self.parts[1] in ("query", "queryMore", "bulk"):
            return f"{self.parts[0]}.{self.parts[1]}"
        return f"{self.parts[0]}.{'get' if len(self.parts) > 1 else 'create'}"


def target_of(path: str) -> Target | None:
    """None for an address outside the API."""
    split = urlsplit(path)
    parts = tuple(unquote(part) for part in split.path.split("/") if part)
    if len(parts) == 5 and parts[0] == "account" and parts[2:4] == ("api", "download"):
        return Target(parts[1], (), download=parts[4])
    for prefix, partner in _PREFIXES.items():
        rest = parts[len(prefix) :]
        if parts[: len(prefix)] == prefix and len(rest) >= 2:
            override = parse_qs(split.query).get("overrideAccount", [""])[0] if partner else ""
            if rest[-1] == "update" and len(rest) > 2:
                rest = rest[:-1]
            return Target(rest[0], rest[1:], partner, override)
    return None


class Api:
    """Answers requests from the store, as of the clock's now."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        box: FaultBox,
        limit: RateLimit,
        downloads: Downloads,
        secret: bytes,
        days: Days,
    ) -> None:
        self._store = store
        self._clock = clock
        self._box = box
        self._limit = limit
        self._downloads = downloads
        self._paging = Paging(secret, clock, box)
        self._services = Services(store, clock, box, downloads, self._paging, days)
        self._days = days

    def answer(self, request: Request, target: Target | None, url_base: str) -> Answer:
        """Never raises for a wrong request. `url_base` is where this server is reached."""
        as_json = wire.wants_json(request.headers.get("accept", ""))
        try:
            if target is None:
                raise Refused(404, NO_ENDPOINT)
            return self._checked(request, target, url_base, as_json=as_json)
        except BadRequest as problem:
            return wire.error(400, str(problem), as_json=as_json, form=self._box.faults.error_form)
        except Refused as refused:
            headers: tuple[tuple[str, str], ...] = ()
            if refused.status == 401:
                headers = (("WWW-Authenticate", 'Basic realm="Boomi"'),)
            elif refused.status in (503, 429) and self._box.faults.retry_after is not None:
                headers = (("Retry-After", str(self._box.faults.retry_after)),)
            form = self._box.faults.error_form
            error = wire.error(refused.status, str(refused), as_json=as_json, form=form)
            return Answer(error.status, error.body, error.content_type, headers)

    def _checked(self, request: Request, target: Target, url_base: str, *, as_json: bool) -> Answer:
        credential = self._authenticate(request)
        if self._box.strikes("throttle_503", "next_503"):
            raise Refused(503, UNAVAILABLE)
        if self._box.strikes("throttle_429", "next_429"):
            raise Refused(429, "Too many requests.")
        if self._box.strikes("", "next_500"):
            raise Refused(500, "An internal error occurred.")
        account = _effective_account(credential, target)
        if not self._limit.take(credential.account_id):
            raise Refused(503, UNAVAILABLE)
        if target.download:
            return self._download(target)
        name = target.parts[0]
        if PRIVILEGES.get(name) in self._box.faults.missing_privileges:
            raise Refused(403, FORBIDDEN)
        self._days.reach(self._clock.now(), timedelta(days=self._box.faults.keep_days))
        ask = Ask(
            request, name, target.parts[1:], account, url_base, as_json, self._services,
            user=credential.user, charged=target.account if target.override else "",
        )  # fmt: skip
        handler = HANDLERS.get(name)
        answer = handler(ask) if handler is not None else None
        if answer is not None:
            return answer
        shape = ALL_SHAPES.get(name)
        if shape is None:
            raise Refused(404, NO_ENDPOINT)
        return self._object(request, shape, target.parts[1:], account, as_json=as_json)

    def _authenticate(self, request: Request) -> Credential:
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        faults = self._box.faults
        try:
            login, _, token = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            login = token = ""
        for credential in CREDENTIALS:
            right = scheme.lower() == "basic" and (login, token) == (
                credential.login,
                credential.token,
            )
            rejected = faults.reject_all_tokens or {token, credential.user} & faults.reject_tokens
            if right and not rejected:
                return credential
        raise Refused(401, "Unauthorized")

    # --- one object ---------------------------------------------------------

    def _object(
        self, request: Request, shape: Shape, rest: tuple[str, ...], account: str, *, as_json: bool
    ) -> Answer:
        post = request.method == "POST"
        if post and rest == ("query",):
            return self._query(request, shape, account, as_json=as_json)
        if post and rest == ("queryMore",):
            return self._query_more(request, shape, account, as_json=as_json)
        if post and rest == ("bulk",) and shape.bulk:
            return self._bulk(request, shape, account, as_json=as_json)
        if request.method == "GET" and len(rest) == 1 and shape.get:
            body = self._one(shape, account, rest[0])
            if body is None:
                raise BadRequest(_invalid(shape, rest[0]))
            return wire.one(shape, body, as_json=as_json)
        raise Refused(404, NO_ENDPOINT)

    def _source(self, shape: Shape, account: str) -> Source:
        now = self._clock.now()
        if shape is EXECUTION_RECORD:
            return executions_seen([account], now, self._box.faults)
        parameters: dict[str, Value] = {
            "account": account,
            "now": stamp(now),
            "kind": shape.name,
        }
        exists = "kind = :kind AND account = :account AND since <= :now AND until > :now"
        table = "objects"
        if shape is ATOM and self._box.faults.offline_runtimes:
            parameters["offline"] = json.dumps(sorted(self._box.faults.offline_runtimes))
            table = _ATOMS_WITH_OFFLINE
        return Source(table, exists, parameters)

    def _query(self, request: Request, shape: Shape, account: str, *, as_json: bool) -> Answer:
        in_xml = wire.is_xml(request.headers.get("content-type", ""), request.body)
        query = read_query(request.body, is_xml=in_xml)
        source = self._source(shape, account)
        if shape.name == "Account":
            # A query lists the accounts beneath a parent, not the parent itself.
            source = Source(source.table, f"{source.exists} AND id <> :account", source.parameters)
        with self._store.reading() as connection:
            total = count(connection, shape, source, query)
            page = fetch(connection, shape, source, query, total=total)
        token = self._paging.first(shape, account, query, total)
        return self._page(shape, page, token, as_json=as_json)

    def _query_more(self, request: Request, shape: Shape, account: str, *, as_json: bool) -> Answer:
        token = self._paging.read(request.body, shape, account)
        source = self._source(shape, account)
        with self._store.reading() as connection:
            page = fetch(
                connection,
                shape,
                source,
                token.query,
                total=token.total,
                after=token.after,
                repeat_last=self._box.faults.duplicate_rows,
            )
        return self._page(shape, page, token, as_json=as_json)

    def _page(self, shape: Shape, page: Page, token: Token, *, as_json: bool) -> Answer:
        now = stamp(self._clock.now())
        bodies = [
            running_body(body) if recorded is not None and recorded > now else body
            for body, recorded in page.rows
        ]
        if shape.get_only:
            bodies = [without(body, shape.get_only) for body in bodies]
        return self._paging.answer(shape, page, bodies, token, as_json=as_json)

    def _one(self, shape: Shape, account: str, id_: str) -> str | None:
        """The JSON text of one object."""
        source = self._source(shape, account)
        with self._store.reading() as connection:
            statement = f"SELECT body FROM {source.table} WHERE {source.exists} AND id = :id"  # noqa: S608
            row = connection.execute(statement, {**source.parameters, "id": id_}).fetchone()
        return None if row is None else str(row[0])

    def _bulk(self, request: Request, shape: Shape, account: str, *, as_json: bool) -> Answer:
        ids = bulk_ids(request)
        if len(ids) > BULK_LIMIT:
            told = self._box.faults.over_limit_text
            raise BadRequest(told or f"A bulk request may hold {BULK_LIMIT} ids, not {len(ids)}.")
        items = [(id_, self._one(shape, account, id_)) for id_ in ids]
        missing = f"No such {shape.name[:1].lower()}{shape.name[1:]}"
        return wire.bulk(shape, items, missing, as_json=as_json)

    def _download(self, target: Target) -> Answer:
        answer = self._downloads.fetch(target.account, target.download)
        if answer.status == 404:
            raise Refused(404, f"Download {target.download} does not exist.")
        return answer


_ATOMS_WITH_OFFLINE = """(
    SELECT seq, kind, account, id, since, until, extra,
        CASE WHEN EXISTS (
            SELECT 1 FROM json_each(:offline)
            WHERE value IN (objects.id, json_extract(objects.body, '$.name'))
        ) THEN json_set(body, '$.status', 'OFFLINE', '$.statusDetail', 'OFFLINE')
        ELSE body END AS body
    FROM objects
)"""


def _effective_account(credential: Credential, target: Target) -> str:
    """The account whose objects are meant. Raises Refused 403."""
    own = _BY_ID[credential.account_id]
    if target.download:
        # The address of a download names the account the log belongs to.
        owner = _BY_ID.get(target.account)
        if owner is None or not _reaches(credential, owner):
            raise Refused(403, FORBIDDEN)
        return owner.account_id
    if target.account != own.account_id:
        raise Refused(403, FORBIDDEN)
    if not target.partner:
        return own.account_id
    if not own.partner_api:
        raise Refused(403, FORBIDDEN)
    if not target.override:
        return own.account_id
    wanted = _BY_ID.get(target.override)
    if wanted is None or not _reaches(credential, wanted):
        raise Refused(403, FORBIDDEN)
    return wanted.account_id


def _reaches(credential: Credential, account: Account) -> bool:
    return credential.account_id in (account.account_id, account.parent)


def _invalid(shape: Shape, id_: str) -> str:
    return f"{shape.name}Id {id_} is invalid."
