"""The doors' surroundings: the sandbox, a platform that echoes, and a store to look into."""

import io
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from common.logs import logging_config
from tests.analysis.conftest import log_store, make_connection, roomy_caps, sandbox
from tests.canary.echo import EchoPlatform

__all__ = ["log_store", "make_connection", "roomy_caps", "sandbox"]


@pytest.fixture
def echo() -> Iterator[EchoPlatform]:
    with EchoPlatform() as platform:
        yield platform


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What the portal's own JSON log writes, from every logger and at every level."""
    stream = io.StringIO()
    formatter = logging_config("DEBUG", json_lines=True)["formatters"]["portal"]
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_formatter(formatter))
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(before)


def _formatter(config: dict[str, Any]) -> logging.Formatter:
    options = {key: value for key, value in config.items() if key != "()"}
    made: logging.Formatter = config["()"](**options)
    return made
