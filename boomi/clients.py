"""Where the platform client meets Django: credentials, limiter, call log, words for people.

`open_client` is the only place that decrypts a token; `translate` the only one that turns
the client's errors into the portal's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from django.conf import settings
from django.db import DatabaseError, connection

from boomi.breaker import DatabaseBreaker
from boomi.client import (
    BACKGROUND,
    BadAddress,
    BoomiClient,
    BoomiError,
    Breaker,
    CallRecord,
    Credentials,
    ForeignHost,
    NotReady,
    Policy,
    RateLimited,
    check_base_url,
)
from boomi.client.http import refuse_when
from boomi.limiter import LEASE_SECONDS, DatabaseLimiter
from boomi.models import Connection
from boomi.services import api_calls
from common.errors import InputError, PortalError, RemoteBusy, RemoteError
from common.logs import get_logger

# One download must end before its lease does and before the queue gives up on the worker.
DOWNLOAD_SECONDS = LEASE_SECONDS - 20
MIB = 1024 * 1024

log = get_logger(__name__)


def open_client(
    connection_row: Connection,
    *,
    purpose: str = BACKGROUND,
    hurried: bool = False,
    on_unreadable: Callable[[str], None] | None = None,
    feature: str = "",
) -> BoomiClient:
    """A client for the account of a connection; `purpose` is "background" or "interactive".

    `hurried` gives a silent host less time, for checks that somebody waits for;
    `on_unreadable` hears of records that are left out; `feature` is written to the call log.

    Every attempt is counted by the shared limiter and written to the call log. Raises
    InputError when the stored values cannot be used (any more) and CannotDecrypt when the
    token cannot be read; the calls themselves raise BoomiError (see `translate`).
    """
    account_id = connection_row.account.account_id
    with spoken():
        _check_reach(connection_row.base_url)
    try:
        credentials = Credentials(account_id, connection_row.username, connection_row.token)
        return BoomiClient(
            credentials,
            base_url=connection_row.base_url,
            limiter=DatabaseLimiter(account_id),
            breaker=_breaker_of(connection_row),
            on_call=CallLog(connection_row.pk).write,
            on_unreadable=on_unreadable,
            policy=_hurried(policy()) if hurried else policy(),
            purpose=purpose,
            feature=feature,
        )
    except (ValueError, BadAddress) as error:
        raise InputError(
            str(error), hint="Correct the connection.", code="INVALID_CONNECTION"
        ) from None


def _breaker_of(connection_row: Connection) -> Breaker | None:
    """The circuit of the account. Anybody can enter a wrong address beside somebody's account
    id, so a connection has no part in it before the platform took it once."""
    if connection_row.proved_at is None:
        return None
    return DatabaseBreaker(connection_row.account.account_id)


def _check_reach(base_url: str) -> None:
    """The settings may have been narrowed since the address was saved; they count today."""
    try:
        check_base_url(base_url, settings.BOOMI_HOSTS, settings.ALLOW_PRIVATE_ADDRESSES)
    except (BadAddress, ForeignHost) as error:
        refused = InputError(
            error.message,
            hint="Correct the address of the connection, or add its host to BOOMI_HOSTS.",
            code="INVALID_CONNECTION",
        )
    else:
        return
    raise refused


def policy() -> Policy:
    """The client's patience and reach, as the settings say now."""
    return Policy(
        allowed_hosts=tuple(settings.BOOMI_HOSTS),
        allow_http_private=settings.ALLOW_PRIVATE_ADDRESSES,
        max_download_bytes=settings.UPLOAD_MAX_MB * MIB,
        download_seconds=DOWNLOAD_SECONDS,
    )


def _hurried(patient: Policy) -> Policy:
    """A check has five seconds; a second try after a silent host would use them up."""
    return replace(patient, connect_timeout=2.0, read_timeout=4.8)


class CallLog:
    """Writes down each HTTP attempt of a connection."""

    def __init__(self, connection_pk: int | None) -> None:
        self._connection_pk = connection_pk

    def write(self, record: CallRecord) -> None:
        """A call that happened is not undone because its log line could not be written."""
        try:
            api_calls.record(record, self._connection_pk)
        except DatabaseError as error:
            log.warning("boomi.call_not_logged", path=record.path, error=str(error))


class PassingFault(RemoteError):
    """A fault of the network or the platform that may be gone in a minute; jobs repeat it."""

    transient = True


class CallInTransaction(RuntimeError):
    """A bug: HTTP while a transaction is open would hold its locks for seconds."""


def in_transaction() -> bool:
    """Whether the caller opened a transaction; the one a test case wraps does not count."""
    blocks = getattr(connection, "atomic_blocks", [])
    return any(not getattr(block, "_from_testcase", False) for block in blocks)


def refuse_inside_transaction() -> None:
    if in_transaction():
        raise CallInTransaction("The platform may not be called inside a database transaction.")


if refuse_inside_transaction not in refuse_when:
    refuse_when.append(refuse_inside_transaction)


def translate(error: BoomiError) -> PortalError:
    """The same failure in the portal's words, code unchanged; docs/errors.md lists the codes.

    RemoteBusy waits, PassingFault may be repeated, InputError and RemoteError are final.
    """
    if isinstance(error, RateLimited):
        return RemoteBusy(error.message, error.hint, error.code, wait_seconds=error.wait_seconds)
    if isinstance(error, BadAddress):
        return InputError(
            error.message, error.hint, error.code, fields={"base_url": [error.message]}
        )
    if isinstance(error, ForeignHost):
        return RemoteError(error.message, error.hint, error.code)
    said = f" The platform says: {error.said}" if error.said not in error.message else ""
    kind = PassingFault if error.may_repeat or isinstance(error, NotReady) else RemoteError
    return kind(f"{error.message}{said}"[:1000], error.hint, error.code)


@contextmanager
def spoken() -> Iterator[None]:
    """Raise the portal's errors instead of the client's inside the block."""
    try:
        yield
    except BoomiError as error:
        failure = translate(error)
    else:
        return
    # Not chained: the text of the original is in the new one, its frames hold credentials.
    raise failure
