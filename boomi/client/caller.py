"""How the platform is asked: addresses, queries page by page, bulk reads.

The common ground of the methods in `client`, `component_calls` and `activity_calls`.
"""

import json
import time
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from copy import copy
from typing import Self, TypeVar
from urllib.parse import quote

import requests

from boomi.client.answers import Answer, JsonObject, Reason, failure, read_object
from boomi.client.breaker import Breaker
from boomi.client.errors import Broken, Details
from boomi.client.fields import integer, text
from boomi.client.hosts import HostRule, Origin, read_address
from boomi.client.http import Transport
from boomi.client.limiter import BACKGROUND, INTERACTIVE, Limiter, Unlimited
from boomi.client.messages import Request
from boomi.client.paging import Page, read_page
from boomi.client.queries import Expression, query
from boomi.client.redaction import redact
from boomi.client.settings import CallRecord, Credentials, Policy, checked_account_id

T = TypeVar("T")
Source = Mapping[str, object]

DEFAULT_BASE_URL = "https://api.boomi.com"
BULK_LIMIT = 100
# A bulk item that is not there; the platform says 400 for an unknown id.
NOT_THERE = (400, 404, 410)


class Caller:
    """Asks for one account. Cheap to make, holds no connection of its own, thread-safe.

    `base_url` is scheme, host and port; a path is dropped. With `override_account`
    the calls go to the partner API and act on that sub-account. `on_call` is told of
    every HTTP attempt, `on_unreadable` gets a sentence for each record of a query that is left
    out. Raises BadAddress and ValueError for arguments that are no good.
    """

    def __init__(
        self,
        credentials: Credentials,
        *,
        base_url: str = DEFAULT_BASE_URL,
        override_account: str | None = None,
        limiter: Limiter | None = None,
        breaker: Breaker | None = None,
        on_call: Callable[[CallRecord], None] | None = None,
        on_unreadable: Callable[[str], None] | None = None,
        policy: Policy = Policy(),  # noqa: B008 - frozen
        session: requests.Session | None = None,
        purpose: str = BACKGROUND,
        feature: str = "",
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if purpose not in (BACKGROUND, INTERACTIVE):
            raise ValueError(f"The purpose of a call is {BACKGROUND} or {INTERACTIVE}.")
        self._credentials = credentials
        self._origin: Origin = read_address(base_url.strip())[0]
        self._override_account = checked_account_id(override_account) if override_account else ""
        self._limiter = limiter or Unlimited()
        self._breaker = breaker
        self._on_call = on_call
        self._on_unreadable = on_unreadable or (lambda sentence: None)
        self._policy = policy
        self._session = session
        self._purpose = purpose
        self._feature = feature
        self._sleep = sleep
        self._clock = clock
        self._transport = self._make_transport()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.account_id} at {self._origin.url}>"

    @property
    def account_id(self) -> str:
        """The account that is read: the override account, else the authenticating one."""
        return self._override_account or self._credentials.account_id

    def with_feature(self, feature: str) -> Self:
        """The same client, whose calls are written down as made for `feature`."""
        other = copy(self)
        other._feature = feature
        other._transport = other._make_transport()
        return other

    def _with_policy(self, policy: Policy) -> Self:
        other = copy(self)
        other._policy = policy
        other._transport = other._make_transport()
        return other

    def _make_transport(self) -> Transport:
        hosts = tuple(self._policy.allowed_hosts)
        return Transport(
            self._credentials,
            HostRule(self._origin, hosts, self._policy.allow_http_private),
            self._policy,
            limiter=self._limiter,
            breaker=self._breaker,
            on_call=self._on_call,
            session=self._session,
            purpose=self._purpose,
            feature=self._feature,
            override_account=self._override_account,
            sleep=self._sleep,
            clock=self._clock,
        )

    def _url(self, *parts: str) -> str:
        account = quote(self._credentials.account_id, safe="")
        path = "/".join(quote(part, safe="~") for part in parts)
        if not self._override_account:
            return f"{self._origin.url}/api/rest/v1/{account}/{path}"
        override = quote(self._override_account, safe="")
        base = f"{self._origin.url}/partner/api/rest/v1/{account}"
        return f"{base}/{path}?overrideAccount={override}"

    def _request(self, method: str, *parts: str, body: JsonObject | None = None) -> Request:
        sent = json.dumps(body).encode() if body is not None else None
        return Request(method, self._url(*parts), sent)

    def _ask(self, request: Request) -> tuple[JsonObject, Details]:
        def read(answer: Answer) -> tuple[JsonObject, Details]:
            return read_object(answer, self._transport.secrets), answer.details

        return self._transport.fetch(request, read)

    def _page(
        self, kind: str, make: Callable[[Source], T], body: JsonObject, token: str | None
    ) -> Page[T]:
        if token is None:
            request = self._request("POST", kind, "query", body=body)
        else:
            # The body is the bare token, not JSON.
            url = self._url(kind, "queryMore")
            request = Request("POST", url, token.encode(), content_type="text/plain")
        found, details = self._ask(request)
        page = understood(lambda: read_page(found, make), details)
        for sentence in page.unreadable:
            self._on_unreadable(sentence)
        return page

    def _pages(
        self, kind: str, make: Callable[[Source], T], body: JsonObject, token: str | None
    ) -> Iterator[Page[T]]:
        page = self._page(kind, make, body, token)
        yield page
        while page.next_token:
            before, page = page, self._page(kind, make, body, page.next_token)
            # A token may stay the same from page to page, but not with the same records.
            if page == before:
                raise Broken(f"The platform sends the same page of {kind} again and again.")
            yield page

    def _all(
        self,
        kind: str,
        make: Callable[[Source], T],
        expr: Expression | None,
        key: Callable[[T], Hashable],
    ) -> list[T]:
        # Pages are no snapshot: what moved between two of them comes twice.
        found = {
            key(r): r for page in self._pages(kind, make, query(expr), None) for r in page.items
        }
        return list(found.values())

    def _bulk(self, kind: str, ids: Sequence[str], make: Callable[[Source], T]) -> list[T]:
        """What a bulk GET finds, 100 ids a call; ids the platform refuses (400, 404) are left out.

        An item that failed in any other way fails the call, which is then repeated.
        """
        found: list[T] = []
        every = list(dict.fromkeys(ids))
        for first in range(0, len(every), BULK_LIMIT):
            some = every[first : first + BULK_LIMIT]
            body: JsonObject = {"type": "GET", "request": [{"id": one} for one in some]}
            request = self._request("POST", kind, "bulk", body=body)
            found += self._transport.fetch(request, lambda answer: self._bulk_items(answer, make))
        return found

    def _bulk_items(self, answer: Answer, make: Callable[[Source], T]) -> list[T]:
        items = read_object(answer, self._transport.secrets).get("response")
        rows = items if isinstance(items, list) else [items]
        records = [row for row in rows if isinstance(row, dict)]
        if len(records) != len(rows):
            raise Broken("The platform's answer is no bulk result.", **answer.details)
        results = [row["Result"] for row in records if isinstance(row.get("Result"), dict)]
        for row in records:
            if not isinstance(row.get("Result"), dict):
                said = text(row.get("errorMessage")) or ""
                self._refuse_item(integer(row.get("statusCode")), said, answer.details)
        return understood(lambda: [make(result) for result in results], answer.details)

    def _refuse_item(self, status: int | None, said: str, details: Details) -> None:
        """Raises what a failed item of a bulk read means, unless it means "there is none"."""
        if status in NOT_THERE:
            return
        said = redact(said, self._transport.secrets)
        if status is None or status >= 500:
            known: Details = {**details, "said": said}
            raise Broken("The platform could not answer a part of a bulk request.", **known)
        raise failure(status, Reason(said, said), details)


def understood(make: Callable[[], T], details: Details) -> T:
    """`make()`; if it cannot read the answer, its error also says which call that was."""
    try:
        return make()
    except Broken as exc:
        unreadable = exc
    known: Details = {**details, "code": unreadable.code, "hint": unreadable.hint}
    raise Broken(unreadable.message, **known)
