"""The platform's API as methods: one per remote call, iterators for paged reads.

Values in, records out; no caching, no settings, no words for people beyond the errors.
Every method raises BoomiError only (see errors), ValueError for arguments that cannot
be right, and whatever `refuse_when` and `on_call` raise.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import BinaryIO, Self

from boomi.client.activity_calls import ActivityCalls
from boomi.client.answers import JsonObject
from boomi.client.caller import understood
from boomi.client.checks import (
    BUDGET_SECONDS,
    NO_SUCH_EXECUTION,
    NO_SUCH_ID,
    ConnectionCheck,
    Probe,
    Right,
)
from boomi.client.component_calls import ComponentCalls
from boomi.client.downloads import DownloadResult, Progress, Sink
from boomi.client.errors import BoomiError, Details, Forbidden, Missing, Rejected
from boomi.client.messages import Request
from boomi.client.paging import Page
from boomi.client.queries import Expression, Sort, field, query
from boomi.client.records import (
    AccountRecord,
    AtomRecord,
    AttachmentRecord,
    DeployedPackageRecord,
    EnvironmentRecord,
    ExecutionRecord,
    LogDownload,
)

LOG_LEVELS = ("SEVERE", "WARNING", "INFO", "CONFIG", "FINE", "FINER", "FINEST", "ALL")


class BoomiClient(ComponentCalls, ActivityCalls):
    """Reads one account; see Caller for what it is made from."""

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
            return understood(lambda: AccountRecord.from_api(found), details)
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
        return self._request_file("ProcessLog", body, "The platform has no log of this execution.")

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

    def _hurried(self, started: float) -> Self:
        remaining = started + BUDGET_SECONDS - self._clock()
        if remaining <= 0:
            raise BoomiError("Not checked: the time for the check was used up.", code="TIMEOUT")
        return self._with_policy(replace(self._policy, total_seconds=remaining, max_attempts=2))
