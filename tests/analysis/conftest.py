"""A log store of its own for each test, and somebody who looks after an account."""

from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from boomi.models import Connection, ConnectionState
from common.actors import Actor
from common.models import Team, User
from tests.analysis.builders import make_account
from tests.boomi.conftest import make_connection, roomy_caps, sandbox

__all__ = ["make_connection", "roomy_caps", "sandbox"]


@pytest.fixture
def log_store(settings: Any, tmp_path: Path) -> Path:
    """The folder of the log store, empty at the beginning."""
    folder = tmp_path / "logs"
    settings.STORAGES = {
        **settings.STORAGES,
        "logs": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(folder)},
        },
    }
    return folder


@pytest.fixture
def olga(operator: User) -> Actor:
    return Actor.person(operator, via="page")


@pytest.fixture
def team(operator: User) -> Team:
    """A team with Olga in it."""
    team = Team.objects.create(name="Integration")
    team.members.add(operator)
    return team


@pytest.fixture
def connection(operator: User) -> Connection:
    """Olga's connection to the account of `make_execution`."""
    return Connection.objects.create(
        name="Northwind",
        account=make_account(),
        base_url="http://127.0.0.1:9",
        username="olga@northwind.example",
        token="only-for-tests",
        owner=operator,
        status=ConnectionState.OK,
        proved_at=timezone.now(),
    )
