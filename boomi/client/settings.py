"""What a client is made from: who it is, how patient it is, what it reports per call."""

import re
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

TOKEN_PREFIX = "BOOMI_TOKEN."  # noqa: S105 - the documented prefix of the user name
MIB = 1024 * 1024

_ACCOUNT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")


def checked_account_id(account_id: str) -> str:
    """The account id without outer white space. Raises ValueError for anything else."""
    account_id = account_id.strip()
    if not _ACCOUNT_ID.fullmatch(account_id):
        raise ValueError("An account id looks like acme-A1B2C3: letters, digits, - and _ only.")
    return account_id


class Authority(Protocol):
    """In whose name is called: all that the transport knows of credentials."""

    @property
    def account_id(self) -> str:
        """The account that authenticates and that the remote system charges."""

    @property
    def authorization(self) -> str:
        """The value of the Authorization header. A secret."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every text that must not appear in anything kept or shown."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """An API token of a platform user; the user name with or without `BOOMI_TOKEN.`.

    Raises ValueError, naming the part, when one cannot be right. White space around
    a value is dropped: it comes from pasting. The token is in no repr.
    """

    account_id: str
    username: str
    token: str = field(repr=False)

    def __post_init__(self) -> None:
        username, token = self.username.strip(), self.token.strip()
        if username[: len(TOKEN_PREFIX)].upper() == TOKEN_PREFIX:
            username = username[len(TOKEN_PREFIX) :]
        if not username or ":" in username or not username.isprintable():
            raise ValueError("The user name is the e-mail address of the platform user.")
        if not token or not token.isprintable():
            raise ValueError("The API token is empty or holds control characters.")
        object.__setattr__(self, "account_id", checked_account_id(self.account_id))
        object.__setattr__(self, "username", username)
        object.__setattr__(self, "token", token)

    @property
    def blob(self) -> str:
        """The base64 part of the header. A secret."""
        pair = f"{TOKEN_PREFIX}{self.username}:{self.token}"
        return b64encode(pair.encode()).decode("ascii")

    @property
    def authorization(self) -> str:
        """The value of the Authorization header. A secret."""
        return f"Basic {self.blob}"

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every text that must not appear in anything kept or shown."""
        return (self.token, self.blob)


@dataclass(frozen=True, slots=True)
class Policy:
    """How patient a client is and what it accepts. Times in seconds, sizes in bytes.

    `total_seconds` bounds one call with all its attempts and waits, `download_seconds`
    one download. No single wait is longer than `max_sleep`: where more is asked for,
    the call ends in RateLimited (or Throttled) with `wait_seconds`.
    """

    connect_timeout: float = 5
    read_timeout: float = 30
    max_attempts: int = 5
    total_seconds: float = 60
    max_sleep: float = 2.0
    allowed_hosts: tuple[str, ...] = ("*.boomi.com",)
    allow_http_private: bool = False
    max_body_bytes: int = 64 * MIB
    max_download_bytes: int = 512 * MIB
    download_seconds: float = 300


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One HTTP attempt as it happened; holds no header, no token and no query.

    `at` is the aware UTC start, `duration_ms` includes reading the answer, `status`
    is None when none came, `response_bytes` counts the unpacked body, `error` is the
    code of the failure or "", `account_id` the authenticating account,
    `override_account` the sub-account acted on or "", `service` the remote system and
    `feature` what the call was for. `final` says that no further attempt of the same call
    follows.
    """

    at: datetime
    method: str
    path: str
    status: int | None
    duration_ms: int
    attempt: int
    request_bytes: int
    response_bytes: int
    account_id: str
    override_account: str
    purpose: str
    error: str
    request_id: str | None
    service: str = "boomi"
    feature: str = ""
    final: bool = True
