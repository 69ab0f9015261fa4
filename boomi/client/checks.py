"""Finds out what a connection may do: one cheap call per privilege, within five seconds.

Nothing is changed on the platform. The process log has no query, so it is asked for an
execution that cannot exist: refusing the id (400) shows that the right is there.
"""

from collections.abc import Callable
from dataclasses import dataclass

from boomi.client.errors import BoomiError, Forbidden, Rejected

BUDGET_SECONDS = 5.0
NO_SUCH_ID = "00000000-0000-0000-0000-000000000000"
NO_SUCH_EXECUTION = f"execution-{NO_SUCH_ID}-2000.01.01"


@dataclass(frozen=True, slots=True)
class Right:
    """A privilege: `granted` is None when it could not be found out; `detail` says why."""

    name: str
    needed_for: str
    granted: bool | None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ConnectionCheck:
    """`account_name` is "" when the account itself may not be read."""

    account_name: str
    rights: list[Right]
    duration_ms: int

    @property
    def missing(self) -> list[Right]:
        """The rights the platform denied."""
        return [right for right in self.rights if right.granted is False]


@dataclass(frozen=True, slots=True)
class Probe:
    """One call that needs the privilege `name` and nothing else."""

    name: str
    needed_for: str
    call: Callable[[], object]
    refusal_proves_it: bool = False

    def run(self) -> Right:
        """Call, and tell what the answer says about the privilege. Raises no BoomiError."""
        try:
            self.call()
        except Forbidden as exc:
            return Right(self.name, self.needed_for, False, exc.said or exc.message)
        except Rejected as exc:
            if self.refusal_proves_it:
                return Right(self.name, self.needed_for, True)
            return Right(self.name, self.needed_for, None, exc.message)
        except BoomiError as exc:
            return Right(self.name, self.needed_for, None, exc.message)
        return Right(self.name, self.needed_for, True)
