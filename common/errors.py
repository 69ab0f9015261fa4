"""Errors that people may read, grouped by what the caller can do about them.

PortalError(message, hint, code)     message: one sentence an operator can act on
├── InputError      the request is wrong             form error   400
├── NotAllowed      you may not                      banner       403
├── NotFound        it is not there, or not for you  page         404
├── Conflict        too late, or changed meanwhile   banner       409
│   └── IllegalMove a state change the life cycle does not know
└── RemoteError     the platform said or did         banner       502
    └── RemoteBusy  the platform asks us to wait     banner       503
"""

from collections.abc import Mapping, Sequence


class PortalError(Exception):
    """`message` says what happened, `hint` the way out, `code` is stable for programs."""

    status = 500
    default_code = "PORTAL_ERROR"

    def __init__(
        self,
        message: str,
        hint: str = "",
        code: str = "",
        *,
        fields: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code or self.default_code
        self.fields = {name: list(texts) for name, texts in (fields or {}).items()}


class InputError(PortalError):
    status = 400
    default_code = "INVALID_REQUEST"


class NotAllowed(PortalError):
    status = 403
    default_code = "NOT_ALLOWED"


class NotFound(PortalError):
    status = 404
    default_code = "NOT_FOUND"


class Conflict(PortalError):
    status = 409
    default_code = "CONFLICT"


class IllegalMove(Conflict):
    default_code = "ILLEGAL_MOVE"


class RemoteError(PortalError):
    status = 502
    default_code = "REMOTE_ERROR"


class RemoteBusy(RemoteError):
    status = 503
    default_code = "API_RATE_LIMIT"

    def __init__(
        self, message: str, hint: str = "", code: str = "", *, wait_seconds: float
    ) -> None:
        super().__init__(message, hint, code)
        self.wait_seconds = wait_seconds
