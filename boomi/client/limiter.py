"""The contract of the shared call limiter, and the one that never limits.

The client takes a lease for each HTTP attempt and returns it when the answer has been
read; it never holds one while it sleeps. The real limiter lives with the database.
"""

from typing import Protocol

BACKGROUND = "background"
INTERACTIVE = "interactive"


class Lease(Protocol):
    """One call under way."""

    def release(self) -> None:
        """Give the place back. Called exactly once, whatever happened to the call."""


class Limiter(Protocol):
    """Shares the platform's limits among all callers of one charged account."""

    def take(self, purpose: str) -> Lease:
        """Take a place for one call of "background" or "interactive" work.

        Never waits: raises RateLimited(wait_seconds) when there is none.
        """

    def back_off(self, seconds: float) -> None:
        """Let nobody call before `seconds` have passed; the platform asked for it."""


class _FreeLease:
    def release(self) -> None:
        return None


class Unlimited:
    """For a sandbox or a single command: every call may go at once."""

    def take(self, purpose: str) -> Lease:
        return _FreeLease()

    def back_off(self, seconds: float) -> None:
        return None
