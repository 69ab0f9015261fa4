"""The one place that sends. Authorisation, time-outs, retries, caps and redaction happen here.

A call runs as attempts, an attempt as hops (one per redirect), a hop under one lease of
the limiter and only while the breaker lets it. Nothing here knows what is asked for: any
system that takes an Authorization header can be called. Only requests that are safe to
repeat are repeated. No exception raised here is chained to one of the HTTP library: those
carry the request with its header.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from typing import TypeVar
from urllib.parse import urljoin, urlsplit

import requests
from requests.auth import AuthBase
from tenacity import RetryCallState, Retrying, retry_if_exception
from urllib3.exceptions import HTTPError

from boomi.client.answers import Answer, failure, read_reason, runtime_away
from boomi.client.breaker import AlwaysClosed, Breaker, Permit
from boomi.client.errors import (
    BadAddress,
    BoomiError,
    Details,
    ForeignHost,
    RateLimited,
    Rejected,
    RuntimeUnavailable,
    Throttled,
    Timeout,
    TransportError,
)
from boomi.client.failures import backoff, retry_after, transport_failure
from boomi.client.hosts import HostRule, Origin, read_address
from boomi.client.limiter import BACKGROUND, Lease, Limiter
from boomi.client.messages import Hop, Incoming, Request
from boomi.client.redaction import redact
from boomi.client.sessions import session_for
from boomi.client.settings import Authority, CallRecord, Policy

T = TypeVar("T")

ERROR_BODY_LIMIT = 64 * 1024
MAX_REDIRECTS = 3
SHORTEST_WAIT = 0.01
USER_AGENT = "boomi-operations-portal"

# Called before every call; whoever must keep calls out of a place (an open database
# transaction) adds a function that raises.
refuse_when: list[Callable[[], None]] = []

_THROTTLED = (429, 503)
_RUNTIME_AWAY = (410, 504)
_SYSTEM_AWAY = (502, 503, 504)
_REDIRECTS = (301, 302, 303, 307, 308)
_KEEPS_METHOD = (307, 308)
# No source names the header of the platform's request id; these are the usual ones.
_REQUEST_ID_HEADERS = ("X-Request-Id", "X-Correlation-Id", "X-Amzn-RequestId", "X-Amz-Cf-Id")


@dataclass(frozen=True, slots=True)
class _Redirect:
    url: str


class _Diary:
    """Tells of each attempt once it is known whether another one follows."""

    def __init__(self, on_call: Callable[[CallRecord], None] | None) -> None:
        self._on_call = on_call
        self.newest: CallRecord | None = None

    def tell(self, *, final: bool) -> None:
        record, self.newest = self.newest, None
        if record is not None and self._on_call is not None:
            self._on_call(replace(record, final=final))


class _TokenAuth(AuthBase):
    """Sets the header itself: without an auth object requests would look into ~/.netrc."""

    def __init__(self, credentials: Authority) -> None:
        self._credentials = credentials

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        r.headers["Authorization"] = self._credentials.authorization
        return r


class Transport:
    """Sends requests of one connection. Safe to use from several threads."""

    def __init__(
        self,
        credentials: Authority,
        rule: HostRule,
        policy: Policy,
        *,
        limiter: Limiter,
        breaker: Breaker | None = None,
        on_call: Callable[[CallRecord], None] | None = None,
        session: requests.Session | None = None,
        purpose: str = BACKGROUND,
        service: str = "boomi",
        feature: str = "",
        override_account: str = "",
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._credentials = credentials
        self._rule = rule
        self._policy = policy
        self._limiter = limiter
        self._breaker = breaker or AlwaysClosed()
        self._on_call = on_call
        self._session = session
        self._purpose = purpose
        self._service = service
        self._feature = feature
        self._override_account = override_account
        self._sleep = sleep
        self._clock = clock

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not appear in any text made from an answer."""
        return self._credentials.secrets

    def now(self) -> float:
        """The monotonic clock that deadlines are measured by, in seconds."""
        return self._clock()

    def fetch(self, request: Request, read: Callable[[Answer], T]) -> T:
        """Send and give the complete answer to `read`; if that raises Broken, try again."""

        def consume(incoming: Incoming) -> T:
            body = b"".join(incoming.chunks(self._policy.max_body_bytes))
            return read(Answer(incoming.status, incoming.content_type, body, incoming.details))

        return self.exchange(request, consume, self._policy.total_seconds)

    def exchange(self, request: Request, consume: Callable[[Incoming], T], seconds: float) -> T:
        """Send, with retries where the request is safe, and let `consume` read the body.

        All attempts and waits together take about `seconds` at most. Raises the last
        BoomiError; RateLimited or Throttled at once when a wait would be too long.
        """
        for refuse in refuse_when:
            refuse()
        deadline = self._clock() + seconds
        numbers = count(1)
        diary = _Diary(self._on_call)
        retrying = Retrying(
            retry=retry_if_exception(
                lambda exc: request.safe and isinstance(exc, BoomiError) and exc.may_repeat
            ),
            wait=self._pause,
            stop=lambda state: self._is_over(state, deadline),
            sleep=self._sleep,
            before_sleep=lambda state: diary.tell(final=False),
            reraise=True,
        )
        try:
            return retrying(lambda: self._attempt(request, consume, next(numbers), deadline, diary))
        finally:
            diary.tell(final=True)

    def _pause(self, state: RetryCallState) -> float:
        exc = state.outcome.exception() if state.outcome else None
        if isinstance(exc, Throttled):
            return exc.wait_seconds
        return min(backoff(state.attempt_number), self._policy.max_sleep)

    def _is_over(self, state: RetryCallState, deadline: float) -> bool:
        return (
            state.attempt_number >= self._policy.max_attempts
            or state.upcoming_sleep > self._policy.max_sleep
            or self._clock() + state.upcoming_sleep >= deadline
        )

    def _attempt(
        self,
        request: Request,
        consume: Callable[[Incoming], T],
        attempt: int,
        deadline: float,
        diary: _Diary,
    ) -> T:
        for _ in range(MAX_REDIRECTS + 1):
            hop = self._checked(request, attempt)
            outcome = self._run(hop, consume, deadline, diary)
            if not isinstance(outcome, _Redirect):
                return outcome
            diary.tell(final=False)
            request = replace(request, url=outcome.url)
        known: Details = {**hop.details, "code": "REDIRECTED"}
        raise Rejected("The platform redirects too often.", **known)

    def _checked(self, request: Request, attempt: int) -> Hop:
        path = redact(urlsplit(request.url).path, self.secrets)
        try:
            url = self._rule.check(request.url)
            return Hop(replace(request, url=url), path, attempt)
        except (ForeignHost, BadAddress) as exc:
            refused = exc
        known: Details = {
            **Hop(request, path, attempt).details,
            "hint": refused.hint,
            "code": refused.code,
        }
        # The address came from an answer, so even its host may echo a secret.
        raise type(refused)(redact(refused.message, self.secrets), **known)

    def _run(
        self, hop: Hop, consume: Callable[[Incoming], T], deadline: float, diary: _Diary
    ) -> T | _Redirect:
        permit = self._breaker.before_call()
        lease = self._lease(deadline, permit)
        at, started = datetime.now(UTC), self._clock()
        away = ""
        try:
            return self._converse(hop, consume, deadline)
        except BaseException as exc:
            hop.error = exc.code if isinstance(exc, BoomiError) else type(exc).__name__
            away = _why_away(exc, hop)
            raise
        finally:
            try:
                lease.release()
            finally:
                diary.newest = self._record(hop, at, round((self._clock() - started) * 1000))
                _judge(permit, hop, away)

    def _lease(self, deadline: float, permit: Permit) -> Lease:
        while True:
            try:
                return self._limiter.take(self._purpose)
            except RateLimited as exc:
                limited = exc
            except BaseException:
                permit.unused()
                raise
            pause = max(limited.wait_seconds, SHORTEST_WAIT)
            if pause > self._policy.max_sleep or self._clock() + pause >= deadline:
                permit.unused()
                raise limited
            self._sleep(pause)

    def _converse(
        self, hop: Hop, consume: Callable[[Incoming], T], deadline: float
    ) -> T | _Redirect:
        response = self._send(hop, deadline)
        try:
            hop.status = response.status_code
            hop.request_id = self._request_id(response.headers)
            incoming = Incoming(response, hop, lambda: deadline - self._clock())
            if 200 <= incoming.status < 300:
                return consume(incoming)
            target = response.headers.get("Location", "")
            if target and self._may_follow(hop.request, incoming.status):
                return _Redirect(urljoin(hop.request.url, target))
            raise self._failure(incoming, hop, response.headers.get("Retry-After"))
        finally:
            response.close()

    def _send(self, hop: Hop, deadline: float) -> requests.Response:
        remaining = deadline - self._clock()
        if remaining <= 0:
            raise Timeout(f"There was no time left to ask {hop.host}.", **hop.details)
        connect, read = self._policy.connect_timeout, self._policy.read_timeout
        request = hop.request
        origin, _ = read_address(request.url)
        session = self._session or session_for(origin)
        try:
            prepared = session.prepare_request(self._outgoing(request))
            hop.sent = True
            settings = session.merge_environment_settings(
                prepared.url or "", self._proxies(origin), True, None, None
            )
            return session.send(
                prepared,
                timeout=(
                    min(connect, remaining),
                    min(read, remaining),
                ),
                allow_redirects=False,
                **settings,
            )
        except (OSError, HTTPError, ValueError) as exc:
            failed = transport_failure(exc, hop.host, hop.details)
        raise failed

    def _outgoing(self, request: Request) -> requests.Request:
        headers = {"Accept": request.accept, "User-Agent": USER_AGENT}
        if request.body is not None:
            headers["Content-Type"] = request.content_type
        return requests.Request(
            request.method,
            request.url,
            data=request.body,
            headers=headers,
            auth=_TokenAuth(self._credentials),
        )

    def _proxies(self, origin: Origin) -> dict[str, str]:
        # Plain http passes the host rule for private addresses only: no proxy reaches those.
        return {"no_proxy": origin.host} if origin.scheme == "http" else {}

    def _may_follow(self, request: Request, status: int) -> bool:
        if status in _KEEPS_METHOD:
            return request.safe
        return status in _REDIRECTS and request.method == "GET"

    def _request_id(self, headers: Mapping[str, str]) -> str | None:
        found = next((headers[name] for name in _REQUEST_ID_HEADERS if name in headers), None)
        return redact(found, self.secrets)[:100] if found else None

    def _failure(self, incoming: Incoming, hop: Hop, advice: str | None) -> BoomiError:
        reason = read_reason(incoming.start(ERROR_BODY_LIMIT), self.secrets)
        if hop.request.needs_runtime and incoming.status in _RUNTIME_AWAY:
            return runtime_away(incoming.status, reason, hop.details)
        if incoming.status not in _THROTTLED:
            return failure(incoming.status, reason, hop.details)
        asked = retry_after(advice, datetime.now(UTC))
        last = hop.attempt >= self._policy.max_attempts
        own = backoff(hop.attempt) if last else min(backoff(hop.attempt), self._policy.max_sleep)
        wait = asked if asked is not None else own
        self._limiter.back_off(wait)
        details: Details = {**hop.details, "said": reason.said, "excerpt": reason.excerpt}
        return Throttled(
            wait,
            f"The platform is overloaded or its rate limit is reached ({incoming.status}).",
            **details,
        )

    def _record(self, hop: Hop, at: datetime, duration_ms: int) -> CallRecord:
        return CallRecord(
            at=at,
            method=hop.request.method,
            path=hop.path,
            status=hop.status,
            duration_ms=duration_ms,
            attempt=hop.attempt,
            request_bytes=len(hop.request.body or b""),
            response_bytes=hop.received,
            account_id=self._credentials.account_id,
            override_account=self._override_account,
            purpose=self._purpose,
            error=hop.error,
            request_id=hop.request_id,
            service=self._service,
            feature=self._feature,
        )


def _judge(permit: Permit, hop: Hop, away: str) -> None:
    """Tell the breaker what the attempt says about the system; an own fault says nothing."""
    if away:
        permit.failed(away)
    elif hop.status is not None:
        permit.succeeded()
    else:
        permit.unused()


def _why_away(exc: BaseException, hop: Hop) -> str:
    """Why the failed attempt counts against the system as a whole; "" if it does not."""
    if not isinstance(exc, BoomiError) or not hop.sent:
        return ""
    if isinstance(exc, TransportError):
        return exc.message
    runtime = isinstance(exc, RuntimeUnavailable)
    return exc.message if hop.status in _SYSTEM_AWAY and not runtime else ""
