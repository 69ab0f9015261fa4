"""The platform's API as methods: one per remote call, iterators for paged reads.

Values in, records out; no caching, no settings, no words for people beyond the errors.
Every method raises BoomiError only (see errors), ValueError for arguments that cannot
be right, and whatever `refuse_when` and `on_call` raise.
"""

import json
import time
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import replace
from typing import BinaryIO, TypeVar
from urllib.parse import quote

import requests

from boomi.client.answers import Answer, JsonObject, read_object
from boomi.client.checks import (
    BUDGET_SECONDS,
    NO_SUCH_EXECUTION,
    NO_SUCH_ID,
    ConnectionCheck,
    Probe,
    Right,
)
from boomi.client.downloads import DownloadResult, Progress, Sink
from boomi.client.errors import (
    BoomiError,
    Broken,
    Details,
    Forbidden,
    LogNotThere,
    Missing,
    NotReady,
    Rejected,
    RuntimeUnavailable,
)
from boomi.client.hosts import HostRule, Origin, read_address
from boomi.client.http import Transport
from boomi.client.limiter import BACKGROUND, INTERACTIVE, Limiter, Unlimited
from boomi.client.messages import Request
from boomi.client.paging import Page, read_page
from boomi.client.queries import Expression, Sort, field, query
from boomi.client.records import (
    AccountRecord,
    AtomRecord,
    AttachmentRecord,
    ComponentMetadataRecord,
    DeployedPackageRecord,
    EnvironmentRecord,
    ExecutionRecord,
    LogDownload,
    Source,
)
from boomi.client.settings import CallRecord, Credentials, Policy, checked_account_id

T = TypeVar("T")

DEFAULT_BASE_URL = "https://api.boomi.com"
LOG_LEVELS = ("SEVERE", "WARNING", "INFO", "CONFIG", "FINE", "FINER", "FINEST", "ALL")
RUNTIME_AWAY = 504


class BoomiClient:
    """Reads one account. Cheap to make, holds no connection of its own, thread-safe.

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
        on_call: Callable[[CallRecord], None] | None = None,
        on_unreadable: Callable[[str], None] | None = None,
        policy: Policy = Policy(),  # noqa: B008 - frozen
        session: requests.Session | None = None,
        purpose: str = BACKGROUND,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if purpose not in (BACKGROUND, INTERACTIVE):
            raise ValueError(f"The purpose of a call is {BACKGROUND} or {INTERACTIVE}.")
        self._credentials = credentials
        self._origin: Origin = read_address(base_url.strip())[0]
        self._override_account = checked_account_id(override_account) if override_account else ""
        self._limiter = limiter or Unlimited()
        self._on_call = on_call
        self._on_unreadable = on_unreadable or (lambda sentence: None)
        self._policy = policy
        self._session = session
        self._purpose = purpose
        self._sleep = sleep
        self._clock = clock
        self._transport = self._transport_with(policy)

    def __repr__(self) -> str:
        return f"<BoomiClient {self.account_id} at {self._origin.url}>"

    @property
    def account_id(self) -> str:
        """The account that is read: the override account, else the authenticating one."""
        return self._override_account or self._credentials.account_id

    def _transport_with(self, policy: Policy) -> Transport:
        return Transport(
            self._credentials,
            HostRule(self._origin, tuple(policy.allowed_hosts), policy.allow_http_private),
            policy,
            limiter=self._limiter,
            on_call=self._on_call,
            session=self._session,
            purpose=self._purpose,
            override_account=self._override_account,
            sleep=self._sleep,
            clock=self._clock,
        )

    # What the account is made of

    def account(self) -> AccountRecord:
        """The account itself. Needs ACCOUNT_ADMIN. Raises Missing for an unknown one."""
        try:
            found, details = self._ask(self._request("GET", "Account", self.account_id))
        except (Rejected, Missing) as exc:
            if exc.status not in (400, 404, 410):
                raise
            refused = exc
        else:
            return _understood(lambda: AccountRecord.from_api(found), details)
        known: Details = {
            **refused.details,
            "code": "ACCOUNT_NOT_FOUND",
            "hint": "Check the account id of the connection; it looks like acme-A1B2C3.",
        }
        raise Missing(f"The platform does not know the account {self.account_id}.", **known)

    def environments(self, expr: Expression | None = None) -> list[EnvironmentRecord]:
        """All environments, in no particular order."""
        make = EnvironmentRecord.from_api
        return self._all("Environment", make, expr, lambda r: r.environment_id)

    def atoms(self, expr: Expression | None = None) -> list[AtomRecord]:
        """All runtimes, in no particular order."""
        return self._all("Atom", AtomRecord.from_api, expr, lambda r: r.atom_id)

    def attachments(self, expr: Expression | None = None) -> list[AttachmentRecord]:
        """Which runtime is attached to which environment."""
        make = AttachmentRecord.from_api
        return self._all(
            "EnvironmentAtomAttachment", make, expr, lambda r: (r.atom_id, r.environment_id)
        )

    def deployed_packages(self, expr: Expression | None = None) -> list[DeployedPackageRecord]:
        """Deployments, replaced ones included; what is live now has `active` true."""
        make = DeployedPackageRecord.from_api
        return self._all("DeployedPackage", make, expr, lambda r: r.deployment_id)

    def component_metadata(self, expr: Expression | None) -> list[ComponentMetadataRecord]:
        """Component versions. None asks for every version on every branch, deleted ones
        included; usually wanted is `currentVersion` true and `deleted` false."""
        make = ComponentMetadataRecord.from_api
        return self._all(
            "ComponentMetadata", make, expr, lambda r: (r.component_id, r.version, r.branch_id)
        )

    # Executions and their logs

    def execution_page(
        self,
        expr: Expression | None,
        token: str | None = None,
        sort: Iterable[Sort] | Sort | None = None,
    ) -> Page[ExecutionRecord]:
        """One page of runs; with a token the next page of the query it came from.

        A token that is too old gives Rejected: start the query again.
        """
        return self._page("ExecutionRecord", ExecutionRecord.from_api, query(expr, sort), token)

    def execution_pages(
        self,
        expr: Expression | None,
        *,
        sort: Iterable[Sort] | Sort | None = None,
        token: str | None = None,
    ) -> Iterator[Page[ExecutionRecord]]:
        """Page after page, fetched on demand; `token` goes on after a stored page."""
        make = ExecutionRecord.from_api
        return self._pages("ExecutionRecord", make, query(expr, sort), token)

    def execution(self, execution_id: str) -> ExecutionRecord | None:
        """One run by its id, or None: the object has no GET, so this is a query."""
        page = self.execution_page(field("executionId").eq(execution_id))
        return next((r for r in page.items if r.execution_id == execution_id), None)

    def request_process_log(self, execution_id: str, level: str = "ALL") -> LogDownload:
        """Ask for the log of a run; then `download` its `url` until it is ready.

        Safe to repeat. Raises LogNotThere (none, or not yet), RuntimeUnavailable,
        NotReady when the platform gives no address.
        """
        if level not in LOG_LEVELS:
            raise ValueError(f"The log level is one of {', '.join(LOG_LEVELS)}.")
        body: JsonObject = {"executionId": execution_id, "logLevel": level}
        request = replace(self._request("POST", "ProcessLog", body=body), needs_runtime=True)
        try:
            found, details = self._ask(request)
        except Rejected as exc:
            # The platform says so for an unknown run and for a log that is not there yet.
            if exc.status != 400 or "is invalid" not in exc.said.lower():
                raise
            refused = exc
        else:
            return _usable(LogDownload.from_api(found), details)
        known: Details = {**refused.details, "code": "", "hint": ""}
        raise LogNotThere("The platform has no log of this execution.", **known)

    def download(
        self,
        url: str,
        out: BinaryIO,
        *,
        max_bytes: int | None = None,
        progress: Progress | None = None,
    ) -> DownloadResult:
        """Write the file at `url`, an address from an answer, to `out`.

        Raises NotReady (202, 204, empty: ask again later), RuntimeUnavailable,
        TooLarge, ForeignHost. After an error `out` may hold a part, which is the
        caller's to discard. A broken transfer is repeated if `out` is seekable.
        `progress` gets the bytes so far and the total, if known.
        """
        sink = Sink(out, max_bytes or self._policy.max_download_bytes, progress)
        request = Request("GET", url, accept="*/*", safe=sink.repeatable, needs_runtime=True)
        return self._transport.exchange(request, sink.fill, self._policy.download_seconds)

    # What the connection may do

    def check(self) -> ConnectionCheck:
        """Try the credentials and each privilege; changes nothing, takes 5 s at most.

        Raises what the account call raises except Forbidden: Unauthorised, Missing,
        a TransportError, RateLimited. Everything after it becomes a Right.
        """
        started = self._clock()
        name, right = self._check_account(started)
        rights = [right, *(probe.run() for probe in self._probes(started))]
        return ConnectionCheck(name, rights, round((self._clock() - started) * 1000))

    def _check_account(self, started: float) -> tuple[str, Right]:
        name, needed_for = "ACCOUNT_ADMIN", "the name of the account"
        try:
            account = self._hurried(started).account()
        except Forbidden as exc:
            return "", Right(name, needed_for, False, exc.said or exc.message)
        return account.name, Right(name, needed_for, True)

    def _probes(self, started: float) -> list[Probe]:
        def found(kind: str, key: str, value: str = NO_SUCH_ID) -> Callable[[], object]:
            body = query(field(key).eq(value))
            return lambda: self._hurried(started)._page(kind, dict, body, None)

        return [
            Probe("ATOM_MANAGEMENT_READ_ONLY", "environments", found("Environment", "id")),
            Probe("ATOM_MANAGEMENT_READ_ONLY", "runtimes", found("Atom", "id")),
            Probe(
                "VIEW_RESULT",
                "executions",
                found("ExecutionRecord", "executionId", NO_SUCH_EXECUTION),
            ),
            Probe(
                "VIEW_RESULT",
                "process logs",
                lambda: self._hurried(started).request_process_log(NO_SUCH_EXECUTION),
                refusal_proves_it=True,
            ),
            Probe("DEPLOY", "deployments", found("DeployedPackage", "deploymentId")),
            Probe("BUILD_READ", "components", found("ComponentMetadata", "componentId")),
        ]

    def _hurried(self, started: float) -> "BoomiClient":
        remaining = started + BUDGET_SECONDS - self._clock()
        if remaining <= 0:
            raise BoomiError("Not checked: the time for the check was used up.", code="TIMEOUT")
        return BoomiClient(
            self._credentials,
            base_url=self._origin.url,
            override_account=self._override_account,
            limiter=self._limiter,
            on_call=self._on_call,
            policy=replace(self._policy, total_seconds=remaining, max_attempts=2),
            session=self._session,
            purpose=self._purpose,
            sleep=self._sleep,
            clock=self._clock,
        )

    # How it is asked

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
        page = _understood(lambda: read_page(found, make), details)
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


def _understood(make: Callable[[], T], details: Details) -> T:
    """`make()`; if it cannot read the answer, its error also says which call that was."""
    try:
        return make()
    except Broken as exc:
        unreadable = exc
    known: Details = {**details, "code": unreadable.code, "hint": unreadable.hint}
    raise Broken(unreadable.message, **known)


def _usable(log: LogDownload, details: Details) -> LogDownload:
    if log.status_code == RUNTIME_AWAY:
        known: Details = {**details, "status": RUNTIME_AWAY, "said": log.message}
        raise RuntimeUnavailable("The runtime that holds the log cannot be reached.", **known)
    if log.url:
        return log
    if log.status_code == 202:
        raise Broken("The platform sent a LogDownload with no url.", **details)
    raise NotReady("The platform gave no address for the log.", **details)
