"""What a call to the platform can end in, grouped by what the caller can do.

BoomiError                    base; message, hint and code are fit for people
├── TransportError            nothing usable came back            retry later
│   ├── Timeout               no answer in time
│   └── Unreachable           name, connection, TLS or a dropped answer
├── NotReady                  the file is still being collected   ask again, not a failure
│   └── RuntimeUnavailable    the runtime that holds it is away   ask much later
├── RateLimited               our own limit says wait             after wait_seconds
│   ├── CircuitOpen           the platform does not answer        after wait_seconds
│   └── Throttled             the platform said 503 or 429        after wait_seconds
├── Unauthorised              401                                 do not repeat; fix the token
├── Forbidden                 403                                 do not repeat; grant the right
├── Missing                   404, 410, unknown account           do not repeat
├── Rejected                  the platform refused the request    do not repeat; read its text
│   └── LogNotThere           no log (yet) for this execution     again for a minute at most
├── Broken                    5xx, or an answer we cannot read    retry a little
├── ForeignHost               an address outside the listed hosts never follow it
├── BadAddress                an address that is no good at all   correct it
└── TooLarge                  more bytes than the policy allows   raise the cap or ask for less
"""

from typing import ClassVar, TypedDict, Unpack


class Details(TypedDict, total=False):
    """What is known about the failed call; every text is redacted already."""

    hint: str
    code: str
    status: int | None
    method: str
    path: str
    attempts: int
    request_id: str | None
    excerpt: str
    said: str


class BoomiError(Exception):
    """A call to the platform that did not give what was asked for.

    `message` is one sentence for people and `hint` the way out. `code` is stable
    and machine-readable. `said` is the platform's own text, `excerpt` the first
    2 kB of its answer; both are redacted. `path` carries no query.
    """

    default_code: ClassVar[str] = "API_ERROR"
    default_hint: ClassVar[str] = ""
    may_repeat: bool = False

    def __init__(self, message: str, **details: Unpack[Details]) -> None:
        super().__init__(message)
        self.message = message
        self.hint = details.get("hint") or self.default_hint
        self.code = details.get("code") or self.default_code
        self.status = details.get("status")
        self.method = details.get("method", "")
        self.path = details.get("path", "")
        self.attempts = details.get("attempts", 0)
        self.request_id = details.get("request_id")
        self.excerpt = details.get("excerpt", "")
        self.said = details.get("said", "")

    def __str__(self) -> str:
        return self.message

    @property
    def details(self) -> Details:
        """Everything but the message, to build another error of the same call."""
        return {
            "hint": self.hint,
            "code": self.code,
            "status": self.status,
            "method": self.method,
            "path": self.path,
            "attempts": self.attempts,
            "request_id": self.request_id,
            "excerpt": self.excerpt,
            "said": self.said,
        }


class TransportError(BoomiError):
    """Nothing usable came back from the network."""

    default_code = "UNREACHABLE"
    may_repeat = True


class Timeout(TransportError):
    """The platform did not connect or answer in time."""

    default_code = "TIMEOUT"
    default_hint = "Try again in a few minutes."


class Unreachable(TransportError):
    """The name, the connection or the secured channel failed; `code` says which."""

    def __init__(self, message: str, **details: Unpack[Details]) -> None:
        super().__init__(message, **details)
        # A certificate that is refused now is refused a second later too.
        self.may_repeat = self.code != "TLS_FAILED"


class NotReady(BoomiError):
    """The file is still being collected, or is gone after 30 minutes.

    `status` is 202 (collecting), 204 (nothing yet, or fetched or expired) or 200
    with an empty body. Ask the same address again a bounded number of times.
    """

    default_code = "NOT_READY"
    default_hint = "Ask again in a few seconds."


class RuntimeUnavailable(NotReady):
    """The runtime that holds the file cannot be reached."""

    default_code = "RUNTIME_UNAVAILABLE"
    default_hint = "Start the runtime, or try again when it is online."


class RateLimited(BoomiError):
    """A call has to wait longer than this caller may sleep.

    `wait_seconds` is when trying again is worth it.
    """

    default_code = "API_RATE_LIMIT"
    default_hint = "The work goes on by itself once the limit allows it."

    def __init__(self, wait_seconds: float, message: str = "", **details: Unpack[Details]) -> None:
        message = message or (
            f"The limit of calls to the platform is used up for {wait_seconds:.1f} s."
        )
        super().__init__(message, **details)
        self.wait_seconds = wait_seconds
        # Pickling calls the class with `args`; the base class put the message there.
        self.args = (wait_seconds, message)


class Throttled(RateLimited):
    """The platform itself answered 503 or 429."""

    may_repeat = True


class CircuitOpen(RateLimited):
    """The platform failed several times in a row, so for a while nobody calls it."""

    default_code = "CIRCUIT_OPEN"
    default_hint = "The work goes on by itself once the platform answers again."


class Unauthorised(BoomiError):
    """The platform refused the user name or the token."""

    default_code = "AUTH_FAILED"
    default_hint = (
        "Check the user name and the API token of the connection; the token may have been revoked."
    )


class Forbidden(BoomiError):
    """The user is known but lacks a privilege or access to the account."""

    default_code = "ACCESS_DENIED"
    default_hint = "Ask an administrator of the Boomi account for the missing privilege."


class Missing(BoomiError):
    """The address, the object or the account does not exist."""

    default_code = "NOT_FOUND"


class Rejected(BoomiError):
    """The platform refused the request; `said` is its reason."""

    default_code = "REQUEST_REJECTED"


class LogNotThere(Rejected):
    """There is no process log for this execution, or not yet."""

    default_code = "LOG_NOT_THERE"
    default_hint = (
        "A log appears up to a minute after the run and is deleted after 30 days; "
        "discarded and test runs have none."
    )


class Broken(BoomiError):
    """The platform failed, or its answer cannot be read."""

    default_code = "BROKEN_ANSWER"
    default_hint = "Try again later; if it stays, the platform's status page may say why."
    may_repeat = True


class ForeignHost(BoomiError):
    """An answer points to a host that may not receive the credentials."""

    default_code = "FOREIGN_HOST"
    default_hint = "If the host belongs to your Boomi platform, add it to BOOMI_HOSTS."


class BadAddress(BoomiError):
    """The text is no usable address of a platform."""

    default_code = "BAD_ADDRESS"
    default_hint = "Give scheme and host only, such as https://api.boomi.com."


class TooLarge(BoomiError):
    """The answer holds more bytes than allowed."""

    default_code = "TOO_LARGE"
