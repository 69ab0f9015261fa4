"""The doors' surroundings: the sandbox, a platform that echoes, and a store to look into."""

from collections.abc import Iterator

import pytest

from tests.analysis.conftest import log_store, roomy_caps, sandbox
from tests.canary.echo import EchoPlatform

__all__ = ["log_store", "roomy_caps", "sandbox"]


@pytest.fixture
def echo() -> Iterator[EchoPlatform]:
    with EchoPlatform() as platform:
        yield platform
