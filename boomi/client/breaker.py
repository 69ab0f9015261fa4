"""The contract of the shared circuit breaker, and the one that never opens.

The transport asks for a permit before each HTTP attempt and says on it whether the remote
system answered. The real breaker lives with the database, so that all processes see one state.
"""

from typing import Protocol


class Permit(Protocol):
    """Leave for one attempt. Exactly one of these is called, whatever became of it."""

    def succeeded(self) -> None:
        """The system answered, be it with a refusal."""

    def failed(self, reason: str) -> None:
        """Nothing usable came: no connection, no answer in time, or 502, 503, 504."""

    def unused(self) -> None:
        """The attempt did not take place, so it says nothing."""


class Breaker(Protocol):
    """Keeps callers away from a system that does not answer."""

    def before_call(self) -> Permit:
        """Raises CircuitOpen with the seconds to wait while nobody may call. Never waits."""


class AlwaysClosed:
    """For a sandbox or a single command: every call may go."""

    def before_call(self) -> "AlwaysClosed":
        return self

    def succeeded(self) -> None:
        return None

    def failed(self, reason: str) -> None:
        return None

    def unused(self) -> None:
        return None
