"""Sandboxes for the tests: a fresh small one, and a shared one that is only read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from sandbox.server import Sandbox
from tests.sandbox.caller import Caller

# A Wednesday afternoon in the past: planted runs of working days are all there.
EPOCH = datetime(2026, 3, 11, 15, 0, tzinfo=UTC)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Small, without a request limit, its clock at the epoch."""
    with Sandbox(scenario="small", rate_limit=0, epoch=EPOCH) as running:
        running.clock.set(EPOCH)
        yield running


@pytest.fixture
def caller(sandbox: Sandbox) -> Caller:
    return Caller(sandbox)


@pytest.fixture(scope="session")
def read_only() -> Iterator[Sandbox]:
    """Shared by tests that change nothing but the clock; `reader` sets it."""
    with Sandbox(scenario="northwind", rate_limit=0, epoch=EPOCH) as running:
        yield running


@pytest.fixture
def reader(read_only: Sandbox) -> Caller:
    """A client of the shared sandbox, its clock at the epoch again."""
    read_only.clock.set(EPOCH)
    return Caller(read_only)
